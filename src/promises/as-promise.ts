// Futures and tasks of the library as promises: they get the methods of one.

import type { Future } from "../runtime/future.ts";
import { LoopPromise } from "./promise.ts";

const { then, catch: catchError, finally: finallyDo, watchFailure } = LoopPromise.prototype;

/** What a promise has, and a future of the library has not: for an object, or for a prototype. */
export const PROMISE_MEMBERS: PropertyDescriptorMap = {
  constructor: { value: LoopPromise, configurable: true, writable: true }, // a promise, to all who ask
  [Symbol.toStringTag]: { value: "Promise", configurable: true },
  then: { value: then, configurable: true, writable: true },
  catch: { value: catchError, configurable: true, writable: true },
  finally: { value: finallyDo, configurable: true, writable: true },
  watchFailure: { value: watchFailure },
};

/** Makes a future a promise, and returns it: the `then` that it has itself gives a promise of the host's. */
export function asPromise<T>(future: Future<T>): Future<T> & Promise<T> {
  return Object.defineProperties(future, PROMISE_MEMBERS) as Future<T> & Promise<T>;
}
