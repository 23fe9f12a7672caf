// How much may wait to be sent: asyncio's two marks.

import { format } from "../support/format.ts";

const DEFAULT_HIGH = 64 * 1024;

/** The marks in bytes: above `high` the protocol is told to pause, at `low` or below to go on. */
export interface WriteLimits {
  readonly low: number;
  readonly high: number;
}

/**
 * The marks for what a caller says of them. Throws TypeError for what is not a number of bytes, RangeError for marks in
 * the wrong order.
 */
export function writeLimits(
  high: number | null = null,
  low: number | null = null,
  defaultHigh = DEFAULT_HIGH,
): WriteLimits {
  checkMark(high, "high");
  checkMark(low, "low");
  const top = high ?? (low === null ? defaultHigh : 4 * low);
  const bottom = low ?? Math.floor(top / 4);
  if (!(top >= bottom && bottom >= 0)) throw new RangeError(`high (${top}) must be >= low (${bottom}) must be >= 0`);
  return { low: bottom, high: top };
}

function checkMark(mark: number | null, name: string): void {
  if (mark === null || Number.isInteger(mark) || mark === Infinity) return;
  throw new TypeError(`Invalid ${name}: expected a whole number of bytes, got ${format(mark)}`);
}
