// The same calls here and in CPython's multiprocessing, and what they give; errors by the names that they have here.

import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Coroutine, forEach, run, sleep } from "wasyncio";
import {
  Array as SharedArray,
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  Manager,
  Pool,
  Process,
  Queue,
  RLock,
  Semaphore,
  Value,
} from "wasyncio/multiprocessing";
import { isInstalled } from "../../support/installed.ts";
import { run as runToEnd } from "../../support/processes.ts";
import * as jobs from "../../unit/multiprocessing/jobs.mjs";

const PROGRAM = join(import.meta.dirname, "python/facts.py");

/** What Python's errors are here. */
const NAMES: Readonly<Record<string, string>> = {
  AssertionError: "RuntimeError",
  Empty: "QueueEmpty",
  Full: "QueueFull",
  IndexError: "RangeError",
  ValueError: "RangeError",
};

function attempt(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return (error as Error).name;
  }
}

function* attemptAwait(awaitable: Iterable<unknown>): Coroutine<unknown> {
  try {
    return yield* awaitable as Coroutine<unknown>;
  } catch (error) {
    return (error as Error).name;
  }
}

/** Whether a lock is had: what `acquire` gives there. */
const isHad = (lock: Lock | RLock | Semaphore, timeout: number): boolean => lock.acquireSync(timeout) !== null;

const chapters: Readonly<Record<string, () => unknown>> = {
  processes: () =>
    run(function* () {
      const made = [new Process(jobs.identity, { args: [1] }), new Process(jobs.exit, { args: [3] })];
      const states = made.map((process) => [process.exitcode, process.isAlive(), attempt(() => process.join())]);
      for (const process of made) process.start();
      const again = attempt(() => made[0]?.start());
      for (const process of made) yield* process.join();
      const ended = [];
      for (const end of ["terminate", "kill"] as const) {
        const process = new Process(jobs.spin);
        process.start();
        yield* process.join(0.1);
        ended.push([process.isAlive(), process.exitcode]);
        process[end]();
        yield* process.join();
        ended.push([process.isAlive(), process.exitcode]);
      }
      return [states, again, made.map(({ exitcode }, index) => [exitcode, made[index]?.isAlive()]), ended];
    }),

  pools: () =>
    run(function* () {
      const pool = new Pool(2);
      const late = pool.applyAsync(jobs.spin, []);
      const [ordered, unordered]: [number[], number[]] = [[], []];
      yield* forEach(pool.imap(jobs.identity, [3, 1, 2]), (each) => void ordered.push(each));
      yield* forEach(pool.imapUnordered(jobs.identity, [3, 1, 2]), (each) => void unordered.push(each));
      const facts = [
        yield* pool.apply(jobs.identity, [1]),
        yield* attemptAwait(pool.apply(jobs.fail, [])),
        attempt(() => late.successful()),
        late.ready(),
        yield* attemptAwait(late.get(0.05)),
        yield* pool.map(jobs.identity, [3, 1, 2]),
        yield* pool.map(jobs.identity, []),
        ordered,
        unordered.sort((left, right) => left - right),
        yield* pool.starmap(
          (left: number, right: number) => Math.max(left, right),
          [[1, 2] as [number, number], [4, 3]],
        ),
        attempt(() => pool.join()),
      ];
      pool.terminate();
      yield* pool.join();
      return [...facts, yield* attemptAwait(pool.apply(jobs.identity, [1]))];
    }),

  values: () =>
    run(function* () {
      const value = new Value("i", 0);
      const both = [1, 2].map(() => new Process(jobs.count, { args: [value as never, 500] }));
      for (const process of both) process.start();
      for (const process of both) yield* process.join();
      const array = new SharedArray("d", [1, 2, 3]);
      const zeros = [...new SharedArray("i", 2)];
      return [value.value, [...array], array.length, zeros, attempt(() => new Value("y" as never, 0 as never))];
    }),

  locks: () => {
    const [lock, rlock, bounded, semaphore] = [new Lock(), new RLock(), new BoundedSemaphore(1), new Semaphore(2)];
    const facts: unknown[] = [isHad(lock, 0.01), isHad(lock, 0.01), isHad(lock, 0), lock.release() ?? null];
    facts.push(isHad(rlock, 0), isHad(rlock, 0), rlock.release() ?? null, rlock.release() ?? null);
    facts.push(...[rlock, lock, bounded].map((each) => attempt(() => each.release())));
    facts.push(semaphore.getValue(), isHad(semaphore, 0), isHad(semaphore, 0), isHad(semaphore, 0));
    return [...facts, semaphore.release() ?? null, semaphore.getValue()];
  },

  events: () => {
    const event = new Event();
    const facts = [event.isSet(), event.waitSync(0.01)];
    event.set();
    facts.push(event.isSet(), event.waitSync(0.01));
    event.clear();
    return [...facts, event.isSet(), event.waitSync(0.01)];
  },

  conditions: () => {
    const condition = new Condition();
    const facts = [attempt(() => condition.notify()), attempt(() => condition.waitSync())];
    const late = () => [
      condition.waitSync(0.01),
      condition.waitForSync(() => 0, 0.01),
      condition.waitForSync(() => 7, 0.01),
    ];
    return [...facts, ...condition.withSync(late)];
  },

  barriers: () =>
    run(() =>
      new Pool(1).with(function* (pool) {
        const barrier = new Barrier(2);
        const other = pool.applyAsync(jobs.meet, [barrier, null]);
        const numbers = [yield* barrier.wait(), yield* other.get()];
        const meet = (timeout: number | null) => attemptAwait(pool.apply(jobs.meet, [barrier, timeout]));
        const facts = [numbers.sort((left, right) => left - right), barrier.broken, barrier.nWaiting, barrier.parties];
        facts.push((yield* meet(0.01)) as never, barrier.broken, (yield* meet(null)) as never);
        barrier.reset();
        facts.push(barrier.broken);
        barrier.abort();
        return [...facts, barrier.broken, yield* meet(null)];
      }),
    ),

  queues: () =>
    run(function* () {
      const items = new Queue<unknown>(2);
      const facts: unknown[] = [items.empty(), items.full(), attempt(() => items.getNowait())];
      yield* sleep(0);
      facts.push(yield* attemptAwait(lateIn(items)));
      yield* items.put(1);
      yield* items.put([2]);
      facts.push(
        items.full(),
        attempt(() => items.putNowait(3)),
        attempt(() => items.putSync(3, 0)),
      );
      facts.push(items.qsize(), yield* items.get(), yield* items.get(), items.qsize());
      const producer = new Process(jobs.produce, { args: [items as Queue<number>, 0, 5] });
      producer.start();
      const produced = [];
      while (produced.length < 5) produced.push(yield* items.get());
      yield* producer.join();
      items.close();
      return [...facts, produced, attempt(() => items.putNowait(1)), yield* attemptAwait(items.get())];
    }),

  managers: () =>
    run(() =>
      new Manager().with(function* (manager) {
        const numbers = manager.dict([["a", 1]] as [string, number][]);
        const [names, space] = [manager.list([1, 2]), manager.namespace({ x: 0 })];
        yield* numbers.set("b", 2);
        yield* names.append(3);
        yield* space.set("x", 5);
        return [
          yield* numbers.items(),
          yield* numbers.setdefault("a", 9),
          yield* numbers.pop("a"),
          yield* numbers.has("a"),
          yield* numbers.size(),
          yield* names.pop(),
          yield* names.pop(0),
          yield* names.items(),
          yield* space.get("x"),
          yield* attemptAwait(names.pop(5)),
        ];
      }),
    ),
};

/** Gets from an empty queue in a thread, which is late. */
function* lateIn(items: Queue<unknown>): Coroutine<unknown> {
  return yield* new Pool(1).with((pool) => pool.apply(jobs.getOr, [items as Queue<number>, 0.01]));
}

describe.runIf(isInstalled("python3"))("beside CPython's multiprocessing", () => {
  let theirs: Readonly<Record<string, unknown>> = {};

  beforeAll(async () => {
    const { end, stdout, stderr } = await runToEnd(["python3", PROGRAM]);
    expect({ end, stderr }).toEqual({ end: 0, stderr: "" });
    theirs = JSON.parse(stdout, (_key, value: unknown) =>
      typeof value === "string" ? (NAMES[value] ?? value) : value,
    ) as typeof theirs;
  });

  test.each(Object.entries(chapters))("%s", async (name, chapter) => {
    expect(await chapter()).toEqual(theirs[name]);
  });

  test("has these chapters, and no other", () => {
    expect(Object.keys(chapters)).toEqual(Object.keys(theirs));
  });
});
