// A task begins when its creator gives way: at the end of a loop, or earlier with `sleep(0)`.

import { type Coroutine, type Task, createTask, gather, run, sleep } from "wasyncio";

function* work(number: number): Coroutine<void> {
  console.log(`task ${number} runs`);
}

function* createTasks(giveWay: boolean): Coroutine<Task<void>[]> {
  const tasks: Task<void>[] = [];
  for (let number = 1; number <= 3; number++) {
    console.log(`creating task ${number}`);
    tasks.push(createTask(work(number)));
    if (giveWay) yield* sleep(0);
  }
  return tasks;
}

function* main(): Coroutine<void> {
  console.log("without sleep(0)");
  yield* gather(yield* createTasks(false));
  console.log("with sleep(0)");
  yield* gather(yield* createTasks(true));
}

await run(main());

// Prints:
// without sleep(0)
// creating task 1
// creating task 2
// creating task 3
// task 1 runs
// task 2 runs
// task 3 runs
// with sleep(0)
// creating task 1
// task 1 runs
// creating task 2
// task 2 runs
// creating task 3
// task 3 runs
