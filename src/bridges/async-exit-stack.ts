// Exit stacks: managers and callbacks whose number shows only when the program runs, left in reverse order.
//
// It is what so many nested blocks would be, error for error: what an exit throws takes the place of the error that it
// was called with, which becomes its cause; and one that swallows hides it from those that were pushed before.

import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { chainCause } from "../support/causes.ts";
import { checkFunction } from "../support/checks.ts";
import { Shown } from "../support/shown.ts";
import { type AsyncContextManager, awaitedOf, checkManager, withManager } from "../waiting/async-with.ts";
import { operation } from "../waiting/operation.ts";

/** What is done on the way out, with the error of the block when `failed`. What gives true swallows the error. */
export type AsyncExit = (error: unknown, failed: boolean) => Awaitable<unknown>;

type Exit = (error: unknown, failed: boolean) => Coroutine<unknown>;

/**
 * Managers to be entered and callbacks to be called, all left in reverse order at the end of a block:
 * contextlib.AsyncExitStack.
 *
 * @example
 * yield* new AsyncExitStack().with(function* (stack) {
 *   const connections = [];
 *   for (const host of hosts) connections.push(yield* stack.enterAsyncContext(connect(host)));
 *   stack.callback(() => console.log("closed"));
 *   yield* talk(connections);
 * });
 */
export class AsyncExitStack extends Shown implements AsyncContextManager<AsyncExitStack, boolean> {
  /** @internal */
  static override readonly name: string = "AsyncExitStack";
  #exits: Exit[] = [];

  /**
   * Enters a manager, which is left at the end, and gives what `aenter` gave. Mirrors
   * AsyncExitStack.enter_async_context.
   * @throws TypeError, at the call, for what is not a manager
   */
  enterAsyncContext<T>(manager: AsyncContextManager<T>): Coroutine<T> {
    return operation("enterAsyncContext", this.#enter(checkManager(manager)));
  }

  *#enter<T>(manager: AsyncContextManager<T>): Coroutine<T> {
    const value = yield* awaitedOf(manager.aenter(), "aenter");
    this.pushAsyncExit(manager);
    return value;
  }

  /**
   * Adds the exit of a manager that is not entered here, or a function of the same kind. Mirrors
   * AsyncExitStack.push_async_exit.
   * @returns what it was given
   * @throws TypeError for what is neither
   */
  pushAsyncExit<E extends AsyncContextManager<unknown> | AsyncExit>(exit: E): E {
    if (typeof exit === "function") {
      this.#push("the exit", exit);
    } else {
      const { aexit } = checkManager(exit);
      this.#push("aexit", (error, failed) => aexit.call(exit, error, failed));
    }
    return exit;
  }

  /**
   * Adds a function to be called with these arguments, and waited for; it swallows no error. Mirrors
   * AsyncExitStack.push_async_callback.
   * @returns the function
   * @throws TypeError for what is not a function
   */
  pushAsyncCallback<A extends unknown[], R>(
    callback: (...args: A) => Awaitable<R>,
    ...args: A
  ): (...args: A) => Awaitable<R> {
    checkFunction(callback, "callback");
    this.#exits.push(function* () {
      yield* awaitedOf(callback(...args), "the callback");
    });
    return callback;
  }

  /**
   * Adds a function to be called with these arguments; it swallows no error. Mirrors AsyncExitStack.callback.
   * @returns the function
   * @throws TypeError for what is not a function
   */
  callback<A extends unknown[], R>(callback: (...args: A) => R, ...args: A): (...args: A) => R {
    checkFunction(callback, "callback");
    this.#exits.push(function* () {
      callback(...args);
    });
    return callback;
  }

  /**
   * Moves all that was added to a new stack, so that the end of this one does nothing. Mirrors AsyncExitStack.pop_all.
   */
  popAll(): AsyncExitStack {
    const stack = new AsyncExitStack();
    stack.#exits = this.#exits;
    this.#exits = [];
    return stack;
  }

  /** Does at once what the end of the block would. Mirrors AsyncExitStack.aclose. */
  *aclose(): Coroutine<void> {
    yield* this.aexit(undefined, false);
  }

  /** Enters the block. */
  *aenter(): Coroutine<this> {
    return this;
  }

  /**
   * Leaves all, the latest first. Throws the error that is left in the end, with those whose place it took in the chain
   * of its causes; returns true when the block's own was swallowed.
   */
  *aexit(error: unknown, failed: boolean): Coroutine<boolean> {
    let pending = failed ? { error } : null;
    let isReplaced = false;
    for (let exit = this.#exits.pop(); exit !== undefined; exit = this.#exits.pop()) {
      try {
        if (Boolean(yield* exit(pending?.error, pending !== null)) && pending !== null) pending = null;
      } catch (errorOrCancellation) {
        if (pending !== null) chainCause(errorOrCancellation, pending.error);
        pending = { error: errorOrCancellation };
        isReplaced = true;
      }
    }
    if (pending !== null && isReplaced) throw pending.error;
    return failed && pending === null;
  }

  /**
   * Runs a block with the stack: Python's `async with`. Returns what it returns, or undefined when an exit swallowed
   * its error.
   */
  with<T>(body: (stack: this) => Awaitable<T>): Coroutine<T | undefined> {
    return withManager<this, T>(this as AsyncContextManager<this>, body);
  }

  override toString(): string {
    return `<AsyncExitStack exits=${this.#exits.length}>`;
  }

  #push(what: string, exit: AsyncExit): void {
    this.#exits.push(function* (error, failed) {
      return yield* awaitedOf(exit(error, failed), what);
    });
  }
}
