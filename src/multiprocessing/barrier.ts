// A barrier between threads: one word has its state, and how many are inside.

import { BrokenBarrierError } from "../errors/asyncio.ts";
import { Shown } from "../support/shown.ts";
import { checkCount } from "../support/checks.ts";
import type { Delay } from "../support/delay.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { describe } from "../sync/describe.ts";
import { operation } from "../waiting/operation.ts";
import { findShared, makeShareable } from "./shareable.ts";
import { sharedWords } from "./memory.ts";
import { type Attempt, Word } from "./word.ts";

// The word is COUNT * inside + state, as threading.Barrier has them.
const FILLING = 0;
/** All have come, and leave one by one; who comes meanwhile waits for the next round. */
const DRAINING = 1;
/** As above, but those inside get an error. */
const RESETTING = 2;
/** Whoever comes gets an error. */
const BROKEN = 3;
const COUNT = 4;

/**
 * Has tasks and threads wait until so many have come. Mirrors multiprocessing.Barrier, without its action. One that
 * gives up breaks it for all.
 *
 * @example
 * const barrier = new Barrier(2);
 * yield* barrier.wait(); // in a task
 * barrier.waitSync(); // in a job that is a plain function
 */
export class Barrier extends Shown {
  /** @internal */
  static override readonly name: string = "Barrier";
  /** How many it takes. Mirrors Barrier.parties. */
  readonly parties: number;
  readonly #word: Word;

  /**
   * @param parties how many it takes, from 1
   * @throws TypeError for what is no whole number; RangeError for one that is not positive
   */
  constructor(parties: number);
  /** @internal */
  constructor(parties: number, memory: SharedArrayBuffer);
  constructor(parties: number, memory: SharedArrayBuffer = sharedWords(1)) {
    super();
    this.parties = checkCount(parties, "parties");
    this.#word = new Word(memory, 0);
    makeShareable(this, Barrier.name, () => ({ parties, memory }));
  }

  /** @internal */
  static find(): void {
    type Data = { readonly parties: number; readonly memory: SharedArrayBuffer };
    findShared(Barrier.name, ({ parties, memory }: Data) => new Barrier(parties, memory));
  }

  /** How many wait. Mirrors Barrier.n_waiting. */
  get nWaiting(): number {
    const { state, inside } = read(this.#word.value);
    return state === FILLING ? inside : 0;
  }

  /** Whether it is broken. Mirrors Barrier.broken. */
  get broken(): boolean {
    return read(this.#word.value).state === BROKEN;
  }

  /**
   * Waits as a task until all have come. Mirrors Barrier.wait.
   * @returns a number from 0 to `parties - 1`, another one for each
   * @throws BrokenBarrierError when it is broken or reset meanwhile
   * @throws CancelledError when the task is cancelled, which breaks it
   */
  wait(): Coroutine<number> {
    return operation("Barrier.wait", this.#wait());
  }

  *#wait(): Coroutine<number> {
    const arrival = this.#arrival();
    yield* this.#word.until(arrival.attempt);
    let isThere = false;
    try {
      yield* this.#word.until(this.#departure);
      isThere = true;
    } finally {
      if (!isThere) this.#giveUp();
    }
    this.#leave();
    return arrival.index;
  }

  /**
   * As `wait`, but blocks the thread.
   * @param timeout longest time, or null for ever; default: null
   * @throws BrokenBarrierError also when that takes too long, which breaks it
   * @throws RuntimeError when it would have to block a running loop
   */
  waitSync(timeout: Delay | null = null): number {
    const arrival = this.#arrival();
    if (!this.#word.untilSync(arrival.attempt, timeout)) throw new BrokenBarrierError();
    let isThere = false;
    try {
      isThere = this.#word.untilSync(this.#departure, timeout);
    } finally {
      if (!isThere) this.#giveUp();
    }
    if (!isThere) throw new BrokenBarrierError();
    this.#leave();
    return arrival.index;
  }

  /** Has all that wait get BrokenBarrierError, and begins anew. Mirrors Barrier.reset. */
  reset(): void {
    this.#change(({ state, inside }) => {
      if (inside === 0) return { state: FILLING, inside };
      return { state: state === DRAINING ? DRAINING : RESETTING, inside };
    });
  }

  /** Breaks it: all that wait, and all that come, get BrokenBarrierError. Mirrors Barrier.abort. */
  abort(): void {
    this.#change(({ inside }) => ({ state: BROKEN, inside }));
  }

  /** Comes in when that is possible; `index` is how many had come before. */
  #arrival(): { readonly attempt: Attempt; readonly index: number } {
    const arrival = {
      index: 0,
      attempt: (): number | null => {
        for (;;) {
          const { value } = this.#word;
          const { state, inside } = read(value);
          if (state === BROKEN) throw new BrokenBarrierError();
          if (state !== FILLING) return value;
          const isLast = inside + 1 === this.parties;
          if (!this.#word.replace(value, write({ state: isLast ? DRAINING : FILLING, inside: inside + 1 }))) continue;
          arrival.index = inside;
          if (isLast) this.#word.wake();
          return null;
        }
      },
    };
    return arrival;
  }

  /** Waits until all have come, or the barrier is broken. */
  readonly #departure = (): number | null => {
    const { value } = this.#word;
    return read(value).state === FILLING ? value : null;
  };

  #leave(): void {
    const { state } = this.#change(({ state, inside }) => ({
      state: inside === 1 && state !== BROKEN ? FILLING : state,
      inside: inside - 1,
    }));
    if (state !== DRAINING) throw new BrokenBarrierError();
  }

  #giveUp(): void {
    this.#change(({ state, inside }) => {
      if (state === FILLING) return { state: BROKEN, inside: inside - 1 };
      return { state: inside === 1 && state !== BROKEN ? FILLING : state, inside: inside - 1 };
    });
  }

  /** Changes it, and wakes all. Returns what it was. */
  #change(next: (state: State) => State): State {
    for (;;) {
      const { value } = this.#word;
      const before = read(value);
      if (!this.#word.replace(value, write(next(before)))) continue;
      this.#word.wake();
      return before;
    }
  }

  /** "<Barrier [filling, 1/2]>". */
  override toString(): string {
    const { state, inside } = read(this.#word.value);
    return describe(this, `${STATES[state]}, ${inside}/${this.parties}`, 0);
  }
}

const STATES = ["filling", "draining", "resetting", "broken"];

interface State {
  readonly state: number;
  readonly inside: number;
}

function read(value: number): State {
  return { state: value % COUNT, inside: Math.floor(value / COUNT) };
}

function write({ state, inside }: State): number {
  return COUNT * inside + state;
}
