// Double runs of random programs, which do the same each time: none may raise an alarm. The programs are those that are compared with
// CPython, in their own grammar.

import { type Coroutine, getRunningLoop } from "wasyncio";
import { type SimulateOptions, simulate } from "../../../src/testing/simulate.ts";
import { generate } from "../../differential/generator.ts";
import { Interpreter } from "../../differential/interpreter.ts";
import type { Program } from "../../differential/program.ts";
import { Node, World } from "../../differential/world.ts";

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
 * Verifies the first `count` random programs of a seed. Throws what `simulate` throws, with the number of the program before it.
 */
export function verifyRandomPrograms(seed: number, count: number): CleanRuns {
  let steps = 0;
  const statuses: Record<string, number> = {};
  for (let index = 0; index < count; index++) {
    const program = generate(seed, index);
    const options = POLICIES[index % POLICIES.length];
    try {
      const outcome = simulate(() => play(program), { ...options, seed: index, verify: true, debug: false });
      steps += outcome.steps;
      statuses[outcome.status] = (statuses[outcome.status] ?? 0) + 1;
    } catch (error) {
      throw new Error(`program ${index} of seed ${seed}, with ${JSON.stringify(options)}`, { cause: error });
    }
  }
  return { programs: count, steps, statuses };
}

/** A run of a program, in the loop that runs. */
export function play(program: Program): Coroutine<unknown> {
  const world = new World(program, getRunningLoop());
  return new Interpreter(world).coroutine(program.main, new Node());
}
