// Jobs of the tests, in JavaScript: workers load them without a compiler.

import { appendFileSync } from "node:fs";
import { sleep } from "wasyncio";
import { currentJob, job } from "wasyncio/executors";

/** Notes something where the test reads it. */
const note = (file, text) => appendFileSync(file, `${text}\n`);

export const add = job(import.meta, function add(left, right) {
  return left + right;
});

export const echo = job(import.meta, function echo(value) {
  return value;
});

export const later = job(import.meta, async function later(value) {
  await Promise.resolve();
  return value;
});

export const nothing = job(import.meta, function* nothing() {
  yield* sleep(0);
});

export const fail = job(import.meta, function fail() {
  throw Object.assign(new RangeError("no such row"), { code: 42, when: new Date(0) });
});

export const failWith = job(import.meta, function failWith(value) {
  throw value;
});

export const failWithMessage = job(import.meta, function failWithMessage(message) {
  throw Object.assign(new RangeError("why"), { message });
});

export const failWithSymbol = job(import.meta, function failWithSymbol() {
  throw Object.assign(new RangeError("why"), { message: Symbol("why") });
});

export const unsendable = job(import.meta, function unsendable() {
  return { at: new Date(0) };
});

export const tell = job(import.meta, function* tell(count) {
  yield* sleep(0.2); // who waits has begun to listen
  for (let i = 0; i < count; i++) currentJob().progress({ step: i });
  return count;
});

export const about = job(import.meta, function* about() {
  yield* sleep(0);
  const { key, attempt, workerName, signal } = currentJob();
  return { key, attempt, workerName, aborted: signal.aborted };
});

/** Fails until it is tried for the time that is given. */
export const flaky = job(import.meta, function flaky(succeedsAt, file) {
  const { attempt } = currentJob();
  note(file, `attempt ${attempt}`);
  if (attempt < succeedsAt) throw new Error(`not at ${attempt}`);
  return attempt;
});

/** Goes on whatever it is told. */
export const goOn = job(import.meta, function* goOn(file) {
  note(file, "begins");
  for (;;) {
    try {
      yield* sleep(60);
    } catch (error) {
      note(file, error.name);
    }
  }
});

/** Says when it begins, and how it ends. */
export const nap = job(import.meta, function* nap(seconds, file) {
  note(file, "begins");
  try {
    yield* sleep(seconds);
    note(file, "ends");
    return "slept";
  } catch (error) {
    note(file, error.name);
    throw error;
  } finally {
    yield* sleep(0.01);
    note(file, "over");
  }
});

export const noted = job(import.meta, function noted(file, text) {
  note(file, text);
});

/** Computes, and does not give way. */
export const block = job(import.meta, function block(seconds, file) {
  note(file, "blocks");
  const end = Date.now() + 1000 * seconds;
  while (Date.now() < end);
  return "computed";
});
