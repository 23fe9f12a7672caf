// The host's timer functions on a loop. Delays are whole milliseconds, as hosts have them.

import { NONE } from "../core/abi.ts";
import type { Handle } from "../runtime/handle.ts";
import { checkFunction } from "../support/checks.ts";
import { nameOf } from "../support/format.ts";
import type { TimerLifetime } from "./timer-lifetime.ts";

export type TimerCallback = (...args: unknown[]) => unknown;

/** Longest delay of the hosts' timers: a longer one, or none at all, is one millisecond. */
const LONGEST_MS = 0x7fffffff;

/** Number of the first timer that is asked for it: the numbers of a host's own timers stay below. */
const FIRST_NUMBER = 1e12;

/** Milliseconds that a host waits for what a program gave as a delay. */
function millisecondsOf(delay: unknown): number {
  const ms = Math.trunc(Number(delay));
  return ms >= 1 && ms <= LONGEST_MS ? ms : 1;
}

/**
 * What `setTimeout`, `setInterval` and `setImmediate` give in a loop. An object on every host, with the methods of
 * Node's: a program runs the same way everywhere. Its number, which a program gets by `+timer`, is as good for clearing
 * it.
 */
export class HostTimer {
  readonly #timers: HostTimers;
  readonly #schedule: () => Handle;
  #handle: Handle | null = null;
  #id = 0;
  #isReferenced = true;

  /** @param schedule puts its callback into the loop */
  constructor(timers: HostTimers, schedule: (timer: HostTimer) => Handle) {
    this.#timers = timers;
    this.#schedule = () => schedule(this);
    this.refresh();
  }

  /** Starts it again from now on, also when it has fired. */
  refresh(): this {
    this.close();
    this.#handle = this.#schedule();
    if (!this.#isReferenced) this.#timers.lifetime?.unref(this);
    if (this.#id !== 0) this.#timers.keep(this.#id, this);
    return this;
  }

  /** Clears it. */
  close(): this {
    if (this.isPending) {
      this.#handle?.cancel(); // one that runs keeps its name
      this.#timers.lifetime?.changed();
    }
    this.#handle = null;
    return this;
  }

  /** Whether it is going to fire. */
  get isPending(): boolean {
    return this.#handle !== null && this.#handle.id !== NONE;
  }

  /** Whether an interval goes on: it was not cleared. */
  get isOpen(): boolean {
    return this.#handle !== null;
  }

  /** Has the process live until it fires; in virtual time it changes the answer alone. */
  ref(): this {
    this.#isReferenced = true;
    this.#timers.lifetime?.ref(this);
    return this;
  }

  unref(): this {
    this.#isReferenced = false;
    this.#timers.lifetime?.unref(this);
    return this;
  }

  hasRef(): boolean {
    return this.#isReferenced;
  }

  [Symbol.toPrimitive](): number {
    if (this.#id === 0) {
      this.#id = this.#timers.nextNumber();
      if (this.isPending) this.#timers.keep(this.#id, this);
    }
    return this.#id;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The timers of a loop. */
export abstract class HostTimers {
  /** Timers whose number somebody has asked for, and which are going to fire; some that have fired, too. */
  readonly #numbered = new Map<number, HostTimer>();
  #numbers = 0;
  /** How many are kept until those that have fired are looked for. */
  #mostKept = 64;
  /** Which of them keep the process alive; null where there is none. */
  readonly lifetime: TimerLifetime | null;

  constructor(lifetime: TimerLifetime | null = null) {
    this.lifetime = lifetime;
  }

  /** Calls a function in so many milliseconds. */
  protected abstract arm(ms: number, callback: TimerCallback, args: unknown[]): Handle;

  /** Calls a function when what is ready has run. */
  protected abstract armImmediate(callback: TimerCallback, args: unknown[]): Handle;

  /** A number for a timer. */
  nextNumber(): number {
    return FIRST_NUMBER + this.#numbers++;
  }

  /** Has a timer found by its number as long as it is going to fire. */
  keep(number: number, timer: HostTimer): void {
    this.#numbered.set(number, timer);
    if (this.#numbered.size <= this.#mostKept) return;
    for (const [each, { isPending }] of this.#numbered) if (!isPending) this.#numbered.delete(each);
    this.#mostKept = Math.max(64, 2 * this.#numbered.size);
  }

  setTimeout(callback: TimerCallback, delay: unknown, args: unknown[]): HostTimer {
    checkFunction(callback, "callback");
    const ms = millisecondsOf(delay);
    return new HostTimer(this, () => this.arm(ms, callback, args));
  }

  setInterval(callback: TimerCallback, delay: unknown, args: unknown[]): HostTimer {
    checkFunction(callback, "callback");
    const ms = millisecondsOf(delay);
    return new HostTimer(this, (timer) => {
      const fire = (): void => {
        try {
          callback(...args);
        } finally {
          if (timer.isOpen) timer.refresh();
        }
      };
      Object.defineProperty(fire, "name", { value: nameOf(callback) }); // what logs and reports call it
      return this.arm(ms, fire, []);
    });
  }

  setImmediate(callback: TimerCallback, args: unknown[]): HostTimer {
    checkFunction(callback, "callback");
    return new HostTimer(this, () => this.armImmediate(callback, args));
  }

  /** Clears a timer, given as itself or by its number. Returns false when it is none of these. */
  clear(timer: unknown): boolean {
    const found = timer instanceof HostTimer ? timer : this.#numbered.get(Number(timer));
    found?.close();
    return found !== undefined || Number(timer) >= FIRST_NUMBER; // or it has fired
  }
}
