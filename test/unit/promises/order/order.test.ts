// The order of promise code is ECMAScript's, to the tick and the millisecond: random programs on the engine's promises,
// in a context whose microtasks run inside the call, and lowered on a loop.

import { describe, expect, test } from "vitest";
import { onLoop } from "../../../support/lowered-program.ts";
import { runLowered } from "../../../support/lowered-run.ts";
import { runNatively } from "../../../support/native-run.ts";
import { Random } from "../../../support/random.ts";
import { play } from "./play.ts";
import { type Program, randomProgram } from "./programs.ts";

const COUNT = 150;
const seed = Number(process.env["WASYNCIO_SEED"] ?? 1);

/** Needs nothing around it, because its text is run in a context of its own, and lowered. */
const PLAYER = `${play.toString()}
  const main = () => play(program, { log, after: (ms, call) => void setTimeout(call, ms) });`;

const onEngine = (program: Program): string[] => runNatively(`${PLAYER} return main();`, { program });

const onLoopOf = (program: Program, inPlace: boolean): readonly string[] =>
  runLowered(onLoop(PLAYER, { inPlace, globals: { program } })).lines;

describe.each([
  ["as tasks", false],
  ["in place", true],
])("with calls %s", (_, inPlace) => {
  test("random programs do what they do on the engine's promises", () => {
    let lines = 0;
    for (let number = 0; number < COUNT; number++) {
      const program = randomProgram(new Random(seed, number));
      const expected = onEngine(program);
      expect(onLoopOf(program, inPlace), `program ${number}, WASYNCIO_SEED=${seed}`).toEqual(expected);
      lines += expected.length;
    }
    expect(lines).toBeGreaterThan(20 * COUNT); // they do something
  });
});
