// Rejections that nobody handles: what the host does about its own.

import { describe, expect, test } from "vitest";
import { getRunningLoop } from "wasyncio";
import { run } from "wasyncio/async";
import { simulate } from "wasyncio/testing";
import { lowered, onLoop } from "../../support/lowered-program.ts";
import { type Ended, runInNode } from "../../support/processes.ts";

const FAILS = `const fails = async (text) => { await null; throw new RangeError(text); };`;

/** A lowered program in a process of its own. */
const play = (main: string, before = ""): Promise<Ended> =>
  runInNode(
    lowered(
      `import { createTask, run, sleep } from "wasyncio/async"; import { getRunningLoop } from "wasyncio"; ${FAILS} ${before}
       await run(async () => { ${main} console.log("end of main"); }); console.log("end");`,
      "program.mjs",
    ),
  );

describe("in a process", () => {
  test.each([
    ["an async function", `fails("lost");`],
    ["a promise", `Promise.resolve().then(() => fails("lost"));`],
    ["a task", `createTask(() => fails("lost"));`],
  ])("%s whose failure nobody looks at ends it, while the program goes on", async (_, start) => {
    const { end, stdout, stderr } = await play(`${start} await sleep(60);`);
    expect([end, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("RangeError: lost\n    at fails");
  });

  test("a failure is told at the end when the program has nothing else to wait for", async () => {
    const { end, stdout, stderr } = await play(`const lost = fails("lost"); await null; await null;`);
    expect([end, stdout]).toEqual([1, "end of main\nend\n"]);
    expect(stderr).toContain("RangeError: lost");
  });

  test("one that is handled before nothing is ready any more is nobody's", async () => {
    const main = `const found = fails("found"); for (let i = 0; i < 50; i++) await null;
      try { await found; } catch (error) { console.log(error.message); }
      await Promise.race([sleep(0.001), fails("late").finally(() => {})]).catch(() => {});`;
    expect(await play(main)).toEqual({ end: 0, stdout: "found\nend of main\nend\n", stderr: "" });
  });

  test("one that code of the host's is given, and handles in its next job, is nobody's", async () => {
    const before = `const handled = new Function("promise", "return Promise.all([promise]).catch(({ message }) => message)");`;
    const main = `console.log(await handled((async () => { throw new RangeError("found"); })()));`;
    expect(await play(main, before)).toEqual({ end: 0, stdout: "found\nend of main\nend\n", stderr: "" });
  });

  test("the host's own listeners get it", async () => {
    const listen = `process.on("unhandledRejection", (error) => console.log("listener:", error.message));`;
    const { end, stdout } = await play(`fails("lost"); await sleep(0.01);`, listen);
    expect([end, stdout]).toEqual([0, "listener: lost\nend of main\nend\n"]);
  });
});

test("an exception handler of the loop gets it, in asyncio's words", async () => {
  const reports: string[] = [];
  const main = onLoop(`${FAILS} async function main() { before(); fails("lost"); await null; await turn(); }`, {
    globals: {
      before: () =>
        getRunningLoop().setExceptionHandler((_, { message, exception, future }) =>
          reports.push(`${message}: ${exception}: ${future?.done()}`),
        ),
      turn: () => new Promise((resolve) => setImmediate(resolve)),
    },
  });
  await run(() => main(() => {}));
  expect(reports).toEqual(["Promise exception was never retrieved: RangeError: lost: true"]);
});

test("a simulation fails with it at its end", () => {
  const main = onLoop(`${FAILS} async function main() { fails("lost"); await null; return "fine"; }`);
  const { status, error, reports } = simulate(() => main(() => {}));
  expect([status, String(error)]).toEqual(["error", "RangeError: lost"]);
  expect(reports).toEqual([
    expect.stringMatching(/^Promise exception was never retrieved\nfuture: .*\nsourceTraceback: /),
  ]);
});

test("what a cancelled function was about to return may fail while it cleans up", () => {
  const main = onLoop(`
    const work = async () => { try { await new Promise(() => {}); } finally { throw new RangeError("cleaning up"); } };
    async function main() {
      const task = (async () => work())();
      task.cancel(); // before it follows what it returns
      const [{ reason }] = await Promise.allSettled([task]);
      return reason.name;
    }`);
  const { status, value, error } = simulate(() => main(() => {}));
  expect([status, value, error]).toEqual(["ok", "CancelledError", undefined]);
});
