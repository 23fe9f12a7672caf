// Jobs of the tests, in JavaScript: workers import them without a compiler.

import { sleep, timeout } from "wasyncio";
import { job } from "wasyncio/executors";
import { Lock, currentProcess, runCoroutineThreadsafe } from "wasyncio/multiprocessing";

export const identity = job(import.meta, function identity(value) {
  return value;
});

/** Adds 1 so often, one read and one write each, under the lock of what is given. */
export const count = job(import.meta, function count(value, times, lock = value) {
  for (let i = 0; i < times; i++) lock.withSync(() => (value.value += 1));
});

export const countAsTask = job(import.meta, function* countAsTask(value, times, lock = value) {
  for (let i = 0; i < times; i++) {
    const hold = yield* lock.acquire();
    try {
      const before = value.value;
      if (i % 10 === 0) yield* sleep(0);
      value.value = before + 1;
    } finally {
      hold.release();
    }
  }
});

/** Notes the most that are inside at once. */
export const enter = job(import.meta, function enter(places, inside, most, times) {
  for (let i = 0; i < times; i++)
    places.withSync(() => {
      inside.withSync(() => {
        inside.value += 1;
        most.value = Math.max(most.value, inside.value);
      });
      inside.withSync(() => (inside.value -= 1));
    });
});

export const tryLock = job(import.meta, function tryLock(lock, timeout) {
  const hold = lock.acquireSync(timeout);
  hold?.release();
  return hold !== null;
});

export const recursive = job(import.meta, function recursive(lock) {
  return lock.withSync(() => lock.withSync(() => lock.locked()));
});

export const awaitEvent = job(import.meta, function awaitEvent(event, timeout) {
  return event.waitSync(timeout);
});

/** Waits until a value is positive, and takes 1 from it. */
export const take = job(import.meta, function take(condition, value) {
  return condition.withSync(() => {
    condition.waitForSync(() => value.value > 0);
    value.value -= 1;
    return value.value;
  });
});

export const notify = job(import.meta, function notify(condition) {
  condition.notify();
});

export const meet = job(import.meta, function meet(barrier, timeout) {
  return barrier.waitSync(timeout);
});

export const produce = job(import.meta, function produce(queue, from, to) {
  for (let i = from; i < to; i++) queue.putSync(i);
});

export const consume = job(import.meta, function consume(queue, times) {
  return Array.from({ length: times }, () => queue.getSync());
});

export const consumeAsTask = job(import.meta, function* consumeAsTask(queue, times) {
  const items = [];
  while (items.length < times) items.push(yield* queue.get());
  return items;
});

/** Gets an item within each delay, or gives up. Returns what it got. */
export const getWithin = job(import.meta, function* getWithin(queue, delays) {
  const items = [];
  for (const delay of delays) {
    try {
      items.push(yield* timeout(delay).with(() => queue.get()));
    } catch (error) {
      if (error.name !== "TimeoutError") throw error;
    }
  }
  return items;
});

export const getOr = job(import.meta, function getOr(queue, timeout) {
  return queue.getSync(timeout);
});

export const getNowaitInLoop = job(import.meta, function* getNowaitInLoop(queue) {
  return queue.getNowait();
});

export const lockOfQueue = job(import.meta, function* lockOfQueue(queue, value, times) {
  const { lock } = yield* queue.get();
  for (let i = 0; i < times; i++) yield* lock.with(() => bump(value));
});

function* bump(value) {
  value.value += 1;
}

export const processName = job(import.meta, function processName() {
  return currentProcess().name;
});

export const fail = job(import.meta, function fail() {
  throw new RangeError("no such row");
});

export const exit = job(import.meta, function exit(code) {
  process.exit(code);
});

export const spin = job(import.meta, function spin(flag) {
  if (flag !== undefined) flag.set();
  for (;;);
});

export const holdForEver = job(import.meta, function holdForEver(lock, flag) {
  lock.acquireSync();
  flag.set();
  for (;;);
});

export const newLock = job(import.meta, function newLock() {
  return new Lock();
});

export const fill = job(import.meta, function* fill(dict, list, names, key) {
  yield* dict.set(key, currentProcess().name);
  yield* list.append(key);
  yield* names.set("last", key);
  return yield* dict.get("none");
});

export const popEmpty = job(import.meta, function* popEmpty(list) {
  return yield* list.pop();
});

/** What jobs have the loop do. */
export const arrived = [];

export const arrive = job(import.meta, function arrive(value) {
  arrived.push(value);
});

export const square = job(import.meta, function* square(value) {
  yield* sleep(0);
  if (value < 0) throw new RangeError("negative");
  return value * value;
});

export const nap = job(import.meta, function* nap(seconds) {
  try {
    yield* sleep(seconds);
  } finally {
    arrived.push("nap over");
  }
});

export const arriveFrom = job(import.meta, function arriveFrom(handle, values) {
  for (const value of values) handle.callSoonThreadsafe(arrive, value);
});

export const squareFrom = job(import.meta, function squareFrom(handle, values) {
  return values.map((value) => runCoroutineThreadsafe(square, [value], handle).result());
});

export const squareFromTask = job(import.meta, function* squareFromTask(handle, value) {
  return yield* runCoroutineThreadsafe(square, [value], handle);
});

export const napFrom = job(import.meta, function napFrom(handle, timeout) {
  const future = runCoroutineThreadsafe(nap, [60], handle);
  let late = "";
  try {
    future.result(timeout);
  } catch (error) {
    late = error.name;
  }
  const before = future.done();
  future.cancel();
  try {
    future.result();
  } catch (error) {
    return [late, before, error.name];
  }
});

export const napFromTask = job(import.meta, function* napFromTask(handle) {
  const future = runCoroutineThreadsafe(nap, [60], handle);
  yield* sleep(0.05);
  future.cancel();
  try {
    yield* future;
  } catch (error) {
    return error.name;
  }
});

export const noCoroutineFrom = job(import.meta, function noCoroutineFrom(handle) {
  return runCoroutineThreadsafe(identity, [1], handle).result();
});

export const closureFrom = job(import.meta, function closureFrom(handle) {
  return runCoroutineThreadsafe(
    function* () {
      return 6 * 7;
    },
    [],
    handle,
  ).result();
});
