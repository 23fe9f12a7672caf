// Runs programs in both worlds and finds those that part.

import { firstDifference, normalise } from "./compare.ts";
import type { CPython } from "./cpython.ts";
import { runProgram } from "./interpreter.ts";
import { type Program, type Trace, number } from "./program.ts";
import { simplifications } from "./shrink.ts";

/** What a program did in both worlds, without the differences that are meant. */
export interface Outcome {
  program: Program;
  theirs: Trace;
  ours: Trace;
}

export function differs({ theirs, ours }: Outcome): boolean {
  return firstDifference(theirs, ours) >= 0;
}

/** Runs programs in both worlds. */
export function runBoth(cpython: CPython, programs: readonly Program[]): Outcome[] {
  const traces = cpython.run(programs);
  return programs.map((program, index) => {
    const ours = normalise(runSafely(program));
    return { program, theirs: normalise(traces[index]), ours };
  });
}

/** Our trace, with an error of the interpreter itself, or of a broken loop, as its only line. */
function runSafely(program: Program): Trace {
  try {
    return runProgram(program);
  } catch (error) {
    return [`interpreter failed: ${error instanceof Error ? error.stack : error}`];
  }
}

/** Candidates that are tried in one call into CPython. */
const BATCH = 50;

/** Takes away from a failing program what it does not need to fail. */
export function shrink(cpython: CPython, failing: Outcome): Outcome {
  for (let best = failing; ;) {
    const better = firstFailing(cpython, simplifications(best.program));
    if (better === null) return best;
    best = better;
  }
}

function firstFailing(cpython: CPython, programs: Iterable<Program>): Outcome | null {
  let batch: Program[] = [];
  for (const program of programs) {
    batch.push(number(program));
    if (batch.length < BATCH) continue;
    const found = runBoth(cpython, batch).find(differs);
    if (found !== undefined) return found;
    batch = [];
  }
  return runBoth(cpython, batch).find(differs) ?? null;
}
