// Node and Deno: a hook of the module loader. Where it may be synchronous it sees `require` as well; Node 20 has it in
// a thread of its own, which loads this file, too.

import { readFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { OURS } from "../transform/helpers.ts";
import { withMap } from "../transform/load-plugins.ts";
import { type Lowered, lowerAsync } from "../transform/lower-async.ts";
import { type LoweringOptions, filesOf } from "../transform/files.ts";
import type { Format } from "../transform/source.ts";

type Options = LoweringOptions & { readonly root: string };

interface Loaded {
  readonly format?: string | null | undefined;
  readonly source?: string | ArrayBuffer | NodeJS.TypedArray | null | undefined;
  readonly shortCircuit?: boolean;
}

type Next<Context, Result> = (what: string, context?: Context) => Result;

interface Resolving {
  readonly parentURL?: string | undefined;
}

interface Loading {
  readonly conditions?: readonly string[];
}

/** Node 20 has no synchronous hooks. */
const { registerHooks } = nodeModule as { readonly registerHooks?: (hooks: object) => void };

/** The parts of Node's own loader of CommonJS that Node 20 has to be told by. */
interface CommonJsModule {
  /** The format is "module" where a module is required. */
  _compile(code: string, file: string, format?: string, ...rest: unknown[]): unknown;
}

let files = /(?!)/;
let root = "";

/** Has the files of this process lowered from now on. */
export function install(options: Options): void {
  initialize(options);
  if (registerHooks !== undefined) return registerHooks({ load: loadNow, resolve });
  nodeModule.register(import.meta.url, { data: options });
  lowerRequired(nodeModule.Module.prototype as unknown as CommonJsModule);
}

/** Node 20 calls this in the thread of hooks. */
export function initialize(options: Options): void {
  root = pathToFileURL(join(options.root, "package.json")).href;
  files = filesOf(options, options.root);
}

/** A package that is lowered need not know ours. */
export function resolve<Result>(name: string, context: Resolving, next: Next<Resolving, Result>): Result {
  return next(name, OURS.test(name) ? { ...context, parentURL: root } : context);
}

/** For Node 20: modules alone. CommonJS that comes out of a hook there could require no module. */
export async function load(url: string, context: Loading, next: Next<Loading, Promise<Loaded>>): Promise<Loaded> {
  const loaded = await next(url, context);
  return loaded.format === "commonjs" ? loaded : lowered(url, context, loaded);
}

function loadNow(url: string, context: Loading, next: Next<Loading, Loaded>): Loaded {
  return lowered(url, context, next(url, context));
}

function lowered(url: string, { conditions = [] }: Loading, loaded: Loaded): Loaded {
  // Deno does not say which it is.
  const format = loaded.format ?? (conditions.includes("require") ? "commonjs" : "module");
  if (!url.startsWith("file:") || !/^(module|commonjs)/.test(format)) return loaded;
  const file = fileURLToPath(url);
  const source = textOf(loaded.source ?? readFileSync(file)); // Node leaves it to itself to read what is CommonJS
  const result = lowerText(source, file, format.startsWith("module") ? "module" : "commonjs");
  if (result === null) return loaded;
  const found = format.replace(/^(module|commonjs)/, result.format);
  return { ...loaded, format: found, source: withMap(result), shortCircuit: true };
}

function lowerRequired(prototype: CommonJsModule): void {
  const compile = prototype._compile;
  prototype._compile = function (code, file, format, ...rest) {
    const result = lowerText(code, file, format === "module" ? "module" : "commonjs");
    return Reflect.apply(compile, this, [result === null ? code : withMap(result), file, format, ...rest]);
  };
}

function lowerText(source: string, file: string, format: Format): Lowered | null {
  const result = files.test(file) ? lowerAsync(source, { file, format, names: true }) : null;
  for (const each of result?.warnings ?? []) process.emitWarning(each);
  return result;
}

function textOf(source: NonNullable<Loaded["source"]>): string {
  return typeof source === "string" ? source : new TextDecoder().decode(source);
}
