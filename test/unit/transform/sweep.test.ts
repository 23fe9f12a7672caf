// Random programs, lowered, and cancelled wherever one of their tasks waits: each `finally` runs, and nothing is left,
// neither tasks and timers nor rejections that nobody handles. WASYNCIO_FUZZ_SEED plays a seed again.

import { expect, test } from "vitest";
import { type Coroutine, shielded, sleep } from "wasyncio";
import { sweep } from "wasyncio/testing";
import { randomAsyncProgram } from "../../support/async-programs.ts";
import { Random } from "../../support/random.ts";
import { onLoop } from "../../support/lowered-program.ts";

const COUNT = 50;
const seed = Number(process.env["WASYNCIO_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 32));

/** The labels of blocks that have told of themselves so. */
const labelsOf = (lines: readonly string[], word: string): string[] =>
  lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length)] : [])).sort();

test(`${COUNT} random programs end in order wherever they are cancelled (seed ${seed})`, () => {
  let runs = 0;
  for (let stream = 0; stream < COUNT; stream++) {
    const code = randomAsyncProgram(new Random(seed, stream));
    const start = onLoop(code);
    let lines: string[] = [];
    function* program(): Coroutine<void> {
      lines = [];
      try {
        yield* start((what) => void lines.push(String(what))) as unknown as Coroutine<unknown>;
      } finally {
        yield* shielded(() => sleep(2)); // what nobody awaits ends
      }
    }
    const result = sweep(program, {
      cancel: true,
      cancelTwice: true,
      timeout: true,
      cancelWithCompletion: true,
      check: () => expect(labelsOf(lines, "ends")).toEqual(labelsOf(lines, "begins")),
    });
    runs += result.runs;
    expect(result.failures.map(String), `program ${stream} of seed ${seed}: ${code}`).toEqual([]);
  }
  expect(runs).toBeGreaterThan(20 * COUNT);
});
