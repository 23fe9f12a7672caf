// Programs whose failure needs few words and many choices: they are for shrinking.

import { type Coroutine, Queue, createTask, gather, sleep } from "wasyncio";

function* steps(number: number): Coroutine<void> {
  for (let step = 0; step < number; step++) yield* sleep(0);
}

/** Fails when `late` comes behind three others, which make 30 steps each. */
export function* deferred(): Coroutine<void> {
  let returned = 0;
  function* busy() {
    yield* steps(30);
    returned++;
  }
  function* late() {
    yield* sleep(0);
    if (returned === 3) throw new Error("late is too late");
  }
  const tasks = [1, 2, 3].map((number) => createTask(busy(), { name: `busy ${number}` }));
  yield* gather(createTask(late(), { name: "late" }), ...tasks);
}

/**
 * A service of 22 tasks: 20 workers at a queue, and two that share a counter. Fails when one of these reads it, and the
 * other one has changed it by the time it writes, which asyncio's order does not let happen.
 */
export function* service(): Coroutine<void> {
  const queue = new Queue<number>();
  let handled = 0;
  let stock = 0;
  function* worker() {
    for (;;) {
      const item = yield* queue.get();
      yield* steps(1 + (item % 3));
      handled++;
      queue.taskDone();
    }
  }
  function* book(after: number) {
    yield* steps(after);
    const before = stock;
    yield* sleep(0);
    stock = before + 1;
    yield* steps(3);
  }
  const workers = Array.from({ length: 20 }, (_, index) => createTask(worker(), { name: `worker ${index + 1}` }));
  const booking = [createTask(book(1), { name: "book 1" }), createTask(book(8), { name: "book 2" })];
  for (let item = 0; item < 60; item++) queue.putNowait(item);
  yield* gather(...booking);
  yield* queue.join();
  for (const each of workers) each.cancel();
  yield* gather(workers, { returnExceptions: true });
  if (handled !== 60) throw new Error("an item is lost");
  if (stock !== 2) throw new Error("a booking is lost");
}
