import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Coroutine } from "../../src/runtime/suspension.ts";
import type { Task } from "../../src/runtime/task.ts";
import { Queue } from "../../src/queues/queue.ts";
import { type Stage, attempt, attemptAwait, byNumber, settle, spin, trace } from "../sync/support.ts";

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
  test("QUEUE-01: is no bound when it is not positive; nothing suspends then", () => {
    const log = trace(function* ({ log, iteration }) {
      const queue = new Queue<number>(-1);
      const before = iteration();
      yield* queue.put(1);
      log.push(queue.full(), yield* queue.get(), iteration() - before);
    });
    expect(log).toEqual([false, 1, 0]);
  });

  test("QUEUE-13: can be asked for, as can the number of items", () => {
    const queue = new Queue<number>(1);
    queue.putNowait(0);
    expect([queue.maxsize, queue.qsize(), queue.empty(), queue.full()]).toEqual([1, 1, false, true]);
  });

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

  test.each([NaN, "2", null, {}, true, 2n])("is a number: not %s", (maxsize) => {
    expect(() => new Queue(maxsize as number)).toThrow(TypeError);
  });
});

describe("putNowait and getNowait", () => {
  test("QUEUE-02: throw errors without a message where there is no room or no item", () => {
    const queue = new Queue<number>(1);
    expect(attempt(() => queue.getNowait())).toBe("QueueEmpty()");
    queue.putNowait(1);
    expect(attempt(() => queue.putNowait(2))).toBe("QueueFull()");
    expect(queue.getNowait()).toBe(1);
    expect(attempt(() => queue.getNowait())).toBe("QueueEmpty()");
  });

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
  test("QUEUE-03: serves tasks in order of arrival; each item wakes one", () => {
    const log = trace(function* ({ log, start }) {
      const queue = new Queue();
      const tasks = ["g1", "g2"].map((name) => start(getOne(queue, log, name)));
      yield* spin(2);
      queue.putNowait("A");
      queue.putNowait("B");
      yield* settle(tasks);
    });
    expect(log).toEqual([
      ["g1", "A"],
      ["g2", "B"],
    ]);
  });

  test("QUEUE-03: a task goes on in the iteration behind the put", () => {
    const log = trace(function* ({ log, iteration, start }) {
      const queue = new Queue<string>();
      let put = 0;
      const task = start(
        (function* () {
          log.push(yield* queue.get(), iteration() - put);
        })(),
      );
      yield* spin(2);
      put = iteration();
      queue.putNowait("A");
      yield* task;
    });
    expect(log).toEqual(["A", 1]);
  });

  test("QUEUE-04: a task that was woken for an item that somebody took queues up again, at the end", () => {
    const log = trace(function* ({ log, start }) {
      const queue = new Queue();
      const tasks = ["g1", "g2"].map((name) => start(getOne(queue, log, name)));
      yield* spin(2);
      queue.putNowait("A");
      log.push(`stolen ${String(queue.getNowait())}`);
      yield* spin(2);
      queue.putNowait("B");
      queue.putNowait("C");
      yield* settle(tasks);
    });
    expect(log).toEqual(["stolen A", ["g2", "B"], ["g1", "C"]]);
  });
});

describe("put", () => {
  test("QUEUE-05: an item enters when its task runs: another one may overtake it", () => {
    const log = trace(function* ({ log, start }) {
      const queue = new Queue<unknown>(1);
      queue.putNowait(1);
      const task = start(queue.put("blocked"));
      yield* spin(2);
      log.push(queue.getNowait());
      queue.putNowait("overtaker");
      yield* spin(2);
      log.push(queue.getNowait());
      yield* spin(2);
      log.push(queue.getNowait());
      yield* task;
    });
    expect(log).toEqual([1, "overtaker", "blocked"]);
  });

  test("QUEUE-05: tasks get room in order of arrival, one for each item that is taken", () => {
    const log = trace(function* ({ log, start }) {
      const queue = new Queue<number>(1);
      queue.putNowait(0);
      const tasks = [1, 2, 3].map((item) => start(queue.put(item)));
      yield* spin(1);
      log.push(queue.toString());
      for (let item = 0; item < 4; item++) log.push(yield* queue.get());
      yield* settle(tasks);
    });
    expect(log).toEqual(["<Queue maxsize=1 queue=[0] putters[3] tasks=1>", 0, 1, 2, 3]);
  });
});

describe("cancellation", () => {
  test("QUEUE-06: of a getter that was woken wakes the next one", () => {
    const log = trace(function* ({ log, start }) {
      const queue = new Queue();
      const a = start(getOne(queue, log, "g1"));
      const b = start(getOne(queue, log, "g2"));
      yield* spin(2);
      queue.putNowait("A");
      a.cancel();
      log.push(yield* attemptAwait(a));
      yield* b;
    });
    expect(log).toEqual([["g2", "A"], "CancelledError()"]);
  });

  test("QUEUE-06: of a putter that was woken wakes the next one", () => {
    const log = trace(function* ({ log, start }) {
      const queue = new Queue<string>(1);
      queue.putNowait("first");
      const a = start(queue.put("A"));
      const b = start(queue.put("B"));
      yield* spin(2);
      log.push(queue.getNowait());
      a.cancel();
      log.push(yield* attemptAwait(a));
      yield* b;
      log.push(queue.getNowait());
    });
    expect(log).toEqual(["first", "CancelledError()", "B"]);
  });

  test("QUEUE-15: of the only getter leaves the item in the queue", () => {
    const log = trace(function* ({ log, start }) {
      const queue = new Queue<string>();
      const task = start(queue.get());
      yield* spin(2);
      queue.putNowait("A");
      task.cancel();
      log.push(yield* attemptAwait(task), queue.toString());
    });
    expect(log).toEqual(["CancelledError()", "<Queue maxsize=0 queue=['A'] tasks=1>"]);
  });

  test("CANCEL-29: a cancelled task is off the list before its error comes out", () => {
    const log = trace(function* ({ log, start }) {
      const queue = new Queue<string>();
      const task = start(
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
      trace(function* ({ start }: Stage) {
        const queue = new Queue<number>(1);
        const put: number[] = [];
        const got: number[] = [];
        const tasks: Task<void>[] = [0, 1, 2, 3, 4, 5].map((name) =>
          start(
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
  test("QUEUE-07: waits until each item is done, and does not suspend when none is left", () => {
    const log = trace(function* ({ log, iteration, start }) {
      const queue = new Queue<number>();
      log.push(attempt(() => queue.taskDone()));
      const before = iteration();
      yield* queue.join();
      log.push(iteration() - before);
      queue.putNowait(1);
      queue.getNowait();
      const task = start(
        (function* () {
          yield* queue.join();
          log.push("joined");
        })(),
      );
      yield* spin(3);
      queue.taskDone();
      yield* task;
    });
    expect(log).toEqual(["RangeError('task_done() called too many times')", 0, "joined"]);
  });

  test("ends for all that wait, even if an item comes right behind", () => {
    const log = trace(function* ({ log, start }) {
      const queue = new Queue<number>();
      queue.putNowait(1);
      const tasks = [start(queue.join()), start(queue.join())];
      yield* spin(1);
      queue.taskDone();
      queue.putNowait(2);
      yield* settle(tasks);
      log.push(queue.toString());
    });
    expect(log).toEqual(["<Queue maxsize=0 queue=[1, 2] tasks=1>"]);
  });

  test("can be cancelled", () => {
    const log = trace(function* ({ log, start }) {
      const queue = new Queue<number>();
      queue.putNowait(1);
      const task = start(queue.join());
      yield* spin(1);
      task.cancel();
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["CancelledError()"]);
  });
});

describe("shutdown", () => {
  test("QUEUE-09: refuses new items, and gives out those that are there", () => {
    const log = trace(function* ({ log }) {
      const queue = new Queue<number>();
      queue.putNowait(1);
      queue.shutdown();
      queue.shutdown();
      log.push(yield* attemptAwait(queue.put(2)));
      log.push(attempt(() => queue.putNowait(2)));
      log.push(yield* queue.get());
      log.push(yield* attemptAwait(queue.get()));
      log.push(attempt(() => queue.getNowait()));
    });
    expect(log).toEqual(["QueueShutDown()", "QueueShutDown()", 1, "QueueShutDown()", "QueueShutDown()"]);
  });

  test("QUEUE-10: wakes all that wait", () => {
    const log = trace(function* ({ log, start }) {
      const empty = new Queue<number>();
      const getters = [start(empty.get()), start(empty.get())];
      yield* spin(2);
      getters[0].cancel();
      empty.shutdown();
      for (const task of getters) log.push(yield* attemptAwait(task));
      const full = new Queue<number>(1);
      full.putNowait(1);
      const putters = [start(full.put(2)), start(full.put(3))];
      yield* spin(2);
      full.shutdown();
      for (const task of putters) log.push(yield* attemptAwait(task));
      log.push(full.qsize());
    });
    expect(log).toEqual(["CancelledError()", "QueueShutDown()", "QueueShutDown()", "QueueShutDown()", 1]);
  });

  test("QUEUE-11: at once, drops the items; join waits for those that were taken", () => {
    const log = trace(function* ({ log, start }) {
      const queue = new Queue<number>();
      queue.putNowait(1);
      queue.putNowait(2);
      queue.getNowait();
      queue.shutdown(true);
      log.push(queue.qsize(), yield* attemptAwait(queue.get()));
      const task = start(queue.join());
      yield* spin(3);
      log.push(task.done());
      queue.taskDone();
      yield* task;
      log.push("joined");
    });
    expect(log).toEqual([0, "QueueShutDown()", false, "joined"]);
  });

  test("QUEUE-14: ends join only when that leaves nothing to be done", () => {
    const log = trace(function* ({ log, iteration, start }) {
      const dropped = new Queue<number>();
      dropped.putNowait(1);
      const joined = start(dropped.join());
      yield* spin(1);
      dropped.shutdown(true);
      yield* joined;
      const before = iteration();
      yield* dropped.join();
      log.push(iteration() - before);
      const kept = new Queue<number>();
      kept.putNowait(1);
      kept.shutdown();
      const task = start(kept.join());
      yield* spin(3);
      log.push(task.done());
      task.cancel();
      yield* attemptAwait(task);
    });
    expect(log).toEqual([0, false]);
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

test("QUEUE-12: it shows itself as Python's does, without address and underscores", () => {
  const log = trace(function* ({ log, start }) {
    const queue = new Queue<number>(2);
    queue.putNowait(1);
    log.push(queue.toString());
    const empty = new Queue<number>();
    const task = start(empty.get());
    yield* spin(1);
    log.push(empty.toString());
    task.cancel();
    yield* attemptAwait(task);
    queue.shutdown();
    log.push(String(queue));
  });
  expect(log).toEqual([
    "<Queue maxsize=2 queue=[1] tasks=1>",
    "<Queue maxsize=0 getters[1]>",
    "<Queue maxsize=2 queue=[1] tasks=1 shutdown>",
  ]);
});

describe("loops", () => {
  test("a queue can be filled outside any, and used in several as long as nobody waits", () => {
    const queue = new Queue<number>();
    for (const item of [1, 2, 3]) queue.putNowait(item);
    const log = [1, 2, 3].flatMap(() =>
      trace(function* ({ log }) {
        log.push(yield* queue.get());
      }),
    );
    expect(log).toEqual([1, 2, 3]);
  });

  test("it is bound to the one in which somebody waits", () => {
    const queue = new Queue<number>();
    trace(function* ({ start }) {
      const task = start(queue.get());
      yield* spin(1);
      queue.putNowait(1);
      yield* task;
    });
    const log = trace(function* ({ log }) {
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

  test("QUEUE-13: may keep its items in its own way", () => {
    const log = trace(function* ({ log, start }) {
      const queue = new SetQueue<string>(2);
      const task = start(getOne(queue, log, "getter"));
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
    const log = trace(function* ({ log }) {
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
    const log = trace(function* ({ log, start }) {
      const queue = new Picky(1);
      queue.putNowait(1);
      const refused = start(queue.put(-1));
      const next = start(queue.put(2));
      yield* spin(1);
      log.push(queue.getNowait(), yield* attemptAwait(refused));
      yield* next;
      log.push(queue.getNowait());
    });
    expect(log).toEqual([1, "RangeError('negative')", 2]);
  });
});
