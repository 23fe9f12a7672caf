// Finds functions in a worker.

import { RuntimeError } from "../errors/base.ts";
import { format } from "../support/format.ts";
import { standby } from "../runtime/standby.ts";
import { type AnyFunction, jobNamed } from "./job.ts";
import type { Reference } from "./messages.ts";

/** What a worker serves by name. */
export type Registry = Readonly<Record<string, unknown>>;

/**
 * Finds the function that a reference stands for: at once, unless its module has to be loaded.
 * @param options.loads false: only among the jobs of modules that are loaded
 */
export function findFunction(
  reference: Reference,
  registry: Registry | null,
  { loads = true } = {},
): AnyFunction | Promise<AnyFunction> {
  if ("text" in reference) return compile(reference.text);
  if ("registered" in reference) return registered(reference.registered, registry);
  const { url, name } = reference;
  const known = jobNamed(url, name);
  if (known !== undefined) return known;
  if (loads) return load(url, name);
  throw new RuntimeError(`Cannot find the job ${format(name)}: the loop's thread has not loaded ${url}`);
}

function registered(name: string, registry: Registry | null): AnyFunction {
  const found = registry !== null && Object.hasOwn(registry, name) ? registry[name] : undefined;
  if (typeof found === "function") return found as AnyFunction;
  throw new RuntimeError(`Cannot find the job ${format(name)}: serveJobs was given none of that name`);
}

/** The modules that have begun to run a program: they go no further. */
const stopped = new Set<string>();

/**
 * Loads a module until it has ended, or has begun to run a program, which is not the worker's: a module of one file
 * waits there for ever.
 */
async function load(url: string, name: string): Promise<AnyFunction> {
  const module = stopped.has(url) ? null : await loadUntilRun(url);
  if (module === null) stopped.add(url);
  const found = jobNamed(url, name) ?? module?.[name];
  if (typeof found === "function") return found as AnyFunction;
  throw new RuntimeError(`Cannot find the job ${format(name)}: ${url} makes none of that name before it calls run`);
}

/** What a module exports; null when it has called `run`. */
export async function loadUntilRun(url: string): Promise<Registry | null> {
  try {
    return await new Promise<Registry | null>((resolve, reject) => {
      standby.tell = () => resolve(null);
      import(/* @vite-ignore */ /* webpackIgnore: true */ url).then(resolve, reject);
    });
  } finally {
    standby.tell = null;
  }
}

/**
 * A function from its text: of an expression, or of a method. Bundlers that keep the names of functions have them call
 * `__name`.
 */
function compile(text: string): AnyFunction {
  // oxlint-disable-next-line typescript/no-implied-eval -- it is a program's own function, from its own process
  const make = (body: string): unknown => new Function("__name", `"use strict"; return ${body}`)((fn: unknown) => fn);
  let fn: unknown;
  try {
    fn = make(`(${text}\n)`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    [fn] = Object.values(make(`({ ${text}\n})`) as object);
  }
  return fn as AnyFunction;
}

/** What a function that was sent as text has thrown: a name that is not known is mostly one that it has closed over. */
export function withHint(error: unknown): unknown {
  if (!(error instanceof ReferenceError)) return error;
  const hint = "a function that is sent as text knows its arguments and globals alone; else make it a job()";
  return new ReferenceError(`${error.message}: ${hint}`, { cause: error });
}
