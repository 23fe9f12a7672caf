// A thread that asks the loop: it has functions called there, runs coroutines there, and blocks for what they give.

import { run, sleep } from "wasyncio";
import { job, toThread } from "wasyncio/executors";
import { type LoopHandle, loopHandle, runCoroutineThreadsafe } from "wasyncio/multiprocessing";

const prices = new Map([
  ["apple", 3],
  ["pear", 4],
]);

/** These run in the thread of the loop, which has the prices. */
const log = job(import.meta, function log(line: string) {
  console.log(line);
});
const priceOf = job(import.meta, function* priceOf(item: string) {
  yield* sleep(0.01);
  const price = prices.get(item);
  if (price === undefined) throw new RangeError(`no price for ${item}`);
  return price;
});

/** This one runs in a thread of its own, and is a plain function. */
const addUp = job(import.meta, function addUp(loop: LoopHandle, items: string[]) {
  let sum = 0;
  for (const item of items) {
    loop.callSoonThreadsafe(log, `the thread asks for ${item}`);
    sum += runCoroutineThreadsafe(priceOf, [item], loop).result(5);
  }
  return sum;
});

await run(function* () {
  console.log(yield* toThread(addUp, loopHandle(), ["apple", "pear"]));
  try {
    yield* toThread(addUp, loopHandle(), ["plum"]);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.log(String(error));
  }
});

// Prints:
// the thread asks for apple
// the thread asks for pear
// 7
// the thread asks for plum
// RangeError: no price for plum
