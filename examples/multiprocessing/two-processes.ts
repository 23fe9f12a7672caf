// Two processes that count, at the same time: the program starts them, and waits until both have ended.

import { run } from "wasyncio";
import { job } from "wasyncio/executors";
import { Process } from "wasyncio/multiprocessing";

const count = job(import.meta, function count(to: number) {
  let counter = 0;
  while (counter < to) counter++;
});

await run(function* () {
  const toOneMillion = new Process(count, { args: [1_000_000] });
  const toTwoMillion = new Process(count, { args: [2_000_000], name: "the longer one" });
  toOneMillion.start();
  toTwoMillion.start();
  yield* toOneMillion.join();
  yield* toTwoMillion.join();
  console.log(String(toOneMillion));
  console.log(String(toTwoMillion));
});

// Prints:
// <Process Process-1 stopped exitcode=0>
// <Process the longer one stopped exitcode=0>
