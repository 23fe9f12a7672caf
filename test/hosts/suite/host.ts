// The host's own loop: real time, real promises, other work beside it. Limits are generous: a machine may be busy.

import {
  CancelledError,
  type Coroutine,
  Event,
  Lock,
  Queue,
  TaskGroup,
  TimeoutError,
  abortable,
  createTask,
  gather,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
  timeout,
  waitFor,
  wrapFuture,
} from "wasyncio";
import { OSError, openConnection } from "wasyncio/streams";
import { VirtualEventLoop } from "wasyncio/testing";
import { type Report, check, same, wait } from "./report.ts";
import { WEB_STREAMS } from "./web-streams.ts";
import { inspect } from "../../../src/core/inspection.ts";

/** Name of an error that a promise rejects with, or its value. */
const settled = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) => (error instanceof Error ? error.name : error));

/**
 * Keeps the loop busy with tasks that never wait for anything, until `over` says so. Gives the number of their steps.
 */
function* beBusy(tasks: number, over: () => boolean): Coroutine<number> {
  let steps = 0;
  function* busy(): Coroutine<void> {
    while (!over()) {
      steps++;
      yield* sleep(0);
    }
  }
  yield* gather(Array.from({ length: tasks }, busy));
  return steps;
}

const TESTS: Record<string, () => unknown> = {
  ...WEB_STREAMS,

  "run gives the result": async () => {
    same(await run(() => sleep(0, "result")), "result");
  },

  "run rejects with the error": async () => {
    const failing = run(function* () {
      yield* sleep(0);
      throw new RangeError("wrong");
    });
    same(await settled(failing), "RangeError");
  },

  "in debug mode a stack tells who awaits whom": async () => {
    function* failing(): Coroutine<void> {
      yield* sleep(0);
      throw new RangeError("wrong");
    }
    function* awaiting(): Coroutine<void> {
      yield* gather(failing());
    }
    const main = function* main(): Coroutine<void> {
      yield* new TaskGroup().with(function* body(group) {
        yield* group.createTask(awaiting());
      });
    };
    const failure = await run(main, { debug: true }).catch((error: unknown) => error);
    const [{ stack }] = (failure as AggregateError).errors as [Error];
    check(/failing[^]*async awaiting[^]*async body[^]*async main/.test(String(stack)), stack);
  },

  "two runs, one behind the other, in one module": async () => {
    for (const value of [1, 2]) same(await run(() => sleep({ milliseconds: 1 }, value)), value);
  },

  "sleeps as long as it should": async () => {
    const seconds = await run(function* () {
      const loop = getRunningLoop();
      const started = loop.time();
      yield* gather(sleep(0.05), sleep({ milliseconds: 30 }), sleep(0));
      return loop.time() - started;
    });
    check(seconds >= 0.05 - 1e-6 && seconds < 5, seconds);
  },

  "wakes at each deadline in order, whatever order they were set in": async () => {
    const order: number[] = [];
    await run(function* () {
      function* each(ms: number): Coroutine<void> {
        yield* sleep({ milliseconds: ms });
        order.push(ms);
      }
      yield* gather([60, 20, 40, 20, 1].map(each));
    });
    same(order, [1, 20, 20, 40, 60]);
  },

  "a timer that comes late changes when, not what first": async () => {
    const order: string[] = [];
    await run(function* () {
      const loop = getRunningLoop();
      const start = loop.time() + 0.02;
      for (const [name, at] of [
        ["c", 0.02],
        ["a", 0],
        ["d", 0.02],
        ["b", 0.01],
      ] as const)
        loop.callAt(start + at, () => order.push(name));
      const until = Date.now() + 80;
      for (let i = 0; i < 1e7 && Date.now() < until; i++); // a clock that stands still must not make this endless
      yield* sleep(0.06);
    });
    same(order, ["a", "b", "c", "d"]);
  },

  "a loop that waits for nothing but a promise is woken by it": async () => {
    const value = await run(function* () {
      return yield* wrapFuture(wait(10).then(() => "woken"));
    });
    same(value, "woken");
  },

  "a rejected promise throws where it is awaited": async () => {
    const caught = await run(function* () {
      try {
        yield* wrapFuture(wait(1).then(() => Promise.reject(new SyntaxError("no"))));
      } catch (error) {
        return (error as Error).message;
      }
      return "nothing";
    });
    same(caught, "no");
  },

  "promises settled together are seen in one iteration, in order": async () => {
    const log = await run(function* () {
      const loop = getRunningLoop();
      const log: unknown[] = [];
      let settle = (): void => {};
      const both = new Promise<void>((resolve) => (settle = resolve));
      function* see(name: string): Coroutine<void> {
        yield* wrapFuture(both);
        log.push([name, inspect(loop.core).counters()[0]]);
      }
      const tasks = ["a", "b", "c"].map((name) => createTask(see(name)));
      setTimeout(settle, 1);
      yield* gather(tasks);
      const [[, first]] = log as [[string, number]];
      return log.map((entry) => [(entry as [string, number])[0], (entry as [string, number])[1] - first]);
    });
    same(log, [
      ["a", 0],
      ["b", 0],
      ["c", 0],
    ]);
  },

  "cancelling a task that awaits a promise throws there, and leaves the promise alone": async () => {
    let settledLater = false;
    const outside = wait(20).then(() => {
      settledLater = true;
    });
    const log: unknown[] = [];
    await run(function* () {
      function* waiting(): Coroutine<void> {
        try {
          yield* wrapFuture(outside);
        } catch (error) {
          log.push(error instanceof CancelledError);
          throw error;
        } finally {
          yield* sleep(0);
          log.push("cleaned up");
        }
      }
      const task = createTask(waiting());
      yield* sleep(0.001);
      task.cancel();
      try {
        yield* task;
      } catch {
        log.push(task.cancelled(), settledLater);
      }
    });
    await outside;
    same(log, [true, "cleaned up", true, false]);
  },

  "a task that was cancelled ends with an error of its class": async () => {
    const errors = await run(function* () {
      const task = createTask(sleep(5));
      yield* sleep(0);
      task.cancel("why");
      return yield* gather([task], { returnExceptions: true });
    });
    same(errors.map((error) => [error instanceof CancelledError, String(error)]).join(), "true,CancelledError");
  },

  "cancelling aborts the signal of what it waits for": async () => {
    const log: unknown[] = [];
    await run(function* () {
      const work = (signal: AbortSignal): Promise<void> =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            log.push("aborted");
            reject(new Error("aborted"));
          }),
        );
      const task = createTask(abortable(work));
      yield* sleep(0.001);
      task.cancel();
      try {
        yield* task;
      } catch (error) {
        log.push((error as Error).name);
      }
    });
    same(log, ["aborted", "CancelledError"]);
  },

  "a timeout ends a wait for a promise that never settles": async () => {
    const log: unknown[] = [];
    await run(function* () {
      try {
        yield* timeout(0.01).with(function* () {
          yield* wrapFuture(new Promise<void>(() => {}));
        });
      } catch (error) {
        log.push(error instanceof TimeoutError);
      }
      try {
        yield* waitFor(new Promise<void>(() => {}), 0.01);
      } catch (error) {
        log.push(error instanceof TimeoutError);
      }
    });
    same(log, [true, true]);
  },

  "a failing task of a group cancels one that awaits a promise": async () => {
    const log: string[] = [];
    const failing = run(function* () {
      yield* new TaskGroup().with(function* (group) {
        group.createTask(
          (function* (): Coroutine<void> {
            try {
              yield* wrapFuture(new Promise<void>(() => {}));
            } finally {
              log.push("left");
            }
          })(),
        );
        group.createTask(
          (function* (): Coroutine<void> {
            yield* sleep(0.005);
            throw new Error("fails");
          })(),
        );
      });
    });
    same([await settled(failing), log], ["ExceptionGroup", ["left"]]);
  },

  "what is scheduled from outside wakes the loop, once": async () => {
    const [iterations, seen] = await run(function* () {
      const loop = getRunningLoop();
      const event = new Event();
      let seen = 0;
      setTimeout(() => {
        for (let i = 0; i < 1000; i++) loop.callSoonThreadsafe(() => seen++);
        loop.callSoonThreadsafe(() => event.set());
      }, 5);
      yield* event.wait();
      return [inspect(loop.core).counters()[0], seen] as const;
    });
    check(iterations < 20 && seen === 1000, [iterations, seen]);
  },

  "a busy loop lets the timers and promises of others through, and time pass": async () => {
    const counts = { timers: 0, promises: 0 };
    let over = false;
    const work = async (kind: keyof typeof counts, each: () => Promise<unknown>): Promise<void> => {
      while (!over) {
        await each();
        counts[kind]++;
      }
    };
    const others = [
      work("timers", () => wait(1)),
      work("promises", async () => {
        for (let i = 0; i < 10; i++) await Promise.resolve();
        await wait(0);
      }),
    ];
    const steps = await run(function* () {
      const loop = getRunningLoop();
      const deadline = loop.time() + 0.3;
      return yield* beBusy(100, () => loop.time() > deadline);
    });
    over = true;
    await Promise.all(others);
    check(counts.timers >= 5 && counts.promises >= 5 && steps > 1000, { ...counts, steps });
  },

  "a busy loop sees its own timers": async () => {
    const order = await run(function* () {
      const order: string[] = [];
      const loop = getRunningLoop();
      for (const ms of [30, 10, 20]) loop.callLater({ milliseconds: ms }, () => order.push(`${ms}`));
      yield* beBusy(10, () => order.length === 3);
      return order;
    });
    same(order, ["10", "20", "30"]);
  },

  "two busy loops share the host": async () => {
    const each = (): Promise<number> =>
      run(function* () {
        const loop = getRunningLoop();
        const deadline = loop.time() + 0.1;
        return yield* beBusy(100, () => loop.time() > deadline);
      });
    const steps = await Promise.all([each(), each()]);
    check(
      steps.every((count) => count > 300),
      steps,
    );
  },

  "twenty programs at once, each with its own loop": async () => {
    const programs = Array.from({ length: 20 }, (_, i) =>
      run(function* () {
        const queue = new Queue<number>();
        const producer = createTask(
          (function* (): Coroutine<void> {
            for (let k = 0; k < 5; k++) {
              yield* sleep({ milliseconds: 1 });
              yield* queue.put(i * k);
            }
          })(),
        );
        let sum = 0;
        for (let k = 0; k < 5; k++) sum += yield* queue.get();
        yield* producer;
        return sum;
      }),
    );
    same(
      await Promise.all(programs),
      Array.from({ length: 20 }, (_, i) => 10 * i),
    );
  },

  "a loop runs for ever until it is stopped, and again": async () => {
    const loop = newEventLoop();
    const log: string[] = [];
    for (const name of ["first", "second"]) {
      loop.callLater(0.002, () => {
        log.push(name);
        loop.stop();
      });
      await loop.runForever();
    }
    loop.close();
    same([log, loop.isClosed()], [["first", "second"], true]);
  },

  "an async function awaits a task": async () => {
    const value = await run(function* () {
      const task = createTask(sleep(0.002, "from the task"));
      return yield* wrapFuture((async () => `${await task}!`)());
    });
    same(value, "from the task!");
  },

  "without sockets, or without leave to use them, a connection is refused in words": async () => {
    const nobody = 1;
    const error = await run(() => openConnection("127.0.0.1", nobody)).catch((reason: unknown) => reason);
    const isRefused = (error as Error).message.startsWith("Cannot use sockets: ");
    check(error instanceof OSError || isRefused, String(error));
  },

  "virtual time needs no host": () => {
    const loop = new VirtualEventLoop();
    same([loop.runUntilCompleteSync(sleep({ hours: 2 }, "done")), loop.time()], ["done", 7200]);
    loop.close();
  },

  "what does not depend on time is the same in real time as in virtual time": async () => {
    function* program(log: string[]): Coroutine<void> {
      const queue = new Queue<string>(2);
      const lock = new Lock();
      function* producer(name: string): Coroutine<void> {
        for (let i = 0; i < 200; i++) {
          if (i % 3 === 0) yield* sleep(0);
          yield* queue.put(`${name}${i}`);
        }
      }
      function* consumer(name: string): Coroutine<void> {
        for (;;) {
          const item = yield* queue.get();
          try {
            yield* lock.with(function* () {
              log.push(`${name} has ${item}`);
              yield* sleep(0);
            });
          } finally {
            queue.taskDone();
          }
        }
      }
      const consumers = ["x", "y", "z"].map((name) => createTask(consumer(name)));
      yield* gather(["a", "b", "c", "d"].map(producer));
      consumers[1].cancel();
      yield* queue.join();
      for (const task of consumers) task.cancel();
      yield* gather(consumers, { returnExceptions: true });
      log.push(consumers.map((task) => task.cancelled()).join());
    }
    const virtually: string[] = [];
    const really: string[] = [];
    new VirtualEventLoop().runUntilCompleteSync(program(virtually));
    await run(() => program(really));
    check(really.length > 700, really.length);
    same(really, virtually);
  },
};

export async function testHost(report: Report): Promise<void> {
  for (const [name, body] of Object.entries(TESTS)) await report.test(`host: ${name}`, body);
}
