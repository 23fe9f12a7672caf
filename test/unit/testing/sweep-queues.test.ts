// Queues under a sweep: whatever fault comes at whatever point, each item that was put is taken once, or still there.

import { describe, expect, test } from "vitest";
import type { SweepPoint } from "wasyncio/testing";
import {
  type Coroutine,
  LifoQueue,
  PriorityQueue,
  Queue,
  QueueShutDown,
  Semaphore,
  type Task,
  TaskGroup,
  TimeoutError,
  sleep,
  wait,
  waitFor,
} from "wasyncio";
import { goesOn, surely, sweepEverywhere } from "./sweep/everywhere.ts";

const ITEMS = 3;
const PRODUCERS = [0, 1];

/** A queue, with what went in and what came out. */
class Traffic {
  readonly queue: Queue<number>;
  readonly put: number[] = [];
  readonly taken: number[] = [];

  constructor(queue: Queue<number>) {
    this.queue = queue;
  }

  *produce(producer: number): Coroutine<void> {
    for (let item = 0; item < ITEMS; item++) {
      yield* this.queue.put(10 * producer + item);
      this.put.push(10 * producer + item);
      if (producer === 1) yield* sleep(0.5);
    }
  }

  *consume(get: () => Coroutine<number> = () => this.queue.get()): Coroutine<void> {
    for (;;) {
      let item: number;
      try {
        item = yield* get();
      } catch (error) {
        if (error instanceof QueueShutDown) return;
        if (error instanceof TimeoutError) continue;
        throw error;
      }
      this.taken.push(item);
      try {
        yield* sleep(0);
      } finally {
        this.queue.taskDone();
      }
    }
  }

  /**
   * What was put was taken once, or is still there; nobody waits any more. All of it was taken, when nothing stopped
   * that.
   */
  check(at: SweepPoint): void {
    const { queue, put, taken } = this;
    const left: number[] = [];
    while (!queue.empty()) left.push(queue.getNowait());
    expect(ascending([...taken, ...left])).toEqual(ascending(put));
    expect(String(queue)).not.toMatch(/getters|putters/);
    if (!goesOn(at)) return;
    expect(left).toEqual([]);
    for (const producer of PRODUCERS) {
      const own = put.filter((item) => Math.floor(item / 10) === producer);
      if (at.task !== `producer ${producer}`) expect(own).toHaveLength(ITEMS);
    }
  }
}

function ascending(numbers: readonly number[]): number[] {
  return [...numbers].sort((left, right) => left - right);
}

/** Two producers and two consumers, until all items are done. */
function* trade(traffic: Traffic, get?: () => Coroutine<number>): Coroutine<void> {
  yield* new TaskGroup().with(function* (group) {
    const producers = PRODUCERS.map((producer) => {
      return group.createTask(traffic.produce(producer), { name: `producer ${producer}` });
    });
    for (const consumer of [0, 1]) group.createTask(traffic.consume(get), { name: `consumer ${consumer}` });
    try {
      yield* wait(producers);
      yield* traffic.queue.join();
    } finally {
      traffic.queue.shutdown();
    }
  });
}

for (const Class of [Queue, LifoQueue, PriorityQueue] as const) {
  describe(Class.name, () => {
    for (const maxsize of [0, 1, 2]) {
      test(`loses nothing and keeps nobody, with maxsize ${maxsize}`, () => {
        let traffic: Traffic;
        sweepEverywhere(
          function* () {
            traffic = new Traffic(new Class<number>(maxsize));
            yield* trade(traffic);
          },
          { check: (_, at) => traffic.check(at) },
        );
      });
    }

    test("lets all go that wait when it is shut down at once", () => {
      let traffic: Traffic;
      let ended: string[];
      sweepEverywhere(
        function* () {
          traffic = new Traffic(new Class<number>(1));
          ended = [];
          yield* new TaskGroup().with(function* (group) {
            const start = (name: string, coroutine: Coroutine<unknown>): Task<unknown> => {
              const task = group.createTask(endOfQueue(coroutine), { name });
              task.addDoneCallback(() => ended.push(name));
              return task;
            };
            try {
              start("putter 1", traffic.queue.put(1));
              start("putter 2", traffic.queue.put(2));
              start("putter 3", traffic.queue.put(3));
              yield* sleep(1);
              start("joiner", traffic.queue.join());
              yield* sleep(1);
            } finally {
              traffic.queue.shutdown(true);
            }
            start("getter", traffic.queue.get());
          });
        },
        {
          check(_, { mode }) {
            expect(String(traffic.queue)).toBe(`<${Class.name} maxsize=1 shutdown>`);
            if (mode === "none") expect(ended.sort()).toEqual(["getter", "joiner", "putter 1", "putter 2", "putter 3"]);
          },
        },
      );
    });
  });
}

/** Waits for something at a queue, until that is shut down. */
function* endOfQueue(coroutine: Coroutine<unknown>): Coroutine<void> {
  try {
    yield* coroutine;
  } catch (error) {
    if (!(error instanceof QueueShutDown)) throw error;
  }
}

describe("waitFor", () => {
  test("loses no item of a queue that comes just when the time is over", () => {
    let traffic: Traffic;
    sweepEverywhere(
      function* () {
        traffic = new Traffic(new Queue(1));
        yield* trade(traffic, () => waitFor(traffic.queue.get(), 0.5));
      },
      { check: (_, at) => traffic.check(at), window: 0.5 },
    );
  });

  test("loses no permit of a semaphore that comes just when the time is over", () => {
    let semaphore: Semaphore;
    let inside: number;
    let most: number;
    sweepEverywhere(
      function* () {
        semaphore = new Semaphore(1);
        inside = 0;
        most = 0;
        const work = function* () {
          const hold = yield* waitFor(semaphore.acquire(), 1);
          try {
            inside++;
            most = Math.max(most, inside);
            yield* sleep(0.5);
          } finally {
            inside--;
            hold.release();
          }
        };
        const attempt = function* () {
          try {
            yield* work();
          } catch (error) {
            if (!(error instanceof TimeoutError)) throw error;
          }
        };
        yield* new TaskGroup().with(function* (group) {
          for (const name of ["a", "b", "c", "d"]) group.createTask(attempt(), { name });
        });
        yield* surely(() => work());
      },
      {
        window: 0.5,
        check() {
          expect(String(semaphore)).toBe("<Semaphore [unlocked, value:1]>");
          expect(inside).toBe(0);
          expect(most).toBeLessThanOrEqual(1);
        },
      },
    );
  });
});
