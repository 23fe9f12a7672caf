// Delays: seconds as a number, or a plain object in the units that one thinks in.

import { format } from "./format.ts";

/** A duration in parts; they add up. The shape of Temporal.Duration's time fields. */
export interface DurationLike {
  hours?: number;
  minutes?: number;
  seconds?: number;
  milliseconds?: number;
  microseconds?: number;
  nanoseconds?: number;
}

/** A delay or timeout: seconds, or a duration in parts. */
export type Delay = number | DurationLike;

const UNITS: readonly (readonly [keyof DurationLike, number])[] = [
  ["hours", 3600],
  ["minutes", 60],
  ["seconds", 1],
  ["milliseconds", 1e-3],
  ["microseconds", 1e-6],
  ["nanoseconds", 1e-9],
];

/** Units whose length in seconds is not the same everywhere and at all times. */
const CALENDAR_UNITS = ["days", "weeks", "months", "years"];

/**
 * Seconds of a delay. Throws TypeError when it is not a number or a duration, or NaN; `what` names it in the message.
 */
export function secondsOf(delay: Delay, what = "delay"): number {
  return typeof delay === "number" && !Number.isNaN(delay) ? delay : addParts(delay, what);
}

/** The same. Throws RangeError for a time below 0, too. */
export function secondsFrom0(delay: Delay, what: string): number {
  const seconds = secondsOf(delay, what);
  if (seconds >= 0) return seconds;
  throw new RangeError(`Invalid ${what}: expected a time from 0 on, got ${formatSeconds(seconds)}`);
}

/** "0.3 s": seconds without what binary fractions leave behind, as of 0.1 + 0.2. */
export function formatSeconds(seconds: number): string {
  return `${Number(seconds.toPrecision(12))} s`;
}

function addParts(delay: Delay, what: string): number {
  if (typeof delay === "number") throw new TypeError(`Invalid ${what}: NaN (not a number)`);
  if (typeof delay !== "object" || delay === null) {
    throw new TypeError(
      `Invalid ${what}: expected seconds or a duration, got ${delay === null ? "null" : typeof delay}`,
    );
  }
  for (const unit of CALENDAR_UNITS) {
    const part = (delay as Record<string, unknown>)[unit];
    if (part !== undefined && part !== 0)
      throw new TypeError(`Invalid ${what}: ${unit} are not a fixed time, use hours`);
  }
  let seconds = 0;
  let known = 0;
  for (const [unit, factor] of UNITS) {
    const part = delay[unit];
    if (part === undefined) continue;
    if (typeof part !== "number" || Number.isNaN(part))
      throw new TypeError(`Invalid ${what}: ${unit} is ${format(part)}`);
    // Division keeps 0.005 exact where multiplication by 1e-3 would not.
    seconds += factor < 1 ? part / Math.round(1 / factor) : part * factor;
    known++;
  }
  if (known === 0) {
    throw new TypeError(
      `Invalid ${what}: expected seconds or one of ${UNITS.map(([unit]) => unit).join(", ")}, got ${format(delay)}`,
    );
  }
  if (Number.isNaN(seconds)) throw new TypeError(`Invalid ${what}: its parts add up to NaN`);
  return seconds;
}
