// A program under test: run as often as one likes, each time from the start, under the same settings.

import { digestText } from "../../core/digest.ts";
import { TimeoutError } from "../../errors/asyncio.ts";
import { DeadlockError, RuntimeError } from "../../errors/base.ts";
import { LeakError, OutsideError } from "../../errors/testing.ts";
import { type Delay, formatSeconds, secondsOf } from "../../support/delay.ts";
import { format } from "../../support/format.ts";
import { Ledger, switchLedger } from "../../waiting/ledger.ts";
import { checkBoolean, checkFunction } from "../../support/checks.ts";
import { switchKeep } from "../../support/stack.ts";
import { watchHostContexts } from "../../runtime/host-context.ts";
import { runningLoop } from "../../runtime/loop.ts";
import type { Awaitable } from "../../runtime/awaitable.ts";
import { type Coroutine, isCoroutineFunction } from "../../runtime/suspension.ts";
import { mainCoroutine } from "../../runners/main-coroutine.ts";
import { callCheck } from "./call-check.ts";
import { describeDeadlock } from "../../introspection/deadlock.ts";
import { type GlobalsOptions, replaceGlobals } from "../outside/globals.ts";
import { markHandled } from "../outside/refusals.ts";
import { type Leak, leaksOf } from "../../introspection/leaks.ts";
import type { SimulationLog } from "../../trace/log.ts";
import { ORDERS, type Orders } from "../../trace/token.ts";
import type { Recorder } from "./recorder.ts";
import { sharingPlaces } from "./places.ts";
import type { RunOptions, SimulationSettings, SimulationStatus } from "./policy.ts";
import { FifoStrategy } from "../strategies/fifo.ts";
import { SimulationLoop } from "./simulation-loop.ts";

/**
 * A program under test: a `function*`, or a function that gives anything else that can be awaited. It is called for
 * each run.
 */
export type Program<T> = () => Awaitable<T>;

/** What a program is run under. */
export interface ProgramOptions extends GlobalsOptions {
  /** Seed of the loop's random numbers, a whole number from 0. Default: 0. */
  seed?: number;
  /**
   * Which orders may be chosen. "any": anything that is ready may be next, which is more than asyncio's loop does,
   * whose order is first in, first out. "asyncio": only what is late inside `window` may change places. "javascript":
   * as that, and what a timer fired for waits until nothing else is ready, as behind JavaScript's microtasks. Default:
   * "any".
   */
  orders?: Orders;
  /** By how much what is ready may come late, so that a timer comes first. Default: 0. */
  window?: Delay;
  /** Virtual time at which the program is ended. Default: a day. */
  maxTime?: Delay;
  /** Steps without the time moving after which the program is ended. Default: 100,000. */
  maxSteps?: number;
  /** Whether what is left when the program ends (tasks, timers, permits, waiters) is an error. Default: false. */
  noLeaks?: boolean;
}

/** How a run of a program ended. */
export interface Outcome<T> {
  /**
   * "ok": the program returned. "error": it threw, or something threw that nobody could catch. "deadlock": nothing
   * could ever run again. "livelock": `maxSteps` steps were made and the time did not move. "timeout": `maxTime` has
   * come.
   */
  readonly status: SimulationStatus;
  /** What the program returned, when it is "ok". */
  readonly value?: T | undefined;
  /** What went wrong, when it is not "ok". */
  readonly error?: unknown;
  /** Virtual time in seconds when it ended. */
  readonly time: number;
  /** Iterations of the loop. */
  readonly iterations: number;
  /** Entries that the loop took from its ready queue. */
  readonly steps: number;
  /** Hash of every decision, 16 hexadecimal digits: equal for equal runs, on every host. */
  readonly digest: string;
  /** What was left when the program ended: of what is still waited for when it did not end, the error tells. */
  readonly leaks: readonly Leak[];
  /** What the loop's exception handler and debug mode reported. */
  readonly reports: readonly string[];
}

const NO_LEAKS: readonly Leak[] = [];

/** A run of a program: its outcome, in a form that costs little to make. */
export class Run<T> implements Outcome<T> {
  status: SimulationStatus = "ok";
  value: T | undefined;
  error: unknown;
  leaks = NO_LEAKS;
  readonly time: number;
  readonly iterations: number;
  readonly steps: number;
  readonly reports: readonly string[];
  readonly log: SimulationLog | null;
  /** Whether there was a point with more to choose from than a strategy is offered. */
  readonly hasLeftOut: boolean;
  /** Whether it was ended because it would have been the same as another one. */
  readonly isRedundant: boolean;
  readonly #digestHigh: number;
  readonly #digestLow: number;

  constructor(loop: SimulationLoop, recorder: Recorder | null) {
    const { simulation } = loop.core;
    this.time = loop.time();
    this.iterations = simulation.iterationCount();
    this.steps = simulation.decisionCount();
    this.#digestHigh = simulation.digestHigh();
    this.#digestLow = simulation.digestLow();
    this.reports = loop.reports;
    this.isRedundant = loop.isRedundant;
    this.hasLeftOut = simulation.candidatesLeftOut() !== 0;
    this.log = recorder?.log(loop) ?? null;
  }

  get digest(): string {
    return digestText(this.#digestHigh, this.#digestLow);
  }

  /** Makes it one that is not "ok". */
  end(status: SimulationStatus, error: unknown): this {
    this.status = status;
    this.error = error;
    this.value = undefined;
    return this;
  }

  /** The outcome as plain data. */
  outcome(): Outcome<T> {
    const { status, value, error, time, iterations, steps, digest, leaks, reports } = this;
    const result = status === "ok" ? { value: value as T } : { error };
    return { status, ...result, time, iterations, steps, digest, leaks, reports };
  }
}

/** The names of ProgramOptions. */
export const PROGRAM_OPTIONS: readonly (keyof ProgramOptions)[] = [
  "seed",
  "orders",
  "window",
  "maxTime",
  "maxSteps",
  "noLeaks",
  "globals",
  "epoch",
];

/** Those that a token tells of. */
const IN_TOKENS: readonly string[] = ["seed", "orders", "window"];

const DAY = 86_400;

/** A program with its settings. */
export class TestedProgram<T> {
  readonly settings: SimulationSettings;
  readonly #main: Program<T>;
  readonly #globals: GlobalsOptions;
  readonly #noLeaks: boolean;
  readonly #check: ((value: T) => void) | null;

  /** Whether it runs under options that no token tells of. */
  readonly hasOtherOptions: boolean;

  /** Throws TypeError when `main` is no function, TypeError or RangeError for options out of their range. */
  constructor(main: Program<T>, options: ProgramOptions, check?: (value: T) => void, latePercent = 0) {
    this.#main = checkFunction(main, "program");
    const { seed = 0, orders = "any", maxSteps = 100_000 } = options;
    const window = secondsOf(options.window ?? 0, "window");
    const maxTime = secondsOf(options.maxTime ?? DAY, "maxTime");
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new RangeError(`Invalid seed: expected a whole number from 0, got ${format(seed)}`);
    if (!ORDERS.includes(orders))
      throw new RangeError(`Invalid orders: expected "any", "asyncio" or "javascript", got ${format(orders)}`);
    if (window < 0 || window === Infinity)
      throw new RangeError(`Invalid window: expected a time from 0 on, and not for ever, got ${window} s`);
    if (maxTime < 0) throw new RangeError(`Invalid maxTime: expected a time from 0 on, got ${maxTime} s`);
    if (!Number.isInteger(maxSteps) || maxSteps < 1 || maxSteps > 0x7fffffff)
      throw new RangeError(`Invalid maxSteps: expected a whole number from 1 to 2^31 - 1, got ${format(maxSteps)}`);
    this.settings = { seed, orders, window, latePercent, maxTime, maxSteps };
    this.#globals = options;
    this.#noLeaks = checkBoolean(options.noLeaks, "noLeaks") ?? false;
    this.#check = check === undefined ? null : checkFunction(check, "check");
    this.hasOtherOptions =
      this.#noLeaks ||
      this.#check !== null ||
      PROGRAM_OPTIONS.some((name) => !IN_TOKENS.includes(name) && options[name] !== undefined);
  }

  /**
   * Calls `body` with a function that runs the program, from the start each time, and one that calls something else in
   * between. The host's timers and clocks are replaced but for the latter. Throws RuntimeError inside a running loop.
   */
  running<R>(body: (run: (options?: RunOptions) => Run<T>, outside: (call: () => void) => void) => R): R {
    if (runningLoop() !== null) throw new RuntimeError("Cannot simulate inside a running event loop");
    watchHostContexts({ asked: false });
    let globals = replaceGlobals(this.#globals);
    const run = (given: RunOptions = {}): Run<T> => {
      const options = this.#inOrder(given);
      const loop = new SimulationLoop(this.settings, options);
      globals.begin(loop);
      // A ledger of what tasks hold takes time: searches run without one, unless they look for leaks.
      const ledger = options.debug === true || this.#noLeaks ? new Ledger(options.debug) : null;
      const outer = switchLedger(ledger);
      const outerKeep = switchKeep(options.debug === true && options.recorder ? sharingPlaces() : null);
      try {
        return this.#runOn(loop, ledger, options.recorder ?? null);
      } finally {
        switchKeep(outerKeep);
        switchLedger(outer);
      }
    };
    const outside = (call: () => void): void => {
      globals.restore();
      try {
        call();
      } finally {
        globals = replaceGlobals(this.#globals);
      }
    };
    try {
      return body(run, outside);
    } finally {
      globals.restore();
    }
  }

  /** With a strategy for orders that are others than the loop's even where nothing is chosen. */
  #inOrder(options: RunOptions): RunOptions {
    if (this.settings.orders !== "javascript" || (options.strategy ?? null) !== null) return options;
    return { ...options, strategy: new FifoStrategy() };
  }

  /** The program's coroutine, from the start. */
  coroutine(): Coroutine<T> {
    const main = this.#main;
    return isCoroutineFunction(main) ? (main() as Coroutine<T>) : mainCoroutine(() => refuseAsync(main()));
  }

  #runOn(loop: SimulationLoop, ledger: Ledger | null, recorder: Recorder | null): Run<T> {
    try {
      const { task, status } = loop.runProgram(this.coroutine());
      const run = new Run<T>(loop, recorder);
      if (run.isRedundant) return run;
      if (status !== "ok") return run.end(status, errorOf(status, loop, this.settings));
      const stopped = task.isDone ? null : { error: new RuntimeError("Event loop stopped before Future completed.") };
      const isEmpty = loop.core.usedSlots() === 0;
      if (!isEmpty || ledger !== null) run.leaks = leaksOf(loop);
      if (!isEmpty) loop.runLeftTasks();
      const failure = stopped ?? (task.failed ? { error: task.takeError() } : null);
      loop.close(); // which reports the errors that nobody has looked at
      if (failure !== null) return run.end("error", failure.error);
      if (loop.failure !== null) return run.end("error", loop.failure.error);
      if (this.#noLeaks && run.leaks.length > 0) return run.end("error", leakError(run.leaks));
      run.value = task.outcome();
      const broken = this.#failureOfCheck(run.value);
      return broken === null ? run : run.end("error", broken.error);
    } finally {
      loop.close();
    }
  }

  #failureOfCheck(value: T): { readonly error: unknown } | null {
    if (this.#check === null) return null;
    try {
      callCheck(this.#check, value);
      return null;
    } catch (error) {
      return { error };
    }
  }
}

/** Throws TypeError for what an async function gives. */
function refuseAsync<T>(awaitable: Awaitable<T>): Awaitable<T> {
  if (!(awaitable instanceof Promise)) return awaitable;
  markHandled(awaitable); // this error is the one to tell of
  throw new TypeError("Cannot simulate an async function: make the program a function*, and each await in it a yield*");
}

function errorOf(status: SimulationStatus, loop: SimulationLoop, { maxTime, maxSteps }: SimulationSettings): Error {
  const reported = loop.failure?.error;
  const cause = reported instanceof OutsideError ? `\n${reported.message}` : ""; // it may wait for that
  if (status === "deadlock") return new DeadlockError(describeDeadlock(loop) + cause);
  if (status === "timeout")
    return new TimeoutError(`The program has not ended by its maxTime, ${formatSeconds(maxTime)}${cause}`);
  return new RuntimeError(
    `The program has made ${maxSteps} steps, its maxSteps, and the time stays at ${formatSeconds(loop.time())}${cause}`,
  );
}

/** The error for what a program left behind. */
export function leakError(leaks: readonly Leak[]): LeakError {
  const lines = leaks.map(({ kind, description }) => `\n  ${kind}: ${description}`);
  return new LeakError(`The program ended and left behind:${lines.join("")}`);
}
