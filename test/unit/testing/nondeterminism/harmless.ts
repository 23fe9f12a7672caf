// Programs with the same means that do the same each time: nothing that is scheduled hangs on them.

import { type Coroutine, Queue, createTask, gather, getRunningLoop, sleep } from "wasyncio";
import type { SimulateOptions } from "wasyncio/testing";

export interface Harmless {
  readonly name: string;
  readonly options?: SimulateOptions;
  readonly program: () => Coroutine<unknown>;
}

export const HARMLESS: readonly Harmless[] = [
  {
    name: "random names",
    *program() {
      yield* createTask(sleep(1), { name: crypto.randomUUID() });
    },
  },
  {
    name: "random values that pass through a queue",
    *program() {
      const queue = new Queue<number>(2);
      function* produce(): Coroutine<void> {
        for (let count = 0; count < 5; count++) yield* queue.put(Math.random());
      }
      const producer = createTask(produce());
      const values: number[] = [];
      while (values.length < 5) values.push(yield* queue.get());
      yield* producer;
      return values;
    },
  },
  {
    name: "real time that is only noted",
    *program() {
      const started = performance.now();
      yield* sleep(60);
      return performance.now() - started;
    },
  },
  {
    name: "errors with random messages",
    *program() {
      yield* sleep(1);
      throw new Error(crypto.randomUUID());
    },
  },
  {
    name: "maps and sets, which iterate in the order of insertion",
    *program() {
      const tasks = new Map([3, 1, 2].map((seconds) => [{}, createTask(sleep(seconds))]));
      for (const task of new Set(tasks.values())) yield* task;
    },
  },
  {
    name: "the loop's own random numbers",
    *program() {
      const random = getRunningLoop().random();
      for (let count = 0; count < 10; count++) yield* sleep(random.float());
    },
  },
  {
    name: "virtual clocks and timers",
    options: { globals: "virtual" },
    *program() {
      const start = new Date();
      const called = new Queue<number>();
      setTimeout(() => called.putNowait(Date.now()), 1500);
      yield* sleep((yield* called.get()) / 1e12 + performance.now() / 1e3);
      yield* sleep(Date.now() - start.getTime());
    },
  },
  {
    name: "timers with random deadlines that are cancelled",
    *program() {
      const timers = Array.from({ length: 5 }, () => getRunningLoop().callLater(10 + Math.random(), () => {}));
      yield* sleep(1);
      for (const timer of timers) timer.cancel();
      yield* gather([sleep(100), sleep(200)]);
    },
  },
  {
    name: "a stack as text",
    *program() {
      yield* sleep((new Error("x").stack ?? "").length);
    },
  },
];
