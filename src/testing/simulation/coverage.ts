// Coverage of a search: which steps of different tasks met, and in which orders they were seen.
//
// Two steps meet where both could run next: whichever is chosen has come before the other one. Steps are known by what
// is the same in all orders: the first one of a task by the step that made the task, each further one by the step
// before it. So no places in sources are needed, which take far more time than a step.

import { ENTRY_KIND, ENTRY_SHIFT, MOST_READY, NONE, STEP, WAIT_CANCELLED } from "../../core/abi.ts";
import type { Core } from "../../core/core.ts";
import type { Task } from "../../runtime/task.ts";
import type { Orders } from "../../trace/token.ts";

/** Steps that are told apart; later ones are not counted. There is a byte for each two of them. */
const MOST_STEPS = 2048;

/** A step of a task, in all runs. */
class Step {
  /** Its number; -1 when it is not counted. */
  readonly index: number;
  /** The step behind it, of the same task. */
  next: Step | null = null;
  /** The first steps of the tasks that it makes. */
  readonly children: Step[] = [];
  /** Tasks that it has made in this run. */
  made = 0;

  constructor(index: number) {
    this.index = index;
  }
}

/** How much of what could be in either order a search has seen. */
export class Coverage {
  /** Pairs of steps of different tasks that met: either could have come first. */
  readonly met: number;
  /** Those of them that were seen in both orders. */
  readonly inBothOrders: number;
  /** Orders of two steps that the last tenth of the runs was the first to see. */
  readonly newOrders: number;
  /**
   * Whether searching longer still pays: some of these pairs have an order that was not seen, or the last tenth of the
   * runs saw new ones. Never so when the search was complete.
   */
  readonly stillPays: boolean;

  /** @internal */
  constructor(met: number, inBothOrders: number, newOrders: number, complete: boolean) {
    this.met = met;
    this.inBothOrders = inBothOrders;
    this.newOrders = newOrders;
    this.stillPays = (inBothOrders < met || newOrders > 0) && !complete;
  }

  toString(): string {
    const { met, inBothOrders, newOrders } = this;
    if (met === 0) return "No two steps of different tasks met";
    const seen = `${inBothOrders} of ${met} pairs of steps that met were seen in both orders`;
    return this.stillPays
      ? `${seen}; new in the last tenth of the runs: ${newOrders}. Searching longer still pays`
      : seen;
  }
}

/** Takes note of who ran before whom, over all runs of a search. */
export class CoverageRecorder {
  /** Whether all that is ready could run next, as well as timers within a window. */
  readonly #anyReady: boolean;
  readonly #anyTimer: boolean;
  /** Stands for all that makes tasks and is no step of one. */
  readonly #outside = new Step(-1);
  /** Stands for all steps that are not counted. */
  readonly #beyond = new Step(-1);
  /** The next step of each task of the run, by its number. */
  readonly #upcoming: Step[] = [];
  /** What was chosen last. */
  #current = this.#outside;
  #run = 0;
  #steps = 0;
  /** Whether step i was seen to come before step j, at i * #size + j. */
  #before = new Uint8Array(64 * 64);
  #size = 64;
  #met = 0;
  #inBothOrders = 0;
  /** The runs that have brought orders, and how many. */
  readonly #news: { readonly run: number; orders: number }[] = [];

  /** @param mayBeLate whether delays are late in some runs */
  constructor({ orders, window }: { readonly orders: Orders; readonly window: number }, mayBeLate: boolean) {
    this.#anyReady = orders === "any";
    this.#anyTimer = orders !== "any" || window > 0 || mayBeLate;
  }

  /** A run begins. `run` is its number, from 1. */
  begin(run: number): void {
    this.#run = run;
    this.#upcoming.length = 0;
    this.#current = this.#outside;
    this.#outside.made = 0;
  }

  /** What was seen in so many runs; `complete`: there are no others. */
  coverage(runs: number, complete: boolean): Coverage {
    const last = runs - Math.ceil(runs / 10);
    const newOrders = this.#news.reduce((sum, { run, orders }) => (run > last ? sum + orders : sum), 0);
    return new Coverage(this.#met, this.#inBothOrders, newOrders, complete);
  }

  /** An entry was chosen, NONE for the wake-ups, and is about to run. `taskCount` is how many tasks there are. */
  choose({ objects, simulation }: Core, entry: number, taskCount: number): void {
    if (entry === NONE) return;
    while (this.#upcoming.length < taskCount) this.#upcoming.push(this.#childOf(this.#current));
    if (!isStep(entry)) {
      this.#current = this.#outside;
      return;
    }
    const { serial } = objects[entry >> ENTRY_SHIFT] as Task<unknown>;
    const step = this.#upcoming[serial];
    if (step.index >= 0) {
      const ready = this.#anyReady ? Math.min(simulation.readyLength(), MOST_READY) : 0;
      for (let place = 0; place < ready; place++) this.#meet(step, objects, simulation.readyAt(place));
      const candidates = this.#anyTimer ? simulation.candidateCount() : 0;
      for (let index = 0; index < candidates; index++) this.#meet(step, objects, simulation.candidateAt(index));
    }
    this.#upcoming[serial] = step.next ??= this.#newStep();
    step.made = 0;
    this.#current = step;
  }

  /** A step comes before what could run in its place. */
  #meet(step: Step, objects: readonly unknown[], entry: number): void {
    if (!isStep(entry)) return;
    const other = this.#upcoming[(objects[entry >> ENTRY_SHIFT] as Task<unknown>).serial];
    if (other === step || other.index < 0 || this.#before[step.index * this.#size + other.index] !== 0) return;
    this.#before[step.index * this.#size + other.index] = 1;
    if (this.#before[other.index * this.#size + step.index] === 0) this.#met++;
    else this.#inBothOrders++;
    const latest = this.#news.at(-1);
    if (latest?.run === this.#run) latest.orders++;
    else this.#news.push({ run: this.#run, orders: 1 });
  }

  /** The first step of the next task that a step makes. */
  #childOf(maker: Step): Step {
    return (maker.children[maker.made++] ??= this.#newStep());
  }

  #newStep(): Step {
    if (this.#steps === MOST_STEPS) return this.#beyond;
    if (this.#steps === this.#size) this.#grow();
    return new Step(this.#steps++);
  }

  #grow(): void {
    const before = new Uint8Array(4 * this.#size * this.#size);
    for (let step = 0; step < this.#size; step++)
      before.set(this.#before.subarray(step * this.#size, (step + 1) * this.#size), 2 * step * this.#size);
    this.#before = before;
    this.#size *= 2;
  }
}

/** Whether an entry is a task's step, or the timer that it waits for. */
function isStep(entry: number): boolean {
  const kind = entry & ENTRY_KIND;
  return entry !== NONE && (kind === STEP || kind === WAIT_CANCELLED);
}
