// Shrinking: of a schedule that fails, the one nearest to asyncio's own order that fails in the same way.
//
// There are two measures of how near it is. A schedule is a list of choices, of which 0 is asyncio's own: the others
// are context switches that asyncio would not make. And it is asyncio's order but for some deferrals, of which one may
// take a hundred switches. The smaller description counts.

import { Decisions } from "../simulation/decisions.ts";
import type { Outcome } from "../simulation/program.ts";
import { failsAlike } from "../simulation/fails-alike.ts";
import { FollowChoices } from "../strategies/follow-choices.ts";
import type { Strategy } from "../strategies/strategy.ts";
import { type DeferredStep, DeferSteps, Trace, deferredStepsOf } from "./deferred-steps.ts";
import type { RunOnce } from "./run-once.ts";

/** Runs, and steps in all of them, after which the best found so far has to do. */
const MOST_RUNS = 10_000;
const MOST_STEPS = 1_000_000;

/** Of these runs, those in which there is one deferral. */
const MOST_SINGLE_DEFERRALS = 3_000;

/** Steps of a run up to which its deferrals are looked at: there may be one for each two of them. */
const LONGEST_RUN = 2_000;

/** How often a schedule leaves asyncio's order. */
export function switchesIn(choices: readonly number[]): number {
  return choices.reduce((count, choice) => count + (choice === 0 ? 0 : 1), 0);
}

/** The choices of a schedule that fails as `failed` does, with as small a description as was found. */
export function shrink(run: RunOnce, choices: readonly number[], failed: Outcome<unknown>): number[] {
  return new Shrinking(run, failed).shrink(choices);
}

/** A schedule by its deferrals. */
interface DeferredSchedule {
  readonly choices: number[];
  readonly deferrals: readonly DeferredStep[];
  readonly trace: Trace;
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
    const deferred = switchesIn(best) > 1 ? this.#byDeferrals(best) : null;
    const deferrals = deferred?.deferrals.length ?? Infinity;
    if (deferrals > 1 && switchesIn(best) > 1) best = this.#fromAsyncio([], 1) ?? best;
    if (deferrals > 2 && switchesIn(best) > 2) best = this.#fromAsyncio([], 2) ?? best;
    return deferred !== null && deferrals < switchesIn(best) ? deferred.choices : this.#withNearest(best);
  }

  /** The same with as few deferrals as were found, or null when the run is too long. */
  #byDeferrals(choices: readonly number[]): DeferredSchedule | null {
    if (this.#failed.steps > LONGEST_RUN) return null;
    let best = this.#trace(new FollowChoices(choices));
    if (best === null) return null;
    for (let size = best.deferrals.length; size >= 1 && this.#maySpend(); size = Math.floor(size / 2)) {
      for (let from = 0; from < best.deferrals.length && this.#maySpend();) {
        const smaller = this.#defer(best.deferrals.toSpliced(from, size));
        if (smaller !== null && smaller.deferrals.length < best.deferrals.length) best = smaller;
        else from += size;
      }
    }
    return this.#byOneDeferral(best) ?? best;
  }

  /** One deferral that is enough, among the actors of those that were found. */
  #byOneDeferral({ deferrals, trace }: DeferredSchedule): DeferredSchedule | null {
    const counts = trace.counts();
    const actors = [...new Set(deferrals.flatMap(({ deferred, until }) => [deferred.actor, until.actor]))].toSorted(
      (a, b) => a - b,
    );
    const until = this.#runs + MOST_SINGLE_DEFERRALS;
    for (const deferral of deferredStepsAmong(actors, counts)) {
      if (!this.#maySpend() || this.#runs >= until) return null;
      const tried = this.#defer([deferral]);
      if (tried !== null) return tried;
    }
    return null;
  }

  /** The run with these deferrals, when it fails as the first did; else null. */
  #defer(deferrals: readonly DeferredStep[]): DeferredSchedule | null {
    // A trace takes as long as the run: only what fails is traced.
    return this.#tryStrategy(new DeferSteps(deferrals)) === null ? null : this.#trace(new DeferSteps(deferrals));
  }

  #trace(strategy: Strategy): DeferredSchedule | null {
    const trace = new Trace(strategy);
    const choices = this.#tryStrategy(trace);
    return choices === null ? null : { choices, deferrals: deferredStepsOf(trace), trace };
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
    return this.#tryStrategy(new FollowChoices(choices));
  }

  #tryStrategy(strategy: Strategy): number[] | null {
    this.#decisions.clear();
    const outcome = this.#run({ strategy, decisions: this.#decisions });
    this.#runs++;
    this.#steps += outcome.steps;
    return failsAlike(outcome, this.#failed) ? this.#decisions.choices() : null;
  }
}

/** All deferrals of one step of these actors until one of another's: late steps first, for they tell more. */
function* deferredStepsAmong(actors: readonly number[], counts: ReadonlyMap<number, number>): Generator<DeferredStep> {
  for (const actor of actors) {
    for (let number = (counts.get(actor) ?? 0) - 1; number >= 0; number--) {
      for (const other of actors) {
        for (let until = 0; actor !== other && until < (counts.get(other) ?? 0); until++)
          yield { deferred: { actor, number }, until: { actor: other, number: until } };
      }
    }
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
