// A program of one file: a worker loads it for its job, and does not run it.

import { run } from "wasyncio";
import { job } from "wasyncio/executors";

job(import.meta, function quadruple(value) {
  return 4 * value;
});

await run(function* () {
  throw new Error("a worker has run the program");
});
