// Shrinking: of a schedule that fails, the one nearest to asyncio's own order that fails in the same way.
//
// A schedule is a list of choices, and 0 is asyncio's own. Fewest others means fewest context switches that asyncio
// would not make.

import { Decisions } from "../simulation/decisions.ts";
import type { Outcome } from "../simulation/program.ts";
import { failsAlike } from "../simulation/fails-alike.ts";
import { FollowChoices } from "../strategies/follow-choices.ts";
import type { RunOnce } from "./run-once.ts";

/** Runs, and steps in all of them, after which the best found so far has to do. */
const MOST_RUNS = 10_000;
const MOST_STEPS = 3_000_000;

/** How often a schedule leaves asyncio's order. */
export function switchesIn(choices: readonly number[]): number {
  return choices.reduce((count, choice) => count + (choice === 0 ? 0 : 1), 0);
}

/** The choices of a schedule that fails as `failed` does, as few of them other than 0 as were found. */
export function shrink(run: RunOnce, choices: readonly number[], failed: Outcome<unknown>): number[] {
  return new Shrinking(run, failed).shrink(choices);
}

class Shrinking {
  readonly #run: RunOnce;
  readonly #failed: Outcome<unknown>;
  readonly #decisions = new Decisions();
  #runs = 0;
  #steps = 0;

  constructor(run: RunOnce, failed: Outcome<unknown>) {
    this.#run = run;
    this.#failed = failed;
  }

  shrink(choices: readonly number[]): number[] {
    let best = this.#try(choices) ?? [...choices];
    best = this.#withoutChunks(best);
    if (switchesIn(best) > 1) best = this.#fromAsyncio([], 1) ?? best;
    if (switchesIn(best) > 2) best = this.#fromAsyncio([], 2) ?? best;
    return this.#withNearest(best);
  }

  /** Puts zeros for ever smaller chunks of the choices that are not 0, as long as it fails: delta debugging. */
  #withoutChunks(choices: number[]): number[] {
    let best = choices;
    for (let size = switchesIn(best); size >= 1 && this.#maySpend(); size = Math.floor(size / 2)) {
      for (let from = 0; from < switchesIn(best) && this.#maySpend();) {
        const smaller = this.#try(withoutSwitches(best, from, from + size));
        if (smaller !== null && switchesIn(smaller) < switchesIn(best)) best = smaller;
        else from += size;
      }
    }
    return best;
  }

  /** Tries all schedules that leave asyncio's order `switches` times, after what `start` does. */
  #fromAsyncio(start: readonly number[], switches: number): number[] | null {
    if (!this.#maySpend()) return null;
    this.#try(start);
    const counts = this.#decisions.counts();
    for (let place = start.length; place < counts.length; place++) {
      const kept = [...start, ...Array<number>(place - start.length).fill(0)];
      for (let choice = 1; choice < counts[place]; choice++) {
        if (!this.#maySpend()) return null;
        const tried = [...kept, choice];
        const failing = switches === 1 ? this.#try(tried) : this.#fromAsyncio(tried, switches - 1);
        if (failing !== null) return failing;
      }
    }
    return null;
  }

  /** Chooses nearer candidates. */
  #withNearest(choices: number[]): number[] {
    let best = choices;
    for (let place = 0; place < best.length; place++) {
      for (let choice = 1; choice < best[place] && this.#maySpend(); choice++) {
        const nearer = this.#try(best.with(place, choice));
        if (nearer === null || switchesIn(nearer) > switchesIn(best)) continue;
        best = nearer;
        break;
      }
    }
    return best;
  }

  #maySpend(): boolean {
    return this.#runs < MOST_RUNS && this.#steps < MOST_STEPS;
  }

  /** The choices as they were made, when the run fails as the first did; else null. */
  #try(choices: readonly number[]): number[] | null {
    this.#decisions.clear();
    const outcome = this.#run({ strategy: new FollowChoices(choices), decisions: this.#decisions });
    this.#runs++;
    this.#steps += outcome.steps;
    return failsAlike(outcome, this.#failed) ? this.#decisions.choices() : null;
  }
}

/** Choices with zeros for those that are not 0, from number `from` to before number `to`. */
function withoutSwitches(choices: readonly number[], from: number, to: number): number[] {
  let number = 0;
  return choices.map((choice) => {
    if (choice === 0) return 0;
    const isOut = number >= from && number < to;
    number++;
    return isOut ? 0 : choice;
  });
}
