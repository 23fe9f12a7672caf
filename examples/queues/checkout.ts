// A supermarket closes its doors: three cashiers serve the queue until nobody is left in it.

import { type Coroutine, Queue, gather, run, sleep } from "wasyncio";

interface Customer {
  readonly name: string;
  /** Seconds that each product takes to scan. */
  readonly products: readonly number[];
}

const customers: readonly Customer[] = [
  { name: "Ann", products: [0.05, 0.05] },
  { name: "Bob", products: [0.2, 0.2] },
  { name: "Cleo", products: [0.1, 0.1, 0.1] },
  { name: "Dan", products: [0.1] },
  { name: "Eve", products: [0.4] },
];

function* serve(cashier: number, queue: Queue<Customer>): Coroutine<void> {
  while (!queue.empty()) {
    const { name, products } = queue.getNowait();
    console.log(`cashier ${cashier} serves ${name}`);
    for (const duration of products) yield* sleep(duration);
    console.log(`cashier ${cashier} is done with ${name}`);
  }
}

function* main(): Coroutine<void> {
  const queue = new Queue<Customer>();
  for (const customer of customers) queue.putNowait(customer);
  yield* gather([1, 2, 3].map((cashier) => serve(cashier, queue)));
  console.log("closed");
}

await run(main());

// Prints:
// cashier 1 serves Ann
// cashier 2 serves Bob
// cashier 3 serves Cleo
// cashier 1 is done with Ann
// cashier 1 serves Dan
// cashier 1 is done with Dan
// cashier 1 serves Eve
// cashier 3 is done with Cleo
// cashier 2 is done with Bob
// cashier 1 is done with Eve
// closed
