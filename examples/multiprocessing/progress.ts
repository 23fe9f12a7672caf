// How far a pool is: its workers get a shared counter from their initializer, and a task of the loop reports.

import { createTask, gather, run } from "wasyncio";
import { ThreadPoolExecutor, job } from "wasyncio/executors";
import { Semaphore, Value } from "wasyncio/multiprocessing";

const TOTAL = 50;

let counter: Value<"i"> | null = null;
let finished: Semaphore | null = null;

/** Called in each worker, which has variables of its own. */
const setUp = job(import.meta, function setUp(value: Value<"i">, semaphore: Semaphore) {
  counter = value;
  finished = semaphore;
});

const request = job(import.meta, function request(page: number) {
  counter?.withSync(() => (counter as Value<"i">).value++);
  finished?.release();
  return page % 10 === 3 ? 404 : 200;
});

function* report(semaphore: Semaphore) {
  for (let done = 1; done <= TOTAL; done++) {
    yield* semaphore.acquire();
    if (done % 16 === 0 || done === TOTAL) console.log(`Finished ${done}/${TOTAL} requests`);
  }
}

await run(function* () {
  const [value, semaphore] = [new Value("i", 0), new Semaphore(0)];
  const options = { maxWorkers: 4, initializer: setUp, initargs: [value, semaphore] };
  yield* new ThreadPoolExecutor(options).with(function* (pool) {
    const reporter = createTask(report(semaphore));
    const codes = yield* gather(Array.from({ length: TOTAL }, (_, page) => pool.submit(request, page)));
    yield* reporter;
    console.log(codes.filter((code) => code === 200).length, "of", value.value);
  });
});

// Prints:
// Finished 16/50 requests
// Finished 32/50 requests
// Finished 48/50 requests
// Finished 50/50 requests
// 45 of 50
