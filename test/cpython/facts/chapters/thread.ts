// THREAD: threads and executors.

import { run, sleep } from "wasyncio";
import { runInExecutor, setDefaultExecutor, shutdownDefaultExecutor, toThread } from "wasyncio/executors";
import { type Facts, differs, excused } from "../fact.ts";
import { attempt, attemptAwait } from "../../../support/outcomes.ts";
import { blocking, valueOfVariable, variable, workerName } from "../thread-jobs.mjs";

function print(): void {}

export const facts: Facts = {
  "THREAD-01": () =>
    run(function* () {
      const name = yield* runInExecutor(null, workerName);
      const failing = (): never => {
        throw new RangeError("t");
      };
      return [name.startsWith("asyncio_0"), yield* attemptAwait(runInExecutor(null, failing))];
    }),

  "THREAD-02": () =>
    run(function* () {
      yield* shutdownDefaultExecutor();
      return [attempt(() => runInExecutor(null, print)), attempt(() => setDefaultExecutor(5 as never))];
    }),

  "THREAD-03": excused(
    "a loop is reached from its own thread only, because the threads of JavaScript share no objects",
  ),

  "THREAD-04": differs("context variables hold objects, which stay in their thread", ["-", "-"], () =>
    run(function* () {
      variable.set("ctx");
      return [yield* toThread(valueOfVariable), yield* runInExecutor(null, valueOfVariable)];
    }),
  ),

  "THREAD-05": () =>
    run(function* () {
      const flags = new Int32Array(new SharedArrayBuffer(8));
      const future = runInExecutor(null, blocking, 0.05, flags);
      while (Atomics.load(flags, 0) === 0) yield* sleep(0.001);
      future.cancel();
      const outcome = yield* attemptAwait(future);
      yield* shutdownDefaultExecutor();
      return [outcome, ...(Atomics.load(flags, 1) === 1 ? ["still ran"] : [])];
    }),

  "THREAD-06": excused(
    "a loop is reached from its own thread only, because the threads of JavaScript share no objects",
  ),
};
