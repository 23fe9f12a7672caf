// The racing steps: two steps of a failing run that make it fail in the order in which they ran, and let it pass in the
// other.
//
// There are often several such pairs. The first one is where the failure begins: up to there asyncio's order lets the
// program pass, and from there on it does not. The last one is where it could still be avoided, by another order than
// asyncio's. Each pair is checked by comparing the steps of both runs.

import type { LogFrame, LogStep, SimulationLog } from "../../trace/log.ts";
import { PlaceNames, frameOf } from "../../introspection/places.ts";
import type { Outcome, Run } from "../simulation/program.ts";
import type { SimulationSettings } from "../simulation/policy.ts";
import { writeToken } from "../../trace/token.ts";
import { Replay } from "./replay.ts";
import { type Swap, Swaps } from "./swaps.ts";
import { findTurningPoint } from "./turning-point.ts";
import type { RunOnce } from "./run-once.ts";

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
  /** The run that returns in one line, for `simulate(main, { replay: token })`. */
  readonly passingToken: string;
}

/** The races of a failure, and the run that fails by them. */
export interface FoundRaces {
  /** Where the failure begins. */
  readonly first: Race;
  /** The last one; null when there is no other. */
  readonly last: Race | null;
  /** The choices of the run that fails: the steps are its own. */
  readonly failing: readonly number[];
  /** Every step of the run that passes by the first of them. */
  readonly passing: SimulationLog;
}

/** Steps of a failing run up to which it is looked where the failure begins: its log needs places. */
const LONGEST_RUN = 20_000;

/** Steps up to which other pairs are looked for: there may be one for each two of them. */
const LONGEST_SWAPPED_RUN = 2_000;

/** The races behind the failure of a schedule, or null when there are none. */
export function findRaces(
  run: RunOnce<Run<unknown>>,
  choices: readonly number[],
  failed: Outcome<unknown>,
  settings: SimulationSettings,
): FoundRaces | null {
  if (failed.steps > LONGEST_RUN) return null;
  const turn = findTurningPoint(run, choices, failed);
  const failing = new Replay(run, turn?.failing ?? choices, true);
  const swaps = failed.steps > LONGEST_SWAPPED_RUN ? null : new Swaps(run, failing);
  const passing = turn === null ? null : new Replay(run, turn.passing, true);
  const pair = turn === null || passing === null ? null : failing.swapped(passing);
  // Whom it overtakes there it may have to be ahead of for longer, until their order matters.
  const first =
    passing === null || pair === null
      ? null
      : (swaps?.firstOf(failing.swappedFrom(passing, pair)) ?? { pair, passing });
  const last = swaps?.last(first?.pair ?? null) ?? null;
  const begins = first ?? last;
  if (begins === null) return null;
  return {
    first: raceOf(failing, begins, settings),
    last: first === null || last === null ? null : raceOf(failing, last, settings),
    failing: failing.choices,
    passing: begins.passing.log,
  };
}

function raceOf({ log }: Replay, { pair: [first, second], passing }: Swap, settings: SimulationSettings): Race {
  const { digest, decisions } = passing;
  const passingToken = writeToken({ ...settings, digest }, decisions.choices(), decisions.counts());
  return { first: stepOf(log, first), second: stepOf(log, second), passingToken };
}

function stepOf(log: SimulationLog, index: number): RacingStep {
  const { actor, stack, end } = log.steps[index];
  const before = log.steps.slice(0, index).findLast((step) => step.actor === actor);
  const { name, origin } = log.actors[actor];
  return { step: index, name, from: before?.stack ?? [], to: stack, origin, end };
}

/** The races in a few lines: where the failure begins, and the last one, if there is another. */
export function describeRaces(race: Race, last: Race | null): string {
  const steps = [race, ...(last === null ? [] : [last])].flatMap(({ first, second }) => [first, second]);
  const names = new PlaceNames(
    steps.flatMap(({ from, to, origin }) => [...from, ...to, ...origin.slice(0, 1).map(frameOf)]),
  );
  const lines = steps.map((step, index) => `  ${index + 1}. ${describeStep(step, names)}`);
  const heading = "The race: it fails when these two steps run in this order, and passes when they are swapped.";
  return [heading, ...lines.slice(0, 2), ...(last === null ? [] : [LAST, ...lines.slice(2)])].join("\n");
}

const LAST = "From then on asyncio's order fails. The last two steps that can be swapped for it to pass:";

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
