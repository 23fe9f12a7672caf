// Random programs over streams, in CPython and here: the same trace. WASYNCIO_FUZZ_SEED plays a seed again,
// WASYNCIO_FUZZ_COUNT plays more of it.

import { resolve } from "node:path";
import { expect, test } from "vitest";
import { asData, inJavaScript } from "../facts/words.ts";
import { loadPython } from "../programs/cpython.ts";
import { type Program, generate } from "./generator.ts";
import { run } from "./interpreter.ts";

const COUNT = Number(process.env["WASYNCIO_FUZZ_COUNT"] ?? 300);
const seed = Number(process.env["WASYNCIO_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 32));

/** python/streams.py. */
interface Streams {
  run_programs(programs: string): string;
}

test(`${COUNT} random programs of seed ${seed} do what they do in CPython`, { timeout: 600_000 }, async () => {
  const python = await loadPython(resolve(import.meta.dirname, "python"));
  const streams = python.pyimport("streams") as Streams;
  let events = 0;
  for (let first = 0; first < COUNT; first += 100) {
    const programs = Array.from({ length: Math.min(100, COUNT - first) }, (_, index) => generate(seed, first + index));
    const traces = JSON.parse(streams.run_programs(JSON.stringify(programs))) as unknown[][];
    for (const [index, program] of programs.entries()) {
      events += traces[index].length;
      expect(traceOf(program), `program ${first + index} of seed ${seed}: ${JSON.stringify(program)}`).toEqual(
        inJavaScript(traces[index]),
      );
    }
  }
  expect(events / COUNT).toBeGreaterThan(9);
});

function traceOf(program: Program): unknown {
  try {
    return asData(run(program));
  } catch (error) {
    return String(error); // shows with the program
  }
}
