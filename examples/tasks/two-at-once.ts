// Two coroutines one after the other, then as tasks at once: that takes half as long.

import { type Coroutine, createTask, getRunningLoop, run, sleep } from "wasyncio";

function* say(delay: number, text: string): Coroutine<void> {
  yield* sleep(delay);
  console.log(text);
}

function* inTurn(): Coroutine<void> {
  yield* say(0.3, "hello");
  yield* say(0.3, "world");
}

function* atOnce(): Coroutine<void> {
  const hello = createTask(say(0.3, "hello")); // a task runs by itself from here on
  const world = createTask(say(0.3, "world"));
  yield* hello;
  yield* world;
}

function* main(): Coroutine<void> {
  for (const program of [inTurn, atOnce]) {
    const started = getRunningLoop().time();
    yield* program();
    console.log(`${program.name} took ${(getRunningLoop().time() - started).toFixed(1)} s`);
  }
}

await run(main());

// Prints:
// hello
// world
// inTurn took 0.6 s
// hello
// world
// atOnce took 0.3 s
