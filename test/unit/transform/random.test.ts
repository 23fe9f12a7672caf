// Random programs, as they stand and lowered: over the host's promises the same log, tick for tick. WASYNCIO_FUZZ_SEED
// plays a seed again.

import { expect, test } from "vitest";
import { Random } from "../../support/random.ts";
import { logOf, lowered } from "./evaluate.ts";
import { randomProgram } from "./random-programs.ts";

const seed = Number(process.env["WASYNCIO_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
const TICKS = `{ let n = 0; (function tick() { if (n++ < 100) { Promise.resolve().then(tick); log("tick"); } })(); }`;

test(`300 random programs do the same lowered (seed ${seed})`, async () => {
  let lines = 0;
  for (let stream = 0; stream < 300; stream++) {
    const code = `"use strict"; ${randomProgram(new Random(seed, stream))}\n${TICKS}`;
    const expected = await logOf(code);
    expect(await logOf(lowered(code)), `program ${stream} of seed ${seed}: ${code}`).toEqual(expected);
    lines += expected.filter((line) => line !== "tick").length;
  }
  expect(lines).toBeGreaterThan(3000); // they do something
});
