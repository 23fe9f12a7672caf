// A failure that a search of schedules found: how it failed, the way to run it again, and what races.

import { describeError } from "../../introspection/describe-error.ts";
import type { Decisions } from "../simulation/decisions.ts";
import type { SimulationLog } from "../../trace/log.ts";
import type { Outcome, Run } from "../simulation/program.ts";
import { type Deferral, describeDeferrals } from "./deferrals.ts";
import { type FoundRaces, type Race, describeRaces } from "./race.ts";
import { switchesIn } from "./shrink.ts";
import type { SimulationSettings, SimulationStatus } from "../simulation/policy.ts";
import { writeToken } from "../../trace/token.ts";

/** A run that failed. */
export class Failure<T> implements Outcome<T> {
  readonly status: SimulationStatus;
  readonly error: unknown;
  readonly time: number;
  readonly iterations: number;
  readonly steps: number;
  readonly digest: string;
  readonly leaks: Outcome<T>["leaks"];
  readonly reports: readonly string[];
  /** Every step of it. */
  readonly log: SimulationLog;
  /** Number of the run in which it was found: 1 is asyncio's own order. */
  readonly run: number;
  /** The strategy that found it. */
  readonly strategy: string;
  /** The shrunk run in one line, for `simulate(main, { replay: token })`. */
  readonly token: string;
  /** How often the shrunk run leaves asyncio's order. */
  readonly switches: number;
  /** How often the run did that was found. */
  readonly switchesFound: number;
  /** Who is deferred in it: it is asyncio's order but for that. Empty for a run of more than 20,000 steps. */
  readonly deferrals: readonly Deferral[];
  /** Whether it may be an order that asyncio's own loop never takes: never so with `orders: "asyncio"`. */
  readonly beyondAsyncio: boolean;
  /** The two steps that race, where the failure begins; null when none were found. */
  readonly race: Race | null;
  /** The last two steps whose order decides; null when there are none but those of `race`. */
  readonly lastRace: Race | null;
  /** The nearest run that returns, when a race was found: for `simulate(main, { replay: passingToken })`. */
  readonly passingToken: string | null;
  /** Every step of that run; null when no race was found. */
  readonly passingLog: SimulationLog | null;

  readonly #hasOtherOptions: boolean;

  /** @internal */
  constructor(
    failed: Run<T>,
    found: { run: number; strategy: string; choices: readonly number[] },
    { settings, hasOtherOptions }: { readonly settings: SimulationSettings; readonly hasOtherOptions: boolean },
    decisions: Decisions,
    races: FoundRaces | null,
    deferrals: readonly Deferral[],
  ) {
    this.#hasOtherOptions = hasOtherOptions;
    this.status = failed.status;
    this.error = failed.error;
    this.time = failed.time;
    this.iterations = failed.iterations;
    this.steps = failed.steps;
    this.digest = failed.digest;
    this.leaks = failed.leaks;
    this.reports = failed.reports;
    this.log = failed.log as SimulationLog;
    this.run = found.run;
    this.strategy = found.strategy;
    const choices = decisions.choices();
    this.token = writeToken({ ...settings, digest: failed.digest }, choices, decisions.counts());
    this.switches = switchesIn(choices);
    this.switchesFound = switchesIn(found.choices);
    this.deferrals = deferrals;
    this.beyondAsyncio = decisions.overtook;
    const race = races?.first ?? null;
    this.race = race;
    this.lastRace = races?.last ?? null;
    this.passingToken = race?.passingToken ?? null;
    this.passingLog = races?.passing ?? null;
  }

  /** Where it failed, what races, and the line that runs it again: what to show below the error. */
  explain(): string {
    const lines = [this.#place()];
    const deferred = describeDeferrals(this.deferrals, this.switches, this.log);
    if (deferred !== null) lines.push(deferred);
    if (this.race !== null) lines.push(describeRaces(this.race, this.lastRace));
    if (this.beyondAsyncio)
      lines.push(
        'asyncio\'s loop, first in, first out, may never take this order today. With orders: "asyncio" only those count that it can.',
      );
    lines.push(replayLine(this.token, this.#hasOtherOptions));
    return lines.join("\n");
  }

  toString(): string {
    return [...describeError(this.error), this.explain()].join("\n");
  }

  /** An error to throw in a test: its message is `toString`'s, its cause what the program failed with. */
  toError(): Error {
    return new Error(this.toString(), { cause: this.error });
  }

  #place(): string {
    if (this.switches === 0) return `It failed (${this.status}) in asyncio's own order.`;
    const switches = this.switches === 1 ? "one switch" : `${this.switches} switches`;
    return `It failed (${this.status}) in run ${this.run} (${this.strategy}), ${switches} away from asyncio's own order.`;
  }
}

/** The line that runs a token again; `more`: under options that the token does not tell of. */
export function replayLine(token: string, more = false): string {
  return `replay: simulate(main, { ${more ? "..., " : ""}replay: "${token}" })`;
}
