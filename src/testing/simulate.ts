// One run of a whole program, in virtual time, inside one call.

import { Decisions } from "./decisions.ts";
import type { SimulationLog } from "./log.ts";
import { type Outcome, type Program, type ProgramOptions, TestedProgram } from "./program.ts";
import { Recorder } from "./recorder.ts";
import { type StrategySpec, strategyOf } from "./strategies/strategies.ts";
import { RandomStream } from "../runtime/random.ts";
import { checkOptions } from "../runtime/options.ts";
import { Replay, writeToken } from "./token.ts";
import { runVerified } from "./verify.ts";

/** Options of `simulate`. */
export interface SimulateOptions extends ProgramOptions {
  /** Who decides where more than one thing could run next. Default: "fifo", asyncio's own order. */
  policy?: StrategySpec;
  /** The token of an earlier run, which is run again: its seed, window and orders count, not those given here. */
  replay?: string;
  /**
   * Whether to run the program twice, and to throw NondeterminismError when the runs differ in a step or in how they end: then it is
   * run once or twice more, to see where. What it returns may differ. The result is that of the second run. Default: false.
   */
  verify?: boolean;
  /** Whether to note where things are made and where tasks wait, which takes some microseconds each. Default: true. */
  debug?: boolean;
}

/** What a simulation gives. */
export interface Simulation<T> extends Outcome<T> {
  /** Every step. */
  readonly log: SimulationLog;
  /** The run in one line, for `simulate(main, { replay: token })`. */
  readonly token: string;
}

/**
 * Runs a whole program in virtual time, inside the call: sleeping takes no time, and the same program makes the same steps on every
 * host. Never throws what the program throws: the outcome tells of it.
 * @param program a `function*`, or a function that gives anything that can be awaited
 * @throws TypeError or RangeError for options out of their range
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
export function simulate<T>(program: Program<T>, options: SimulateOptions = {}): Simulation<T> {
  const { policy = "fifo", replay, verify = false, debug = true } = checkOptions(options);
  const replayed = replay === undefined ? null : new Replay(replay);
  const tested = new TestedProgram(program, replayed === null ? options : { ...options, ...settingsOf(replayed) });
  const strategy = replayed ?? strategyOf(policy);
  return tested.running((run) => {
    const decisions = new Decisions();
    strategy.begin(new RandomStream(tested.settings.seed, "policy"));
    const how = { strategy: strategy.name === "fifo" ? null : strategy, decisions, debug };
    const outcome = verify ? runVerified(run, how) : run({ ...how, recorder: new Recorder() });
    replayed?.verify(outcome.digest);
    const token = writeToken({ ...tested.settings, digest: outcome.digest }, decisions.choices(), decisions.counts());
    return { ...outcome.outcome(), log: outcome.log as SimulationLog, token };
  });
}

function settingsOf({ orders, window, seed }: Replay): ProgramOptions {
  return { orders, window, seed };
}
