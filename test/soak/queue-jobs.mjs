// The job of `npm run soak:bullmq`.

import { openSync, writeSync } from "node:fs";
import { sleep } from "wasyncio";
import { job } from "wasyncio/executors";

let ledger = null;

/** Squares a number, and notes in a file that it has: eight bytes each time. */
export const square = job(import.meta, function* square(number, file) {
  yield* sleep(0.002);
  ledger ??= openSync(file, "a");
  writeSync(ledger, `${String(number).padStart(7)}\n`);
  return number * number;
});
