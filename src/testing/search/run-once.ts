// What a search does with a program: it runs it once more.

import type { RunOptions } from "../simulation/policy.ts";
import type { Outcome } from "../simulation/program.ts";

/** Runs a program once. */
export type RunOnce<R extends Outcome<unknown> = Outcome<unknown>> = (options: RunOptions) => R;
