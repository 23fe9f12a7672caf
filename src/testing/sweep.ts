// Sweeping a program: a run for each point at which a task is suspended, with a fault at that point.
//
// Until its fault a run is the undisturbed one, so a point is found again by the number of entries before it, and the
// core runs there at full speed. Only runs that fail are made once more, with all that a report needs.

import { RuntimeError } from "../errors/base.ts";
import { format } from "../support/format.ts";
import { checkFunction, checkNames } from "../support/checks.ts";
import { originOf } from "../support/origins.ts";
import { RandomStream } from "../support/random.ts";
import { withoutStack } from "../support/stack.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { callCheck } from "./simulation/call-check.ts";
import type { LogFrame, SimulationLog } from "../trace/log.ts";
import { frameOf } from "../introspection/places.ts";
import {
  type Outcome,
  type Program,
  type ProgramOptions,
  PROGRAM_OPTIONS,
  type Run,
  TestedProgram,
  leakError,
} from "./simulation/program.ts";
import { Recorder } from "./simulation/recorder.ts";
import type { Intervention, RunOptions } from "./simulation/policy.ts";
import type { SimulationLoop } from "./simulation/simulation-loop.ts";
import { FifoStrategy } from "./strategies/fifo.ts";
import { type StrategySpec, beginRun, strategyOf } from "./strategies/strategies.ts";
import type { Strategy } from "./strategies/strategy.ts";
import { isExplained } from "./sweep/explained.ts";
import { type Fault, MODES, type SweepMode, applies, faultFor } from "./sweep/modes.ts";
import { type FaultPoint, PointFinder, taskAt } from "./sweep/points.ts";
import { type FailedRun, SweepFailure } from "./sweep/sweep-failure.ts";
import { SweepFault } from "./sweep/sweep-fault.ts";

/** Which fault was injected where. */
export interface SweepPoint {
  /** The fault; "none" in the undisturbed run. */
  readonly mode: SweepMode | "none";
  /** Number of the point, from 0; -1 in the undisturbed run. */
  readonly point: number;
  /** Name of the task of that point; "" in the undisturbed run. */
  readonly task: string;
}

/**
 * Options of `sweep`. When modes are named with true, only those are swept; when with false, all others. Default: all.
 */
export interface SweepOptions<T> extends ProgramOptions {
  /** Cancels the task of each point, as somebody outside the program would: where it waits, and before it begins. */
  cancel?: boolean;
  /** Cancels the task of each point, and once more where it waits next: in its clean-up. */
  cancelTwice?: boolean;
  /** At each point, lets a `timeout` around the whole program expire. */
  timeout?: boolean;
  /** Throws an error into the task of each point when it goes on. */
  throw?: boolean;
  /** Cancels the task of each point when what it waits for has come, before it goes on. */
  cancelWithCompletion?: boolean;
  /**
   * Called at the end of each run, the undisturbed one included, when nothing else is wrong; throws when an invariant
   * of the program does not hold. The outcome is "ok", or "error" with an error that the fault explains.
   */
  check?: (outcome: Outcome<T>, at: SweepPoint) => void;
  /** Whether what is left at the end of a run (tasks, timers, permits, waiters) is a failure. Default: true. */
  noLeaks?: boolean;
  /**
   * Whose points count: those of all tasks, those of the main task, or those of the tasks whose name is accepted.
   * Default: "all".
   */
  target?: "all" | "main" | ((name: string) => boolean);
  /**
   * Accepts errors that the program makes of a fault. Those that carry the fault are accepted anyway: as `cause`, or in
   * a group.
   */
  allowed?: (error: unknown) => boolean;
  /** Makes the error that mode "throw" throws. Default: a SweepFault. */
  fault?: () => unknown;
  /** Who decides where more than one thing could run next, in each run anew. Default: "fifo", asyncio's own order. */
  policy?: StrategySpec;
  /** Failures after which the sweep ends. Default: 10. */
  maxFailures?: number;
  /** Makes this run alone, beside the undisturbed one, as the last line of a report says. */
  only?: { readonly mode: SweepMode; readonly point: number };
}

const SWEEP_OPTIONS: readonly (keyof SweepOptions<unknown>)[] = [
  ...PROGRAM_OPTIONS,
  ...MODES,
  "check",
  "target",
  "allowed",
  "fault",
  "policy",
  "maxFailures",
  "only",
];

/** What a sweep found. */
export interface SweepResult {
  /** Points of the undisturbed run. */
  readonly points: number;
  /** Runs with a fault. A mode makes none for points at which its fault cannot happen. */
  readonly runs: number;
  /** Whether all of them were made: not when there were `maxFailures`. */
  readonly complete: boolean;
  /** The runs that failed. */
  readonly failures: readonly SweepFailure[];
}

/**
 * Runs a program once undisturbed, and then, for each kind of fault, once for each point at which a task of it is
 * suspended, with the fault at that point. A run fails when it cannot end (deadlock, livelock, `maxTime`), when it
 * leaves something behind, when it ends with an error that is not the fault, or when `check` throws. When the
 * undisturbed run fails, that is the only failure, at point -1.
 * @param program called for each run: all that a run changes has to be made inside
 * @throws TypeError or RangeError for options out of their range
 * @throws RuntimeError when the program does other things in another run: `simulate` with `verify` tells where
 *
 * @example
 * const { failures } = sweep(function* () {
 *   yield* transfer(accounts, 1, 2, 10);
 * }, { check: () => expect(sum(accounts)).toBe(100) });
 * expect(failures).toEqual([]);
 */
export function sweep<T>(program: Program<T>, options: SweepOptions<T> = {}): SweepResult {
  const plan = planOf(options);
  const swept = new SweptProgram(program, plan, options);
  return swept.running((run) => {
    const first = swept.undisturbed(run);
    if (first.failure !== null) return { points: 0, runs: 0, complete: false, failures: [first.failure] };
    const { points } = first;
    if (plan.only !== null && !(plan.only.point < points.length))
      throw new RangeError(`Invalid only: there are ${points.length} points, got point ${plan.only.point}`);
    const failures: SweepFailure[] = [];
    let runs = 0;
    for (const mode of plan.modes) {
      for (const [number, point] of points.entries()) {
        if (!applies(mode, point) || (plan.only !== null && plan.only.point !== number)) continue;
        if (failures.length === plan.maxFailures) return { points: points.length, runs, complete: false, failures };
        const failure = swept.disturbed(run, mode, number, point);
        runs++;
        if (failure !== null) failures.push(failure);
      }
    }
    return { points: points.length, runs, complete: true, failures };
  });
}

/** What to do, all of it checked. */
interface Plan<T> {
  readonly modes: readonly SweepMode[];
  readonly check: (outcome: Outcome<T>, at: SweepPoint) => void;
  readonly noLeaks: boolean;
  readonly isTarget: (point: FaultPoint) => boolean;
  readonly allowed: (error: unknown) => boolean;
  readonly makeError: () => unknown;
  readonly policy: StrategySpec;
  readonly maxFailures: number;
  readonly only: { readonly mode: SweepMode; readonly point: number } | null;
}

function planOf<T>(options: SweepOptions<T>): Plan<T> {
  const {
    check = () => {},
    noLeaks = true,
    target = "all",
    allowed = () => false,
  } = checkNames(options, SWEEP_OPTIONS);
  const { fault = () => withoutStack(() => new SweepFault("")), policy = "fifo", maxFailures = 10, only } = options;
  checkFunction(check, "check");
  checkFunction(allowed, "allowed");
  checkFunction(fault, "fault");
  if (typeof noLeaks !== "boolean") throw new TypeError(`Invalid noLeaks: expected a boolean, got ${format(noLeaks)}`);
  if (maxFailures !== Infinity && (!Number.isInteger(maxFailures) || maxFailures < 1))
    throw new RangeError(`Invalid maxFailures: expected a whole number from 1, got ${format(maxFailures)}`);
  strategyOf(policy); // throws for what is none
  const plan = {
    check,
    noLeaks,
    isTarget: targetOf(target),
    allowed,
    makeError: errorMaker(fault),
    policy,
    maxFailures,
  };
  if (only === undefined) return { ...plan, modes: modesOf(options), only: null };
  const { mode, point } = checkNames(only, ["mode", "point"], "only");
  if (!MODES.includes(mode)) throw new RangeError(`Invalid only: expected a mode, got ${format(mode)}`);
  if (!Number.isInteger(point) || point < 0)
    throw new RangeError(`Invalid only: expected the number of a point, got ${format(point)}`);
  return { ...plan, modes: [mode], only: { mode, point } };
}

/** The modes that are named; without one, those that are not excluded. */
function modesOf(options: SweepOptions<never>): readonly SweepMode[] {
  for (const mode of MODES) {
    if (options[mode] !== undefined && typeof options[mode] !== "boolean")
      throw new TypeError(`Invalid ${mode}: expected a boolean, got ${format(options[mode])}`);
  }
  const named = MODES.filter((mode) => options[mode] === true);
  const modes = named.length > 0 ? named : MODES.filter((mode) => options[mode] !== false);
  if (modes.length === 0) throw new RangeError("Invalid modes: all of them are false");
  return modes;
}

function targetOf(target: SweepOptions<never>["target"]): (point: FaultPoint) => boolean {
  if (target === "all") return () => true;
  if (target === "main") return ({ serial }) => serial === 0;
  if (typeof target === "function") return ({ task }) => target(task);
  throw new TypeError(`Invalid target: expected "all", "main" or a function, got ${format(target)}`);
}

function errorMaker(fault: () => unknown): () => unknown {
  return () => {
    const error = fault();
    if (error !== undefined && error !== null) return error;
    throw new TypeError(`Invalid fault: expected a function that gives an error, it gave ${format(error)}`);
  };
}

/** Runs a program once. */
type RunOnce<T> = (options: RunOptions) => Run<T>;

const UNDISTURBED: SweepPoint = { mode: "none", point: -1, task: "" };

/** A program in a sweep: makes its runs, and judges them. */
class SweptProgram<T> extends TestedProgram<T> {
  readonly #plan: Plan<T>;
  readonly #ownStrategy: boolean;
  /** The fault of the run that goes on, or null. */
  #fault: Fault | null = null;

  constructor(program: Program<T>, plan: Plan<T>, options: SweepOptions<T>) {
    super(program, { ...options, noLeaks: plan.noLeaks });
    this.#plan = plan;
    this.#ownStrategy = !(strategyOf(plan.policy) instanceof FifoStrategy);
  }

  override coroutine(): Coroutine<T> {
    const coroutine = super.coroutine();
    return this.#fault === null ? coroutine : this.#fault.enclose(coroutine);
  }

  /** Runs it without a fault. Returns its points, and its failure or null. */
  undisturbed(run: RunOnce<T>): { points: readonly FaultPoint[]; failure: SweepFailure | null } {
    const finder = new PointFinder();
    const judge = (outcome: Run<T>): Verdict => this.#judge(outcome, null, UNDISTURBED);
    const outcome = this.#run(run, null, { recorder: new Recorder(finder.note), onTask: finder.taskMade });
    const verdict = judge(outcome);
    if (verdict === null && this.#run(run, null, {}).digest !== outcome.digest) throw changed("went another way");
    if (verdict === null) return { points: finder.points.filter(this.#plan.isTarget), failure: null };
    const again = this.#run(run, null, { recorder: new Recorder(), debug: true });
    const { error } = this.#confirm(judge(again));
    const none = { mode: "none", number: -1, point: null, stack: [], firstStep: 0 } as const;
    return { points: [], failure: new SweepFailure({ ...none, error, log: again.log as SimulationLog }) };
  }

  /** Runs it with a fault. Returns its failure or null. */
  disturbed(run: RunOnce<T>, mode: SweepMode, number: number, point: FaultPoint): SweepFailure | null {
    const at = { mode, point: number, task: point.task };
    const fault = faultFor(mode, point, this.#plan.makeError);
    if (this.#judge(this.#run(run, fault, { intervention: fault }), fault, at) === null) return null;
    const same = faultFor(mode, point, this.#plan.makeError);
    const witness = new Witness(same, point);
    const again = this.#run(run, same, { intervention: witness, recorder: witness.recorder, debug: true });
    const { error } = this.#confirm(this.#judge(again, same, at));
    const { stack, firstStep } = witness;
    const failed: FailedRun = { mode, number, point, error, stack, firstStep, log: again.log as SimulationLog };
    return new SweepFailure(failed);
  }

  #run(run: RunOnce<T>, fault: Fault | null, options: RunOptions): Run<T> {
    this.#fault = fault;
    const outcome = run(this.#ownStrategy ? { ...options, strategy: this.#newStrategy() } : options);
    if (fault !== null && fault.loop === null) throw changed("ended before its fault");
    return outcome;
  }

  #newStrategy(): Strategy {
    const strategy = strategyOf(this.#plan.policy);
    if (!beginRun(strategy, new RandomStream(this.settings.seed, "policy")))
      throw new RuntimeError(`Cannot sweep: ${strategy.name} has no further schedule`);
    return strategy;
  }

  /** What is wrong with a run, or null. */
  #judge(run: Run<T>, fault: Fault | null, at: SweepPoint): Verdict {
    const { allowed, noLeaks, check } = this.#plan;
    if (run.status !== "ok" && run.status !== "error") return { error: run.error };
    const accepts = (error: unknown): boolean => fault !== null && (fault.isFault(error) || allowed(error));
    if (run.status === "error" && !isExplained(run.error, accepts)) return { error: run.error };
    const report = fault?.loop?.failure ?? null; // when the program threw, that is no part of its outcome
    if (report !== null && !isExplained(report.error, accepts)) return report;
    // Of a run that ends with an error, too.
    if (noLeaks && run.leaks.length > 0) return { error: leakError(run.leaks) };
    try {
      callCheck(check, run, at);
      return null;
    } catch (error) {
      return { error };
    }
  }

  #confirm(verdict: Verdict): { readonly error: unknown } {
    if (verdict === null) throw changed("failed, and then passed in the same run");
    return verdict;
  }
}

/** What is wrong with a run, or null. */
type Verdict = { readonly error: unknown } | null;

function changed(how: string): RuntimeError {
  return new RuntimeError(`Cannot sweep: the program ${how}; simulate it with verify`);
}

/** Injects a fault in a run that is recorded, and takes note of where its task is then. */
class Witness implements Intervention {
  readonly after: number;
  readonly recorder = new Recorder(() => this.#steps++);
  stack: readonly LogFrame[] = [];
  /** Index of the first step after the fault. */
  firstStep = 0;
  #steps = 0;
  readonly #fault: Fault;
  readonly #point: FaultPoint;

  constructor(fault: Fault, point: FaultPoint) {
    this.after = fault.after;
    this.#fault = fault;
    this.#point = point;
  }

  intervene(loop: SimulationLoop): number {
    if (this.#fault.loop === null) {
      const task = taskAt(this.#point, loop);
      this.stack = placesOf(task, this.#point);
      this.firstStep = this.#steps;
    }
    return this.#fault.intervene(loop);
  }
}

/**
 * Where a task waits, innermost first; where it was made, when it has not begun or runs nothing but
 * an operation of the library.
 */
function placesOf(task: Task<unknown>, { waits }: FaultPoint): readonly LogFrame[] {
  const frames = waits && task.stack !== null ? task.stack : [];
  if (frames.length > 0) return frames;
  const [line] = originOf(task)?.split("\n") ?? [];
  return line === undefined ? [] : [frameOf(line)];
}
