// The order of promise code is ECMAScript's, to the tick and the millisecond: random programs on the engine's promises,
// in a context whose microtasks run inside the call, and lowered on a loop.

import { describe, expect, test } from "vitest";
import { runLowered } from "../../../support/lowered-run.ts";
import { runNatively } from "../../../support/native-run.ts";
import { Random } from "../../../support/random.ts";
import { playLowered } from "./lowered.ts";
import { playNatively } from "./native.ts";
import { type Program, randomProgram } from "./programs.ts";

const COUNT = 150;
const seed = Number(process.env["WASYNCIO_SEED"] ?? 1);

function onEngine(program: Program): string[] {
  const after = "(ms, call) => void setTimeout(call, ms)";
  return runNatively(`return (${playNatively.toString()})(program, { log, after: ${after} })`, { program });
}

function onLoop(program: Program, inPlace: boolean): readonly string[] {
  return runLowered((log) => playLowered(program, { log }, inPlace) as Promise<unknown>).lines;
}

describe.each([
  ["as tasks", false],
  ["in place", true],
])("with calls %s", (_, inPlace) => {
  test("random programs do what they do on the engine's promises", () => {
    let lines = 0;
    for (let number = 0; number < COUNT; number++) {
      const program = randomProgram(new Random(seed, number));
      const expected = onEngine(program);
      expect(onLoop(program, inPlace), `program ${number}, WASYNCIO_SEED=${seed}`).toEqual(expected);
      lines += expected.length;
    }
    expect(lines).toBeGreaterThan(20 * COUNT); // they do something
  });
});
