// The host's timers in lowered modules: what keeps the process alive, what tests put in their place, `timers/promises`.

import { describe, expect, test } from "vitest";
import { simulate } from "wasyncio/testing";
import { lowered, onLoop } from "../../support/lowered-program.ts";
import { type Ended, runInNode } from "../../support/processes.ts";

/** A lowered program in a process of its own. */
const play = (main: string, before = ""): Promise<Ended> =>
  runInNode(
    lowered(
      `import { run, sleep } from "wasyncio/async"; ${before}
       await run(async () => { ${main} }).catch(({ name }) => console.log(name));`,
      "program.mjs",
    ),
  );

const HOUR = 3_600_000;
const forEver = "await new Promise(() => {});";
const pause = (ms: number): string => `await new Promise((resolve) => setTimeout(resolve, ${ms}));`;

describe("a process", () => {
  test.each([
    ["does not live for a timer of which unref was called", `setTimeout(() => console.log("never"), ${HOUR}).unref();`],
    ["nor for an interval", `const interval = setInterval(() => {}, ${HOUR}); interval.unref();`],
    ["nor when it was started again", `setTimeout(() => {}, ${HOUR}).unref().refresh();`],
    [
      "nor when that is called between the loop's turns",
      `const timer = setTimeout(() => {}, ${HOUR}); outside(() => timer.unref());`,
    ],
    [
      "nor by a function that is lowered",
      `const timer = setTimeout(() => {}, ${HOUR}); outside(async () => void timer.unref());`,
    ],
    [
      "nor for one that is cleared between its turns",
      `const timer = setTimeout(() => {}, ${HOUR}); outside(() => clearTimeout(timer));`,
    ],
    ["nor for one of timers/promises without ref", `void pausing(${HOUR}, null, { ref: false });`],
  ])("%s", async (_, start) => {
    const before = `import { setTimeout as pausing } from "node:timers/promises";
      const outside = (call) => globalThis.setTimeout(call, 5);`;
    expect(await play(`${start} ${forEver}`, before)).toMatchObject({ end: 0, stdout: "DeadlockError\n" });
  });

  test("lives for others meanwhile, which changes the order of none", async () => {
    const main = `setInterval(() => console.log("interval"), 20).unref(); setTimeout(() => console.log("first"), 10);
      setTimeout(() => console.log("second"), 10).unref(); setTimeout(() => console.log("third"), 10);
      ${pause(30)} await sleep(0.02); console.log("end"); ${forEver}`;
    const { stdout } = await play(main);
    expect(stdout).toContain("third\ninterval\n");
    // The interval goes on to the end.
    expect(stdout.replaceAll("interval\n", "")).toBe("first\nsecond\nthird\nend\nDeadlockError\n");
  });

  test("lives for a timer of which ref was called then", async () => {
    const main = `setTimeout(() => console.log("fired"), 10).unref().ref(); ${forEver}`;
    expect((await play(main)).stdout).toBe("fired\nDeadlockError\n");
  });
});

describe("what a program puts in the place of a timer", () => {
  const asked = `const original = setTimeout; const asked = [];
    globalThis.setTimeout = (call, ms) => { asked.push(ms); return original(call, 0); };`;

  test("is called by its name, may call what was there, and is not the loop's", async () => {
    const main = `${asked} ${pause(HOUR)} await sleep(0.001); ${pause(2)}
      globalThis.setTimeout = original; ${pause(1)} console.log(asked.join(), setTimeout === original);`;
    expect((await play(main)).stdout).toBe(`${HOUR},2 true\n`);
  });

  test("may be assigned by the name", async () => {
    const main = `const original = clearTimeout; const cleared = [];
      clearTimeout = (timer) => { cleared.push(typeof timer); original(timer); };
      clearTimeout(setTimeout(() => console.log("never"), 1)); clearTimeout = original;
      ${pause(5)} console.log(cleared.join());`;
    expect((await play(main)).stdout).toBe("object\n");
  });

  test("counts for nothing in virtual time", () => {
    const main = onLoop(`async function main() { ${pause(HOUR)} return "fine"; }`);
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (() => expect.unreachable()) as never;
    try {
      expect(simulate(() => main(() => {}))).toMatchObject({ status: "ok", value: "fine", time: HOUR / 1000 });
    } finally {
      globalThis.setTimeout = setTimeout;
    }
  });
});

describe("timers/promises", () => {
  /** What a lowered function returns in a simulation, and when. */
  async function simulated(main: string): Promise<{ value: unknown; time: number; error: unknown; left: number }> {
    const program = onLoop(`async function main() { ${main} }`, {
      globals: { timers: await import("wasyncio/lowered-timers"), ...(await import("wasyncio/async")) },
    });
    const { value, time, error, leaks } = simulate(() => program(() => {})) as never as Record<string, never>;
    return { value, time, error, left: (leaks as unknown[]).length };
  }

  test("wait in virtual time, and give a value", async () => {
    const main = `const values = [await timers.setTimeout(${HOUR}, "a"), await timers.setImmediate("b")];
      await timers.scheduler.wait(1000); await timers.scheduler.yield(); return values;`;
    const { value, time } = await simulated(main);
    expect([value, Math.round(time)]).toEqual([["a", "b"], HOUR / 1000 + 1]);
  });

  test.each([
    ["setTimeout", `timers.setTimeout(${HOUR}, "a", { signal })`],
    ["setImmediate", `timers.setImmediate("a", { signal })`],
    ["scheduler.wait", `timers.scheduler.wait(${HOUR}, { signal })`],
    ["setInterval", `timers.setInterval(${HOUR}, "a", { signal }).next()`],
  ])("%s is aborted by its signal, in Node's words", async (_, wait) => {
    const main = `const controller = new AbortController(); const { signal } = controller; const errors = [];
      for (const when of ["meanwhile", "before"]) {
        const waiting = ${wait};
        controller.abort("enough");
        await waiting.catch(({ name, code, message, cause }) => errors.push([name, code, message, cause].join()));
      }
      return errors;`;
    const { value, time } = await simulated(main);
    expect(value).toEqual(Array.from({ length: 2 }, () => "AbortError,ABORT_ERR,The operation was aborted,enough"));
    expect(time).toBeLessThan(1);
  });

  test("setInterval gives a value for each time that has gone by, until it is left", async () => {
    const main = `const times = [];
      for await (const value of timers.setInterval(1000, "tick")) {
        times.push(value);
        if (times.length === 1) await sleep(2.5); // two go by
        if (times.length === 4) break;
      }
      return times;`;
    const { value, time } = await simulated(main);
    expect([value, Math.round(time * 10) / 10]).toEqual([["tick", "tick", "tick", "tick"], 4]);
  });

  test("clear their timer when who waits is cancelled", async () => {
    const main = `try { await using _ = timeout(0.005); await timers.setTimeout(${HOUR}); }
      catch (error) { console.log(error.name); } ${forEver}`;
    const before = `import * as timers from "timers/promises"; import { timeout } from "wasyncio/async";`;
    const { stdout } = await play(main, before);
    expect(stdout).toBe("TimeoutError\nDeadlockError\n");
  });

  test.each([
    [`"1"`, `Invalid delay: expected milliseconds, got '1'`],
    [`1, 2, { signal: {} }`, /^Invalid signal: expected an AbortSignal, got/],
    [`1, 2, { ref: 0 }`, "Invalid ref: expected a boolean, got 0"],
    [`1, 2, null`, "Invalid options: expected an object, got null"],
  ])("refuse by a rejection, as Node does: %s", async (args, message) => {
    const main = `return [await timers.setTimeout(${args}).catch((error) => error), await timers.setInterval(${args}).next().catch((error) => error)];`;
    const { value } = await simulated(main);
    for (const error of value as Error[])
      expect([error.name, error.message]).toEqual([
        "TypeError",
        expect.toSatisfy((text: string) => (typeof message === "string" ? text === message : message.test(text))),
      ]);
  });

  test("are what promisify gives of a timer, with its options", async () => {
    const { value } = await simulated(
      `const promised = setTimeout[Symbol.for("nodejs.util.promisify.custom")]; return [promised === timers.setTimeout, await promised(5, "a")];`,
    );
    expect(value).toEqual([true, "a"]);
  });

  test("are Node's own outside of a loop", async () => {
    const program = lowered(
      `import timers, { setTimeout as pause } from "node:timers/promises";
      const it = timers.setInterval(1, "tick")[Symbol.asyncIterator]();
      console.log(await pause(1, "a") + await timers.setImmediate("b") + (await it.next()).value, util.types.isPromise(pause(1)));
      await it.return(); await timers.scheduler.wait(1);`.replace("import", `import util from "node:util"; import`),
      "program.mjs",
    );
    expect(await runInNode(program)).toMatchObject({ end: 0, stdout: "abtick true\n" });
  });
});
