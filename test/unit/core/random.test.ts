// Random operations on the core and on its model (random-operations.ts); test/hosts plays them on every host.
//
// The seed is fixed, so that a run can be repeated; `WASYNCIO_SEED=7 npx vitest run test/unit/core/random.test.ts`
// plays others. A failure prints the seed, and the shortest sequence of operations that fast-check found to fail.

import { afterAll, expect, test } from "vitest";
import { GAMES, play } from "./random-operations.ts";

const SEED = Number(process.env["WASYNCIO_SEED"] ?? 20_250_701);
/** Sequences of operations a test. */
const RUNS = 50;

/** Operations that were played, over all tests of this file. */
let played = 0;
afterAll(() => expect(played).toBeGreaterThanOrEqual(200_000));

test.each(GAMES)("the core does what its model does: $name", { timeout: 120_000 }, (game) => {
  played += play(game, SEED, RUNS);
});
