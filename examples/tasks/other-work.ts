// Other work goes on while two tasks sleep.

import { type Coroutine, createTask, run, sleep } from "wasyncio";

function* delay(name: string): Coroutine<void> {
  console.log(`${name} sleeps`);
  yield* sleep(0.5);
  console.log(`${name} wakes up`);
}

function* workMeanwhile(): Coroutine<void> {
  for (let turn = 1; turn <= 3; turn++) {
    console.log(`other work, turn ${turn}`);
    yield* sleep(0.1);
  }
}

function* main(): Coroutine<void> {
  const first = createTask(delay("first"));
  const second = createTask(delay("second"));
  yield* workMeanwhile();
  yield* first;
  yield* second;
}

await run(main());

// Prints:
// other work, turn 1
// first sleeps
// second sleeps
// other work, turn 2
// other work, turn 3
// first wakes up
// second wakes up
