// One run of a whole program, in virtual time, inside one call.

import { checkBoolean, checkNames } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { withText } from "../support/shown.ts";
import { RuntimeError } from "../errors/base.ts";
import { Decisions } from "./simulation/decisions.ts";
import type { SimulationLog } from "../trace/log.ts";
import {
  type Outcome,
  type Program,
  type ProgramOptions,
  PROGRAM_OPTIONS,
  TestedProgram,
} from "./simulation/program.ts";
import { describeError } from "../introspection/describe-error.ts";
import { Recorder } from "./simulation/recorder.ts";
import { FifoStrategy } from "./strategies/fifo.ts";
import { type StrategySpec, beginRun, strategyOf } from "./strategies/strategies.ts";
import { RandomStream } from "../support/random.ts";
import { writeToken } from "../trace/token.ts";
import { Replay } from "./strategies/replay.ts";
import { runVerified } from "./simulation/verify.ts";

/** Options of `simulate`. */
export interface SimulateOptions<T = unknown> extends ProgramOptions {
  /** Called with the value of a run that returned; what it throws is that run's failure. */
  check?: (value: T) => void;
  /** Who decides where more than one thing could run next. Default: "fifo", asyncio's own order. */
  policy?: StrategySpec;
  /** The token of an earlier run, which is run again: its seed, window and orders count, not those given here. */
  replay?: string;
  /**
   * Whether to run the program twice, and to throw NondeterminismError when the runs differ in a step or in how they
   * end: then it is run once or twice more, to see where. What it returns may differ. The result is that of the second
   * run. Default: false.
   */
  verify?: boolean;
  /** Whether to note where things are made and where tasks wait, which takes some microseconds each. Default: true. */
  debug?: boolean;
}

/** The names of SimulateOptions. */
export const SIMULATE_OPTIONS: readonly (keyof SimulateOptions)[] = [
  ...PROGRAM_OPTIONS,
  "check",
  "policy",
  "replay",
  "verify",
  "debug",
];

/** What a simulation gives: plain data, which consoles and `String` show in a few lines. */
export interface Simulation<T> extends Outcome<T> {
  /** Every step. */
  readonly log: SimulationLog;
  /** The run in one line, for `simulate(main, { replay: token })`. */
  readonly token: string;
}

/**
 * Runs a whole program in virtual time, inside the call: sleeping takes no time, and the same program makes the same
 * steps on every host. Never throws what the program throws: the outcome tells of it.
 * @param program a `function*`, or a function that gives anything that can be awaited
 * @throws TypeError or RangeError for options out of their range
 * @throws RuntimeError when a loop runs already, and when the policy has visited every schedule
 * @throws TokenError when `replay` is no token, or one of another version of the core or of the program
 * @throws NondeterminismError with `verify`, when the program does not do the same twice
 *
 * @example
 * const { status, value, time } = simulate(function* () {
 *   yield* sleep(3600);
 *   return "done";
 * });
 * // "ok", "done", 3600
 */
export function simulate<T>(program: Program<T>, options: SimulateOptions<T> = {}): Simulation<T> {
  const { policy = "fifo", replay, verify = false, debug = true } = checkNames(options, SIMULATE_OPTIONS);
  checkBoolean(verify, "verify");
  checkBoolean(debug, "debug");
  const replayed = replay === undefined ? null : new Replay(replay);
  const tested = new TestedProgram(
    program,
    replayed === null ? options : { ...options, ...settingsOf(replayed) },
    options.check,
    replayed?.latePercent,
  );
  const strategy = replayed ?? strategyOf(policy);
  return tested.running((run) => {
    const decisions = new Decisions();
    if (!beginRun(strategy, new RandomStream(tested.settings.seed, "policy")))
      throw new RuntimeError(`Cannot simulate: ${strategy.name} has visited every schedule`);
    const how = { strategy: strategy instanceof FifoStrategy ? null : strategy, decisions, debug };
    const outcome = verify ? runVerified(run, how) : run({ ...how, recorder: new Recorder() });
    replayed?.verify(outcome.digest);
    const token = writeToken({ ...tested.settings, digest: outcome.digest }, decisions.choices(), decisions.counts());
    return withText({ ...outcome.outcome(), log: outcome.log as SimulationLog, token }, describe);
  });
}

/** "<Simulation ok value=5 time=1 steps=4 token=w1...>"; below it the error, and what was left and reported. */
function describe({ status, value, error, time, steps, token, leaks, reports }: Simulation<unknown>): string {
  const result = status === "ok" ? ` value=${format(value)}` : "";
  const below = [
    ...(status === "ok" ? [] : describeError(error)),
    ...leaks.map(({ kind, description }) => `left: ${kind} ${description}`),
    ...reports.map((report) => `reported: ${report}`),
  ];
  return [`<Simulation ${status}${result} time=${time} steps=${steps} token=${token}>`, ...below].join("\n  ");
}

function settingsOf({ orders, window, seed }: Replay): ProgramOptions {
  return { orders, window, seed };
}
