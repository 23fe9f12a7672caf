// Work of the processor in threads: a pool counts primes, and tells how far it is; what has no end is given up.

import { CancelledError, forEach, gather, run, sleep } from "wasyncio";
import { ThreadPoolExecutor, currentJob, job } from "wasyncio/executors";

// a worker imports this file, and finds the function by its name; what `run` starts below is not started there
const countPrimes = job(import.meta, function countPrimes(from: number, to: number) {
  let count = 0;
  for (let number = from; number < to; number++) {
    if (isPrime(number)) count++;
    if (number % 25_000 === 0) currentJob()?.progress(number);
  }
  return count;
});

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return number > 1;
}

await run(function* () {
  yield* new ThreadPoolExecutor({ maxWorkers: 4, grace: 0.1 }).with(function* (pool) {
    const starts = [0, 50_000, 100_000, 150_000];
    const counts = starts.map((from) => pool.submit(countPrimes, from, from + 50_000));
    const [first] = counts;
    if (first !== undefined)
      yield* forEach(first.progress, (number) => console.log(`the first is at ${String(number)}`));
    console.log((yield* gather(counts)).join(" + "));

    const endless = pool.submit(countPrimes, 2, Infinity);
    yield* sleep(0.01); // the loop is free meanwhile
    endless.cancel(); // its thread is stopped after the grace, for it does not give way
    try {
      yield* endless;
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      console.log("given up");
    }
  });
});

// Prints:
// the first is at 0
// the first is at 25000
// 5133 + 4459 + 4256 + 4136
// given up
