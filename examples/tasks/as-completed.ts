// Results in the order in which they come, not in the order in which the work began.

import { type Coroutine, asCompleted, run, sleep } from "wasyncio";

function* fetchStatus(name: string, delay: number): Coroutine<string> {
  yield* sleep(delay);
  return `${name} answers 200`;
}

function* main(): Coroutine<void> {
  const requests = [fetchStatus("slow", 0.3), fetchStatus("quick", 0.1), fetchStatus("quick too", 0.1)];
  for (const next of asCompleted(requests)) console.log(yield* next);
}

await run(main());

// Prints:
// quick answers 200
// quick too answers 200
// slow answers 200
