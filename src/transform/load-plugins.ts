// Plugins for esbuild and Bun, which let a plugin load files.

import { readFile } from "node:fs/promises";
import { OURS } from "./helpers.ts";
import { type Lowered, lowerAsync } from "./lower-async.ts";
import { type LoweringOptions, checkLowering, filesOf } from "./files.ts";
import { COMMON_JS } from "./source.ts";

type Loader = "js" | "jsx" | "ts" | "tsx";

interface LoadedFile {
  readonly contents: string;
  readonly loader: Loader;
  readonly warnings?: { readonly text: string }[];
}

interface Resolution {
  readonly path: string;
  readonly external: boolean;
  readonly namespace: string;
  readonly sideEffects: boolean;
}

/** What esbuild gives a plugin to work with, as far as it is needed. */
interface EsbuildBuild {
  onLoad(filter: { filter: RegExp }, load: (file: { path: string }) => Promise<LoadedFile | undefined>): void;
  onResolve(
    filter: { filter: RegExp },
    resolve: (asked: { path: string; pluginData?: unknown }) => Promise<Resolution | undefined>,
  ): void;
  resolve(
    path: string,
    options: { kind: "import-statement"; resolveDir: string; pluginData: unknown },
  ): Promise<Resolution>;
}

/** A plugin of esbuild, as far as it needs one. */
export interface EsbuildPlugin {
  readonly name: string;
  setup(build: EsbuildBuild): void;
}

/** What Bun gives a plugin to work with, as far as it is needed. */
interface BunBuild {
  /** Of its bundler; nothing where it runs a program. */
  readonly config?: object;
  onLoad(filter: { filter: RegExp }, load: (file: { path: string }) => Promise<LoadedFile>): void;
}

/** A plugin of Bun, as far as it needs one. */
export interface BunPlugin {
  readonly name: string;
  setup(build: BunBuild): void;
}

const SCRIPTS = /\.[cm]?[jt]sx?$/;

/**
 * A plugin for esbuild that lowers async functions.
 * @throws TypeError for bad options
 *
 * @example
 * await esbuild.build({ entryPoints: ["main.ts"], bundle: true, outfile: "out.js", plugins: [esbuildPlugin()] });
 */
export function esbuildPlugin(options: LoweringOptions = {}): EsbuildPlugin {
  const root = checkLowering(options).root ?? process.cwd();
  const filter = filesOf(options, root);
  return {
    name: "wasyncio",
    setup(build) {
      // The filter is looked at again here: esbuild's own expressions cannot look ahead.
      build.onLoad({ filter: SCRIPTS }, async ({ path }) => {
        if (!filter.test(path)) return undefined;
        const { file, warnings } = await load(path);
        return { ...file, warnings: warnings.map((text) => ({ text })) };
      });
      // A package that is lowered need not know ours.
      const ours = { kind: "import-statement", resolveDir: root, pluginData: {} } as const;
      build.onResolve({ filter: OURS }, async ({ path, pluginData }) =>
        pluginData === ours.pluginData ? undefined : await build.resolve(path, ours),
      );
    },
  };
}

/**
 * A plugin for Bun that lowers async functions, for its bundler and for programs that it runs.
 * @throws TypeError for bad options
 *
 * @example
 * Bun.plugin(bunPlugin({ packages: ["p-queue"] }));
 */
export function bunPlugin(options: LoweringOptions = {}): BunPlugin {
  const filter = filesOf(checkLowering(options), process.cwd());
  return {
    name: "wasyncio",
    setup(build) {
      build.onLoad({ filter }, async ({ path }) => {
        const { file, warnings } = await load(path);
        if (build.config === undefined && isCommonJs(file.contents))
          throw new TypeError(`Cannot lower ${path}: to Bun, what a plugin loads is a module, and this is CommonJS`);
        for (const each of warnings) console.warn(each);
        return file;
      });
    },
  };
}

async function load(path: string): Promise<{ file: LoadedFile; warnings: readonly string[] }> {
  const source = await readFile(path, "utf8");
  const lowered = lowerAsync(source, { file: path });
  const contents = lowered === null ? source : withMap(lowered);
  return { file: { contents, loader: loaderOf(path) }, warnings: lowered?.warnings ?? [] };
}

/** A lowered file with its source map inside. */
export function withMap({ code, map }: Lowered): string {
  const text = Buffer.from(JSON.stringify(map)).toString("base64");
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${text}`;
}

const isCommonJs = (code: string): boolean => COMMON_JS.test(code) && !/^\s*(import|export)\b/m.test(code);

/** In JavaScript there may be JSX whatever the file is called. */
function loaderOf(path: string): Loader {
  if (path.endsWith(".tsx")) return "tsx";
  return /\.[cm]?ts$/.test(path) ? "ts" : "jsx";
}
