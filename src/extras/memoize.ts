// memoize, once: one call for all who ask for the same, at the same time or later.
//
// The call is a task of its own, so that whoever is cancelled leaves it to the others. The last one to leave cancels
// it, and waits until it has ended: nothing goes on that nobody waits for. What has failed is forgotten.

import type { Awaitable } from "../runtime/awaitable.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { checkCount, checkFunction, checkNames } from "../support/checks.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { shield } from "../tasks/shield.ts";
import { shielded } from "../tasks/shielded.ts";
import { wait } from "../tasks/wait.ts";
import { awaitedOf } from "../waiting/async-with.ts";
import { operation } from "../waiting/operation.ts";

/** Options of `memoize`. */
export interface MemoizeOptions<A extends unknown[]> {
  /** Results that are kept at most, those that were asked for last: a whole number from 1, or Infinity, the default. */
  maxsize?: number;
  /** How long a result is kept, on the loop's clock; null: for ever. Default: null. */
  ttl?: Delay | null;
  /** What tells calls apart, compared as by a Map. Default: the argument; it has to be given for several arguments. */
  key?: (...args: A) => unknown;
}

const OPTIONS: readonly string[] = ["maxsize", "ttl", "key"];

/** A function whose results are kept. */
export interface Memoized<A extends unknown[], T> {
  (...args: A): Coroutine<T>;
  /** Forgets a result, and returns whether there was one. A call that goes on is left to those who wait for it. */
  forget(...args: A): boolean;
  /** Forgets all results. */
  clear(): void;
  /** Results and calls that it has. */
  readonly size: number;
}

/** A call, and then its result. */
class SharedCall<T> {
  readonly task: Task<T>;
  /** When the result is too old, in seconds of the loop's time. */
  expires = Infinity;
  #waiters = 0;

  constructor(call: () => Awaitable<T>, ttl: number) {
    const loop = getRunningLoop();
    const run = function* (this: SharedCall<T>): Coroutine<T> {
      const value = yield* awaitedOf(call(), "fn");
      this.expires = loop.time() + ttl;
      return value;
    };
    this.task = loop.createTask(run.call(this));
  }

  /** Whether somebody who comes now can have its result. A loop that is closed leaves its calls as they are. */
  get isUsable(): boolean {
    const { task } = this;
    if (!task.done()) return task.getLoop() === getRunningLoop() && task.cancelling() === 0;
    return !task.failed && getRunningLoop().time() < this.expires;
  }

  /** Waits for the result. `abandon` is called when it failed, or the last one who waits is cancelled. */
  *result(abandon: () => void): Coroutine<T> {
    const { task } = this;
    if (task.done()) return task.result();
    this.#waiters++;
    try {
      return yield* shield(task);
    } catch (error) {
      if (task.done() ? task.failed : this.#waiters === 1) abandon();
      if (this.#waiters === 1 && task.cancel()) yield* shielded(() => wait([task]));
      throw error;
    } finally {
      this.#waiters--;
    }
  }
}

/**
 * A function that makes each call once: whoever asks for the same gets the same result. Those who ask while the call
 * goes on share it; it is cancelled when the last of them is. What fails is not kept. asyncio has none; this is what
 * async_lru does.
 * @param fn a coroutine function, or one that gives anything else that can be awaited
 * @throws TypeError or RangeError, at the call, for arguments of the wrong kind; the function that it gives throws a
 *   TypeError for several arguments when there is no `key`
 *
 * @example
 * const user = memoize(loadUser, { maxsize: 1000, ttl: { minutes: 5 } });
 * const [one, same] = yield* gather([user(7), user(7)]); // loaded once
 */
export function memoize<A extends unknown[], T>(
  fn: (...args: A) => Awaitable<T>,
  options: MemoizeOptions<A> = {},
): Memoized<A, T> {
  checkFunction(fn, "fn");
  const { maxsize = Infinity, ttl = null, key } = checkNames(options, OPTIONS);
  const most = maxsize === Infinity ? maxsize : checkCount(maxsize, "maxsize");
  const seconds = ttl === null ? Infinity : secondsOf(ttl, "ttl");
  const keyOf = key === undefined ? onlyArgument : checkFunction(key, "key");
  /** In the order in which they were asked for. */
  const calls = new Map<unknown, SharedCall<T>>();

  function* ask(key: unknown, args: A): Coroutine<T> {
    let call = calls.get(key);
    calls.delete(key);
    if (call?.isUsable !== true) call = new SharedCall(() => fn(...args), seconds);
    const shared = call;
    calls.set(key, shared);
    if (calls.size > most) for (const oldest of calls.keys()) if (calls.delete(oldest)) break;
    return yield* shared.result(() => {
      if (calls.get(key) === shared) calls.delete(key);
    });
  }

  const memoized = (...args: A): Coroutine<T> => operation("memoize", ask(keyOf(...args), args));
  const forget = (...args: A): boolean => calls.delete(keyOf(...args));
  const clear = (): void => calls.clear();
  return Object.defineProperty(Object.assign(memoized, { forget, clear }), "size", {
    get: () => calls.size,
  }) as unknown as Memoized<A, T>;
}

/**
 * A function without arguments that is called once: all get its result, those who ask while it goes on, too. It is
 * cancelled when the last of them is, and called again when it was cancelled or has failed.
 * @throws TypeError, at the call, for what is not a function
 *
 * @example
 * const connection = once(connect);
 * yield* (yield* connection()).send(message);
 */
export function once<T>(fn: () => Awaitable<T>): Memoized<[], T> {
  return memoize(fn);
}

function onlyArgument(...args: unknown[]): unknown {
  if (args.length > 1) throw new TypeError(`Cannot tell calls with ${args.length} arguments apart: give a key`);
  return args[0];
}
