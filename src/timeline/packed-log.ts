// A log as a page carries it: a column for each field of its steps, so that the fields' names are there once, and each
// stack once, which a loop leaves at each of its steps.

import type { LogFrame, LogStep, SimulationLog } from "../trace/log.ts";

/** A log whose steps are columns, and have indexes into `stacks`. JSON keeps it whole. */
export interface PackedLog extends Omit<SimulationLog, "steps"> {
  readonly columns: Columns;
  /** Stacks that differ from each other. */
  readonly stacks: readonly (readonly LogFrame[])[];
}

/** The fields of all steps, in order. */
type Columns = { readonly [K in keyof PackedStep]: readonly PackedStep[K][] };

type PackedStep = Omit<LogStep, "index" | "stack"> & { readonly stack: number };

export function packLog({ steps, ...others }: SimulationLog): PackedLog {
  const stacks: (readonly LogFrame[])[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (stack: readonly LogFrame[]): number => {
    const key = JSON.stringify(stack);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, stacks.length);
    return stacks.push(stack) - 1;
  };
  const column = <T>(field: (step: LogStep) => T): readonly T[] => steps.map(field);
  const columns: Columns = {
    time: column(({ time }) => time),
    iteration: column(({ iteration }) => iteration),
    actor: column(({ actor }) => actor),
    choice: column(({ choice }) => choice),
    candidates: column(({ candidates }) => candidates),
    begin: column(({ begin }) => begin),
    end: column(({ end }) => end),
    waitsFor: column(({ waitsFor }) => waitsFor),
    woke: column(({ woke }) => woke),
    stack: column(({ stack }) => numberOf(stack)),
  };
  return { ...others, columns, stacks };
}

export function unpackLog({ columns, stacks, ...others }: PackedLog): SimulationLog {
  const steps = columns.time.map((time, index) => ({
    index,
    time,
    iteration: columns.iteration[index],
    actor: columns.actor[index],
    choice: columns.choice[index],
    candidates: columns.candidates[index],
    begin: columns.begin[index],
    end: columns.end[index],
    waitsFor: columns.waitsFor[index],
    woke: columns.woke[index],
    stack: stacks[columns.stack[index]] ?? [],
  }));
  return { ...others, steps };
}
