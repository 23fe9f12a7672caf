// Locks between threads: one that keeps a counter right, and one that its owner may lock again, in a recursion.

import { gather, run } from "wasyncio";
import { ThreadPoolExecutor, job } from "wasyncio/executors";
import { Array as SharedArray, Lock, RLock } from "wasyncio/multiprocessing";

const countRequests = job(import.meta, function countRequests(counts: SharedArray<"i">, lock: Lock, times: number) {
  for (let i = 0; i < times; i++) {
    const hold = lock.acquireSync(); // the thread has nothing else to do meanwhile
    const code = i % 5 === 0 ? 1 : 0;
    counts.items[code] = (counts.items[code] ?? 0) + 1;
    hold.release();
  }
});

/** The sum from an index on, with the lock held all the way down. */
const sumFrom = job(import.meta, function sumFrom(values: SharedArray<"d">, lock: RLock, index: number): number {
  return lock.withSync(() =>
    index === values.length ? 0 : (values.items[index] ?? 0) + sumFrom(values, lock, index + 1),
  );
});

await run(function* () {
  yield* new ThreadPoolExecutor({ maxWorkers: 3 }).with(function* (pool) {
    const counts = new SharedArray("i", 2, { lock: false });
    const lock = new Lock();
    yield* gather([1, 2, 3].map(() => pool.submit(countRequests, counts, lock, 1000)));
    console.log(...counts);

    const values = new SharedArray("d", [1, 2, 3, 4], { lock: false });
    const recursive = new RLock();
    console.log(yield* gather([0, 2].map((index) => pool.submit(sumFrom, values, recursive, index))));
    yield* recursive.with(function* () {
      console.log("the loop waits for the same lock, as a task:", sumFrom(values, recursive, 1));
    });
  });
});

// Prints:
// 2400 600
// [ 10, 7 ]
// the loop waits for the same lock, as a task: 9
