// A decorator that times coroutines: a function that takes a coroutine function and returns one.

import { type CoroutineFunction, createTask, getRunningLoop, run, sleep } from "wasyncio";

function timed<A extends unknown[], T>(name: string, fn: CoroutineFunction<A, T>): CoroutineFunction<A, T> {
  return function* (...args: A) {
    console.log(`${name}(${args.join(", ")}) begins`);
    const started = getRunningLoop().time();
    try {
      return yield* fn(...args);
    } finally {
      const seconds = getRunningLoop().time() - started;
      console.log(`${name}(${args.join(", ")}) took ${seconds.toFixed(1)} s`);
    }
  };
}

const delay = timed("delay", function* (seconds: number) {
  yield* sleep(seconds);
});

const main = timed("main", function* () {
  const short = createTask(delay(0.2));
  const long = createTask(delay(0.4));
  yield* short;
  yield* long;
});

await run(main());

// Prints:
// main() begins
// delay(0.2) begins
// delay(0.4) begins
// delay(0.2) took 0.2 s
// delay(0.4) took 0.4 s
// main() took 0.4 s
