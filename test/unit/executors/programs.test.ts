// Programs with executors, each in a process of its own over the built package: programs of one file, how long they
// live, and workers of their own.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { root, run, runInNode } from "../../support/processes.ts";

// in the repository, whose package they import by its name
const folder = mkdtempSync(join(root, "build/executors-"));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;

/** Runs a module in Node. Gives what it has written when it has ended in order. */
async function output(program: string, files: Record<string, string> = {}): Promise<string> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const file = join(folder, `program-${++count}.mjs`);
  writeFileSync(file, program);
  const { end, stdout, stderr } = await run([process.execPath, file]);
  return end === 0 && stderr === "" ? stdout.trim() : `${String(end)}: ${stdout}${stderr}`;
}

const ONE_FILE = (pool: string): string => `
  import { run, gather } from "wasyncio";
  import { ${pool}, job } from "wasyncio/executors";
  const count = job(import.meta, function count(to) {
    let counter = 0;
    while (counter < to) counter += STEP;
    return counter;
  });
  const STEP = 1;
  console.log("loaded");
  await run(function* () {
    yield* new ${pool}({ maxWorkers: 2 }).with(function* (pool) {
      console.log((yield* gather(...[1, 3, 5, 22, 1000].map((to) => pool.submit(count, to)))).join());
    });
  });
  console.log("end");`;

describe("a program of one file", () => {
  test.each(["ThreadPoolExecutor", "ProcessPoolExecutor"])("needs no guard with a %s", async (pool) => {
    const lines = (await output(ONE_FILE(pool))).split("\n");
    expect(lines.filter((line) => line !== "loaded")).toEqual(["1,3,5,22,1000", "end"]);
    expect(lines.length - 2).toBeGreaterThanOrEqual(2); // in the program, and in each worker that was needed
  });

  test("may run programs in its jobs", async () => {
    expect(
      await output(`
        import { run, sleep } from "wasyncio";
        import { job, toThread } from "wasyncio/executors";
        const nested = job(import.meta, (() => function nested() { return run(function* () { yield* sleep(0.01); return "inside"; }); })());
        await run(function* () { console.log(yield* toThread(nested)); });`),
    ).toBe("inside");
  });

  test("says which job is not there", async () => {
    expect(
      await output(`
        import { run } from "wasyncio";
        import { job, toThread } from "wasyncio/executors";
        import { isMainThread } from "node:worker_threads";
        const here = isMainThread ? job(import.meta, function here() {}) : null;
        await run(function* () { yield* toThread(here); }).catch((error) => console.log(error.name, error.message));`),
    ).toMatch(/^RuntimeError Cannot find the job 'here': file:.* makes none of that name before it calls run$/);
  });
});

test("a job that is made behind the program is not found, each time", async () => {
  expect(
    await output(`
      import { run } from "wasyncio";
      import { job, ThreadPoolExecutor } from "wasyncio/executors";
      const first = job(import.meta, function first() { return 1; });
      const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
      await run(function* () { console.log(yield* pool.submit(first)); });
      const second = job(import.meta, function second() { return 2; });
      for (let i = 0; i < 2; i++)
        await run(function* () { yield* pool.submit(second); }).catch(({ message }) => console.log(message.slice(0, 29)));`),
  ).toBe("1\nCannot find the job 'second':\nCannot find the job 'second':");
});

test("a loop that is closed by hand ends the jobs of its executor", async () => {
  expect(
    await output(`
      import { newEventLoop, sleep } from "wasyncio";
      import { runInExecutor } from "wasyncio/executors";
      const loop = newEventLoop();
      const begin = function* () {
        const jobs = [1, 2].map(() => runInExecutor(null, () => { for (;;); }));
        yield* sleep(0.3);
        return () => jobs.map((job) => job.done()).join();
      };
      const show = await loop.runUntilComplete(begin());
      loop.close();
      console.log(show());`),
  ).toBe("false,false");
});

describe("a process", () => {
  const HEAD = `
    import { run, sleep, DeadlockError } from "wasyncio";
    import { ProcessPoolExecutor, ThreadPoolExecutor, toThread } from "wasyncio/executors";`;

  test.each(["ThreadPoolExecutor", "ProcessPoolExecutor"])("ends by itself with an idle %s", async (pool) => {
    expect(
      await output(`${HEAD}
        const pool = new ${pool}({ maxWorkers: 2 });
        console.log(await run(function* () { return yield* pool.submit((a, b) => a + b, 1, 2); }));
        console.log(await run(function* () { return yield* pool.submit((a, b) => a + b, 1, 3); }));`),
    ).toBe("3\n4");
  });

  test.each(["ThreadPoolExecutor", "ProcessPoolExecutor"])("ends with a %s that is at work", async (pool) => {
    expect(
      await output(`${HEAD}
        const pool = new ${pool}({ maxWorkers: 1 });
        await run(function* () { pool.submit(() => { for (;;); }); yield* sleep(0.3); });
        console.log("end");`),
    ).toBe("end");
  });

  test("lives as long as its loop waits for a job, which is no deadlock", async () => {
    expect(
      await output(`${HEAD}
        const slow = () => new Promise((resolve) => setTimeout(resolve, 300, "slept"));
        await run(function* () { console.log(yield* toThread(slow)); });`),
    ).toBe("slept");
  });

  test("has no thread left behind run and with", async () => {
    expect(
      await output(`${HEAD}
        await run(function* () {
          yield* toThread(() => 1);
          yield* new ThreadPoolExecutor({ maxWorkers: 3 }).with(function* (pool) { yield* pool.submit(() => 2); });
        });
        console.log(process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort|Process/.test(name)).join());`),
    ).toBe("");
  });

  test("goes on when one of its processes is killed", async () => {
    expect(
      await output(`${HEAD}
        await run(() => new ProcessPoolExecutor({ maxWorkers: 1 }).with(function* (pool) {
          try { yield* pool.submit(() => process.kill(process.pid, "SIGKILL")); } catch ({ message }) { console.log(message); }
          console.log(yield* pool.submit(() => 1));
        }));`),
    ).toBe("The process of the job has ended before it gave a result: it ended with SIGKILL\n1");
  });

  test("that is killed takes its processes along", async () => {
    const pid = await output(`${HEAD}
      import { execPath } from "node:process";
      await run(function* () {
        const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
        console.log(yield* pool.submit(() => process.pid));
        yield* pool.submit(() => process.kill(process.ppid, "SIGKILL"));
      });`);
    expect(pid).toMatch(/^SIGKILL: \d+\n$/);
    const isThere = (): boolean => {
      try {
        return process.kill(Number(/\d+/.exec(pid.slice(7))?.[0]), 0);
      } catch {
        return false;
      }
    };
    while (isThere()) await new Promise((resolve) => void setTimeout(resolve, 10));
  });
});

test.each(["ThreadPoolExecutor", "ProcessPoolExecutor"])("a program that is given as text has a %s", async (pool) => {
  const { stdout, stderr } = await runInNode(`
    import { run } from "wasyncio";
    import { ${pool} } from "wasyncio/executors";
    await run(() => new ${pool}({ maxWorkers: 1 }).with(function* (pool) {
      console.log(yield* pool.submit((value) => value + 1, 1));
    }));`);
  expect([stdout, stderr]).toEqual(["2\n", ""]);
});

describe("a worker of the program's own", () => {
  const WORKER = `
    import { Worker } from "node:worker_threads";
    import { run } from "wasyncio";
    import { ThreadPoolExecutor } from "wasyncio/executors";
    import * as jobs from "./jobs.mjs";`;
  const FILES = {
    "jobs.mjs": `
      export const minified = (() => function a(value) { return value + 1; })();
      export function* coroutine(value) { return value + 2; }
      export function hog() { const all = []; for (;;) all.push(new Array(1e5).fill(0)); }`,
    "serving.mjs": `import { serveJobs } from "wasyncio/executors"; import * as jobs from "./jobs.mjs"; serveJobs(jobs);`,
  };

  test("serves the functions that it is given, by the names there", async () => {
    expect(
      await output(
        `${WORKER}
        const worker = () => new Worker(new URL("./serving.mjs", import.meta.url));
        await run(() => new ThreadPoolExecutor({ worker, jobs, maxWorkers: 1 }).with(function* (pool) {
          console.log(yield* pool.submit(jobs.minified, 1), yield* pool.submit(jobs.coroutine, 1));
          try { pool.submit(() => 1); } catch (error) { console.log(error.message); }
        }));`,
        FILES,
      ),
    ).toBe("2 3\nCannot send <function (anonymous)>: it is not among the jobs that the executor's workers serve");
  });

  test("fails its job alone when its memory is used up", async () => {
    expect(
      await output(
        `${WORKER}
        const resourceLimits = { maxOldGenerationSizeMb: 32 };
        const worker = () => new Worker(new URL("./serving.mjs", import.meta.url), { resourceLimits });
        await run(() => new ThreadPoolExecutor({ worker, jobs, maxWorkers: 1 }).with(function* (pool) {
          try { yield* pool.submit(jobs.hog); } catch (error) { console.log(error.name, /memory/.test(error.message)); }
          console.log(yield* pool.submit(jobs.minified, 1));
        }));`,
        FILES,
      ),
    ).toMatch(/^BrokenThreadPool true\n2$/);
  });

  test("breaks the executor when it cannot be started", async () => {
    expect(
      await output(`${WORKER.replace('import * as jobs from "./jobs.mjs";', "")}
        const worker = () => new Worker(new URL("./nowhere.mjs", import.meta.url));
        await run(() => new ThreadPoolExecutor({ worker, maxWorkers: 1 }).with(function* (pool) {
          try { yield* pool.submit(() => 1); } catch (error) { console.log(error.name, error.message.split(":")[0]); }
        }));`),
    ).toBe("BrokenThreadPool Cannot start a thread for jobs");
  });
});
