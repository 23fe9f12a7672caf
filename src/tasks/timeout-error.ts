// What is thrown when a deadline has passed: it says which.

import { TimeoutError } from "../errors/asyncio.ts";
import { formatSeconds } from "../support/delay.ts";

/** Seconds: how long something was to take, or else the loop's time at which it was to end. */
interface Deadline {
  readonly delay: number | null;
  readonly when?: number | null;
}

/** The error for a deadline that has passed. */
export function timeoutError({ delay, when = null }: Deadline, cause?: unknown): TimeoutError {
  const which =
    delay !== null ? ` after ${formatSeconds(Math.max(0, delay))}` : when !== null ? ` at ${formatSeconds(when)}` : "";
  return new TimeoutError(`timed out${which}`, cause === undefined ? undefined : { cause });
}
