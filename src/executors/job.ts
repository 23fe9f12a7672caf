// The function problem: code cannot be sent to a worker, so a function is named, as pickle names it, by its module and
// its name there; or its text is sent, if it closes over nothing.

import { checkFunction } from "../support/checks.ts";
import { format, nameOf } from "../support/format.ts";
import type { Reference } from "./messages.ts";

/** What `import.meta` says of a module. */
export interface ModuleMeta {
  /** Not there in workerd, and in bundles that are no modules: no worker could import it. */
  readonly url?: string;
}

/** A function of a program. */
export type AnyFunction = (...args: never[]) => unknown;

/** Where the functions of jobs are found; without a url: nowhere, because their modules have no address. */
const marked = new WeakMap<object, { readonly url: string | undefined; readonly name: string }>();

/** The functions that modules of this realm have made jobs, by module and name. */
const jobs = new Map<string, AnyFunction>();

const keyOf = (url: string, name: string): string => `${url}#${name}`;

/**
 * Makes a function one that executors can run in their workers: these import its module and find it by its name. It
 * stays the function that it is, and may be called directly. The module is loaded once in each worker; a program that
 * it starts by `run` is not run there, so that everything may stand in one file. Python needs no such mark, since its
 * functions know their modules.
 * @param meta `import.meta` of the module
 * @param fn a function with a name of its own in its module: also an async function, or a `function*`, which runs as a
 *   task of the worker's own loop
 * @throws TypeError for what is no function, a class, a function without a name, and what is no `import.meta`
 *
 * @example
 * export const countPrimes = job(import.meta, function countPrimes(from: number, to: number) { ... });
 * const count = yield* toThread(countPrimes, 0, 1e7);
 */
export function job<F extends (...args: never[]) => unknown>(meta: ModuleMeta, fn: F): F {
  const url = typeof meta === "object" && meta !== null ? meta.url : null;
  if (typeof url !== "string" && url !== undefined)
    throw new TypeError(`Invalid meta: expected import.meta, got ${format(meta)}`);
  const { name } = checkFunction(fn, "job");
  if (isClass(fn)) throw new TypeError(`Invalid job: ${nameOf(fn)} is a class; wrap it in a function`);
  if (name === "") throw new TypeError("Cannot make a job of a function without a name: workers find it by that");
  marked.set(fn, { url, name });
  if (url !== undefined) jobs.set(keyOf(url, name), fn);
  return fn;
}

/** The name of a function that was made a job, or undefined. */
export function nameOfJob(fn: AnyFunction): string | undefined {
  return marked.get(fn)?.name;
}

/** All jobs that modules of this realm have made, in that order. */
export function allJobs(): readonly AnyFunction[] {
  return [...jobs.values()];
}

/** The job of a module that this realm has loaded, or undefined. */
export function jobNamed(url: string, name: string): AnyFunction | undefined {
  return jobs.get(keyOf(url, name));
}

const isClass = (fn: AnyFunction): boolean => /^class\b/.test(Function.prototype.toString.call(fn));

const NATIVE = /\{\s*\[native code\]\s*\}\s*$/;

/**
 * How workers find a function.
 * @param registry what the workers serve, by the names there; null: they load modules
 * @throws TypeError for what they could not find
 */
export function referenceOf(fn: AnyFunction, registry: ReadonlyMap<unknown, string> | null): Reference {
  if (registry !== null) {
    const registered = registry.get(fn);
    if (registered !== undefined) return { registered };
    throw new TypeError(`Cannot send ${format(fn)}: it is not among the jobs that the executor's workers serve`);
  }
  const mark = marked.get(fn);
  if (mark !== undefined) {
    const { url, name } = mark;
    if (url !== undefined) return { url, name };
    throw new TypeError(
      `Cannot send ${format(fn)}: its module has no import.meta.url; have workers serve it by serveJobs`,
    );
  }
  const text = Function.prototype.toString.call(fn);
  if (NATIVE.test(text))
    throw new TypeError(`Cannot send ${format(fn)}: it is native code, or bound; wrap it in a function`);
  if (isClass(fn)) throw new TypeError(`Cannot send ${nameOf(fn)}: it is a class; wrap it in a function`);
  return { text };
}
