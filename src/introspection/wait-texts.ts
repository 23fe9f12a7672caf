// What tasks wait for, in words: a sentence for each, with the places in the program.

import type { LogFrame } from "../trace/log.ts";
import { formatSeconds } from "../support/delay.ts";
import { PlaceNames, frameOf } from "./places.ts";
import type { Holder, Wait, WaitTarget } from "./waits.ts";

/** Targets or holders that a sentence names; of the others it gives the number. */
const NAMED = 5;
const LONGEST_TEXT = 120;

/**
 * A sentence for each wait: "Task-2 'a' (made at app.ts:10) waits for <Lock [locked, waiters:1]> (made at app.ts:3) in
 * Lock.acquire at app.ts:12, held by Task-3 'b' since app.ts:20". Places that are not known are left out.
 */
export function describeWaits(waits: readonly Wait[]): string[] {
  const places = new PlaceNames(waits.flatMap(framesOf));
  return waits.map((wait) => describe(wait, places));
}

/** The places that the sentence of a wait tells of. */
function framesOf({ origin, stack, targets, holders }: Wait): LogFrame[] {
  const origins = [origin, ...targets.slice(0, NAMED).map(originOf), ...holders.slice(0, NAMED).map(originOf)];
  return [...origins.flatMap(([line]) => (line === undefined ? [] : frameOf(line))), ...stack.slice(0, 1)];
}

function originOf({ origin }: WaitTarget | Holder): readonly string[] {
  return origin;
}

function describe(wait: Wait, places: PlaceNames): string {
  const [frame] = wait.stack;
  const at = frame === undefined ? "" : ` at ${places.nameOf(frame)}`;
  return `${wait.task.text}${made(wait.origin, places)} ${act(wait, places)}${at}${held(wait, places)}`;
}

function act({ operation, targets, deadline }: Wait, places: PlaceNames): string {
  if (operation === "") return "is ready to run";
  if (operation === "sleep") return deadline === null ? "sleeps" : `sleeps until ${formatSeconds(deadline)}`;
  const how = operation === "await" ? "" : ` in ${operation}`;
  if (targets.length === 0) return `waits${how}`;
  return `waits for ${listed(targets.map((target) => describeTarget(target, places)))}${how}`;
}

/** A task has a sentence of its own, which tells where it was made. */
function describeTarget({ kind, text, origin }: WaitTarget, places: PlaceNames): string {
  const short = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...` : text;
  return kind === "task" ? short : `${short}${made(origin, places)}`;
}

function held({ task, operation, holders }: Wait, places: PlaceNames): string {
  if (holders.length === 0) return "";
  const isQueue = operation === "Queue.join";
  const since = isQueue ? "at" : "since";
  const names = holders.map((holder) => {
    const [line] = holder.origin;
    return `${describeHolder(holder, task.id)}${line === undefined ? "" : ` ${since} ${places.nameOf(frameOf(line))}`}`;
  });
  return `, ${isQueue ? "with items taken" : "held"} ${listed(names)}`;
}

function describeHolder({ task }: Holder, waiter: number): string {
  if (task === null) return "from outside any task";
  if (task.id === waiter) return "by itself";
  return task.done ? `by ${task.text}, which has ended,` : `by ${task.text}`;
}

function made(origin: readonly string[], places: PlaceNames): string {
  return origin[0] === undefined ? "" : ` (made at ${places.nameOf(frameOf(origin[0]))})`;
}

/** "a", "a and b", "a, b and 7 more". */
function listed(texts: readonly string[]): string {
  const named = texts.slice(0, NAMED);
  if (texts.length > named.length) named.push(`${texts.length - named.length} more`);
  const last = named.pop() ?? "";
  return named.length === 0 ? last : `${named.join(", ")} and ${last}`;
}
