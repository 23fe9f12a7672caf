// Searching the schedules of a program for one in which it fails.

import { RuntimeError } from "../errors/base.ts";
import type { Delay } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { withText } from "../support/shown.ts";
import { checkBoolean, checkFunction, checkNames } from "../support/checks.ts";
import { RandomStream } from "../support/random.ts";
import { type Coverage, CoverageRecorder } from "./simulation/coverage.ts";
import { Decisions } from "./simulation/decisions.ts";
import { Failure } from "./search/failure.ts";
import type { SimulationLog } from "../trace/log.ts";
import {
  type Program,
  type Outcome,
  PROGRAM_OPTIONS,
  type Run,
  type ProgramOptions,
  TestedProgram,
} from "./simulation/program.ts";
import { Recorder } from "./simulation/recorder.ts";
import { ANY_PERCENT, EarlyTimers } from "./simulation/early-timers.ts";
import { latePercentOf, withLeastLateness } from "./search/lateness.ts";
import { type NeverReordered, describeNeverReordered, neverReorderedOf } from "./search/never-reordered.ts";
import { deferralsIn } from "./search/deferrals.ts";
import { Trace } from "./search/deferred-steps.ts";
import { findRaces } from "./search/race.ts";
import { shrink, switchesIn } from "./search/shrink.ts";
import { failsAlike } from "./simulation/fails-alike.ts";
import { FollowChoices } from "./strategies/follow-choices.ts";
import type { RunOptions } from "./simulation/policy.ts";
import { ExhaustiveStrategy } from "./strategies/exhaustive.ts";
import { FifoStrategy } from "./strategies/fifo.ts";
import { type StrategySpec, beginRun, strategyOf } from "./strategies/strategies.ts";
import type { Strategy } from "./strategies/strategy.ts";

/** Options of `explore`. */
export interface ExploreOptions<T> extends Omit<ProgramOptions, "window"> {
  /**
   * By how much what is ready may come late, so that a timer comes first. "auto": in part of the runs each `sleep` and
   * `callLater` may take longer, but less than twice its time, or less than 10 ms longer when that is more. For
   * "exhaustive" that is 0. Default: "auto".
   */
  window?: Delay | "auto";
  /** How schedules are searched. Default: "portfolio", all of them in turn. */
  strategy?: StrategySpec;
  /** Schedules to try, asyncio's own included. Default: 1,000, and Infinity for "exhaustive". */
  runs?: number;
  /** Called with the value of each run that returned; what it throws is that run's failure. */
  check?: (value: T) => void;
  /**
   * Failures to look for that are not alike: the search goes on behind the first ones. Two are alike when both are
   * errors of the same class from the same place, or end otherwise in the same way. Default: 1.
   */
  maxFailures?: number;
  /** Whether to look for the smallest change of asyncio's order that fails, and for the racing steps. Default: true. */
  shrink?: boolean;
  /** Whether to count which steps could run in either order, and were seen in both. It takes time. Default: false. */
  coverage?: boolean;
  /** Called now and then, with the number of runs made. */
  onProgress?: (runs: number) => void;
}

/** The names of ExploreOptions. */
export const EXPLORE_OPTIONS: readonly (keyof ExploreOptions<unknown>)[] = [
  ...PROGRAM_OPTIONS,
  "strategy",
  "runs",
  "check",
  "maxFailures",
  "shrink",
  "coverage",
  "onProgress",
];

/** What a search found. */
export interface Exploration<T> {
  /** Schedules that were tried. */
  readonly runs: number;
  /** Whether every schedule was tried: "exhaustive" can tell. */
  readonly complete: boolean;
  /** The strategy's name. */
  readonly strategy: string;
  /** Which steps could run in either order, and how many of them were seen in both; null when nobody asked. */
  readonly coverage: Coverage | null;
  /** The first schedule that failed, or null. */
  readonly failure: Failure<T> | null;
  /** That, and those that failed in another way, when more than one was looked for, in the order in which they came. */
  readonly failures: readonly Failure<T>[];
  /**
   * Timers that came behind all that was due before them in every run: what comes of another order was not seen. Of
   * those that somebody arms at one place the nearest one.
   */
  readonly neverReordered: readonly NeverReordered[];
}

const PROGRESS_RUNS = 1000;

/** One run in so many is made twice, to find programs that do other things the second time. */
const REPEATED_RUNS = 100;

/** Steps of a failing run up to which its log has places. */
const MOST_DEBUGGED_STEPS = 20_000;

/** Runs in a row that are the same as others, after which a strategy is taken for one that makes no others. */
const MOST_REDUNDANT_RUNS = 10_000;

/**
 * Runs a program under one schedule after the other until one fails. The first is asyncio's own order; the others are
 * made by the strategy. By default any of what is ready may be next, so that failures are found that asyncio's first
 * in, first out hides until something else changes; `orders: "asyncio"` keeps to what asyncio's loop can do when timers
 * and results are late.
 * @param program called for each run: all that a run changes has to be made inside
 * @throws TypeError or RangeError for options out of their range
 * @throws RuntimeError when the program does other things in the same schedule: `simulate` with `verify` tells where
 *
 * @example
 * const { failure } = explore(transferTwice, { runs: 10_000 });
 * if (failure !== null) throw failure.toError();
 */
export function explore<T>(program: Program<T>, options: ExploreOptions<T> = {}): Exploration<T> {
  const {
    strategy: spec = "portfolio",
    window = "auto",
    check,
    maxFailures = 1,
    shrink: shrinks = true,
    coverage: covers = false,
    onProgress,
  } = checkNames(options, EXPLORE_OPTIONS);
  checkBoolean(shrinks, "shrink");
  checkBoolean(covers, "coverage");
  const strategy = strategyOf(spec);
  const isExhaustive = strategy instanceof ExhaustiveStrategy;
  const { runs = isExhaustive ? Infinity : 1000 } = options;
  if (runs !== Infinity && (!Number.isInteger(runs) || runs < 1))
    throw new RangeError(`Invalid runs: expected a whole number from 1, got ${format(runs)}`);
  if (maxFailures !== Infinity && (!Number.isInteger(maxFailures) || maxFailures < 1))
    throw new RangeError(`Invalid maxFailures: expected a whole number from 1, got ${format(maxFailures)}`);
  if (onProgress !== undefined) checkFunction(onProgress, "onProgress");
  const isAuto = window === "auto";
  const tested = new TestedProgram(program, { ...options, window: isAuto ? 0 : window }, check);
  const { seed } = tested.settings;
  return tested.running((run, outside) => {
    const reportProgress = (runs: number): void => outside(() => onProgress?.(runs));
    const decisions = new Decisions();
    const random = new RandomStream(seed, "strategy");
    const coverage = covers ? new CoverageRecorder(tested.settings, isAuto) : null;
    const earlyTimers = new EarlyTimers();
    const search = (latePercent: number): Run<T> | null => {
      if (!beginRun(strategy, random)) return null;
      decisions.clear();
      coverage?.begin(made + 1);
      // Nothing is left to cross out, mostly: then no choice is looked at for that.
      const crossed = earlyTimers.never.size > 0 ? earlyTimers : null;
      return run({ strategy, decisions, latePercent, earlyTimers: crossed, coverage });
    };
    const found: FoundFailure<T>[] = [];
    let made = 1;
    coverage?.begin(made);
    // Coverage sees what is chosen: then asyncio's order has to be, too.
    const first = run({ strategy: covers ? new FifoStrategy() : null, coverage, recorder: new Recorder() });
    let leftOut = false;
    let ended = false;
    if (first.status !== "ok") found.push({ outcome: first, choices: [], latePercent: 0, run: 1, isAsyncios: true });
    else checkRepeats((how) => run({ ...how, latePercent: ANY_PERCENT, earlyTimers }), [], first);
    earlyTimers.learns = false;
    if (found.length < maxFailures) {
      strategy.learn?.(first.log as SimulationLog);
      // The exhaustive search visits asyncio's own order again, as its first.
      if (isExhaustive) made = 0;
      let redundant = 0;
      while (made < runs || isExhaustive) {
        const latePercent = isAuto && !isExhaustive ? latePercentOf(made) : 0;
        const outcome = search(latePercent);
        if (outcome === null) {
          ended = true;
          break;
        }
        if (outcome.isRedundant) {
          if (++redundant === MOST_REDUNDANT_RUNS && !isExhaustive) throw noProgress(strategy);
          continue;
        }
        if (made === runs) break; // there is one more, which is not wanted
        redundant = 0;
        made++;
        leftOut ||= outcome.hasLeftOut;
        strategy.end?.(outcome.steps);
        if (outcome.status !== "ok" && !found.some((before) => failsAlike(outcome, before.outcome))) {
          found.push({ outcome, choices: decisions.choices(), latePercent, run: made, isAsyncios: false });
          if (found.length === maxFailures) break;
        }
        if (made % REPEATED_RUNS === 0)
          checkRepeats((how) => run({ ...how, latePercent }), decisions.choices(), outcome);
        if (made % PROGRESS_RUNS === 0) reportProgress(made);
      }
    }
    reportProgress(made);
    const failures = found.map((each) => explain(run, tested, strategy, each, shrinks));
    const complete = ended && !leftOut;
    const neverReordered = neverReorderedOf(run, earlyTimers, first);
    const exploration = {
      runs: made,
      complete,
      strategy: strategy.name,
      coverage: coverage?.coverage(made, complete) ?? null,
      failure: failures[0] ?? null,
      failures,
      neverReordered,
    };
    return withText(exploration, describe);
  });
}

/** "<Exploration runs=1000 failure=null>"; below it the coverage, the failure, and timers that were never reordered. */
function describe({ runs, coverage, failure, neverReordered }: Exploration<unknown>): string {
  const heading = `<Exploration runs=${runs} failure=${failure === null ? "null" : failure.status}>`;
  const asked = [coverage, failure].filter((each) => each !== null).map(String);
  const below = [...asked, ...describeNeverReordered(neverReordered)];
  return [heading, ...below].join("\n").replaceAll("\n", "\n  ");
}

/** A run that failed, as it was found. */
interface FoundFailure<T> {
  readonly outcome: Run<T>;
  readonly choices: readonly number[];
  readonly latePercent: number;
  /** Its number. */
  readonly run: number;
  /** Whether it was in asyncio's own order. */
  readonly isAsyncios: boolean;
}

/** Runs what was found again: near to asyncio's order, with its log, and with what races. */
function explain<T>(
  runAt: (options: RunOptions) => Run<T>,
  { settings, hasOtherOptions }: TestedProgram<T>,
  strategy: Strategy,
  { outcome, isAsyncios, ...found }: FoundFailure<T>,
  shrinks: boolean,
): Failure<T> {
  if (!isAsyncios) checkRepeats((how) => runAt({ ...how, latePercent: found.latePercent }), found.choices, outcome);
  const { choices, latePercent } = shrinks ? withLeastLateness(runAt, found, outcome) : found;
  const run = (options: RunOptions): Run<T> => runAt({ ...options, latePercent });
  const late = { ...settings, latePercent };
  const shrunk = shrinks ? shrink(run, choices, outcome) : choices;
  if (!isAsyncios && switchesIn(shrunk) === 0) throw notDeterministic("asyncio's own order");
  const races = shrinks ? findRaces(run, shrunk, outcome, late) : null;
  const decisions = new Decisions();
  // Places take time and memory, which a program that runs on and on has none to spare for.
  const debug = outcome.steps <= MOST_DEBUGGED_STEPS;
  const recorder = new Recorder();
  const follow = new FollowChoices(races?.failing ?? shrunk);
  const trace = new Trace(follow);
  const failed = run({ strategy: debug ? trace : follow, decisions, recorder, debug });
  if (failed.status === "ok") throw notDeterministic("a schedule");
  return new Failure(
    failed,
    { ...found, strategy: strategy.name },
    { settings: late, hasOtherOptions },
    decisions,
    races,
    debug ? deferralsIn(trace, recorder, failed.log as SimulationLog) : [],
  );
}

/** Throws RuntimeError when a schedule is another one when it is run again, or ends otherwise. */
function checkRepeats(
  run: (options: RunOptions) => Outcome<unknown>,
  choices: readonly number[],
  found: Outcome<unknown>,
): void {
  const again = run({ strategy: new FollowChoices(choices) });
  if (again.digest !== found.digest || !failsAlike(again, found))
    throw notDeterministic(choices.length === 0 ? "asyncio's own order" : "a schedule");
}

function notDeterministic(order: string): RuntimeError {
  return new RuntimeError(
    `Cannot explore: the program is not deterministic: in ${order} it did one thing, and something else another time. ` +
      "It may keep state from run to run, such as a lock or a queue of a module: make all of it inside the program. Or simulate it with verify, to see where it differs",
  );
}

/** An exhaustive search has no more such runs in a row than a run has choices: it says why itself. */
function noProgress({ name }: Strategy): RuntimeError {
  return new RuntimeError(
    `Cannot explore: ${name} has made ${MOST_REDUNDANT_RUNS} runs in a row that are the same as others`,
  );
}
