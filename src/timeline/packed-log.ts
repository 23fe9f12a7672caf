// A log as a page carries it: the same stack, which a loop leaves at each of its steps, is there once.

import type { LogFrame, LogStep, SimulationLog } from "../trace/log.ts";

/** A log whose steps have indexes into `stacks`. JSON keeps it whole. */
export interface PackedLog {
  readonly actors: SimulationLog["actors"];
  readonly steps: readonly PackedStep[];
  readonly time: number;
  /** Stacks that differ from each other. */
  readonly stacks: readonly (readonly LogFrame[])[];
}

type PackedStep = Omit<LogStep, "stack"> & { readonly stack: number };

export function packLog({ actors, steps, time }: SimulationLog): PackedLog {
  const stacks: (readonly LogFrame[])[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (stack: readonly LogFrame[]): number => {
    const key = JSON.stringify(stack);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, stacks.length);
    return stacks.push(stack) - 1;
  };
  return { actors, steps: steps.map((step) => ({ ...step, stack: numberOf(step.stack) })), time, stacks };
}

export function unpackLog({ actors, steps, time, stacks }: PackedLog): SimulationLog {
  return { actors, steps: steps.map((step) => ({ ...step, stack: stacks[step.stack] ?? [] })), time };
}
