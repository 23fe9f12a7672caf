// A priority queue gives the smallest item first: tuples compare part by part, records by a key.

import { type Coroutine, PriorityQueue, run } from "wasyncio";

interface WorkItem {
  readonly priority: number;
  readonly task: string;
}

function* main(): Coroutine<void> {
  const tuples = new PriorityQueue<[priority: number, task: string]>();
  for (const item of [
    [3, "sweep"],
    [1, "serve"],
    [2, "stock"],
    [1, "greet"],
  ] as const)
    yield* tuples.put([...item]);
  while (!tuples.empty()) console.log((yield* tuples.get()).join(" "));

  const records = new PriorityQueue<WorkItem>(0, { key: (item) => item.priority });
  yield* records.put({ priority: 3, task: "sweep" });
  yield* records.put({ priority: 1, task: "serve" });
  yield* records.put({ priority: 2, task: "stock" });
  while (!records.empty()) console.log((yield* records.get()).task);
}

await run(main());

// Prints:
// 1 greet
// 1 serve
// 2 stock
// 3 sweep
// serve
// stock
// sweep
