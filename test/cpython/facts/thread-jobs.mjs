// What the facts of threads have called in threads, in JavaScript: workers import it without a compiler.

import { ContextVar } from "wasyncio";
import { currentJob, job } from "wasyncio/executors";

export const variable = new ContextVar("cv", { default: "-" });

export const valueOfVariable = job(import.meta, function valueOfVariable() {
  return variable.get();
});

export const workerName = job(import.meta, function workerName() {
  return currentJob().workerName;
});

/** Says that it has begun, blocks its thread, and says that it has ended. */
export const blocking = job(import.meta, function blocking(seconds, flags) {
  Atomics.store(flags, 0, 1);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
  Atomics.store(flags, 1, 1);
});
