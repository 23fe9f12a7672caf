// The self-check: a program is run twice, and has to do the same.
//
// Both runs are recorded, with the core's digest after each step: what differs may never come again, and then nothing
// but the runs themselves can tell of it. The values that a program returns are not compared: they may hold times and
// ids that decide nothing.

import { TokenError } from "../../errors/testing.ts";
import type { Decisions } from "./decisions.ts";
import type { LogFrame, LogStep, SimulationLog } from "../../trace/log.ts";
import { type DifferingRun, type DifferingStep, NondeterminismError } from "./nondeterminism-error.ts";
import type { Run } from "./program.ts";
import { Recorder } from "./recorder.ts";
import { FollowChoices } from "../strategies/follow-choices.ts";
import { failsAlike } from "./fails-alike.ts";
import type { RunOptions } from "./policy.ts";
import type { Strategy } from "../strategies/strategy.ts";

/** How the runs are made: as `RunOptions`, but the recorder is made here. */
export interface VerifyOptions {
  /** Decides in the first run, and was begun for it; the others follow its decisions. */
  readonly strategy: Strategy | null;
  /** Those of the last run, afterwards. */
  readonly decisions: Decisions;
  readonly debug: boolean;
}

/** A run with all that can be compared. */
interface Capture<T> {
  /** Number of the run, from 1. */
  readonly number: number;
  readonly run: Run<T>;
  readonly log: SimulationLog;
  /** Both halves of the digest after each step, one after the other. */
  readonly digests: readonly number[];
}

class DigestRecorder extends Recorder {
  readonly digests: number[] = [];

  override end(...args: Parameters<Recorder["end"]>): void {
    super.end(...args);
    const { digestHigh, digestLow } = args[0].core.simulation;
    this.digests.push(digestHigh(), digestLow());
  }
}

/**
 * Runs a program twice and gives the second run. When they differ, it is run once more, or outside debug mode twice
 * more, in debug mode, to see where: at most four times in all.
 * @throws NondeterminismError when the runs differ in a step, or in how they end
 * @throws TokenError when the strategy replays a token and the program, which does the same twice, is not the token's
 */
export function runVerified<T>(run: (options: RunOptions) => Run<T>, options: VerifyOptions): Run<T> {
  const { strategy, decisions, debug } = options;
  let runs = 0;
  const capture = (by: Strategy | null, inDebug: boolean): Capture<T> => {
    decisions.clear();
    const recorder = new DigestRecorder();
    const made = run({ strategy: by, decisions, recorder, debug: inDebug });
    return { number: ++runs, run: made, log: made.log as SimulationLog, digests: recorder.digests };
  };

  let first: Capture<T> | null = null;
  let refusal: TokenError | null = null;
  try {
    first = capture(strategy, debug);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    refusal = error; // perhaps only because the program does not do the same twice
  }
  const choices = decisions.choices();
  const again = (inDebug: boolean): Capture<T> => {
    const follow = strategy === null ? null : new FollowChoices(choices);
    follow?.begin();
    return capture(follow, inDebug);
  };
  first ??= again(debug);
  const second = again(debug);
  if (!areSame(first, second)) throw differenceOf(first, second, again, debug);
  if (refusal !== null) throw refusal;
  return second.run;
}

function areSame({ run: left }: Capture<unknown>, { run: right }: Capture<unknown>): boolean {
  return left.digest === right.digest && left.steps === right.steps && failsAlike(left, right);
}

function differenceOf<T>(
  first: Capture<T>,
  second: Capture<T>,
  again: (inDebug: boolean) => Capture<T>,
  debug: boolean,
): NondeterminismError {
  const third = again(true);
  const fourth = debug ? null : again(true);
  const differsAgain = fourth !== null && !areSame(third, fourth);
  const [left, right] = differsAgain ? [third, fourth] : [first, second];
  const step = firstDifference(left, right);
  return new NondeterminismError({
    step,
    runs: [runAt(left, step), runAt(right, step)],
    third: areSame(third, second) ? "second" : areSame(third, first) ? "first" : "neither",
    inDebug: debug || differsAgain,
  });
}

function runAt({ number, run, log }: Capture<unknown>, index: number): DifferingRun {
  return { run: number, differing: stepAt(log, index), status: run.status, time: run.time };
}

function stepAt({ steps, actors }: SimulationLog, index: number): DifferingStep | null {
  const step = steps[index];
  const actor = step === undefined ? undefined : actors[step.actor];
  if (step === undefined || actor === undefined) return null;
  const from = steps.slice(0, index).findLast((before) => before.actor === step.actor)?.stack ?? [];
  return { step, actor, from, woke: step.woke.flatMap((id) => actors[id] ?? []) };
}

/**
 * Index of the first step that differs. A digest tells of a difference when it decides what runs, or when a timer
 * fires; what led to it may be seen in an earlier step: that is the one to look at.
 */
function firstDifference(left: Capture<unknown>, right: Capture<unknown>): number {
  const steps = Math.min(left.log.steps.length, right.log.steps.length);
  for (let index = 0; index < steps; index++) {
    const [one, other] = [left.log.steps[index], right.log.steps[index]] as [LogStep, LogStep];
    if (!haveSameDigest(left, right, index) || !areSameSteps(one, other)) return index;
  }
  return steps;
}

function haveSameDigest(left: Capture<unknown>, right: Capture<unknown>, index: number): boolean {
  return (
    left.digests[2 * index] === right.digests[2 * index] && left.digests[2 * index + 1] === right.digests[2 * index + 1]
  );
}

/** Names are not compared, nor what a task waits for, but for a time: they may hold ids that decide nothing. */
function areSameSteps(left: LogStep, right: LogStep): boolean {
  return (
    left.time === right.time &&
    left.actor === right.actor &&
    left.begin === right.begin &&
    left.end === right.end &&
    (left.end !== "sleep" || left.waitsFor === right.waitsFor) &&
    left.woke.length === right.woke.length &&
    left.woke.every((actor, index) => actor === right.woke[index]) &&
    left.stack.length === right.stack.length &&
    left.stack.every((frame, index) => areSameFrames(frame, right.stack[index]))
  );
}

function areSameFrames(left: LogFrame, right: LogFrame | undefined): boolean {
  return left.file === right?.file && left.line === right.line && left.column === right.column;
}
