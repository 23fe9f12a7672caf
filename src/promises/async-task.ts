// The activation of an async function: a task that is a promise. It starts at once, up to its first await, and ends
// with what its body returns, or what that is a promise of.

import type { Loop } from "../runtime/loop.ts";
import type { Future } from "../runtime/future.ts";
import type { Coroutine, Suspension } from "../runtime/suspension.ts";
import { Task } from "../runtime/task.ts";
import { Activation } from "./activation.ts";
import { PROMISE_MEMBERS } from "./as-promise.ts";
import { LoopPromise, isShared } from "./promise.ts";

export class AsyncTask<T> extends Task<T> implements Promise<T> {
  static override readonly name: string = "Promise";
  declare readonly [Symbol.toStringTag]: string;
  declare catch: Promise<T>["catch"];
  declare finally: Promise<T>["finally"];

  /** @param name of the function */
  constructor(loop: Loop, body: Coroutine<unknown>, name: string | undefined) {
    const coroutine = new Activation(body) as Iterator<Suspension, unknown> as Coroutine<T>;
    super(coroutine, name === undefined ? { loop, eagerStart: true } : { loop, eagerStart: true, name });
  }

  /** A promise is left to those who wait for it as well. */
  protected override leaves(awaited: Future<unknown>): boolean {
    return awaited.then === LoopPromise.prototype.then && isShared(awaited);
  }
}

Object.defineProperties(AsyncTask.prototype, PROMISE_MEMBERS);
