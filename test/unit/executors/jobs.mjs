// Jobs of the tests, in JavaScript: workers import them without a compiler.

import { sleep } from "wasyncio";
import { currentJob, job, transfer } from "wasyncio/executors";

export const add = job(import.meta, function add(left, right) {
  return left + right;
});

export const echo = job(import.meta, function echo(value) {
  return value;
});

/** Runs until its worker is ended. */
export const spin = job(import.meta, function spin() {
  for (;;);
});

export const fail = job(import.meta, function fail() {
  throw Object.assign(new RangeError("no such row"), { code: 42 });
});

export const later = job(import.meta, async function later(value) {
  await Promise.resolve();
  return value;
});

/** Waits, and says in a shared array that its `finally` ran. */
export const nap = job(import.meta, function* nap(seconds, flag) {
  try {
    yield* sleep(seconds);
    return "slept";
  } finally {
    yield* sleep(0.01);
    Atomics.add(flag, 0, 1);
  }
});

export const exit = job(import.meta, function exit(code) {
  process.exit(code);
});

/** Takes so long, and ends its worker when it is told to. */
export const workOrExit = job(import.meta, function workOrExit(milliseconds, exits) {
  const from = performance.now();
  while (performance.now() - from < milliseconds);
  if (exits) process.exit(3);
  return milliseconds;
});

/** What says twice what has become of it. */
export const twice = job(import.meta, function twice(value) {
  return {
    then(resolve, reject) {
      resolve(value);
      resolve(value + 1);
      reject(new Error("too late"));
    },
  };
});

export const throwWithTrap = job(import.meta, function throwWithTrap() {
  throw Object.defineProperty(new RangeError("why"), "trap", {
    enumerable: true,
    get() {
      throw new Error("a trap");
    },
  });
});

export const counting = job(import.meta, function counting(to) {
  for (let i = 0; i < to; i++) currentJob()?.progress(i);
  return to;
});

export const unsendable = job(import.meta, function unsendable() {
  return () => {};
});

export const given = job(import.meta, function given(length) {
  const bytes = new Uint8Array(length).fill(7);
  return transfer(bytes, [bytes.buffer]);
});

export const lengthOf = job(import.meta, function lengthOf(bytes) {
  return bytes.byteLength;
});

export const workerName = job(import.meta, function workerName() {
  return currentJob()?.workerName;
});

/** Says in a shared array that it has begun, and blocks its thread until it is told to go on there. */
export const blockUntilTold = job(import.meta, function blockUntilTold(flags) {
  Atomics.store(flags, 0, 1);
  Atomics.notify(flags, 0);
  Atomics.wait(flags, 1, 0);
  return "told";
});

let setUpWith = null;

export const setUp = job(import.meta, function setUp(value) {
  setUpWith = value;
});

export const whatWasSetUp = job(import.meta, function whatWasSetUp() {
  return setUpWith;
});

export const failingSetUp = job(import.meta, function failingSetUp() {
  throw new Error("no database");
});

/** Ends when its signal says so. */
export const untilAborted = job(import.meta, async function untilAborted(flags) {
  const { signal } = currentJob();
  Atomics.store(flags, 0, 1);
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  Atomics.store(flags, 1, 1);
  throw signal.reason;
});

/** Computes until its signal says so, and does not give way. */
export const spinUntilAborted = job(import.meta, function spinUntilAborted(flags) {
  Atomics.store(flags, 0, 1);
  while (!currentJob().signal.aborted);
  Atomics.store(flags, 1, 1);
});

export const failDeeply = job(import.meta, function failDeeply() {
  throw new AggregateError([new TypeError("one"), "two"], "several", { cause: new SyntaxError("why") });
});

export const sleepFor = job(import.meta, function* sleepFor(seconds, value) {
  yield* sleep(seconds);
  return value;
});

/** A short job: blocks for good when it is given 0, else counts in a shared array that it was run. */
export const step = job(import.meta, function step(index, flags) {
  if (index === 0) {
    Atomics.store(flags, 0, 1);
    for (;;);
  }
  Atomics.add(flags, index, 1);
  return index;
});
