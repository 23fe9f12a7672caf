// QUEUE: queues.

import { type Coroutine, LifoQueue, PriorityQueue, Queue, gather } from "wasyncio";
import { type Facts, differs, reworded } from "../fact.ts";
import { spin } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { attempt, attemptAwait } from "../../../support/outcomes.ts";
import { trace } from "../../../support/stage.ts";

/** Takes an item and says which. */
function* take(queue: Queue<unknown>, log: unknown[], name: string): Coroutine<void> {
  log.push([name, yield* queue.get()]);
}

export const facts: Facts = {
  "QUEUE-01": () =>
    trace(function* (log, loop) {
      const queue = new Queue<number>(-1);
      const before = iteration(loop);
      yield* queue.put(1);
      log.push(queue.full());
      yield* queue.get();
      log.push(iteration(loop) - before);
    }),

  "QUEUE-02": () => {
    const queue = new Queue<number>(1);
    const empty = attempt(() => queue.getNowait());
    queue.putNowait(1);
    return [empty, attempt(() => queue.putNowait(2))];
  },

  "QUEUE-03": () =>
    trace(function* (log, loop) {
      const queue = new Queue<string>();
      const tasks = ["g1", "g2"].map((name) => loop.createTask(take(queue, log, name)));
      yield* spin(2);
      queue.putNowait("A");
      queue.putNowait("B");
      yield* gather(tasks);
    }),

  "QUEUE-04": () =>
    trace(function* (log, loop) {
      const queue = new Queue<string>();
      const tasks = ["g1", "g2"].map((name) => loop.createTask(take(queue, log, name)));
      yield* spin(2);
      queue.putNowait("A");
      log.push(`stolen ${queue.getNowait()}`);
      yield* spin(2);
      queue.putNowait("B");
      queue.putNowait("C");
      yield* gather(tasks);
    }),

  "QUEUE-05": () =>
    trace(function* (log, loop) {
      const queue = new Queue<unknown>(1);
      queue.putNowait(1);
      const task = loop.createTask(queue.put("blocked"));
      yield* spin(2);
      log.push(queue.getNowait());
      queue.putNowait("overtaker");
      yield* spin(2);
      log.push(queue.getNowait());
      yield* spin(2);
      log.push(queue.getNowait());
      yield* task;
    }),

  "QUEUE-06": () =>
    trace(function* (log, loop) {
      const queue = new Queue<string>();
      const [a, b] = [loop.createTask(take(queue, log, "g1")), loop.createTask(take(queue, log, "g2"))];
      yield* spin(2);
      queue.putNowait("A");
      a.cancel();
      log.push(yield* attemptAwait(a));
      yield* b;
    }),

  "QUEUE-07": () =>
    trace(function* (log, loop) {
      const queue = new Queue<number>();
      log.push(attempt(() => queue.taskDone()));
      const before = iteration(loop);
      yield* queue.join();
      log.push(iteration(loop) - before);
      queue.putNowait(1);
      queue.getNowait();
      function* joining(): Coroutine<void> {
        yield* queue.join();
        log.push("joined");
      }
      const task = loop.createTask(joining());
      yield* spin(3);
      queue.taskDone();
      yield* task;
    }),

  "QUEUE-08": () => {
    const newest = new LifoQueue<number>();
    for (const item of [1, 2, 3]) newest.putNowait(item);
    const smallest = new PriorityQueue<[number, string]>();
    for (const item of [
      [2, "c"],
      [1, "b"],
      [1, "a"],
    ] as [number, string][])
      smallest.putNowait(item);
    const equal = new PriorityQueue<[number, object]>();
    equal.putNowait([1, { a: 1 }]);
    return [
      [1, 2, 3].map(() => newest.getNowait()),
      [1, 2, 3].map(() => smallest.getNowait()),
      String(attempt(() => equal.putNowait([1, { b: 2 }]))).startsWith("TypeError"),
    ];
  },

  "QUEUE-09": () =>
    trace(function* (log) {
      const queue = new Queue<number>();
      queue.putNowait(1);
      queue.shutdown();
      queue.shutdown();
      log.push(yield* attemptAwait(queue.put(2)));
      log.push(attempt(() => queue.putNowait(2)));
      log.push(yield* queue.get());
      log.push(yield* attemptAwait(queue.get()));
      log.push(attempt(() => queue.getNowait()));
    }),

  "QUEUE-10": () =>
    trace(function* (log, loop) {
      const empty = new Queue<number>();
      const getter = loop.createTask(empty.get());
      yield* spin(2);
      empty.shutdown();
      log.push(yield* attemptAwait(getter));
      const full = new Queue<number>(1);
      full.putNowait(1);
      const putter = loop.createTask(full.put(2));
      yield* spin(2);
      full.shutdown();
      log.push(yield* attemptAwait(putter));
      log.push(full.qsize());
    }),

  "QUEUE-11": () =>
    trace(function* (log, loop) {
      const queue = new Queue<number>();
      queue.putNowait(1);
      queue.putNowait(2);
      queue.getNowait();
      queue.shutdown(true);
      log.push(queue.qsize(), yield* attemptAwait(queue.get()));
      const task = loop.createTask(queue.join());
      yield* spin(3);
      log.push(task.done() ? "?" : "join blocked");
      queue.taskDone();
      yield* task;
      log.push("joined");
    }),

  "QUEUE-12": reworded(
    "a queue shows itself without address and underscores",
    [
      "<Queue maxsize=2 queue=[1] tasks=1>",
      "<Queue maxsize=0 getters[1]>",
      "<Queue maxsize=2 queue=[1] tasks=1 shutdown>",
    ],
    () =>
      trace(function* (log, loop) {
        const queue = new Queue<number>(2);
        queue.putNowait(1);
        log.push(String(queue));
        const empty = new Queue<number>();
        const task = loop.createTask(empty.get());
        yield* spin(1);
        log.push(String(empty));
        task.cancel();
        queue.shutdown();
        log.push(String(queue));
      }),
  ),

  "QUEUE-13": differs(
    "`_init` is not called, because it would run before a subclass has its fields",
    [null, 1, false, true, 1],
    () => {
      class OwnQueue extends Queue<number> {
        declare items?: number[];
        _init(maxsize: number): void {
          this.items = [maxsize];
        }
      }
      const own = new OwnQueue(3);
      const queue = new Queue<number>(1);
      queue.putNowait(0);
      return [own.items, queue.qsize(), queue.empty(), queue.full(), queue.maxsize];
    },
  ),

  "QUEUE-14": () =>
    trace(function* (log, loop) {
      const dropped = new Queue<number>();
      dropped.putNowait(1);
      dropped.shutdown(true);
      const before = iteration(loop);
      yield* dropped.join();
      log.push(iteration(loop) === before);
      const kept = new Queue<number>();
      kept.putNowait(1);
      kept.shutdown();
      const task = loop.createTask(kept.join());
      yield* spin(3);
      log.push(task.done());
      task.cancel();
    }),

  "QUEUE-15": () =>
    trace(function* (log, loop) {
      const queue = new Queue<string>();
      const task = loop.createTask(queue.get());
      yield* spin(2);
      queue.putNowait("A");
      task.cancel();
      log.push(yield* attemptAwait(task));
      log.push(queue.qsize());
    }),
};
