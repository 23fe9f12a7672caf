// What there is to draw in a log: lanes, what tasks do between their steps, and arrows. Where it stands on paper is for
// others to say.
//
// The log says which step made whom ready. All else follows from that: a wait lasts from the end of one step to the
// step that wakes, from there on the task is ready, until its turn comes.

import { format } from "../support/format.ts";
import type { LogActor, LogStep, SimulationLog } from "../trace/log.ts";
import { describeEnd } from "../trace/step-end.ts";

/** A row of the picture: a task, or all callbacks, or all timers. */
export interface Lane {
  readonly name: string;
  readonly kind: LogActor["kind"];
  /** Indexes of its steps, in order. */
  readonly steps: readonly number[];
  /** What its task does between the steps, in order; none overlap. Callbacks and timers have none. */
  readonly spans: readonly Span[];
}

/**
 * An edge of a step: 2i is the start of step i, 2i + 1 its end, twice the number of steps the end of the log. Edges
 * grow with time.
 */
export type Edge = number;

/** What a task does between two of its steps. */
export interface Span {
  /** It waits for something, sleeps until a time, or is ready and waits for its turn. */
  readonly kind: "wait" | "sleep" | "ready";
  /** "waits for Lock", "sleeps until 1.5 s", "ready". */
  readonly label: string;
  readonly from: Edge;
  readonly to: Edge;
  /** The step that it follows; -1 in front of the first. */
  readonly after: number;
  /** The step that it leads to; -1 when there is none in the log. */
  readonly before: number;
}

/** A step that made another one possible. */
export interface Arrow {
  /** It woke a task, created one, or scheduled a callback or a timer. */
  readonly kind: "wake" | "spawn" | "schedule";
  /** Index of the step that did it. */
  readonly from: number;
  /** Index of the step that it led to. */
  readonly to: number;
}

/** All that there is to draw. */
export interface Picture {
  /** Tasks in order of creation, then callbacks, then timers. */
  readonly lanes: readonly Lane[];
  /** The lane of each step, as an index. */
  readonly laneOfStep: readonly number[];
  /** In order of `to`, then of `from`. */
  readonly arrows: readonly Arrow[];
}

/** Draws nothing yet: finds lanes, spans and arrows. Throws TypeError for what is not the log of a simulation. */
export function pictureOf(log: SimulationLog): Picture {
  checkLog(log, "log");
  const { actors, steps } = log;
  const stepsOf: number[][] = actors.map(() => []);
  const wakers: number[][] = actors.map(() => []);
  const spans: Span[][] = actors.map(() => []);
  const arrows: Arrow[] = [];

  for (const { index, actor, woke } of steps) {
    const own = stepsOf[actor];
    const by = wakers[actor];
    arrows.push(...arrowsTo(index, actors[actor], by, own.length === 0));
    if (actors[actor]?.kind === "task")
      spans[actor]?.push(...spansBetween(log, own.at(-1) ?? -1, index, actors[actor], by));
    own.push(index);
    by.length = 0;
    for (const woken of woke) if (woken !== actor) wakers[woken]?.push(index);
  }
  for (const actor of actors) {
    const last = stepsOf[actor.id]?.at(-1) ?? -1;
    if (actor.kind === "task" && !hasEnded(steps[last]))
      spans[actor.id]?.push(...spansBetween(log, last, -1, actor, wakers[actor.id]));
  }

  const tasks = actors
    .filter(({ kind }) => kind === "task")
    .map(({ id, name, kind }) => ({ name, kind, steps: stepsOf[id], spans: spans[id] }));
  const lanes: Lane[] = [...tasks, ...sharedLane(log, "callback"), ...sharedLane(log, "timer")];
  const laneOfStep: number[] = [];
  lanes.forEach((lane, number) => lane.steps.forEach((step) => (laneOfStep[step] = number)));
  return { lanes, laneOfStep, arrows };
}

/** Whether it was the last step of its task. */
export function hasEnded(step: LogStep | undefined): boolean {
  return step !== undefined && ["return", "throw", "cancelled"].includes(step.end);
}

/** The arrows that lead to a step, in order of what they come from. */
function arrowsTo(step: number, actor: LogActor, wakers: readonly number[], first: boolean): Arrow[] {
  const madeIn = first ? actor.madeIn : -1;
  const making = actor.kind === "task" ? "spawn" : "schedule";
  const from = new Set(madeIn < 0 ? wakers : [madeIn, ...wakers]);
  return [...from].map((waker) => ({ kind: waker === madeIn ? making : "wake", from: waker, to: step }));
}

/** What a task does from one of its steps to the next; -1 stands for the start and the end of the log. */
function spansBetween(log: SimulationLog, after: number, before: number, actor: LogActor, wakers: number[]): Span[] {
  const { steps } = log;
  const from = after < 0 ? 2 * actor.madeIn + 1 : 2 * after + 1;
  const to = before < 0 ? 2 * steps.length : 2 * before;
  const span = (kind: Span["kind"], label: string, start: Edge, end: Edge): Span[] =>
    end > start ? [{ kind, label, from: start, to: end, after, before }] : [];
  const left = steps[after];
  if (left === undefined || left.end === "yield") return span("ready", "ready", Math.max(0, from), to);
  const woken = Math.max(from, Math.min(wokenAt(log, after, before, wakers), to));
  return [
    ...span(left.end === "sleep" ? "sleep" : "wait", describeEnd(left), from, woken),
    ...span("ready", "ready", woken, to),
  ];
}

/** When a waiting task became ready: by a step, or else by the clock, at the first step of the moment. */
function wokenAt({ steps }: SimulationLog, after: number, before: number, wakers: readonly number[]): Edge {
  const [waker] = wakers;
  if (waker !== undefined) return 2 * waker + 1;
  if (before < 0) return 2 * steps.length;
  let first = before;
  while (first - 1 > after && steps[first - 1]?.time === steps[before]?.time) first--;
  return 2 * first;
}

function sharedLane({ actors, steps }: SimulationLog, kind: "callback" | "timer"): Lane[] {
  const own = steps.filter(({ actor }) => actors[actor]?.kind === kind).map(({ index }) => index);
  return own.length === 0 ? [] : [{ name: `${kind}s`, kind, steps: own, spans: [] }];
}

/** Throws TypeError for what is not the log of a simulation; `name` is what the error calls it. */
export function checkLog(log: SimulationLog, name: string): void {
  const { actors, steps, time, primitives = [], changes = [] } = (log ?? {}) as Partial<SimulationLog>;
  if (![actors, steps, primitives, changes].every(Array.isArray) || typeof time !== "number")
    throw new TypeError(`Invalid ${name}: expected the log of a simulation, got ${format(log)}`);
  log.actors.forEach(({ id, madeIn }: LogActor, index) => {
    if (id !== index || !(madeIn < log.steps.length))
      throw new TypeError(
        `Invalid ${name}: actor ${index} has the id ${format(id)} and was made in step ${format(madeIn)}`,
      );
  });
  let now = 0;
  log.steps.forEach((step: LogStep, index) => {
    if (step.index !== index || !(step.actor in log.actors))
      throw new TypeError(
        `Invalid ${name}: step ${index} has the index ${format(step.index)} and actor ${format(step.actor)}`,
      );
    if (!(step.time >= now && step.time <= time))
      throw new TypeError(
        `Invalid ${name}: the time of step ${index} is ${format(step.time)}, between ${now} and ${time}`,
      );
    now = step.time;
  });
  primitives.forEach(({ id }, index) => {
    if (id !== index) throw new TypeError(`Invalid ${name}: primitive ${index} has the id ${format(id)}`);
  });
  let last = 0;
  changes.forEach(({ step, primitive, holders, count }, index) => {
    const isPlaced = step >= last && step < log.steps.length && primitive in primitives;
    if (!isPlaced || !Array.isArray(holders) || !(count >= 0))
      throw new TypeError(
        `Invalid ${name}: change ${index} is of step ${format(step)} and primitive ${format(primitive)}`,
      );
    last = step;
  });
}
