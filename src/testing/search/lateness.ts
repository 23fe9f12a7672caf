// How late a search lets timers be, when nobody says so by a window.
//
// To a virtual clock 0.25 s are always more than 0.2 s, to no real one. So in part of the runs delays, which are sleeps
// and callbacks of `callLater`, take longer by some share of their length, and those below 10 ms by that share of that:
// then what is due behind them may come first. The share stays below the whole: a deadline that is twice as far away as
// what has to be done until then is never missed, however many delays of 10 ms and more there are on the way. Deadlines
// of timeouts are not late: a loop that is late finds them due together with what they wait for.

import { Decisions } from "../simulation/decisions.ts";
import { failsAlike } from "../simulation/fails-alike.ts";
import type { Outcome } from "../simulation/program.ts";
import { FollowChoices } from "../strategies/follow-choices.ts";
import { Trace } from "./deferred-steps.ts";
import type { RunOnce } from "./run-once.ts";
import { FollowActors } from "./swaps.ts";

/**
 * Percent by which delays may be late, run after run. Two of five runs keep asyncio's times. The length of the cycle
 * has no factor in common with the portfolio's, so that each of its strategies meets each of these.
 */
const CYCLE = [0, 10, 0, 30, 90];

/** The same, from the smallest on. */
const ASCENDING = [...new Set(CYCLE)].toSorted((left, right) => left - right);

/** By how many percent delays may be late in run number `run`. */
export function latePercentOf(run: number): number {
  return CYCLE[run % CYCLE.length];
}

/** A schedule under a lateness. */
export interface LateSchedule {
  readonly choices: readonly number[];
  readonly latePercent: number;
}

/** The schedule in which the same follow each other, and it fails as `failed` does, under as little as is enough. */
export function withLeastLateness(
  run: RunOnce,
  { choices, latePercent }: LateSchedule,
  failed: Outcome<unknown>,
): LateSchedule {
  const smaller = ASCENDING.filter((percent) => percent < latePercent);
  if (smaller.length === 0) return { choices, latePercent };
  const trace = new Trace(new FollowChoices(choices));
  run({ strategy: trace, latePercent });
  const decisions = new Decisions();
  for (const percent of smaller) {
    decisions.clear();
    const outcome = run({ strategy: new FollowActors([...trace.actors], Infinity), decisions, latePercent: percent });
    if (failsAlike(outcome, failed)) return { choices: decisions.choices(), latePercent: percent };
  }
  return { choices, latePercent };
}
