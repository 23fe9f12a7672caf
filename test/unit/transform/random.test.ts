// Random programs on the engine's promises and timers, and lowered on a loop, both in virtual time: the same log, line
// for line and millisecond for millisecond. WASYNCIO_FUZZ_SEED plays a seed again, WASYNCIO_FUZZ_COUNT plays more of
// it.

import { expect, test } from "vitest";
import { randomAsyncProgram } from "../../support/async-programs.ts";
import { runLowered } from "../../support/lowered-run.ts";
import { runNatively } from "../../support/native-run.ts";
import { Random } from "../../support/random.ts";
import { onLoop } from "../../support/lowered-program.ts";

const COUNT = Number(process.env["WASYNCIO_FUZZ_COUNT"] ?? 300);
const seed = Number(process.env["WASYNCIO_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
/** Logs each tick of the first hundred. */
const TICKS = `{ let n = 0; (function tick() { if (n++ < 100) { Promise.resolve().then(tick); log("tick"); } })(); }`;

test(`${COUNT} random programs do on a loop what they do on the engine (seed ${seed})`, { timeout: 600_000 }, () => {
  let lines = 0;
  for (let stream = 0; stream < COUNT; stream++) {
    const code = `${randomAsyncProgram(new Random(seed, stream))}\n${TICKS}`;
    const expected = runNatively(`${code}\nreturn main();`);
    for (const inPlace of [true, false]) {
      const actual = runLowered(onLoop(code, { inPlace })).lines;
      expect(actual, `program ${stream} of seed ${seed}, calls in place: ${inPlace}: ${code}`).toEqual(expected);
    }
    lines += expected.length - 100;
  }
  expect(lines).toBeGreaterThan(20 * COUNT); // they do something
});
