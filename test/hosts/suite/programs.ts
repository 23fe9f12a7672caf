// Random programs, and what they do in CPython: ../data/traces.json.br, which ../make-traces.ts makes.

import data from "traces";
import { normalise, sideBySide } from "../../cpython/programs/compare.ts";
import { generate } from "../../cpython/programs/generator.ts";
import { runProgram } from "../../cpython/programs/interpreter.ts";
import { Hash } from "./hash.ts";
import { type Report, pause, same } from "./report.ts";

/** What CPython did with the programs of a seed, from number 0 on. */
export interface Traces {
  readonly python: string;
  readonly seed: number;
  /** Hash of the programs, which the generator may make otherwise by now. */
  readonly programs: string;
  /** Lines, normalised. */
  readonly traces: readonly string[][];
}

const PAUSE_EVERY = 50;

export async function testPrograms(report: Report): Promise<void> {
  const { seed, python, traces, programs: expectedHash } = data as Traces;
  const programs = traces.map((_, index) => generate(seed, index));
  await report.test(
    "programs: are those that CPython ran (else: node scripts/run-ts.mjs test/hosts/make-traces.ts)",
    () => {
      const hash = new Hash();
      for (const program of programs) hash.add(JSON.stringify(program));
      same(hash.text(), expectedHash);
    },
  );
  for (const [index, theirs] of traces.entries()) {
    await report.test(`program ${index} of seed ${seed}`, () => {
      const ours = normalise(runProgram(programs[index]));
      if (ours.join("\n") !== theirs.join("\n"))
        throw new Error(`differs from ${python}:\n${sideBySide(theirs, ours)}`);
    });
    if (index % PAUSE_EVERY === 0) await pause();
  }
}
