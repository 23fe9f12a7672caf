// Reactions: what happens to a promise when what it follows is done.

import { CancelledError } from "../errors/asyncio.ts";
import type { Future } from "../runtime/future.ts";
import type { DoneCallback } from "../runtime/handle.ts";
import { nameOf } from "../support/format.ts";
import { isA } from "../support/is-a.ts";
import { expectFailure } from "./rejections.ts";

export type Resolve = (value?: unknown) => void;
export type Reject = (error?: unknown) => void;
export type Executor = (resolve: Resolve, reject: Reject) => void;

/** A constructor of promises, as the language's own operations know one. */
export type PromiseClass = new (executor: Executor) => object;

/** A promise with the functions that settle it: the language's PromiseCapability. */
export interface Capability {
  readonly promise: object;
  readonly resolve: Resolve;
  readonly reject: Reject;
}

/** What a reaction settles. */
export interface Target {
  resolveWith(value: unknown): void;
  rejectWith(error: unknown): void;
}

/** On rejection handlers that see cancellations: the library's own. */
const SEES_CANCELLATION: unique symbol = Symbol("sees cancellation");

/** Marks a rejection handler of the library's own. Returns it. */
export function seeing(handler: Reject): Reject {
  return Object.assign(handler, { [SEES_CANCELLATION]: true });
}

function sees(handler: unknown): boolean {
  return typeof handler === "function" && (handler as { [SEES_CANCELLATION]?: boolean })[SEES_CANCELLATION] === true;
}

/** In the place of a promise that nobody would have. */
export const NOBODY: Target = { resolveWith() {}, rejectWith() {} };

/**
 * @internal Calls a handler when a future is done, a tick later, and settles `target` as it says. A cancellation passes
 * by handlers of the program, as it does by Python's `except Exception`. Gives the reaction of a pending future.
 */
export function react(
  future: Future<unknown>,
  onFulfilled: unknown,
  onRejected: unknown,
  target: Target,
): DoneCallback | undefined {
  const job = (): void => {
    let handler = onFulfilled;
    let value: unknown;
    if (future.failed) {
      value = future.takeError();
      handler = isA(value, CancelledError) && !sees(onRejected) ? null : onRejected;
      if (typeof handler !== "function") return target.rejectWith(value);
    } else {
      value = future.outcome();
      if (typeof handler !== "function") return target.resolveWith(value);
    }
    try {
      value = (handler as (value: unknown) => unknown)(value);
    } catch (error) {
      return target.rejectWith(error);
    }
    target.resolveWith(value);
  };
  if (future.loop.getDebug())
    Object.defineProperty(job, "name", { value: `then(${nameOf(onFulfilled ?? onRejected ?? null)})` });
  expectFailure(future); // it has a reaction
  if (!future.isDone) return future.listen(job, null, false);
  return void future.loop.callSoon(job);
}
