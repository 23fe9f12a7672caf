// The order of promise code is ECMAScript's, to the tick and the millisecond: random programs on the engine's promises,
// in a context whose microtasks run inside the call, and lowered on a loop.

import { createContext, Script } from "node:vm";
import { describe, expect, test } from "vitest";
import { simulate } from "wasyncio/testing";
import { Random } from "../../../support/random.ts";
import { playLowered } from "./lowered.ts";
import { playNatively } from "./native.ts";
import { type Program, randomProgram } from "./programs.ts";

const COUNT = 150;
const seed = Number(process.env["WASYNCIO_SEED"] ?? 1);

/** What a program says, each line with the time. */
function onEngine(program: Program): string[] {
  const lines: string[] = [];
  const timers: { readonly at: number; readonly call: () => void }[] = [];
  let now = 0;
  let isOver = false;
  const world = {
    log: (...what: unknown[]) => lines.push(`${now} ${JSON.stringify(what)}`),
    // Behind those that are due at the same time: each is called, and has its microtasks run, before the next.
    after: (ms: number, call: () => void) => {
      const at = now + Math.max(1, ms);
      const place = timers.findLastIndex((timer) => timer.at <= at) + 1;
      timers.splice(place, 0, { at, call });
    },
  };
  const end = (): void => {
    isOver = true;
  };
  const job: { run: (() => void) | null } = { run: null };
  const context = createContext({ program, world, end, job }, { microtaskMode: "afterEvaluate" });
  const start = `globalThis.queueMicrotask = (job) => void Promise.resolve().then(job);
    (${playNatively.toString()})(program, world).then(end, end);`;
  new Script(start).runInContext(context);
  const turn = new Script("job.run()");
  for (let timer = timers.shift(); timer !== undefined && !isOver; timer = timers.shift()) {
    now = timer.at;
    job.run = timer.call;
    turn.runInContext(context);
  }
  return lines;
}

function onLoop(program: Program, inPlace: boolean): string[] {
  const lines: string[] = [];
  const log = (...what: unknown[]): void => {
    lines.push(`${Math.round(performance.now())} ${JSON.stringify(what)}`);
  };
  const { status, error } = simulate(() => playLowered(program, { log }, inPlace) as Promise<unknown>, {
    globals: "virtual",
    debug: false,
  });
  if (status !== "ok") lines.push(`${status}: ${String(error)}`);
  return lines;
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
