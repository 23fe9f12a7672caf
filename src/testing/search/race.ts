// The racing pair: two steps of a failing run that make it fail in the order in which they ran, and let it pass in the
// other.

import { Decisions } from "../simulation/decisions.ts";
import type { LogFrame, LogStep, SimulationLog } from "../../trace/log.ts";
import { PlaceNames, frameOf } from "../../introspection/places.ts";
import type { Outcome, Run } from "../simulation/program.ts";
import { Recorder } from "../simulation/recorder.ts";
import { FollowChoices } from "../strategies/follow-choices.ts";
import type { RunOptions } from "../simulation/policy.ts";
import type { ChoicePoint, Strategy } from "../strategies/strategy.ts";

/** Runs a program once. */
type RunOnce = (options: RunOptions) => Run<unknown>;

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
/** Steps of a failing run up to which a pair is looked for: there is one for each two of them. */
const LONGEST_RUN = 2_000;

/** A way to swap two points of a run: who is to run, in which order, and for how many points that order is kept. */
interface Swap {
  order(actors: readonly number[], first: number, second: number): number[];
  /** Points after which asyncio's order goes on; Infinity: the failing run's does, as far as it can. */
  until(first: number, second: number): number;
}

/** The second comes before the first. */
const pull: Swap["order"] = (actors, first, second) => [
  ...actors.slice(0, first),
  actors[second],
  ...actors.slice(first, second),
  ...actors.slice(second + 1),
];

/** The first comes after the second. */
const push: Swap["order"] = (actors, first, second) => [
  ...actors.slice(0, first),
  ...actors.slice(first + 1, second + 1),
  actors[first],
  ...actors.slice(second + 1),
];

const SWAPS: readonly Swap[] = [
  { order: pull, until: () => Infinity },
  { order: pull, until: (first) => first + 1 },
  { order: push, until: () => Infinity },
  { order: push, until: (_, second) => second + 1 },
];

/**
 * The pair behind the failure of a schedule, or null when no swap of two steps lets it pass. Neighbours come first, and
 * later ones before earlier ones: the decisive swap is mostly the last that still matters.
 */
export function findRace(run: RunOnce, choices: readonly number[], failed: Outcome<unknown>): Race | null {
  if (failed.steps > LONGEST_RUN) return null;
  const trace = new Trace(choices);
  const recorder = new Recorder();
  const log = run({ strategy: trace, recorder, debug: true }).log as SimulationLog;
  let runs = 0;
  let steps = 0;
  for (const swap of SWAPS) {
    for (const [first, second] of trace.pairs(swap.order === pull)) {
      if (runs >= MOST_RUNS || steps >= MOST_STEPS) return null;
      const passing = new Decisions();
      const strategy = new FollowActors(swap.order(trace.actors, first, second), swap.until(first, second));
      const outcome = run({ strategy, decisions: passing });
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
  const { actor, stack, end } = log.steps[index];
  const before = log.steps.slice(0, index).findLast((step) => step.actor === actor);
  const { name, origin } = log.actors[actor];
  return { step: index, name, from: before?.stack ?? [], to: stack, origin, end };
}

/** Follows choices, and notes who could run and who did at each point, also where there was one candidate. */
class Trace implements Strategy {
  readonly name = "trace";
  readonly seesAll = true;
  readonly actors: number[] = [];
  readonly #candidates: number[][] = [];
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
    this.#candidates.push(candidates);
    this.actors.push(candidates[choice]);
    return choice;
  }

  /**
   * The points that can change places, neighbours first. With `pulls` the second one comes before the first: its actor
   * could have run there. Without, the first comes after the second. Either way it has no other step in between.
   */
  *pairs(pulls: boolean): Generator<[first: number, second: number]> {
    const { actors } = this;
    for (let distance = 1; distance < actors.length; distance++) {
      for (let first = actors.length - 1 - distance; first >= 0; first--) {
        const second = first + distance;
        const [one, other] = [actors[first], actors[second]];
        if (one === other || actors.slice(first + 1, second).includes(pulls ? other : one)) continue;
        if (!pulls || this.#candidates[first].includes(other)) yield [first, second];
      }
    }
  }
}

/**
 * Lets actors run in a given order for some points, as far as they can: who cannot run yet waits in front of the
 * others.
 */
class FollowActors implements Strategy {
  readonly name = "actors";
  readonly seesAll = true;
  readonly #left: number[];
  #points: number;

  constructor(actors: number[], points: number) {
    this.#left = actors;
    this.#points = points;
  }

  begin(): boolean {
    return true;
  }

  choose(point: ChoicePoint): number {
    if (this.#points-- <= 0) return 0;
    const candidates = Array.from({ length: point.count }, (_, index) => point.actor(index));
    const next = this.#left.findIndex((actor) => candidates.includes(actor));
    if (next < 0) return 0;
    const [actor] = this.#left.splice(next, 1);
    return candidates.indexOf(actor);
  }
}

/** The race in a few lines. */
export function describeRace({ first, second }: Race): string {
  const steps = [first, second];
  const names = new PlaceNames(
    steps.flatMap(({ from, to, origin }) => [...from, ...to, ...origin.slice(0, 1).map(frameOf)]),
  );
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
  const place = (stack: readonly LogFrame[]): string =>
    stack.map((frame) => `${names.nameOf(frame)} in ${frame.name}`).join(", called at ");
  const start = made === undefined ? "from its start" : `from its start, made at ${names.nameOf(frameOf(made))}`;
  const until = ENDS[end] || (to.length === 0 ? "" : `to ${place(to)}`);
  return [name, from.length === 0 ? start : `from ${place(from)}`, until].filter((part) => part !== "").join(" ");
}
