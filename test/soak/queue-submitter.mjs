// The submitter of `npm run soak:bullmq`: waits for all squares that nobody has noted yet, and notes them. It may be
// killed at any moment, and be started again: then it attaches to the jobs that are there, and submits the others.
//
// usage: node queue-submitter.mjs URL COUNT LEDGER RESULTS

import { openSync, readFileSync, writeSync } from "node:fs";
import { gather, run } from "wasyncio";
import { BullMQExecutor, JobNotFoundError } from "wasyncio/bullmq";
import { square } from "./queue-jobs.mjs";

const [, , connection, count, ledger, results] = process.argv;
const file = openSync(results, "a+");
const noted = new Set(
  readFileSync(results, "utf8")
    .split("\n")
    .map((line) => line.split(" ")[0]),
);
const isFirst = noted.size === 1; // what stands behind the last line
const keyOf = (number) => `square-${number}`;

await run(() =>
  new BullMQExecutor({ queue: "soak", connection, patience: 60 }).with(function* (cluster) {
    const submit = (number, key) => cluster.submitWith({ key }, square, number, ledger);

    function* attachOrSubmit(number, key) {
      try {
        return yield* cluster.attach(key);
      } catch (error) {
        if (error instanceof JobNotFoundError) return yield* submit(number, key);
        throw error;
      }
    }

    function* note(number) {
      const key = keyOf(number);
      const result = yield* isFirst ? submit(number, key) : attachOrSubmit(number, key);
      writeSync(file, `${key} ${result}\n`);
    }

    const numbers = Array.from({ length: Number(count) }, (_, number) => number);
    yield* gather(numbers.filter((number) => !noted.has(keyOf(number))).map(note));
  }),
);
