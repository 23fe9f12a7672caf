// What is thrown when a deadline has passed: it says which.

import { TimeoutError } from "../errors/asyncio.ts";

/** Seconds: how long something was to take, or else the loop's time at which it was to end. */
interface Deadline {
  readonly delay: number | null;
  readonly when?: number | null;
}

/** The error for a deadline that has passed. */
export function timeoutError({ delay, when = null }: Deadline, cause?: unknown): TimeoutError {
  const which = delay !== null ? ` after ${shown(Math.max(0, delay))} s` : when !== null ? ` at ${shown(when)} s` : "";
  return new TimeoutError(`timed out${which}`, cause === undefined ? undefined : { cause });
}

/** Without what binary fractions leave behind: 0.1 + 0.2 is 0.3. */
function shown(seconds: number): number {
  return Number(seconds.toPrecision(12));
}
