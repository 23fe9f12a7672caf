// The racing pair: two steps of a failing run that make it fail in the order in which they ran, and let it pass in the other.

import { Decisions } from "./decisions.ts";
import type { LogActor, LogFrame, LogStep, SimulationLog } from "./log.ts";
import { PlaceNames, frameOf } from "./places.ts";
import type { Run } from "./program.ts";
import { Recorder } from "./recorder.ts";
import { FollowChoices } from "./shrink.ts";
import type { RunOptions } from "./simulation-loop.ts";
import type { ChoicePoint, Strategy } from "./strategies/strategy.ts";

/** Runs a program once. */
type Runner = (options: RunOptions) => Run<unknown>;

/** A step of a race. */
export interface RacingStep {
  /** Index of the step in the failing run's log. */
  readonly step: number;
  /** Name of the task or the callback. */
  readonly name: string;
  /** Where it went on, innermost first; empty for a first step. */
  readonly from: readonly LogFrame[];
  /** Where it was suspended then; empty when it ended. */
  readonly to: readonly LogFrame[];
  /** Where its task was made, innermost first. */
  readonly origin: readonly string[];
  /** How it ended. */
  readonly end: LogStep["end"];
}

/** Two steps that race: in this order the program fails, in the other it returns. */
export interface Race {
  readonly first: RacingStep;
  readonly second: RacingStep;
  /** What the run that returns chose. */
  readonly passing: Decisions;
  /** Its digest. */
  readonly passingDigest: string;
}

/** Runs, and steps in all of them, after which no pair is looked for any more. */
const MOST_RUNS = 5_000;
const MOST_STEPS = 3_000_000;

/**
 * The pair behind the failure of a schedule, or null when no swap of two steps lets it pass. Swaps of neighbours come first, and
 * later ones before earlier ones: the decisive swap is mostly the last that still matters.
 */
export function findRace(run: Runner, choices: readonly number[]): Race | null {
  const trace = new Trace(choices);
  const recorder = new Recorder();
  const failing = run({ strategy: trace, recorder, debug: true });
  const log = failing.log as SimulationLog;
  const { actors, candidates } = trace;
  let runs = 0;
  let steps = 0;
  for (let distance = 1; distance < actors.length; distance++) {
    for (let first = actors.length - 1 - distance; first >= 0; first--) {
      const second = first + distance;
      const overtaking = actors[second] as number;
      if (actors[first] === overtaking || !(candidates[first] as number[]).includes(overtaking)) continue;
      if (actors.slice(first, second).includes(overtaking)) continue; // then it is not this step that would come first
      if (runs >= MOST_RUNS || steps >= MOST_STEPS) return null;
      const swapped = [...actors.slice(0, first), overtaking, ...actors.slice(first, second), ...actors.slice(second + 1)];
      const passing = new Decisions();
      const outcome = run({ strategy: new FollowActors(swapped), decisions: passing });
      runs++;
      steps += outcome.steps;
      if (outcome.status !== "ok") continue;
      const [one, other] = [recorder.stepAtPoint(first), recorder.stepAtPoint(second)];
      if (one < 0 || other < 0) continue;
      return { first: stepOf(log, one), second: stepOf(log, other), passing, passingDigest: outcome.digest };
    }
  }
  return null;
}

function stepOf(log: SimulationLog, index: number): RacingStep {
  const { actor, stack, end } = log.steps[index] as LogStep;
  const before = log.steps.slice(0, index).findLast((step) => step.actor === actor);
  const { name, origin } = log.actors[actor] as LogActor;
  return { step: index, name, from: before?.stack ?? [], to: stack, origin, end };
}

/** Follows choices, and notes who could run and who did at each point, also where there was one candidate. */
class Trace implements Strategy {
  readonly name = "trace";
  readonly seesAll = true;
  readonly actors: number[] = [];
  readonly candidates: number[][] = [];
  readonly #follow: FollowChoices;

  constructor(choices: readonly number[]) {
    this.#follow = new FollowChoices(choices);
  }

  begin(): boolean {
    return true;
  }

  choose(point: ChoicePoint): number {
    const choice = point.count === 1 ? 0 : this.#follow.choose(point);
    const candidates = Array.from({ length: point.count }, (_, index) => point.actor(index));
    this.candidates.push(candidates);
    this.actors.push(candidates[choice] as number);
    return choice;
  }
}

/** Lets actors run in a given order, as far as they can: who cannot run yet waits in front of the others. */
class FollowActors implements Strategy {
  readonly name = "actors";
  readonly seesAll = true;
  readonly #left: number[];

  constructor(actors: readonly number[]) {
    this.#left = [...actors];
  }

  begin(): boolean {
    return true;
  }

  choose(point: ChoicePoint): number {
    const candidates = Array.from({ length: point.count }, (_, index) => point.actor(index));
    const next = this.#left.findIndex((actor) => candidates.includes(actor));
    if (next < 0) return 0;
    const [actor] = this.#left.splice(next, 1);
    return candidates.indexOf(actor as number);
  }
}

/** The race in a few lines. */
export function describeRace({ first, second }: Race): string {
  const steps = [first, second];
  const names = new PlaceNames(steps.flatMap(({ from, to, origin }) => [...from, ...to, ...origin.slice(0, 1).map(frameOf)]));
  const [one, other] = steps.map((step) => describeStep(step, names));
  return (
    "The race: it fails when these two steps run in this order, and passes when they are swapped.\n" +
    `  1. ${one}\n  2. ${other}`
  );
}

const ENDS: Readonly<Record<LogStep["end"], string>> = {
  yield: "",
  sleep: "",
  wait: "",
  called: "",
  return: "until it returned",
  throw: "until it threw",
  cancelled: "until it was cancelled",
};

function describeStep({ name, from, to, origin: [made], end }: RacingStep, names: PlaceNames): string {
  const place = (stack: readonly LogFrame[]): string => {
    const [innermost, ...outer] = stack as [LogFrame, ...LogFrame[]];
    return [names.nameOf(innermost), innermost.name, ...outer.map((frame) => frame.name)].join(" in ");
  };
  const start = made === undefined ? "from its start" : `from its start, made at ${names.nameOf(frameOf(made))}`;
  const until = ENDS[end] || (to.length === 0 ? "" : `to ${place(to)}`);
  return [name, from.length === 0 ? start : `from ${place(from)}`, until].filter((part) => part !== "").join(" ");
}
