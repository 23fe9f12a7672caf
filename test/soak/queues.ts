// Queues.

import { type Coroutine, LifoQueue, PriorityQueue, Queue, createTask, sleep } from "wasyncio";
import { spin } from "../support/coroutines.ts";
import { type Scenario, batches, crowd, ended } from "./scenario.ts";

const ITEMS = 100;

/**
 * A scenario of queues through which items go from putters to getters; what is left when some of these are cancelled is
 * got at last.
 */
function through(make: () => Queue<number>): Scenario {
  return batches(ITEMS, function* () {
    const queue = make();
    const putters = Array.from({ length: ITEMS }, (_, item) => createTask(queue.put((item * 7) % ITEMS)));
    const getters = Array.from({ length: ITEMS }, () => createTask(work(queue)));
    const joiners = Array.from({ length: 3 }, () => createTask(queue.join()));
    const ender = createTask(endThrough(queue));
    yield* crowd([...putters, ...getters, ...joiners]);
    yield* ended(ender);
  });
}

function* endThrough(queue: Queue<number>): Coroutine<void> {
  yield* spin(ITEMS);
  queue.shutdown();
  while (!queue.empty()) yield* work(queue);
}

function* work(queue: Queue<number>): Coroutine<void> {
  yield* queue.get();
  queue.taskDone();
}

/** A scenario of queues that are shut down while tasks wait. */
function shutDown(immediate: boolean): Scenario {
  return batches(ITEMS, function* () {
    const full = new Queue<number>(1);
    const empty = new Queue<number>();
    const putters = Array.from({ length: ITEMS / 2 }, (_, item) => createTask(full.put(item)));
    const getters = Array.from({ length: ITEMS / 2 }, () => createTask(empty.get()));
    const ender = createTask(endSoon(immediate, full, empty));
    yield* crowd([...putters, ...getters]);
    yield* ended(ender);
  });
}

function* endSoon(immediate: boolean, ...queues: Queue<number>[]): Coroutine<void> {
  yield* spin(5);
  for (const queue of queues) queue.shutdown(immediate);
}

export const queues: Record<string, Scenario> = {
  queue: through(() => new Queue(3)),
  "queue without bound": through(() => new Queue()),
  lifoQueue: through(() => new LifoQueue(3)),
  priorityQueue: through(() => new PriorityQueue(10)),
  "priorityQueue, compare": through(() => new PriorityQueue(0, { compare: (left, right) => right - left })),
  "queue, shut down": shutDown(false),
  "queue, shut down at once": shutDown(true),
  /** Queues that are forgotten with what they hold. */
  "queue, dropped": batches(ITEMS, function* () {
    const queues = [new Queue<object>(), new LifoQueue<object>(), new PriorityQueue<object>(0, { key: () => 1 })];
    for (let item = 0; item < ITEMS; item++) queues[item % 3].putNowait({ item });
    yield* sleep(0);
  }),
};
