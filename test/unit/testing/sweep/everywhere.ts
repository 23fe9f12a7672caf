// Sweeps a program in every mode, under asyncio's own order and under a number of others.

import { expect } from "vitest";
import { type Program, type StrategySpec, type SweepOptions, type SweepPoint, sweep } from "wasyncio/testing";
import type { Coroutine } from "wasyncio";

const ORDERS: readonly (readonly [policy: StrategySpec, seed: number])[] = [
  ["fifo", 0],
  ["random", 1],
  ["random", 2],
  ["random", 3],
  [{ strategy: "pct", depth: 3 }, 4],
  [{ strategy: "pct", depth: 3 }, 5],
  [{ strategy: "delay", bound: 4 }, 6],
];

/** Throws with the report of the first failure, under any of the orders. Returns the number of runs. */
export function sweepEverywhere<T>(program: Program<T>, options: SweepOptions<T> = {}): number {
  let runs = 0;
  for (const [policy, seed] of ORDERS) {
    const result = sweep(program, { ...options, policy, seed, maxFailures: 1 });
    for (const failure of result.failures) {
      throw new Error(`under ${JSON.stringify(policy)} with seed ${seed}: ${failure.report}`, { cause: failure.error });
    }
    expect(result.points).toBeGreaterThan(3);
    runs += result.runs;
  }
  return runs;
}

/**
 * Whether the program as a whole has to come to its end: when nothing is hit, or one of its workers, which are no
 * other's concern.
 */
export function goesOn({ mode, task }: SweepPoint): boolean {
  return mode === "none" || (mode !== "timeout" && mode !== "throw" && task !== "Task-1");
}

/** A clean-up that has to be done: begins it again when something is thrown into it, and throws that behind it. */
export function* surely(cleanUp: () => Coroutine<unknown>): Coroutine<void> {
  let failure: { readonly error: unknown } | null = null;
  for (;;) {
    try {
      yield* cleanUp();
      break;
    } catch (error) {
      failure = { error };
    }
  }
  if (failure !== null) throw failure.error;
}
