// Where the engine's stack ends: the call that does not fit is rejected, or refused, and the loop goes on.

import { describe, expect, test } from "vitest";
import { allTasks, getRunningLoop } from "wasyncio";
import { sleep as pause, run } from "wasyncio/async";
import { slotsInUse } from "../../support/counters.ts";
import { onLoop } from "../../support/lowered-program.ts";

/** Runs a function `main` that logs. Returns what it has logged, and has left, in tasks and in slots. */
async function play(code: string): Promise<{ log: string[]; left: number }> {
  const log: string[] = [];
  const state = (): number => slotsInUse(getRunningLoop()) + [...allTasks()].length;
  const main = onLoop(code, { globals: { state, getRunningLoop, pause } });
  const left = await run(() => main((...what: unknown[]) => void log.push(what.join(" "))));
  return { log, left: left as number };
}

/** The text of what does something at each depth, until the engine's stack ends, and logs by what that is. */
const atEachDepth = (something: string): string => `
  function down(depth) {
    try {
      ${something};
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    down(depth + 1);
  }
  try {
    down(0);
  } catch (error) {
    log(error.name);
  }`;

test("recursion without an await of the call rejects the call that does not fit, and those that wait for it", async () => {
  const { log, left } = await play(`
    let depth = 0;
    async function down() {
      depth++;
      const further = down();
      await further;
    }
    async function main() {
      await null;
      const before = state();
      for (let time = 0; time < 3; time++) {
        depth = 0;
        const outcome = await down().then(() => "done", (error) => error);
        log(outcome instanceof RangeError, depth > 1000);
      }
      return state() - before;
    }`);
  expect(log).toEqual(["true true", "true true", "true true"]);
  expect(left).toBe(0);
});

const functions = {
  "returns at once": `async () => 1`,
  "throws at once": `async () => { throw new TypeError("own"); }`,
  waits: `async () => { await null; return 1; }`,
  "calls another": `async () => { const other = (async () => 1)(); return await other; }`,
  "returns a promise": `async () => Promise.resolve(1)`,
  "calls promises": `async () => await Promise.all([1, Promise.reject(new TypeError("own")).catch(() => 2)])`,
};

describe.each(Object.entries(functions))("called at each depth up to the end, one that %s", (_, text) => {
  test("ends as it does elsewhere, or by a RangeError", async () => {
    const { log, left } = await play(`
      const called = ${text};
      async function main() {
        await called().catch(() => {});
        const before = state();
        const promises = [];
        ${atEachDepth("promises.push(called())")}
        const nameOf = (promise) => promise.then(() => "done", (error) => error.name);
        const outcomes = new Set(await Promise.all(promises.map(nameOf)));
        const expected = await nameOf(called());
        log(outcomes.delete(expected), [...outcomes].every((name) => name === "RangeError"), promises.length > 1000);
        return state() - before;
      }`);
    expect(log).toEqual(["RangeError", "true true true"]);
    expect(left).toBe(0);
  });
});

const beginnings = {
  "a callback": `getRunningLoop().callSoon(() => {})`,
  "a timer of the loop": `getRunningLoop().callLater(0, () => {})`,
  "a timer": `setTimeout(() => {}, 1)`,
  "a done-callback": `pending.addDoneCallback(() => {})`,
};

describe.each(Object.entries(beginnings))("%s, begun at each depth up to the end", (_, begin) => {
  test.each([1, 3, 8])("is there as a whole or not at all, every %d frames", async (gap) => {
    const { log, left } = await play(`
      async function main() {
        await pause(0.001);
        const before = state();
        const pending = getRunningLoop().createFuture();
        ${atEachDepth(`if (depth % ${gap} === 0) ${begin}`)}
        pending.cancel();
        await pause(0.005);
        return state() - before;
      }`);
    expect(log).toEqual(["RangeError"]);
    expect(left).toBe(0);
  });
});
