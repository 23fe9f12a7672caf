// Work for other machines: jobs in a queue are tried again, cancelled where they run, and found by their keys later.

import { run, sleep, timeout, TimeoutError } from "wasyncio";
import { BullMQExecutor } from "wasyncio/bullmq";
import { currentJob, job, runInExecutor } from "wasyncio/executors";

// workers load this file for its jobs, any number of them:
//   npx wasyncio worker --queue invoices examples/executors/cluster.ts
const render = job(import.meta, function* render(invoice: number) {
  const attempt = currentJob()?.attempt ?? 0;
  yield* sleep(0.01); // as if it asked a service
  if (attempt === 1) throw new Error("the service is busy");
  return { invoice, attempt };
});

const forever = job(import.meta, function* forever() {
  yield* sleep(Infinity);
});

await run(function* () {
  const connection = process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379";
  const options = { queue: "invoices", connection, attempts: 3, backoff: { milliseconds: 50 } };
  yield* new BullMQExecutor(options).with(function* (cluster) {
    console.log(yield* runInExecutor(cluster, render, 5));

    // the key is the job: who submits it again, here or elsewhere, gets what came of it
    const seventh = yield* cluster.submitWith({ key: "invoice-7" }, render, 7);
    console.log(seventh.attempt, (yield* cluster.submitWith({ key: "invoice-7" }, render, 7)).attempt);
    console.log(yield* cluster.attach("invoice-7"));

    try {
      yield* timeout(0.2).with(() => cluster.submit(forever));
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      console.log("cancelled, in the worker, too");
    }
  });
});

// Prints:
// { invoice: 5, attempt: 2 }
// 2 2
// { invoice: 7, attempt: 2 }
// cancelled, in the worker, too
