// Programs as tests of any test runner: a function to hand to it, whose error has all that is needed to see and to
// repeat a failure.

import { LeakError, TokenError } from "../errors/testing.ts";
import { formatSeconds } from "../support/delay.ts";
import { environment } from "../runtime/environment.ts";
import { checkFunction, checkNames, pick } from "../support/checks.ts";
import { amendedError } from "./amended-error.ts";
import { EXPLORE_OPTIONS, type ExploreOptions, explore } from "./explore.ts";
import { replayLine } from "./search/failure.ts";
import type { Program } from "./simulation/program.ts";
import { SIMULATE_OPTIONS, type SimulateOptions, type Simulation, simulate } from "./simulate.ts";
import type { SimulationStatus } from "./simulation/policy.ts";

/** Options of `simulated`. With `runs` or `strategy` the program is explored, else it is simulated once. */
export interface SimulatedOptions<T> extends Omit<SimulateOptions<T>, "window">, Omit<ExploreOptions<T>, "coverage"> {}

/** The names of SimulatedOptions. */
export const SIMULATED_OPTIONS: readonly string[] = [...SIMULATE_OPTIONS, ...EXPLORE_OPTIONS].filter(
  (name) => name !== "coverage", // a test has nowhere to show it
);

/**
 * Most steps that are made once more in debug mode: it costs up to a millisecond each, where a runner maps stacks to
 * sources.
 */
const MOST_DEBUGGED_STEPS = 5_000;

/** How a test failed. */
export interface TestFailure {
  /** The program's own error, or what the simulation has to say. Its message says how to repeat it. */
  readonly error: Error;
  readonly token: string;
}

/**
 * A program as a test: a function that simulates it once, or explores its schedules when `runs` or `strategy` are
 * given, and fails with what the program fails with. The error's message has what explains it behind it, and a token in
 * its last line: with that as `replay`, or in the environment variable WASYNCIO_REPLAY, the test repeats that very run
 * and nothing else. (Deno has to be allowed to read the variable.)
 * @returns a function without parameters, which the runner waits for; all is done when it returns
 * @throws TypeError when `program` or `check` is no function; the other options are refused when it runs
 *
 * @example
 * import test from "node:test";
 *
 * test("transfers keep the sum", simulated(function* () {
 *   const bank = new Bank();
 *   yield* gather(bank.transfer(1, 2, 10), bank.transfer(2, 1, 5));
 *   assert.equal(bank.sum(), 100);
 * }, { runs: 1000 }));
 */
export function simulated<T>(program: Program<T>, options: SimulatedOptions<T> = {}): () => Promise<void> {
  checkFunction(program, "program");
  const { check } = checkNames(options, SIMULATED_OPTIONS);
  if (check !== undefined) checkFunction(check, "check");
  // A promise, for Bun tells of a rejection where it comes from, and of a throw where it was thrown last.
  return async () => {
    const failure = runTest(program, options);
    if (failure !== null) throw failure.error;
  };
}

/** Runs a program as a test. Returns how it failed, or null. */
export function runTest<T>(program: Program<T>, options: SimulatedOptions<T>): TestFailure | null {
  checkFit(options);
  const replay = environment("WASYNCIO_REPLAY") || options.replay;
  return replay === undefined && explores(options)
    ? exploreTest(program, pick(options as ExploreOptions<T>, EXPLORE_OPTIONS))
    : simulateTest(program, {
        // A window "auto" is refused there, unless a token has its own.
        ...(pick(options, SIMULATE_OPTIONS) as SimulateOptions<T>),
        ...(replay !== undefined && { replay }),
      });
}

function explores({ runs, strategy }: SimulatedOptions<never>): boolean {
  return runs !== undefined || strategy !== undefined;
}

/** Throws TypeError for options that would be left out without a word. */
function checkFit(options: SimulatedOptions<never>): void {
  const [wrong, what] = explores(options)
    ? [["verify", "policy", "debug"] as const, "is explored, with runs or a strategy"]
    : [["shrink", "onProgress"] as const, "is simulated once, without runs and strategy"];
  const name = wrong.find((each) => options[each] !== undefined);
  if (name !== undefined) throw new TypeError(`Invalid options: ${name} does not go with a program that ${what}`);
}

function exploreTest<T>(program: Program<T>, options: ExploreOptions<T>): TestFailure | null {
  const { failure } = explore(program, options);
  if (failure === null) return null;
  return {
    error: amendedError(failure.error, failure.explain(), isOwn(failure.status, failure.error)),
    token: failure.token,
  };
}

function simulateTest<T>(program: Program<T>, options: SimulateOptions<T>): TestFailure | null {
  const simulation = simulate(program, { debug: false, ...options });
  const { status, token, time, log } = simulation;
  if (status === "ok") return null;
  const { error } = errorInDebugMode(program, options, simulation);
  const text = `It failed (${status}) at ${formatSeconds(time)}, after ${log.steps.length} ${log.steps.length === 1 ? "step" : "steps"}.\n${replayLine(token)}`;
  return { error: amendedError(error, text, isOwn(status, error)), token };
}

/**
 * The error of a simulation that failed, with the places that only debug mode knows of, if it is not too long for that.
 */
function errorInDebugMode<T>(
  program: Program<T>,
  options: SimulateOptions<T>,
  { status, error, token, log }: Simulation<T>,
): { readonly error: unknown } {
  if (options.debug !== undefined || log.steps.length > MOST_DEBUGGED_STEPS) return { error };
  try {
    const again = simulate(program, { ...options, verify: false, debug: true, replay: token });
    return again.status === status ? { error: again.error } : { error };
  } catch (refusal) {
    if (refusal instanceof TokenError) return { error }; // the program does not do the same twice
    throw refusal;
  }
}

/** Whether it is the program that threw. */
function isOwn(status: SimulationStatus, error: unknown): boolean {
  return status === "error" && !(error instanceof LeakError);
}
