// One figure for what ten thousand random programs do, and those of async functions: the digests of their loops, which
// take in every decision, and their traces.

import { generate } from "../../cpython/programs/generator.ts";
import { playProgram } from "../../cpython/programs/interpreter.ts";
import { runLowered } from "../../support/lowered-run.ts";
import { Hash } from "./hash.ts";
import { loweredPrograms } from "./lowered.ts";
import { pause } from "./report.ts";

const SEED = 20_260_101;
const PAUSE_EVERY = 50;

export async function digestOf(programs: number): Promise<string> {
  const hash = new Hash();
  const add = async (index: number, lines: readonly string[], digest: string): Promise<void> => {
    hash.add(digest);
    for (const line of lines) hash.add(line);
    if (index % PAUSE_EVERY === 0) await pause();
  };
  for (let index = 0; index < programs; index++) {
    const { trace, digest } = playProgram(generate(SEED, index));
    await add(index, trace, digest);
  }
  for (const [index, { start }] of loweredPrograms.slice(0, programs).entries()) {
    const { lines, digest } = runLowered(start);
    await add(index, lines, digest);
  }
  return hash.text();
}
