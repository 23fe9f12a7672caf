// What a page can be made of: a log alone, or a run with how it failed. The classes of `wasyncio/testing` are not
// named: a failure of a search has this shape, and so has what `simulate` returns.

import { describeError } from "../introspection/describe-error.ts";
import { framesOf, ofProgram } from "../support/engine-frames.ts";
import { format } from "../support/format.ts";
import { isA } from "../support/is-a.ts";
import { ownFile } from "../support/stack.ts";
import type { LogFrame, SimulationLog } from "../trace/log.ts";
import { checkLog } from "./picture.ts";

/** A run with its log: what `simulate` returns, and the failure that `explore` finds. */
export interface TimelineRun {
  readonly log: SimulationLog;
  /** How it ended: "ok", or how it failed. */
  readonly status?: string;
  /** What it failed with. */
  readonly error?: unknown;
  /** The two steps that race; null when none are known. */
  readonly race?: TimelineRace | null;
  /** The last two steps whose order decides. */
  readonly lastRace?: TimelineRace | null;
  /** The nearest run that passes. */
  readonly passingLog?: SimulationLog | null;
}

/** Two steps that race, by their indexes in the log. */
export interface TimelineRace {
  readonly first: { readonly step: number };
  readonly second: { readonly step: number };
}

/** A run as a page shows it. */
export interface ShownRun {
  readonly log: SimulationLog;
  readonly passing: SimulationLog | null;
  /** How it failed; null when it did not, or when that is not known. */
  readonly failure: ShownFailure | null;
  /** Steps that race, the first pair first. */
  readonly races: readonly ShownRace[];
}

/** A failure in words. */
export interface ShownFailure {
  readonly status: string;
  /** What it failed with, its causes among it. */
  readonly text: string;
  /** The stack of its error, innermost first, as far as it is the program's; empty when it has none. */
  readonly stack: readonly LogFrame[];
}

/** Two steps that race, by their indexes. */
export interface ShownRace {
  readonly first: number;
  readonly second: number;
}

/** Throws TypeError for what is neither a log nor a run. */
export function shownRun(subject: SimulationLog | TimelineRun): ShownRun {
  const run = hasLog(subject) ? subject : { log: subject };
  const { log, status, error, passingLog = null } = run;
  checkLog(log, "log");
  if (passingLog !== null) checkLog(passingLog, "passingLog");
  if (status !== undefined && typeof status !== "string")
    throw new TypeError(`Invalid status: expected a text, got ${format(status)}`);
  const hasFailed = status === undefined ? error !== undefined : status !== "ok";
  return {
    log,
    passing: passingLog,
    failure: hasFailed ? shownFailure(status ?? "error", error) : null,
    races: [...racesIn(run, "race"), ...racesIn(run, "lastRace")],
  };
}

function hasLog(subject: SimulationLog | TimelineRun): subject is TimelineRun {
  return typeof subject === "object" && subject !== null && "log" in subject;
}

function shownFailure(status: string, error: unknown): ShownFailure {
  return { status, text: describeError(error).join("\n"), stack: stackOf(error) };
}

function stackOf(error: unknown): LogFrame[] {
  try {
    if (!isA(error, Error)) return [];
    const frames = framesOf(error);
    return (ofProgram(frames, ownFile()) ?? frames).map(({ name, file, line, column }) => {
      return { name: name === "" ? "(anonymous)" : name, file, line, column };
    });
  } catch {
    return []; // it throws when it is looked at
  }
}

function racesIn(run: TimelineRun, name: "race" | "lastRace"): ShownRace[] {
  const race = run[name];
  if (race === undefined || race === null) return [];
  const [first, second] = [race.first?.step, race.second?.step];
  const areSteps = [first, second].every((step) => Number.isInteger(step) && step in run.log.steps);
  if (!areSteps || first >= second)
    throw new TypeError(`Invalid ${name}: expected two steps of the log in their order, got ${format(race)}`);
  return [{ first, second }];
}
