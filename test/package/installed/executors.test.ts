// Executors of the packed package: in Deno and Bun, whose threads and processes differ from Node's, and in pages, whose
// workers a bundler makes.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BROWSERS, openBrowser } from "../../support/browsers.ts";
import { type Site, firstWords, serve } from "./pages.ts";
import { type Project, createProject, engine, tool } from "./project.ts";

const PROGRAM = (pool: string, stops: boolean): string => `
import { run, sleep, timeout, forEach, gather } from "wasyncio";
import { ${pool}, currentJob, job } from "wasyncio/executors";

const add = job(import.meta, function add(left, right) { return left + right; });
const steps = job(import.meta, function steps() { for (let i = 0; i < 3; i++) currentJob()?.progress(i); });
const nap = job(import.meta, function* nap() { yield* sleep(60); });
const spin = job(import.meta, function spin() { for (;;); });
const crash = job(import.meta, function crash() { process.exit(3); });
const fail = job(import.meta, async function fail() { throw new RangeError("no such row"); });

const nameOf = function* (awaitable) {
  try { return yield* awaitable; } catch (error) { return error.name; }
};

await run(() => new ${pool}({ maxWorkers: 1, grace: 0.05 }).with(function* (pool) {
  console.log((yield* gather([...Array(300).keys()].map((i) => pool.submit(add, i, 1)))).every((sum, i) => sum === i + 1));
  console.log(yield* pool.submit((left, right) => left * right, 6, 7));
  const future = pool.submit(steps);
  yield* forEach(future.progress, (step) => console.log("step", step));
  console.log(yield* nameOf(pool.submit(fail)), yield* nameOf(pool.submit(add, () => {}, 1)));
  console.log(yield* nameOf(timeout(0.05).with(() => pool.submit(nap))));
  if (${stops}) console.log(yield* nameOf(timeout(0.05).with(() => pool.submit(spin))));
  console.log(yield* nameOf(pool.submit(crash)), yield* pool.submit(add, 20, 22));
}));
console.log("end");
`;

const printed = (broken: string, stops: boolean): string =>
  [
    "true\n42\nstep 0\nstep 1\nstep 2\nRangeError DataCloneError\nTimeoutError",
    ...(stops ? ["TimeoutError"] : []),
    `${broken} 42\nend\n`,
  ].join("\n");

describe.each([
  ["node", () => [process.execPath]],
  ["deno", () => [engine("deno"), "run", "--quiet", "--no-lock", "--allow-all"]],
  ["bun", () => [engine("bun")]],
] as const)("in %s", (name, command) => {
  test("threads", async () => {
    const stops = name !== "deno"; // which cannot stop a thread that does not give way
    const project = createProject({}, { "main.mjs": PROGRAM("ThreadPoolExecutor", stops) });
    expect(await project.run(...command(), "main.mjs")).toBe(printed("BrokenThreadPool", stops));
  });

  test("processes", async () => {
    const project = createProject({}, { "main.mjs": PROGRAM("ProcessPoolExecutor", true) });
    const output = await project.run(...command(), "main.mjs");
    expect(output).toBe(printed("BrokenProcessPool", true));
  });
});

const PAGE = {
  "index.html": `<!doctype html><title>executors</title><script type="module" src="/main.ts"></script>`,
  "jobs.ts": `
    import { type Coroutine, sleep } from "wasyncio";
    export function add(left: number, right: number): number { return left + right; }
    export function* nap(): Coroutine<void> { yield* sleep(60); }
    export function spin(): void { for (;;); }
    export function* leave(): Coroutine<void> { close(); yield* sleep(60); }`,
  "jobs.worker.ts": `
    import { serveJobs } from "wasyncio/executors";
    import * as jobs from "./jobs.ts";
    serveJobs(jobs);`,
  "main.ts": `
    import { type Awaitable, type Coroutine, ensureFuture, gather, run, timeout } from "wasyncio";
    import { ProcessPoolExecutor, ThreadPoolExecutor } from "wasyncio/executors";
    import * as jobs from "./jobs.ts";

    function* nameOf(awaitable: Awaitable<unknown>): Coroutine<unknown> {
      try { return yield* ensureFuture(awaitable); } catch (error) { return (error as Error).name; }
    }
    const worker = () => new Worker(new URL("./jobs.worker.ts", import.meta.url), { type: "module" });
    const lines: unknown[] = [];
    await run(() => new ThreadPoolExecutor({ worker, jobs, maxWorkers: 2, grace: 0.05 }).with(function* (pool) {
      lines.push((yield* gather([1, 2, 3].map((value) => pool.submit(jobs.add, value, 1)))).join());
      lines.push(yield* nameOf(timeout(0.05).with(() => pool.submit(jobs.nap))));
      lines.push(yield* nameOf(timeout(0.05).with(() => pool.submit(jobs.spin))));
      lines.push(yield* nameOf(pool.submit(jobs.leave)), yield* pool.submit(jobs.add, 20, 22));
      try { new ProcessPoolExecutor().submit(jobs.add, 1, 2); } catch (error) { lines.push((error as Error).message); }
    }));
    console.log(lines.join("; "));`,
};

describe.each(BROWSERS)("in %s", (name) => {
  let browser: Browser;
  let site: Site;
  let project: Project;

  beforeAll(async () => {
    browser = await openBrowser(name);
    project = createProject({}, PAGE);
    await project.run(process.execPath, tool("vite/bin/vite.js"), "build", "--logLevel", "warn");
    site = await serve(project.path("dist"));
  });
  afterAll(async () => {
    site?.close();
    await browser?.close();
  });

  test("threads, by a worker of the page's own", async () => {
    expect(await firstWords(browser, site.address)).toBe(
      "2,3,4; TimeoutError; TimeoutError; BrokenThreadPool; 42; Cannot use workers: pages have no processes",
    );
  });
});
