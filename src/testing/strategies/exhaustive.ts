// Every schedule, each once: depth-first over the sequences of choices.
//
// A run follows the choices of the one before up to the last point that has candidates left, takes the next of them,
// and then asyncio's order. Nothing is kept but one index and one number of candidates for each point, however many
// schedules there are.
//
// Of redundant runs there are no more in a row than a run has points: such a run ends at the choice of the wake-ups, of
// which each point has one, and asyncio's order, which follows any other choice, is not redundant. So the next one ends
// at an earlier point.

import { RuntimeError } from "../../errors/base.ts";
import type { ChoicePoint, Strategy } from "./strategy.ts";

/**
 * Visits every schedule of a program that does the same whenever it is scheduled the same. `begin` and `choose` throw
 * RuntimeError when it does not. A program that polls has no end of schedules.
 */
export class ExhaustiveStrategy implements Strategy {
  readonly name = "exhaustive";
  readonly skipsRedundant = true;
  #indexes = new Int32Array(64);
  #counts = new Int32Array(64);
  /** The candidates that are passed over, because with them a run would be redundant; -1: none. */
  #idle = new Int32Array(64);
  /** Points whose choice is given in this run. */
  #prefix = 0;
  /** Points that this run has had. */
  #point = 0;
  #began = false;

  begin(): boolean {
    if (this.#began && !this.#advance()) return false;
    this.#began = true;
    this.#point = 0;
    return true;
  }

  choose(point: ChoicePoint): number {
    const here = this.#point++;
    if (here < this.#prefix) {
      const expected = this.#counts[here];
      if (point.count !== expected) throw deviation(here, `${expected} candidates`, `${point.count}`);
      return this.#indexes[here];
    }
    if (here === this.#indexes.length) this.#grow();
    this.#indexes[here] = 0;
    this.#counts[here] = point.count;
    this.#idle[here] = point.idle?.() ?? -1;
    return 0;
  }

  /** Moves on to the next sequence of choices, or returns false when the last one was visited. */
  #advance(): boolean {
    if (this.#point < this.#prefix) throw deviation(this.#point, "a choice", "the end of the run");
    let depth = this.#point;
    while (depth > 0 && this.#next(depth - 1) === this.#counts[depth - 1]) depth--;
    this.#prefix = this.#point = depth;
    if (depth === 0) return false;
    this.#indexes[depth - 1] = this.#next(depth - 1);
    return true;
  }

  /** The candidate behind the one that was chosen at a point. */
  #next(point: number): number {
    const next = this.#indexes[point] + 1;
    return next === this.#idle[point] ? next + 1 : next;
  }

  #grow(): void {
    const indexes = new Int32Array(2 * this.#indexes.length);
    const counts = new Int32Array(indexes.length);
    const idle = new Int32Array(indexes.length);
    indexes.set(this.#indexes);
    counts.set(this.#counts);
    idle.set(this.#idle);
    this.#indexes = indexes;
    this.#counts = counts;
    this.#idle = idle;
  }
}

function deviation(point: number, expected: string, found: string): RuntimeError {
  return new RuntimeError(
    `Cannot visit every schedule: choice ${point} had ${expected} in one run and ${found} in the next, which was scheduled the ` +
      "same up to there. The program is not deterministic: it may keep state from run to run, such as a lock or a queue of a module",
  );
}
