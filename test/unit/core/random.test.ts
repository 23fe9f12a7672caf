// Random operations on the core and on the one in TypeScript (random-operations.ts); test/hosts plays them on every
// host.
//
// The seed is fixed, so that a run can be repeated; `WASYNCIO_SEED=7 npx vitest run test/unit/core/random.test.ts`
// plays others. A failure prints the seed, and the shortest sequence of operations that fast-check found to fail.

import { afterAll, expect, test } from "vitest";
import { createTypeScriptCore } from "../../support/typescript-core/core.ts";
import { GAMES, play } from "./random-operations.ts";

const SEED = Number(process.env["WASYNCIO_SEED"] ?? 20_250_701);
/** What no operation calls: state.test.ts asks for every transition, and each core has its own memory. */
const NEVER_PLAYED = ["initialize", "inspection", "objects", "onWake", "pageCount", "transition"];
/** Sequences of operations a test. */
const RUNS = 50;

/** Operations that were played, and calls that they made, over all tests of this file. */
let played = 0;
const called = new Set<string>();
afterAll(() => {
  expect(played).toBeGreaterThanOrEqual(200_000);
  const never = Object.keys(createTypeScriptCore()).filter((name) => !called.has(name));
  expect(never.sort()).toEqual(NEVER_PLAYED);
});

test.each(GAMES)("the two cores do the same: $name", { timeout: 120_000 }, (game) => {
  const result = play(game, SEED, RUNS);
  played += result.played;
  for (const name of result.called) called.add(name);
});
