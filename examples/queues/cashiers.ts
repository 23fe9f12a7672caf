// A supermarket at work: customers come in while there is room in the queue, three cashiers serve for ever.

import { type Coroutine, Queue, TaskGroup, run, sleep } from "wasyncio";

function* arrive(queue: Queue<number>): Coroutine<void> {
  for (let customer = 1; customer <= 12; customer++) yield* queue.put(customer); // waits while five are in it
}

function* serve(served: number[], queue: Queue<number>): Coroutine<never> {
  for (;;) {
    const customer = yield* queue.get();
    yield* sleep(0.05);
    served.push(customer);
    queue.taskDone();
  }
}

function* main(): Coroutine<void> {
  const queue = new Queue<number>(5);
  const served: number[][] = [[], [], []];
  yield* new TaskGroup().with(function* (group) {
    const cashiers = served.map((list) => group.createTask(serve(list, queue)));
    yield* arrive(queue);
    console.log("everybody is in");
    yield* queue.join(); // until each one was served
    for (const cashier of cashiers) cashier.cancel();
  });
  for (const [index, customers] of served.entries()) console.log(`cashier ${index + 1} served ${customers.join(", ")}`);
}

await run(main());

// Prints:
// everybody is in
// cashier 1 served 1, 4, 7, 10
// cashier 2 served 2, 5, 8, 11
// cashier 3 served 3, 6, 9, 12
