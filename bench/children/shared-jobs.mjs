// The jobs of multiprocessing.ts.

import { job } from "../../dist/executors/index.js";
import { runCoroutineThreadsafe } from "../../dist/multiprocessing/index.js";

export const count = job(import.meta, function count(value, times) {
  for (let i = 0; i < times; i++) value.withSync(() => (value.value += 1));
});

const answer = job(import.meta, function* answer(value) {
  return value;
});

/** Microseconds of a question. */
export const ask = job(import.meta, function ask(handle, times) {
  const begin = performance.now();
  for (let i = 0; i < times; i++) runCoroutineThreadsafe(answer, [i], handle).result();
  return ((performance.now() - begin) * 1e3) / times;
});
