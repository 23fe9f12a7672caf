// What is settled leaves nothing at what is not.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { createTask, getRunningLoop, sleep } from "wasyncio";
import { run } from "wasyncio/async";
import { simulate } from "wasyncio/testing";
import { slotsInUse } from "../../support/counters.ts";
import { onLoop } from "../../support/lowered-program.ts";

const RACES = 100_000;

const long = {
  "a promise": `new Promise(() => {})`,
  "a task": `(async () => { await new Promise(() => {}); })()`,
  "a task of a coroutine": `host.createTask(host.sleep(3600))`,
  "a promise of the host's": `new host.Promise(() => {})`,
  "a thenable": `{ then() {} }`,
};
const combinations = {
  race: `Promise.race([Promise.resolve(1), long])`,
  any: `Promise.any([Promise.resolve(1), long])`,
  all: `Promise.all([Promise.reject(1), long]).catch(() => 1)`,
};

/** Settles a combination so many times beside a promise that does not settle. Returns what that has left, in slots. */
async function repeat(long: string, combination: string, times: number): Promise<number> {
  const code = `async function main() {
    const long = ${long};
    for (let i = 0; i < 10; i++) await ${combination};
    const before = slots();
    for (let i = 0; i < ${times}; i++) await ${combination};
    return slots() - before;
  }`;
  const slots = (): number => slotsInUse(getRunningLoop());
  const main = onLoop(code, { globals: { host: { Promise, createTask, sleep }, slots } });
  return (await run(() => main(() => {}))) as number;
}

describe.each(Object.entries(long))("beside %s", (_, promise) => {
  test.each(Object.entries(combinations))("a settled %s leaves no reaction", async (_, combination) => {
    expect(await repeat(promise, combination, 100)).toBe(0);
  });
});

test("100,000 races against one promise keep no memory", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const heap = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const code = `async function main() {
    const long = new Promise(() => {});
    const own = new host.Promise(() => {});
    const races = async (n) => { for (let i = 0; i < n; i++) await Promise.race([work(i), long, own]); };
    const work = async (i) => i;
    await races(${RACES / 10});
    const before = heap();
    await races(${RACES});
    return heap() - before;
  }`;
  const main = onLoop(code, { globals: { host: { Promise }, heap } });
  const bytes = (await run(() => main(() => {}))) as number;
  expect(bytes / RACES).toBeLessThan(10); // a reaction takes some hundreds
});

describe("what a settled race has left behind", () => {
  /** What a program logs in a simulation. */
  const logOf = (code: string): unknown => {
    const main = onLoop(`async function main() { const log = []; ${code} return log; }`);
    const { status, value, error } = simulate(() => main(() => {}));
    return status === "ok" ? value : String(error);
  };

  test("is handled when it fails later, and still has its other reactions, in their order", () => {
    expect(
      logOf(`let fail; const loser = new Promise((_, reject) => { fail = reject; });
        loser.catch(() => log.push("first")); await Promise.race([1, loser]); loser.catch(() => log.push("second"));
        fail(new Error("late")); await null; await null;
        let lose; const lost = new Promise((_, reject) => { lose = reject; }); await Promise.race([1, lost]);
        lose(new Error("nobody's")); await null;`),
    ).toEqual(["first", "second"]);
  });

  test("is cancelled with the only one who still waits for it", () => {
    expect(
      logOf(`const work = async () => {
          try { await new Promise(() => {}); } catch (CancelledError) { log.push("stopped"); throw CancelledError; }
        };
        const loser = work(); await Promise.race([1, loser]);
        const reader = (async () => { await loser; })(); await null;
        reader.cancel(); await Promise.allSettled([reader]);`),
    ).toEqual(["stopped"]);
  });

  test("is left by a race that is cancelled, when somebody else waits for it", () => {
    expect(
      logOf(`let give; const shared = new Promise((resolve) => { give = resolve; });
        const reader = (async () => log.push(await shared))();
        const race = Promise.race([shared, new Promise(() => {})]); await null;
        race.cancel(); await Promise.allSettled([race]); give("still there"); await reader;`),
    ).toEqual(["still there"]);
  });
});
