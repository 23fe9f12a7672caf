import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Coroutine, Queue, type Task, createTask } from "wasyncio";
import { byNumber } from "../../support/by-number.ts";
import { spin } from "../../support/coroutines.ts";
import { attempt, attemptAwait, settle } from "../../support/outcomes.ts";
import { tidyTrace } from "../../support/stage.ts";
import { iteration } from "../../support/counters.ts";

/** A task's work: gets an item and says which. */
function* getOne(queue: Queue<unknown>, log: unknown[], name: string): Coroutine<void> {
  log.push([name, yield* queue.get()]);
}

/** Takes everything that is there. */
function drain<T>(queue: Queue<T>): T[] {
  const items: T[] = [];
  while (!queue.empty()) items.push(queue.getNowait());
  return items;
}

describe("maxsize", () => {
  test.each<[number, number]>([
    [2.5, 3],
    [1.3, 2],
    [0.1, 1],
    [3, 3],
  ])("%d is reached with %i items", (maxsize, count) => {
    const queue = new Queue<number>(maxsize);
    for (let item = 0; item < count; item++) {
      expect(queue.full()).toBe(false);
      queue.putNowait(item);
    }
    expect(queue.full()).toBe(true);
    expect(queue.maxsize).toBe(maxsize);
  });

  test.each([Infinity, -Infinity, 0, 2 ** 40])("%d is never reached", (maxsize) => {
    const queue = new Queue<number>(maxsize);
    for (let item = 0; item < 100; item++) queue.putNowait(item);
    expect(queue.full()).toBe(false);
    expect(drain(queue)).toHaveLength(100);
  });
});

describe("putNowait and getNowait", () => {
  test("keep any value, undefined and null too", () => {
    const queue = new Queue<unknown>();
    const items = [undefined, null, NaN, queue, Symbol.iterator, () => {}];
    for (const item of items) queue.putNowait(item);
    expect(drain(queue)).toEqual(items);
  });

  test("do what an array does", () => {
    const operation = fc.oneof(fc.constant("get" as const), fc.nat());
    fc.assert(
      fc.property(fc.nat(9), fc.array(operation, { maxLength: 200 }), (maxsize, operations) => {
        const queue = new Queue<number>(maxsize);
        const model: number[] = [];
        for (const step of operations) {
          if (step === "get") expect(attempt(() => queue.getNowait())).toBe(model.shift() ?? "QueueEmpty()");
          else if (maxsize > 0 && model.length >= maxsize)
            expect(attempt(() => queue.putNowait(step))).toBe("QueueFull()");
          else model.push((queue.putNowait(step), step));
          expect(queue.qsize()).toBe(model.length);
          expect(queue.empty()).toBe(model.length === 0);
        }
        expect(drain(queue)).toEqual(model);
      }),
      { seed: 20_250_701, numRuns: 200 },
    );
  });

  test("keep the order of many items", () => {
    const queue = new Queue<number>();
    const count = 100_000;
    for (let item = 0; item < count; item++) queue.putNowait(item);
    expect(queue.qsize()).toBe(count);
    for (let item = 0; item < count; item++) if (queue.getNowait() !== item) throw new Error(`not ${item}`);
    expect(queue.empty()).toBe(true);
  });
});

describe("get", () => {
  test("a task goes on in the iteration behind the put", () => {
    const log = tidyTrace(function* (log, loop) {
      const queue = new Queue<string>();
      let put = 0;
      const task = createTask(
        (function* () {
          log.push(yield* queue.get(), iteration(loop) - put);
        })(),
      );
      yield* spin(2);
      put = iteration(loop);
      queue.putNowait("A");
      yield* task;
    });
    expect(log).toEqual(["A", 1]);
  });
});

describe("put", () => {
  test("tasks get room in order of arrival, one for each item that is taken", () => {
    const log = tidyTrace(function* (log) {
      const queue = new Queue<number>(1);
      queue.putNowait(0);
      const tasks = [1, 2, 3].map((item) => createTask(queue.put(item)));
      yield* spin(1);
      log.push(queue.toString());
      for (let item = 0; item < 4; item++) log.push(yield* queue.get());
      yield* settle(tasks);
    });
    expect(log).toEqual(["<Queue maxsize=1 queue=[0] putters[3] tasks=1>", 0, 1, 2, 3]);
  });
});

describe("cancellation", () => {
  test("of a putter that was woken wakes the next one", () => {
    const log = tidyTrace(function* (log) {
      const queue = new Queue<string>(1);
      queue.putNowait("first");
      const a = createTask(queue.put("A"));
      const b = createTask(queue.put("B"));
      yield* spin(2);
      log.push(queue.getNowait());
      a.cancel();
      log.push(yield* attemptAwait(a));
      yield* b;
      log.push(queue.getNowait());
    });
    expect(log).toEqual(["first", "CancelledError()", "B"]);
  });

  test("a cancelled task is off the list before its error comes out", () => {
    const log = tidyTrace(function* (log) {
      const queue = new Queue<string>();
      const task = createTask(
        (function* () {
          try {
            yield* queue.get();
          } finally {
            log.push(queue.toString());
          }
        })(),
      );
      yield* spin(1);
      log.push(queue.toString());
      task.cancel();
      yield* attemptAwait(task);
    });
    expect(log).toEqual(["<Queue maxsize=0 getters[1]>", "<Queue maxsize=0>"]);
  });

  // Three producers and three consumers; one of them is cancelled in each iteration in turn.
  test.each([0, 1, 2, 3, 4, 5])("of task %i, in whichever iteration, loses no item and no wake-up", (victim) => {
    for (let at = 0; at < 20; at++) {
      tidyTrace(function* () {
        const queue = new Queue<number>(1);
        const put: number[] = [];
        const got: number[] = [];
        const tasks: Task<void>[] = [0, 1, 2, 3, 4, 5].map((name) =>
          createTask(
            (function* () {
              for (let round = 0; round < 3; round++) {
                if (name < 3) {
                  const item = name * 10 + round;
                  yield* queue.put(item);
                  put.push(item);
                } else {
                  got.push(yield* queue.get());
                }
              }
            })(),
          ),
        );
        yield* spin(at);
        tasks[victim].cancel();
        yield* spin(30);
        // Whoever still waits has a reason to: a getter an empty queue, a putter a full one.
        const waiting = tasks.map((task) => !task.done());
        expect(waiting.slice(0, 3).includes(true) && !queue.full(), `cancelled in iteration ${at}`).toBe(false);
        expect(waiting.slice(3).includes(true) && !queue.empty(), `cancelled in iteration ${at}`).toBe(false);
        expect([...got, ...drain(queue)].toSorted(byNumber)).toEqual(put.toSorted(byNumber));
        for (const task of tasks) task.cancel();
        yield* settle(tasks);
        expect(queue.toString()).not.toMatch(/getters|putters/);
      });
    }
  });
});

describe("join", () => {
  test("ends for all that wait, even if an item comes right behind", () => {
    const log = tidyTrace(function* (log) {
      const queue = new Queue<number>();
      queue.putNowait(1);
      const tasks = [createTask(queue.join()), createTask(queue.join())];
      yield* spin(1);
      queue.taskDone();
      queue.putNowait(2);
      yield* settle(tasks);
      log.push(queue.toString());
    });
    expect(log).toEqual(["<Queue maxsize=0 queue=[1, 2] tasks=1>"]);
  });

  test("can be cancelled", () => {
    const log = tidyTrace(function* (log) {
      const queue = new Queue<number>();
      queue.putNowait(1);
      const task = createTask(queue.join());
      yield* spin(1);
      task.cancel();
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["CancelledError()"]);
  });
});

describe("shutdown", () => {
  test("wakes all that wait", () => {
    const log = tidyTrace(function* (log) {
      const empty = new Queue<number>();
      const getters = [createTask(empty.get()), createTask(empty.get())];
      yield* spin(2);
      getters[0].cancel();
      empty.shutdown();
      for (const task of getters) log.push(yield* attemptAwait(task));
      const full = new Queue<number>(1);
      full.putNowait(1);
      const putters = [createTask(full.put(2)), createTask(full.put(3))];
      yield* spin(2);
      full.shutdown();
      for (const task of putters) log.push(yield* attemptAwait(task));
      log.push(full.qsize());
    });
    expect(log).toEqual(["CancelledError()", "QueueShutDown()", "QueueShutDown()", "QueueShutDown()", 1]);
  });

  test("at once, ends a join that waits", () => {
    tidyTrace(function* () {
      const dropped = new Queue<number>();
      dropped.putNowait(1);
      const joined = createTask(dropped.join());
      yield* spin(1);
      dropped.shutdown(true);
      yield* joined;
    });
  });

  test("at once, of items that are done already, does not count below zero", () => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    queue.putNowait(2);
    queue.taskDone();
    queue.taskDone();
    queue.shutdown(true);
    expect(queue.toString()).toBe("<Queue maxsize=0 shutdown>");
  });
});

describe("loops", () => {
  test("a queue can be filled outside any, and used in several as long as nobody waits", () => {
    const queue = new Queue<number>();
    for (const item of [1, 2, 3]) queue.putNowait(item);
    const log = [1, 2, 3].flatMap(() =>
      tidyTrace(function* (log) {
        log.push(yield* queue.get());
      }),
    );
    expect(log).toEqual([1, 2, 3]);
  });

  test("it is bound to the one in which somebody waits", () => {
    const queue = new Queue<number>();
    tidyTrace(function* () {
      const task = createTask(queue.get());
      yield* spin(1);
      queue.putNowait(1);
      yield* task;
    });
    const log = tidyTrace(function* (log) {
      log.push(yield* attemptAwait(queue.get()));
    });
    expect(log).toEqual(["RuntimeError('<Queue maxsize=0 tasks=1> is bound to a different event loop')"]);
  });
});

describe("a subclass", () => {
  /** Gives each item once, however often it is put while it is there. */
  class SetQueue<T> extends Queue<T> {
    readonly #set = new Set<T>();

    override qsize(): number {
      return this.#set.size;
    }

    protected override _put(item: T): void {
      this.#set.add(item);
    }

    protected override _get(): T {
      const [item] = this.#set;
      this.#set.delete(item);
      return item;
    }
  }

  test("may keep its items in its own way", () => {
    const log = tidyTrace(function* (log) {
      const queue = new SetQueue<string>(2);
      const task = createTask(getOne(queue, log, "getter"));
      yield* spin(1);
      for (const item of ["a", "a", "b"]) queue.putNowait(item);
      log.push(queue.full());
      yield* task;
      yield* queue.put("c");
      log.push(
        attempt(() => queue.putNowait("d")),
        drain(queue),
        queue.toString(),
      );
    });
    expect(log).toEqual([true, ["getter", "a"], "QueueFull()", ["b", "c"], "<SetQueue maxsize=2 tasks=4>"]);
  });

  test("is emptied by a shutdown at once", () => {
    const queue = new SetQueue<string>();
    queue.putNowait("a");
    queue.putNowait("b");
    queue.shutdown(true);
    expect(queue.toString()).toBe("<SetQueue maxsize=0 shutdown>");
    expect(queue.qsize()).toBe(0);
  });

  test("may watch what is put and got", () => {
    const log = tidyTrace(function* (log) {
      class Watched<T> extends Queue<T> {
        protected override _put(item: T): void {
          log.push(["put", item]);
          super._put(item);
        }
        protected override _get(): T {
          const item = super._get();
          log.push(["get", item]);
          return item;
        }
      }
      const queue = new Watched<number>();
      yield* queue.put(1);
      yield* queue.get();
    });
    expect(log).toEqual([
      ["put", 1],
      ["get", 1],
    ]);
  });

  test("whose _put refuses an item wakes the next putter", () => {
    class Picky extends Queue<number> {
      protected override _put(item: number): void {
        if (item < 0) throw new RangeError("negative");
        super._put(item);
      }
    }
    const log = tidyTrace(function* (log) {
      const queue = new Picky(1);
      queue.putNowait(1);
      const refused = createTask(queue.put(-1));
      const next = createTask(queue.put(2));
      yield* spin(1);
      log.push(queue.getNowait(), yield* attemptAwait(refused));
      yield* next;
      log.push(queue.getNowait());
    });
    expect(log).toEqual([1, "RangeError('negative')", 2]);
  });
});
