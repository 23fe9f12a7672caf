// The timers that kept their place in every run of a search, with where they are: what no search under these settings
// could have found hides behind them.

import { PlaceNames } from "../../introspection/places.ts";
import { formatSeconds } from "../../support/delay.ts";
import { ANY_PERCENT, EarlyTimers } from "../simulation/early-timers.ts";
import type { Outcome } from "../simulation/program.ts";
import { FollowChoices } from "../strategies/follow-choices.ts";
import type { RunOnce } from "./run-once.ts";

/** A timer that never came before what was due before it. */
export interface NeverReordered {
  /** Name of the task that sleeps, or of the function that is called: "expire" is a timeout. */
  readonly name: string;
  /** File and line where it sleeps, or where that was made; "" where that is not known. */
  readonly place: string;
  /** Its deadline in seconds, in asyncio's own order. */
  readonly deadline: number;
  /** By how many seconds what is due before it would have to be late, at the least. */
  readonly late: number;
}

/** Steps of a run up to which it is made again for the places. */
const LONGEST_RUN = 2_000;

/**
 * Those that are left when a search has ended, the nearest first: of what somebody does at one place, over and over,
 * the nearest one. `first` is asyncio's own run.
 */
export function neverReorderedOf(run: RunOnce, { never }: EarlyTimers, first: Outcome<unknown>): NeverReordered[] {
  if (never.size === 0) return [];
  const again = new EarlyTimers();
  if (first.steps <= LONGEST_RUN)
    run({ strategy: new FollowChoices([]), latePercent: ANY_PERCENT, earlyTimers: again, debug: true });
  const timers = [...never].map(([key, timer]) => ({ ...timer, place: again.never.get(key)?.place ?? null }));
  const names = new PlaceNames(timers.map(({ place }) => place));
  const nearest = new Map<string, NeverReordered>();
  for (const { owner, place: frame, ...timer } of timers.toSorted((left, right) => left.late - right.late)) {
    const place = frame === null ? "" : names.nameOf(frame);
    const kind = `${owner} ${timer.name} ${place}`;
    if (!nearest.has(kind)) nearest.set(kind, { ...timer, place });
  }
  return [...nearest.values()];
}

/** Such timers in a line each; the first of them, if there are many. */
export function describeNeverReordered(timers: readonly NeverReordered[]): string[] {
  if (timers.length === 0) return [];
  const lines = timers.slice(0, MOST_DESCRIBED).map(({ name, place, deadline, late }) => {
    const where = place === "" ? "" : ` (${place})`;
    return `  ${name}${where}, due at ${formatSeconds(deadline)}: what is due before it would have to be ${formatSeconds(late)} late`;
  });
  const more = timers.length - lines.length;
  const heading =
    timers.length === 1 ? "1 timer was never reordered:" : `${timers.length} timers were never reordered:`;
  return [heading, ...lines, ...(more > 0 ? [`  and ${more} more`] : [])];
}

const MOST_DESCRIBED = 10;
