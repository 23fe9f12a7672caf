// When two failures count as the same one.

import { isA } from "../../support/is-a.ts";
import type { Outcome } from "./program.ts";

/** Whether two runs failed in the same way: the same status, and an error of the same class. */
export function failsAlike(outcome: Outcome<unknown>, failed: Outcome<unknown>): boolean {
  return outcome.status === failed.status && kindOf(outcome.error) === kindOf(failed.error);
}

function kindOf(error: unknown): unknown {
  return isA(error, Error) ? error.constructor : typeof error;
}
