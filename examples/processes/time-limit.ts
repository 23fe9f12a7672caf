// A child process that takes too long is asked to end, and killed when it does not listen.

import { type Coroutine, TimeoutError, run, timeout } from "wasyncio";
import { type Process, createSubprocessExec, createSubprocessShell } from "wasyncio/subprocess";

/** Waits so many seconds, then asks, then kills. */
function* endWithin(process: Process, seconds: number): Coroutine<number> {
  for (const ask of [() => process.terminate(), () => process.kill()]) {
    try {
      return yield* timeout(seconds).with(() => process.wait());
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      ask();
    }
  }
  return yield* process.wait();
}

await run(function* () {
  const quick = yield* createSubprocessExec("true");
  console.log("ends by itself:", yield* endWithin(quick, 60));
  const slow = yield* createSubprocessExec("sleep", ["1000"]);
  console.log("ends when it is asked to:", yield* endWithin(slow, 0.1));
  const deaf = yield* createSubprocessShell("trap '' TERM; while :; do sleep 0.01; done");
  console.log("is killed:", yield* endWithin(deaf, 0.2));
});

// Prints:
// ends by itself: 0
// ends when it is asked to: -15
// is killed: -9
