// Who is deferred in a run, until what, in words: the run is asyncio's order but for that.

import { PlaceNames } from "../../introspection/places.ts";
import { formatSeconds } from "../../support/delay.ts";
import type { LogStep, SimulationLog } from "../../trace/log.ts";
import type { Recorder } from "../simulation/recorder.ts";
import { type Trace, deferredStepsOf } from "./deferred-steps.ts";

/** Somebody who is deferred, though it could go on. */
export interface Deferral {
  /** Name of the task or the callback. */
  readonly name: string;
  /** Names of those that go on meanwhile, in the order in which they first do. */
  readonly ahead: readonly string[];
  /** Index in the log of the step until which it is deferred; -1 when it is only late, and nobody overtakes it. */
  readonly until: number;
  /** Virtual seconds by which it is late for it. */
  readonly seconds: number;
}

/** The deferrals of a run that was traced and recorded. */
export function deferralsIn(trace: Trace, recorder: Recorder, { actors, steps }: SimulationLog): Deferral[] {
  return deferredStepsOf(trace).map(({ deferred, from, to }) => {
    const next = stepFrom(trace, recorder, trace.actors.indexOf(deferred.actor, to));
    const points = Array.from({ length: to - from + 1 }, (_, index) => stepFrom(trace, recorder, from + index));
    const ahead = points.filter((step) => step >= 0 && (next < 0 || step < next));
    const until = ahead.at(-1) ?? -1;
    const step = steps[next];
    const actor = actors.find(({ id, number }) => (step === undefined ? number === deferred.actor : id === step.actor));
    const before = steps.slice(0, Math.max(0, ahead[0] ?? next)).findLastIndex((each) => each.actor === actor?.id);
    return {
      name: actor?.name ?? "a callback",
      ahead: [...new Set(ahead.map((each) => actors[steps[each].actor].name))],
      until,
      seconds: Math.max(0, ((steps[until] ?? step)?.time ?? 0) - recorder.wakeTimeAfter(before)) || 0,
    };
  });
}

/** The step that was chosen at a point, or that followed from it where only a timer was; -1 when none came. */
function stepFrom({ actors }: Trace, recorder: Recorder, point: number): number {
  for (let next = point; next >= 0; next = actors.indexOf(actors[point], next + 1)) {
    const step = recorder.stepAtPoint(next);
    if (step >= 0) return step;
  }
  return -1;
}

/** Deferrals up to which they are told. */
const MOST_DESCRIBED = 3;

/** All of it in a line; null when there is nothing to tell that the number of switches does not. */
export function describeDeferrals(deferrals: readonly Deferral[], switches: number, log: SimulationLog): string | null {
  if (
    deferrals.length === 0 ||
    deferrals.length > MOST_DESCRIBED ||
    deferrals.some(({ until, seconds }) => until < 0 && seconds === 0)
  )
    return null;
  if (deferrals.length >= switches && deferrals.every(({ seconds }) => seconds === 0)) return null;
  const places = new PlaceNames(deferrals.flatMap(({ until }) => log.steps[until]?.stack.slice(0, 1) ?? []));
  const parts = deferrals.map(({ name, ahead, until, seconds }) => {
    const time = formatSeconds(seconds);
    if (until < 0) return `${name} is ${time} late`;
    const long = seconds > 0 ? ` for ${time}` : "";
    return `${name} is deferred${long} until ${describeUntil(ahead, log.steps[until], log, places)}`;
  });
  return `It is asyncio's order, but that ${parts.join(", and ")}.`;
}

function describeUntil(ahead: readonly string[], step: LogStep, log: SimulationLog, places: PlaceNames): string {
  const { name } = log.actors[step.actor];
  if (step.end === "return") {
    const returned = new Set(
      log.steps
        .slice(0, step.index + 1)
        .flatMap(({ end, actor }) => (end === "return" ? [log.actors[actor].name] : [])),
    );
    const names = ahead.filter((each) => returned.has(each));
    return `${listOf(names)} ${names.length === 1 ? "has" : "have"} returned`;
  }
  if (step.end === "throw") return `${name} has thrown`;
  if (step.end === "cancelled") return `${name} is cancelled`;
  if (step.end === "called") return `${name} was called`;
  const [frame] = step.stack;
  return `${name} ${frame === undefined ? "has gone on" : `has come to ${places.nameOf(frame)}`}`;
}

const MOST_LISTED = 4;

/** "busy 1 to 3", "Ann, Ben and 5 others": names that count on are told by their first and last one. */
function listOf(names: readonly string[]): string {
  const runs: { start: string; first: number; last: number }[] = [];
  for (const name of names) {
    const [, start, digits] = /^(.*?)(\d*)$/s.exec(name) as unknown as [string, string, string];
    const number = digits === "" ? NaN : Number(digits);
    const before = runs.at(-1);
    if (before?.start === start && before.last + 1 === number) before.last = number;
    else runs.push({ start, first: number, last: number });
  }
  const texts = runs.flatMap(({ start, first, last }) => {
    if (Number.isNaN(first)) return [start];
    return last > first + 1
      ? [`${start}${first} to ${last}`]
      : first === last
        ? [`${start}${first}`]
        : [`${start}${first}`, `${start}${last}`];
  });
  const last = texts.length > MOST_LISTED ? `${texts.length - MOST_LISTED + 1} others` : texts.at(-1);
  const others = texts.slice(0, Math.min(texts.length, MOST_LISTED) - 1);
  return others.length === 0 ? `${last}` : `${others.join(", ")} and ${last}`;
}
