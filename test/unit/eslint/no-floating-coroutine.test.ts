// no-floating-coroutine, on programs as people write them: by what the file says, without types.

import { describe } from "vitest";
import { type Invalid, tryRule, tryTyped } from "./eslint.ts";

const dropped = (code: string, suggestions = 0): Invalid => ({ code, errors: [complaint("dropped", suggestions)] });
const complaint = (messageId: string, suggestions = 0) =>
  suggestions > 0 ? { messageId, suggestions } : { messageId };

const VALID = [
  // awaited, returned, kept, passed on, or not meant
  `import { sleep } from "wasyncio"; function* main() { yield* sleep(1); }`,
  `import { sleep } from "wasyncio"; function* main() { return sleep(1); }`,
  `import { sleep } from "wasyncio"; function* main() { const nap = sleep(1); yield* nap; }`,
  `import { createTask, sleep } from "wasyncio"; function* main() { createTask(sleep(1)); }`,
  `import { run, sleep } from "wasyncio"; run(sleep(1));`,
  `import { sleep } from "wasyncio"; void sleep(1);`,
  `import { gather, sleep } from "wasyncio"; function* main() { yield* gather(sleep(1), sleep(2)); }`,
  `import { gather, sleep } from "wasyncio"; function* main() { gather(sleep(1), sleep(2)); }`,
  `function* work() {} function* main() { const parts = [work(), work()]; for (const part of parts) yield* part; }`,
  `function* work() {} const jobs = { first: work() }; export default jobs;`,
  `function* work() {} const lazily = () => work(); export { lazily };`,
  `function* work() {} function* main() { const x = ready ? work() : null; if (x) yield* x; }`,
  `function* work() {} function* main() { const x = ready && work(); if (x) yield* x; }`,
  `function* work() {} function* main() { ready ? yield* work() : skip(); }`,
  `function* work() {} function* main() { ready && (yield* work()); }`,
  `function* work() {} function* main() { for (let i = 0; i < 3; i++) yield* work(); }`,
  `function* work() {} function* main() { if ((yield* work()) > 1) return; }`,
  `function* work() {} work.toString();`,
  `function* work() {} run(work); run(() => work());`,
  `function* work() {} jobs.map((job) => work(job));`,
  `function* work() {} function* main() { yield* pool.forEach((job) => work(job)); }`,
  `function* work() {} function* main() { yield* pool.forEach(work); }`,
  // not a coroutine, or not known to be one
  `import { sleep } from "timers"; sleep(1);`,
  `import { sleep } from "wasyncio/async"; async function main() { await sleep(1); }`,
  `import { createTask } from "wasyncio"; createTask(job);`,
  `import { Queue } from "wasyncio"; const queue = new Queue(); queue.putNowait(1);`,
  `import { Event } from "wasyncio"; class Gate { #open = new Event(); open() { this.#open.set(); } }`,
  `import { sleep } from "wasyncio"; function main(sleep) { sleep(1); }`,
  `async function* pages() {} pages();`,
  `async function work() {} work();`,
  `function work() {} work();`,
  `let work = function* () {}; work = () => {}; work();`,
  `class Jobs { *run() {} start() { this.run.call; run(); } } function run() {}`,
  `class Jobs { *run() {} start() { function inner() { this.run(); } inner.call({ run() {} }); } }`,
  `class Jobs { *run() {} static run() {} static start() { this.run(); } }`,
  `class Jobs { get run() { return noop; } start() { this.run(); } }`,
  `class Jobs extends Base { start() { this.run(); super.run(); } }`,
  `const loop = () => loop(); loop();`,
  `this.run(); [].forEach(log); forEach(items); items.forEach(); items["forEach"](log);`,
];

const sleep = `import { sleep } from "wasyncio";`;
const sleepAndTask = `import { createTask, sleep } from "wasyncio";`;

const INVALID: Invalid[] = [
  // where it is dropped
  {
    name: "what suggestions make of it",
    code: `${sleepAndTask} function* main() { sleep(1); }`,
    errors: [
      {
        messageId: "dropped",
        suggestions: [
          { messageId: "addStar", output: `${sleepAndTask} function* main() { yield* sleep(1); }` },
          { messageId: "addTask", output: `${sleepAndTask} function* main() { createTask(sleep(1)); }` },
        ],
      },
    ],
  },
  {
    name: "what suggestions import",
    code: `${sleep} export function start() { sleep(1); }`,
    errors: [
      {
        messageId: "dropped",
        suggestions: [
          {
            messageId: "addTask",
            output: `import { createTask, sleep } from "wasyncio"; export function start() { createTask(sleep(1)); }`,
          },
        ],
      },
    ],
  },
  {
    name: "parentheses",
    code: `function* work() {} function* main() { ready && work(); }`,
    errors: [
      {
        messageId: "dropped",
        suggestions: [
          { messageId: "addStar", output: `function* work() {} function* main() { ready && (yield* work()); }` },
        ],
      },
    ],
  },
  dropped(`${sleep} sleep(1);`, 1),
  dropped(`function* work() {} function* main() { for (const job of jobs) work(job); }`, 1),
  dropped(`function* work() {} function* main() { while (true) { work(); } }`, 1),
  dropped(`function* work() {} function* main() { if (ready) work(); }`, 1),
  dropped(`function* work() {} function* main() { ready ? work() : skip(); }`, 1),
  dropped(`function* work() {} function* main() { ready || work(); }`, 1),
  dropped(`function* work() {} function* main() { cached ?? work(); }`, 1),
  dropped(`function* work() {} function* main() { count++, work(); }`, 1),
  dropped(`function* work() {} function* main() { work(), count++; }`, 1),
  dropped(`function* work() {} function* main() { for (work(); ready; ) {} }`, 1),
  dropped(`function* work() {} function* main() { try { yield* a(); } finally { work(); } }`, 1),
  dropped(`function* work() {} function* main() { switch (kind) { case 1: work(); } }`, 1),
  dropped(`function* main() { function* inner() {} inner(); yield* other(); }`, 1),
  dropped(`function* work() {} button.onclick = () => { work(); };`),
  dropped(`function* work() {} jobs.forEach((job) => work(job));`),
  dropped(`function* work() {} jobs?.forEach((job) => work(job));`),
  dropped(`function* main(a = (work(), 1)) {} function* work() {}`),
  dropped(`function* work() {} test("works", () => { work(); });`),
  dropped(`function* countdown(n) { if (n > 0) countdown(n - 1); }`, 1),
  // how it is known
  dropped(`const work = function* () {}; work();`),
  dropped(`const start = () => work(); function* work() {} start();`),
  dropped(`${sleep} const nap = (time) => sleep(time); nap(1);`, 1),
  dropped(`import { sleep as pause } from "wasyncio"; pause(1);`, 1),
  dropped(`import * as asyncio from "wasyncio"; asyncio.sleep(1);`, 1),
  dropped(`const { sleep } = require("wasyncio"); sleep(1);`),
  dropped(`const asyncio = require("wasyncio"); const { sleep: pause } = asyncio; pause(1);`),
  dropped(`import { Queue } from "wasyncio"; const queue = new Queue(); function* main() { queue.put(1); }`, 2),
  dropped(`import { Queue } from "wasyncio"; new Queue().join();`, 1),
  dropped(`import { timeout } from "wasyncio"; function* main() { timeout(1).with(function* () {}); }`, 2),
  dropped(`import { TaskGroup } from "wasyncio"; const group = new TaskGroup(); group.with(function* () {});`, 1),
  dropped(`import { StreamReader } from "wasyncio/streams"; const reader = new StreamReader(); reader.readline();`),
  dropped(`class Gate { #open = new Event(); pass() { this.#open.wait(); } } import { Event } from "wasyncio";`, 1),
  dropped(
    `import { Lock } from "wasyncio"; class A { constructor() { this.lock = new Lock(); } go() { this.lock.acquire(); } }`,
    1,
  ),
  dropped(`import { Lock } from "wasyncio"; class Own extends Lock {} const own = new Own(); own.acquire();`, 1),
  dropped(`class Jobs { *run() {} start() { this.run(); } }`),
  dropped(`class Jobs { *run() {} *start() { this.run(); } }`, 1),
  dropped(`class Jobs { *#run() {} start() { this.#run(); } }`),
  dropped(`class Jobs { *run() {} start() { return () => { this.run(); }; } }`),
  dropped(`class Jobs { *run() {} start = () => { this.run(); }; }`),
  dropped(`class Jobs { static *run() {} static start() { this.run(); } }`),
  dropped(`class Jobs { static *run() {} } Jobs.run();`),
  dropped(`class Jobs { *run() {} } new Jobs().run();`),
  dropped(`class Base { *run() {} } class Jobs extends Base { start() { this.run(); } }`),
  dropped(`class Jobs { *"run it"() {} start() { this["run it"](); } }`),
  dropped(`const jobs = { *run() {} }; jobs.run();`),
  dropped(`const jobs = { *run() {}, start() { this.run(); } };`),
  dropped(`const jobs = { *run() {} }; const { run } = jobs; run();`),
  dropped(`const jobs = { *run() {} }; jobs?.run();`),
  // other mistakes with what a call gives
  { code: `function* isOpen() {} function* main() { if (isOpen()) return; }`, errors: [complaint("tested")] },
  {
    code: `function* isOpen() {} function* main() { while (!isOpen()) yield* wait(); }`,
    errors: [complaint("tested")],
  },
  { code: `function* isOpen() {} function* main() { return isOpen() && 1; }`, errors: [complaint("tested")] },
  { code: `function* isOpen() {} function* main() { return isOpen() ? 1 : 2; }`, errors: [complaint("tested")] },
  { code: `${sleep} async function main() { await sleep(1); }`, errors: [complaint("await")] },
  { code: `function* load() {} const page = await load();`, errors: [complaint("await")] },
  { code: `jobs.forEach(function* (job) { yield* job.run(); });`, errors: [complaint("callback")] },
  { code: `function* work() {} jobs.forEach(work);`, errors: [complaint("callback")] },
  { code: `${sleep} sleep(1); sleep(2);`, errors: [complaint("dropped", 1), complaint("dropped", 1)] },
];

describe("without types", () => tryRule("no-floating-coroutine", VALID, INVALID));

/** Of which the file alone does not tell. */
const TYPED = `import type { Coroutine, Future, Lock, Queue, Task } from "wasyncio";
import { createTask, gather, run, sleep } from "wasyncio";
declare const lock: Lock, queue: Queue<number>, task: Task<void>, future: Future<void>;
declare function load(url: string): Coroutine<string>;
declare function maybe(): Coroutine<void> | undefined;
declare const jobs: { run(): Coroutine<void>; later?: () => Coroutine<void> };
`;
describe("with types", () => {
  tryTyped(
    "no-floating-coroutine",
    TYPED,
    [
      `function* main() { yield* load("/"); yield* queue.get(); yield* lock.acquire(); }`,
      `function* main() { const next = maybe(); if (next) yield* next; }`,
      `function* main() { if (maybe()) return; }`,
      `createTask(jobs.run()); void jobs.run(); task.cancel(); queue.putNowait(1); future.cancel();`,
      `gather(jobs.run(), load("/")); createTask(load("/")); run(jobs.run());`,
      `async function main() { await task; await createTask(load("/")); await gather(load("/")); await run(load("/")); }`,
      `const all = ["/"].map((url) => load(url)); all;`,
      `function* numbers(): Generator<number> { yield 1; } const [one] = numbers(); one;`,
      `const items = new Map<string, number>(); items.values(); items.forEach((value) => value);`,
      `abstract class Job { abstract run(): Promise<void>; *start() { this.run(); } } export { Job };`,
      `const started = load("/"); Object.assign(started, { url: "/" });`,
      `function drop<T>(value: T): T { return value; } drop(1);`,
    ],
    [
      dropped(`load("/");`, 1),
      dropped(`function* main() { load("/"); }`, 2),
      dropped(`jobs.run();`, 1),
      dropped(`jobs.later?.();`),
      dropped(`maybe();`, 1),
      dropped(`lock.acquire();`, 1),
      dropped(`queue.put(1);`, 1),
      dropped(`function drop<T>(value: T): T { return value; } drop(sleep(1));`, 1),
      dropped(`function drop<T extends Coroutine<void>>(make: () => T) { make(); }`, 1),
      dropped(`["/"].forEach((url) => load(url));`, 1),
      dropped(`abstract class Job { abstract run(): Coroutine<void>; start() { this.run(); } } export { Job };`, 1),
      dropped(`const make = () => { return load("/"); }; make();`, 1),
      dropped(`const make = function () { return (function* () { yield* sleep(1); return 1; })(); }; make()!;`, 1),
      { code: `function* main() { if (jobs.run()) return; }`, errors: [complaint("tested")] },
      { code: `async function main() { const text = await load("/"); text; }`, errors: [complaint("await")] },
    ],
  );
});
