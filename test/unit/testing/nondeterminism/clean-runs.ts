// Double runs of random programs, which do the same each time: none may raise an alarm.

import { type SimulateOptions, simulate } from "wasyncio/testing";
import { randomPrograms } from "../random-programs.ts";

/** What the programs are run under, in turn. */
const POLICIES: readonly SimulateOptions[] = [
  { policy: "fifo" },
  { policy: "random" },
  { policy: "pct" },
  { policy: "random", window: 0.3 },
  { policy: { strategy: "delay", bound: 5 }, orders: "asyncio", window: 1 },
];

export interface CleanRuns {
  readonly programs: number;
  /** Steps in all of the runs that were given. */
  readonly steps: number;
  /** Number of programs for each way to end. */
  readonly statuses: Readonly<Record<string, number>>;
}

/**
 * Verifies the first `count` random programs of a seed. Throws what `simulate` throws, with the number of the program
 * before it.
 */
export function verifyRandomPrograms(seed: number, count: number): CleanRuns {
  let steps = 0;
  const statuses: Record<string, number> = {};
  for (const [index, program] of randomPrograms(seed, count).entries()) {
    const options = POLICIES[index % POLICIES.length];
    try {
      const outcome = simulate(program, { ...options, seed: index, verify: true, debug: false });
      steps += outcome.steps;
      statuses[outcome.status] = (statuses[outcome.status] ?? 0) + 1;
    } catch (error) {
      throw new Error(`program ${index} of seed ${seed}, with ${JSON.stringify(options)}`, { cause: error });
    }
  }
  return { programs: count, steps, statuses };
}
