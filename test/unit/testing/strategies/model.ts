// A model of a program, to try strategies on: threads of some steps each, that run in asyncio's order or in the one
// that a strategy chooses. Threads may be made by others, wait for others, or poll.

import { RandomStream } from "../../../../src/support/random.ts";
import type { ChoicePoint, LogStep, SimulationLog, Strategy } from "wasyncio/testing";
import { FifoStrategy } from "../../../../src/testing/strategies/fifo.ts";

/** A moment of a thread: when it has made `steps` steps. */
interface Moment {
  readonly thread: number;
  readonly steps: number;
}

export interface Thread {
  readonly steps: number;
  /** When it is made; default: before the first step. */
  readonly made?: Moment;
  /** It makes no step behind its `at` first ones before `moment`. */
  readonly waits?: Moment & { readonly at: number };
  /** It makes further steps until that thread has made all of its own. */
  readonly polls?: number;
  /** Callbacks have negative numbers. */
  readonly callback?: boolean;
}

/** Threads of these numbers of steps. */
export function independent(...steps: readonly number[]): Model {
  return new Model(steps.map((count) => ({ steps: count })));
}

export class Model implements ChoicePoint {
  count = 0;
  /**
   * The threads in the order in which they have made their steps in the last run, and what was chosen at each point.
   */
  readonly trace: number[] = [];
  readonly choices: number[] = [];
  readonly #threads: readonly Thread[];
  readonly #numbers: readonly number[];
  readonly #made: number[];
  readonly #ready: number[] = [];

  constructor(threads: readonly Thread[]) {
    let tasks = 0;
    this.#threads = threads;
    this.#numbers = threads.map(({ callback }, index) => (callback === true ? -1 - (index << 24) : tasks++));
    this.#made = threads.map(() => 0);
  }

  actor(index: number): number {
    if (index < 0 || index >= this.count) throw new RangeError(`no candidate ${index} of ${this.count}`);
    return this.#numbers[this.#ready[index]];
  }

  /** Runs all threads to their end, after the strategy's `begin`. */
  run(strategy: Strategy): void {
    this.trace.length = this.choices.length = this.#ready.length = 0;
    this.#made.fill(0);
    this.#threads.forEach((thread, index) => thread.made === undefined && this.#ready.push(index));
    while (this.#ready.length > 0) {
      this.count = this.#ready.length;
      let choice = 0;
      if (this.count > 1 || strategy.seesAll === true) choice = strategy.choose(this);
      if (!(choice in this.#ready)) throw new RangeError(`no candidate ${choice} of ${this.count}`);
      if (this.count > 1) this.choices.push(choice);
      this.#step(choice);
    }
    strategy.end?.(this.trace.length);
  }

  /** Runs once for each number up to `runs`, each with a random stream of its own; `look` looks at each run. */
  repeat(strategy: Strategy, runs: number, look: (run: number) => void, seed = 1): void {
    for (let run = 0; run < runs; run++) {
      if (!strategy.begin(new RandomStream(seed, `run ${run}`))) throw new Error(`only ${run} runs`);
      this.run(strategy);
      look(run);
    }
  }

  /** The log of a run in asyncio's order. */
  log(): SimulationLog {
    this.run(new FifoStrategy());
    const { trace } = this;
    const at = { time: 0, iteration: 0, choice: 0, candidates: 1 };
    const how = { begin: "resume", end: "yield", waitsFor: "", woke: [], stack: [] } as const;
    const steps = trace.map((actor, index): LogStep => ({ ...at, ...how, index, actor }));
    const actors = this.#threads.map(({ made, callback }, id) => ({
      id,
      kind: callback === true ? ("callback" as const) : ("task" as const),
      number: callback === true ? -1 : this.#numbers[id],
      name: `${id}`,
      madeIn: made === undefined ? -1 : placeIn(trace, made),
      origin: [],
    }));
    return { actors, steps, time: 0 };
  }

  #step(choice: number): void {
    const thread = this.#ready[choice];
    this.#ready.splice(choice, 1);
    this.trace.push(thread);
    const steps = ++this.#made[thread];
    for (let other = 0; other < this.#threads.length; other++) {
      const { made, waits } = this.#threads[other];
      if (made !== undefined && made.thread === thread && made.steps === steps) this.#ready.push(other);
      if (waits !== undefined && waits.thread === thread && waits.steps === steps && waits.at === this.#made[other])
        this.#ready.push(other);
    }
    if (this.#goesOn(thread)) this.#ready.push(thread);
  }

  #goesOn(thread: number): boolean {
    const { steps, waits, polls } = this.#threads[thread];
    if (polls !== undefined && this.#made[polls] < this.#threads[polls].steps) return true;
    if (this.#made[thread] >= steps) return false;
    return waits === undefined || waits.at !== this.#made[thread] || this.#made[waits.thread] >= waits.steps;
  }
}

/** The index of the step after which a thread has made `steps` steps. */
function placeIn(trace: readonly number[], { thread, steps }: Moment): number {
  let made = 0;
  return trace.findIndex((other) => other === thread && ++made === steps);
}
