// The error of a program that does not do the same twice: what its two runs did in the first step that differs, as data
// and in words.
//
// Not in src/errors/ with the others, because it carries steps of the log.

import { RuntimeError } from "../../errors/base.ts";
import { formatSeconds } from "../../support/delay.ts";
import { format } from "../../support/format.ts";
import type { LogActor, LogFrame, LogStep } from "../../trace/log.ts";
import { describeEnd } from "../../trace/step-end.ts";
import type { SimulationStatus } from "./policy.ts";
import { originLines } from "../../introspection/waits.ts";

/** What a run did in the first step that differs. */
export interface DifferingStep {
  readonly step: LogStep;
  /** Whose step it was. */
  readonly actor: LogActor;
  /** Where it went on, innermost first; empty for a first step, and outside debug mode. */
  readonly from: readonly LogFrame[];
  /** Who was made ready by it, in order. */
  readonly woke: readonly LogActor[];
}

/** One of two runs that differ. */
export interface DifferingRun {
  /** Number of the run, from 1. */
  readonly run: number;
  /** Its step at the place of the difference, or null when it had ended. */
  readonly differing: DifferingStep | null;
  readonly status: SimulationStatus;
  /** Virtual time in seconds when it ended. */
  readonly time: number;
}

/** Which of the runs before a further run was like. */
export type Likeness = "first" | "second" | "neither";

/** A difference between two runs. */
export interface Difference {
  /** Index of the first step that differs. */
  readonly step: number;
  readonly runs: readonly [DifferingRun, DifferingRun];
  /** Which of the first two runs the third was like. */
  readonly third: Likeness;
  /** Whether the two runs were in debug mode, so that places are known. */
  readonly inDebug: boolean;
}

/**
 * A simulated program did not do the same twice: it asks for something that is not the same in each run. The message
 * names the first step that differs, whose it was in both runs, and where that went on and was suspended.
 */
export class NondeterminismError extends RuntimeError {
  static {
    this.prototype.name = "NondeterminismError";
  }
  /**
   * Index of the first step that differs: all before it are the same. The number of steps, when only what came after
   * them differs.
   */
  readonly step: number;
  /** What one run did there; null when it had ended. */
  readonly first: DifferingStep | null;
  /** What the other run did there; null when it had ended. */
  readonly second: DifferingStep | null;

  constructor(difference: Difference) {
    super(explain(difference));
    const [first, second] = difference.runs;
    this.step = difference.step;
    this.first = first.differing;
    this.second = second.differing;
  }
}

const SOURCES =
  "Look for random numbers (there is getRunningLoop().random()), clocks (there is getRunningLoop().time(), and " +
  'globals: "virtual"), generated ids, files, the environment, other threads, memory and its garbage collector.';

/** Lines of the place at which a task was made: enough to know it by. */
const ORIGIN_LINES = 3;

function explain({ step, runs, third, inDebug }: Difference): string {
  const [first, second] = runs;
  const isEnd = first.differing === null && second.differing === null;
  const where = isEnd
    ? `all ${step} steps are the same, and the ends differ`
    : `step ${step} is the first that differs`;
  return [
    `The program does not do the same twice: ${where}.`,
    ...describeRun(first, second),
    ...describeRun(second, first),
    ...(inDebug || isEnd ? [] : ["The places are not known: two further runs, in debug mode, were the same."]),
    ...(isEnd ? [] : [whereToLook(first.differing, second.differing)]),
    SOURCES,
    ...keptState(third),
  ].join("\n");
}

function describeRun({ run, differing, status, time }: DifferingRun, other: DifferingRun): string[] {
  if (differing === null) return [`  Run ${run} had ended at ${formatSeconds(time)}: ${status}.`];
  const { step, actor, from, woke } = differing;
  const begin = `  Run ${run}, at ${formatSeconds(step.time)}: ${describeActor(actor)} ${BEGINS[step.begin]}`;
  const place = from.length > 0 ? list(" from", from.map(describeFrame)) : list(", made at", originOf(actor));
  const end =
    step.begin === "call" ? [] : [`    and ${describeEnd(step)}${list(" at", step.stack.map(describeFrame))}`];
  const sameWoke = other.differing !== null && String(other.differing.step.woke) === String(step.woke);
  const woken = `    making ready: ${woke.length === 0 ? "nobody" : woke.map(describeActor).join(", ")}`;
  return [begin + place, ...end, ...(sameWoke ? [] : [woken])];
}

/** Places below the word that leads to them. */
function list(word: string, places: readonly string[]): string {
  return places.length === 0 ? "" : [word, ...places.map((place) => `      ${place}`)].join("\n");
}

/** Where it was made; the main task is made outside the program. */
function originOf({ id, origin }: LogActor): readonly string[] {
  return id === 0 ? [] : originLines(origin.join("\n")).slice(0, ORIGIN_LINES);
}

const BEGINS: Readonly<Record<LogStep["begin"], string>> = {
  resume: "goes on",
  throw: "goes on with an error thrown into it",
  call: "is called",
};

function describeActor({ kind, number, name }: LogActor): string {
  if (kind !== "task") return `${kind} ${format(name)}`;
  const task = `Task-${number + 1}`;
  return /^Task-\d+$/.test(name) ? task : `${task} ${format(name)}`;
}

function describeFrame({ name, file, line, column }: LogFrame): string {
  return `${name} (${file}:${line}:${column})`;
}

function whereToLook(first: DifferingStep | null, second: DifferingStep | null): string {
  const isSameStep =
    first !== null &&
    second !== null &&
    first.actor.id === second.actor.id &&
    first.step.time === second.step.time &&
    first.step.begin === second.step.begin;
  return isSameStep
    ? "Between these places it asks for something that is not the same in each run, or it was given such a thing before."
    : "What runs here was decided before, by something that is not the same in each run: where it was made, woken or timed.";
}

function keptState(third: Likeness): string[] {
  if (third === "neither") return [];
  const what =
    third === "second"
      ? "A third run did what the second did"
      : "A third run did what the first did again, as if something alternated";
  return [
    `${what}. Perhaps something is kept from one run to the next: a variable, a cache or a counter outside the program's ` +
      "function, which has to be made inside.",
  ];
}
