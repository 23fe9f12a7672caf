// The settings of strategies are small whole numbers.

import { format } from "../../support/format.ts";

const MOST = 100;

/** Throws TypeError for what is not a whole number, RangeError for one that is not from 1 to 100. Returns it. */
export function checkSetting(value: number, what: string): number {
  if (!Number.isInteger(value)) throw new TypeError(`Invalid ${what}: expected a whole number, got ${format(value)}`);
  if (value < 1 || value > MOST)
    throw new RangeError(`Invalid ${what}: expected a whole number from 1 to ${MOST}, got ${value}`);
  return value;
}
