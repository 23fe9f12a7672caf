// Signals of real processes, on Node: what a handler is told, and how long a process lives for it.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ProgramFolder } from "../../support/program-folder.ts";

let folder: ProgramFolder;
beforeAll(async () => {
  folder = await ProgramFolder.create();
});
afterAll(() => folder.remove());

/** A program that waits for a signal and nothing else, and ends in order. */
const waitingFor = (signal: string): string => `
  import { Event, getRunningLoop, run, sleep } from "./wasyncio.mjs";
  await run(function* () {
    const stop = new Event();
    getRunningLoop().addSignalHandler("${signal}", (...args) => {
      console.log(...args);
      stop.set();
    }, "got", "${signal}");
    console.log("started", process.listenerCount("${signal}"));
    yield* stop.wait();
    yield* sleep(0.05);
    console.log("cleaned up");
  });
  console.log("ended", process.listenerCount("${signal}"));
`;

describe.skipIf(process.platform === "win32")("a process that waits for a signal", () => {
  test.concurrent.each(["SIGTERM", "SIGHUP", "SIGUSR2", "SIGINT"] as const)(
    "lives until %s comes, and ends in order",
    async (signal) => {
      const running = folder.start(waitingFor(signal));
      await running.wrote("started");
      running.child.kill(signal);
      const { end, stdout, stderr } = await running.ended;
      expect([end, stdout, stderr]).toEqual([0, `started 1\ngot ${signal}\ncleaned up\nended 0\n`, ""]);
    },
  );

  test("is ended by it when the handler is removed", async () => {
    const running = folder.start(`
      import { getRunningLoop, run, sleep } from "./wasyncio.mjs";
      await run(function* () {
        const loop = getRunningLoop();
        loop.addSignalHandler("SIGTERM", () => console.log("never"));
        console.log(loop.removeSignalHandler("SIGTERM"), loop.removeSignalHandler("SIGTERM"));
        yield* sleep(1000);
      });
    `);
    await running.wrote("true false");
    running.child.kill("SIGTERM");
    const { end, stdout } = await running.ended;
    expect([end, stdout]).toEqual(["SIGTERM", "true false\n"]);
  });

  test("takes over from run's Ctrl-C, and gives it back", async () => {
    const running = folder.start(`
      import { getRunningLoop, run, sleep } from "./wasyncio.mjs";
      await run(function* () {
        const loop = getRunningLoop();
        let count = 0;
        loop.addSignalHandler("SIGINT", () => {
          console.log("own", ++count);
          if (count === 2) console.log("removed", loop.removeSignalHandler("SIGINT"));
        });
        console.log("started");
        try {
          yield* sleep(1000);
        } finally {
          yield* sleep(0.01);
          console.log("cleaned up");
        }
      }).catch((error) => console.log(error.name));
    `);
    for (const text of ["started", "own 1", "removed true"]) {
      await running.wrote(text);
      running.child.kill("SIGINT");
    }
    const { end, stdout } = await running.ended;
    expect([end, stdout]).toEqual([0, "started\nown 1\nown 2\nremoved true\ncleaned up\nKeyboardInterrupt\n"]);
  });
});

describe("a process", () => {
  test("does not stay for a handler, or a future for the outside, of a loop that does not run", async () => {
    const { end, stdout } = await folder.run(`
      import { newEventLoop } from "./wasyncio.mjs";
      const loop = newEventLoop();
      loop.addSignalHandler("SIGTERM", () => {});
      loop.createExternalFuture();
      await loop.runUntilComplete((function* () {})());
      console.log("end");
    `);
    expect([end, stdout]).toEqual([0, "end\n"]);
  });

  test("stays while a loop waits for what something outside is to settle, and is a deadlock behind it", async () => {
    const running = folder.start(`
      import { DeadlockError, getRunningLoop, run } from "./wasyncio.mjs";
      await run(function* () {
        const future = getRunningLoop().createExternalFuture();
        process.once("SIGUSR2", () => future.setResult("settled"));
        console.log("started");
        console.log(yield* future);
        yield* getRunningLoop().createFuture();
      }).catch((error) => console.log(error instanceof DeadlockError));
    `);
    await running.wrote("started");
    await new Promise((resolve) => setTimeout(resolve, 200)); // it would have ended by now
    running.child.kill("SIGUSR2");
    const { end, stdout } = await running.ended;
    expect([end, stdout]).toEqual([0, "started\nsettled\ntrue\n"]);
  });

  test("with twenty loops that have handlers has one listener, and no warning", async () => {
    const { end, stdout, stderr } = await folder.run(`
      import { getRunningLoop, run, sleep } from "./wasyncio.mjs";
      const programs = Array.from({ length: 20 }, () => run(function* () {
        getRunningLoop().addSignalHandler("SIGHUP", () => {});
        yield* sleep(0.05);
        return process.listenerCount("SIGHUP");
      }));
      console.log((await Promise.all(programs)).every((count) => count === 1), process.listenerCount("SIGHUP"));
    `);
    expect([end, stdout, stderr]).toEqual([0, "true 0\n", ""]);
  });

  test("has no signals in its worker threads, and the error says so", async () => {
    const { stdout } = await folder.run(`
      import { Worker, isMainThread } from "node:worker_threads";
      import { newEventLoop } from "./wasyncio.mjs";
      if (isMainThread) {
        new Worker(new URL(import.meta.url));
      } else {
        const loop = newEventLoop();
        try {
          loop.addSignalHandler("SIGTERM", () => {});
        } catch (error) {
          console.log(error.name, error.message);
        }
      }
    `);
    expect(stdout).toBe("NotAvailableError Cannot use addSignalHandler: signals come to the main thread only\n");
  });
});
