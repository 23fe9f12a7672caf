// A service that ends in order when it is asked to: a signal sets an event, for which the main task waits.

import process from "node:process";
import { type Coroutine, Event, TaskGroup, getRunningLoop, run, sleep } from "wasyncio";

function* serve(): Coroutine<void> {
  try {
    for (;;) yield* sleep(1);
  } finally {
    yield* sleep(0.1);
    console.log("the last request is answered");
  }
}

function* main(): Coroutine<void> {
  const stop = new Event();
  for (const signal of ["SIGTERM", "SIGINT"]) {
    getRunningLoop().addSignalHandler(signal, () => {
      console.log(`${signal}: no new requests`);
      stop.set();
    });
  }
  yield* new TaskGroup().with(function* (group) {
    const server = group.createTask(serve());
    getRunningLoop().callLater(0.1, () => process.kill(process.pid, "SIGTERM")); // as `kill` does
    yield* stop.wait();
    server.cancel();
  });
  console.log("closed");
}

await run(main());

// Prints:
// SIGTERM: no new requests
// the last request is answered
// closed
