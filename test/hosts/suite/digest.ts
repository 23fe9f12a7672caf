// One figure for what ten thousand random programs do: the digests of their loops, which take in every decision, and
// their traces.

import { generate } from "../../cpython/programs/generator.ts";
import { playProgram } from "../../cpython/programs/interpreter.ts";
import { Hash } from "./hash.ts";
import { pause } from "./report.ts";

const SEED = 20_260_101;
const PAUSE_EVERY = 50;

export async function digestOf(programs: number): Promise<string> {
  const hash = new Hash();
  for (let index = 0; index < programs; index++) {
    const { trace, digest } = playProgram(generate(SEED, index));
    hash.add(digest);
    for (const line of trace) hash.add(line);
    if (index % PAUSE_EVERY === 0) await pause();
  }
  return hash.text();
}
