// What executors refuse, at the call that made the mistake.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EventLoop, newEventLoop, setEventLoop } from "wasyncio";
import {
  Executor,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
  currentJob,
  job,
  runInExecutor,
  serveJobs,
  setDefaultExecutor,
  shutdownDefaultExecutor,
  toThread,
  transfer,
} from "wasyncio/executors";
import { VirtualEventLoop } from "wasyncio/testing";

const wrong = (value: unknown): never => value as never;
const add = (left: number, right: number): number => left + right;

let loop: EventLoop;
beforeAll(() => {
  loop = new VirtualEventLoop();
  setEventLoop(loop);
});
afterAll(() => {
  setEventLoop(null);
  loop.close();
});

test.each<[string, () => unknown, string, RegExp]>([
  [
    "runInExecutor, a job of a module without an address",
    () =>
      runInExecutor(
        null,
        job({}, function here() {}),
      ),
    "TypeError",
    /^Cannot send .*: its module has no import.meta.url; have workers serve it by serveJobs$/,
  ],
  ["job, meta", () => job(wrong("x"), add), "TypeError", /^Invalid meta: expected import.meta, got 'x'$/],
  ["job, null meta", () => job(wrong(null), add), "TypeError", /^Invalid meta/],
  ["job, fn", () => job(import.meta, wrong(5)), "TypeError", /^Invalid job: expected a function, got 5$/],
  ["job, a class", () => job(import.meta, wrong(class Row {})), "TypeError", /^Invalid job: Row is a class; wrap it/],
  ["job, a name", () => job(import.meta, () => 1), "TypeError", /^Cannot make a job of a function without a name/],
  ["transfer, value", () => transfer(wrong(1), []), "TypeError", /^Cannot transfer 1: expected an object$/],
  [
    "transfer, list",
    () => transfer({}, wrong("x")),
    "TypeError",
    /^Invalid list: expected an array of objects, got 'x'$/,
  ],
  ["transfer, in the list", () => transfer({}, [wrong(1)]), "TypeError", /^Invalid list/],
  [
    "serveJobs, registry",
    () => serveJobs(wrong(5)),
    "TypeError",
    /^Invalid registry: expected an object of functions, got 5$/,
  ],
  ["serveJobs, where it is no worker", () => serveJobs({}), "RuntimeError", /^Cannot serve jobs: this is no worker$/],
  [
    "runInExecutor, executor",
    () => runInExecutor(wrong(5), add, 1, 2),
    "TypeError",
    /^Invalid executor: expected an Executor or null, got 5$/,
  ],
  ["runInExecutor, fn", () => runInExecutor(null, wrong(5)), "TypeError", /^Invalid job: expected a function, got 5$/],
  [
    "runInExecutor, native",
    () => runInExecutor(null, Math.max, 1, 2),
    "TypeError",
    /^Cannot send <function max>: it is native code, or bound/,
  ],
  [
    "runInExecutor, bound",
    () => runInExecutor(null, add.bind(null, 1), 2),
    "TypeError",
    /it is native code, or bound; wrap it in a function$/,
  ],
  [
    "runInExecutor, class",
    () => runInExecutor(null, wrong(class Shop {})),
    "TypeError",
    /^Cannot send Shop: it is a class; wrap it in a function$/,
  ],
  ["toThread, fn", () => toThread(wrong("x")), "TypeError", /^Invalid job: expected a function, got 'x'$/],
  [
    "setDefaultExecutor",
    () => setDefaultExecutor(wrong(new ProcessPoolExecutor())),
    "TypeError",
    /^executor must be ThreadPoolExecutor instance$/,
  ],
  ["shutdownDefaultExecutor", () => shutdownDefaultExecutor(wrong("x")), "TypeError", /timeout/],
])("%s", (_, call, name, message) => {
  let error: Error | null = null;
  try {
    call();
  } catch (thrown) {
    error = thrown as Error;
  }
  expect(error?.name).toBe(name);
  expect(error?.message).toMatch(message);
});

describe.each([
  ["ThreadPoolExecutor", ThreadPoolExecutor],
  ["ProcessPoolExecutor", ProcessPoolExecutor],
] as const)("%s", (_, Pool) => {
  test.each<[object, string, RegExp]>([
    [{ maxWorkers: 0 }, "RangeError", /^maxWorkers must be greater than 0, and whole: got 0$/],
    [{ maxWorkers: 1.5 }, "RangeError", /^maxWorkers must be/],
    [{ maxWorkers: 1e9 }, "RangeError", /^maxWorkers must be at most 1024: got 1000000000$/],
    [{ maxWorkers: "2" }, "TypeError", /^Invalid maxWorkers: expected a whole number, got '2'$/],
    [{ maxTasksPerChild: -1 }, "RangeError", /^maxTasksPerChild must be greater than 0/],
    [{ initializer: 5 }, "TypeError", /^Invalid initializer: expected a function, got 5$/],
    [{ initializer: Math.max }, "TypeError", /^Cannot send <function max>/],
    [{ initargs: "x" }, "TypeError", /^Invalid initargs: expected an array, got 'x'$/],
    [{ onCancel: "x" }, "RangeError", /^Invalid onCancel: expected one of signal, terminate, abandon, got 'x'$/],
    [{ grace: "x" }, "TypeError", /grace/],
    [{ grace: -1 }, "RangeError", /^grace must not be negative: got -1$/],
    [{ jobs: {} }, "TypeError", /^Invalid (jobs: there is no worker that serves them|options: there is no 'jobs')/],
    [{ maxWorker: 1 }, "TypeError", /^Invalid options: there is no 'maxWorker', only maxWorkers, /],
    [{ worker: 5 }, "TypeError", /^Invalid (worker: expected a function, got 5|options: there is no 'worker')/],
    [{ jobs: 5 }, "TypeError", /^Invalid (jobs: expected an object of functions, got 5|options: there is no 'jobs')/],
    [
      { threadNamePrefix: 5 },
      "TypeError",
      /^Invalid (threadNamePrefix: expected a string, got 5|options: there is no)/,
    ],
  ])("refuses %o", (options, name, message) => {
    expect(() => new Pool(wrong(options))).toThrow(message);
    try {
      new Pool(wrong(options));
    } catch (error) {
      expect((error as Error).name).toBe(name);
    }
  });

  test("refuses what it cannot run, map or be told", () => {
    const pool = new Pool({ maxWorkers: 1 });
    expect(() => pool.submit(wrong(5))).toThrow("Invalid job: expected a function, got 5");
    expect(() => pool.map(add, wrong(5), [1])).toThrow("Cannot map: expected iterables of arguments, got 5");
    expect(() => pool.map(wrong(add))).toThrow("Cannot map: expected iterables of arguments");
    expect(() => pool.map(add, [1], [2], { chunksize: 0 })).toThrow(RangeError);
    expect(() => pool.map(add, [1], [2], { buffersize: wrong("x") })).toThrow(TypeError);
    expect(() => pool.map(add, [1], [2], wrong({ chunkSize: 1 }))).toThrow("there is no 'chunkSize'");
    expect(() => pool.shutdown(wrong({ now: true }))).toThrow("there is no 'now'");
    expect(() => pool.shutdown({ wait: wrong(1) })).toThrow("Invalid wait: expected a boolean, got 1");
    expect(() => pool.with(wrong(5))).toThrow("Cannot enter: expected a function for the body, got 5");
  });
});

test("a loop that is closed, or none, takes no jobs", () => {
  const closed = newEventLoop();
  closed.close();
  setEventLoop(closed);
  const pool = new ThreadPoolExecutor();
  expect(() => pool.submit(add, 1, 2)).toThrow("Event loop is closed");
  expect(() => runInExecutor(null, add, 1, 2)).toThrow("Event loop is closed");
  setEventLoop(null);
  expect(() => pool.submit(add, 1, 2)).toThrow("There is no current event loop");
  setEventLoop(loop);
});

test("no job runs where its function is called directly", () => {
  expect(currentJob()).toBe(null);
});

test("an executor of a program's own stands on submit", () => {
  class Inline extends Executor {
    submit(): never {
      throw new RangeError("inline");
    }
    shutdown(): never {
      throw new RangeError("inline");
    }
  }
  expect(() => runInExecutor(new Inline(), add, 1, 2)).toThrow("inline");
  expect(() => new Inline().map(add, [1], [2])).toThrow("inline");
});
