import { describe, expect, test } from "vitest";
import { type Coroutine, TaskGroup, createTask, gather, getRunningLoop, sleep, timeout } from "wasyncio";
import { ResourcePool, type ResourcePoolOptions } from "wasyncio/pool";
import { explore, simulate } from "wasyncio/testing";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";
import { goesOn, sweepEverywhere } from "../testing/sweep/everywhere.ts";

/** What the tests pool: it knows whether it is open, and whether it is used twice at once. */
class Thing {
  isOpen = true;
  isGood = true;
  inUse = 0;
  readonly number: number;

  constructor(number: number) {
    this.number = number;
  }

  *use(seconds = 0): Coroutine<number> {
    expect([this.isOpen, ++this.inUse]).toEqual([true, 1]);
    try {
      yield* sleep(seconds);
    } finally {
      this.inUse--;
    }
    return this.number;
  }
}

/** A pool of things, and all that it ever made. */
function makePool(options: Partial<ResourcePoolOptions<Thing>> = {}) {
  const things: Thing[] = [];
  let making = 0;
  let most = 0;
  const count = (): number => things.filter(({ isOpen }) => isOpen).length;
  const pool = new ResourcePool<Thing>({
    *create() {
      making++;
      most = Math.max(most, making + count());
      try {
        yield* sleep(0.1);
        const thing = new Thing(things.length);
        things.push(thing);
        return thing;
      } finally {
        making--;
      }
    },
    *destroy(thing) {
      expect(thing.isOpen).toBe(true);
      try {
        yield* sleep(0.01);
      } finally {
        thing.isOpen = false;
      }
    },
    ...options,
  });
  return { pool, things, open: count, most: () => most };
}

describe("ResourcePool", () => {
  test("makes what is needed, keeps it, and gives the latest one first", () => {
    fullTrace(function* (_, loop) {
      const { pool, things } = makePool({ max: 3 });
      expect(yield* pool.acquire().with((thing) => thing.use())).toBe(0);
      expect(yield* pool.acquire().with((thing) => thing.use())).toBe(0);
      yield* gather(...[1, 1, 1].map((seconds) => pool.acquire().with((thing) => thing.use(seconds))));
      expect([things.length, loop.time()]).toEqual([3, 1.2]);
      expect(pool.statistics()).toEqual({ size: 3, idle: 3, inUse: 0, waiting: 0, created: 3, destroyed: 0 });
      expect(String(pool)).toBe("<ResourcePool [open, idle:3, in use:0]>");
      yield* pool.close();
      expect(things.map(({ isOpen }) => isOpen)).toEqual([false, false, false]);
      expect(pool.statistics()).toEqual({ size: 0, idle: 0, inUse: 0, waiting: 0, created: 3, destroyed: 3 });
    });
  });

  test("has those wait for whom there is none, and serves them in order of arrival", () => {
    fullTrace(function* (log) {
      const { pool } = makePool({ max: 2 });
      const work = function* (name: number): Coroutine<void> {
        yield* pool.acquire().with((thing) => thing.use(1));
        log.push(name);
      };
      const tasks = Array.from({ length: 6 }, (_, index) => createTask(work(index)));
      yield* sleep(0.5);
      expect(pool.statistics()).toMatchObject({ inUse: 2, waiting: 4 });
      expect(String(pool)).toBe("<ResourcePool [open, idle:0, in use:2, waiters:4]>");
      for (const task of tasks) yield* task;
      expect(log).toEqual([0, 1, 2, 3, 4, 5]);
      yield* pool.close();
    });
  });

  test("gives one by `yield*`, too, and takes it back by `release`", () => {
    fullTrace(function* () {
      const { pool } = makePool();
      const thing = yield* pool.acquire();
      expect(pool.statistics().inUse).toBe(1);
      yield* pool.release(thing);
      expect(pool.statistics()).toMatchObject({ inUse: 0, idle: 1 });
      expect(attempt(() => pool.release(thing))).toContain("RangeError('Cannot release");
      expect(yield* createTask(pool.acquire())).toBe(thing);
      yield* pool.release(thing);
      yield* pool.close();
    });
  });

  test("an acquisition is used once, and nothing is lent twice", () => {
    fullTrace(function* () {
      const { pool } = makePool();
      const acquisition = pool.acquire();
      yield* acquisition.with((thing) => thing.use());
      expect(yield* attemptAwait(acquisition.with((thing) => thing.use()))).toContain("was used before");
      const same = new ResourcePool({ create: () => sleep(0, 7) });
      const seven = yield* same.acquire();
      expect(yield* attemptAwait(same.acquire())).toBe("RangeError('Cannot lend 7: it is in use already')");
      yield* same.release(seven);
      expect(same.statistics()).toMatchObject({ size: 1, inUse: 0 });
    });
  });

  test("entering it makes as many as it is told, leaving it destroys all", () => {
    fullTrace(function* (_, loop) {
      const { pool, open } = makePool({ min: 3 });
      yield* pool.with(function* (inside) {
        expect([inside, open(), loop.time().toFixed(3)]).toEqual([pool, 3, "0.300"]);
        yield* pool.acquire().with((thing) => thing.use());
      });
      expect(open()).toBe(0);
      expect(yield* attemptAwait(pool.acquire())).toContain("RuntimeError('Cannot acquire from <ResourcePool [closing");
    });
  });

  test("leaves nothing behind when it cannot be entered", () => {
    fullTrace(function* () {
      let count = 0;
      const { pool, open } = makePool({ min: 3 });
      const failing = makePool({
        min: 3,
        *create() {
          if (++count === 3) throw new RangeError("no more");
          yield* sleep(0);
          return new Thing(count);
        },
        destroy: () => void count--,
      });
      expect(yield* attemptAwait(failing.pool.with(() => sleep(0)))).toBe("RangeError('no more')");
      expect(count).toBe(1);
      expect(yield* attemptAwait(timeout(0.25).with(() => pool.with(() => sleep(0))))).toContain("TimeoutError");
      expect(open()).toBe(0);
    });
  });

  test("replaces what is no longer good, or too old", () => {
    fullTrace(function* () {
      const { pool, things } = makePool({ check: (thing) => thing.isGood, maxLifetime: 10 });
      const use = () => pool.acquire().with((thing) => thing.use());
      yield* use();
      things[0].isGood = false;
      expect(yield* use()).toBe(1);
      expect(things[0].isOpen).toBe(false);
      yield* sleep(11);
      expect(yield* use()).toBe(2);
      yield* pool.acquire().with(() => sleep(11)); // too old when it is given back
      expect(pool.statistics()).toMatchObject({ size: 0, created: 3, destroyed: 3 });

      const checked = makePool({
        *check(thing) {
          yield* sleep(0.1);
          if (thing.number === 1) throw new RangeError("lost");
          return thing.number !== 0;
        },
      });
      const useChecked = () => checked.pool.acquire().with((thing) => thing.use());
      expect([yield* useChecked(), yield* useChecked()]).toEqual([0, 1]);
      expect(yield* attemptAwait(useChecked())).toBe("RangeError('lost')");
      expect([yield* useChecked(), checked.pool.statistics().size]).toEqual([2, 1]);
    });
  });

  test("destroys what nobody uses for too long, but for so many", () => {
    fullTrace(function* () {
      const { pool, open } = makePool({ min: 1, maxIdle: 5 });
      yield* pool.with(function* () {
        yield* gather(...[1, 1, 3].map((seconds) => pool.acquire().with((thing) => thing.use(seconds))));
        expect(open()).toBe(3);
        yield* sleep(4);
        expect(open()).toBe(1); // two have waited since 1 s
        yield* sleep(100);
        expect(open()).toBe(1);
        yield* gather(...[1, 2].map((seconds) => pool.acquire().with((thing) => thing.use(seconds))));
        yield* sleep(3.5);
        expect(open()).toBe(2);
        yield* sleep(2);
        expect(open()).toBe(1);
      });
      expect(open()).toBe(0);
    });
  });

  test("an acquirer has a time limit, which the making counts for", () => {
    fullTrace(function* (_, loop) {
      const { pool } = makePool({ max: 1, acquireTimeout: 0.5 });
      const holding = createTask(pool.acquire().with((thing) => thing.use(2)));
      yield* sleep(0.2);
      expect(yield* attemptAwait(pool.acquire().with((thing) => thing.use()))).toContain("TimeoutError");
      expect(loop.time()).toBe(0.7);
      yield* holding;
      yield* pool.acquire().with((thing) => thing.use());
      const slow = makePool({ acquireTimeout: { milliseconds: 50 } });
      expect(yield* attemptAwait(slow.pool.acquire())).toContain("TimeoutError");
      expect(slow.pool.statistics().size).toBe(0);
    });
  });

  test("one who is cancelled passes the turn on, whether a place was free or not", () => {
    fullTrace(function* () {
      const { pool } = makePool({ max: 1 });
      const thing = yield* pool.acquire();
      const [first, second] = [createTask(pool.acquire()), createTask(pool.acquire())];
      yield* sleep(0);
      yield* pool.release(thing);
      first.cancel();
      expect(yield* attemptAwait(first)).toBe("CancelledError()");
      expect(yield* second).toBe(thing);
      const making = makePool({ max: 1 });
      const [third, fourth] = [createTask(making.pool.acquire()), createTask(making.pool.acquire())];
      yield* sleep(0.05);
      third.cancel();
      expect((yield* fourth).number).toBe(0);
    });
  });

  test("close waits for what is in use; those who wait for one are told", () => {
    fullTrace(function* (_, loop) {
      const { pool, open } = makePool({ max: 1 });
      const using = createTask(pool.acquire().with((thing) => thing.use(3)));
      const waiting = createTask(pool.acquire());
      yield* sleep(1);
      const closing = createTask(pool.close());
      expect(yield* attemptAwait(waiting)).toContain("RuntimeError");
      expect(loop.time()).toBe(1);
      yield* closing;
      expect([using.done(), open(), loop.time().toFixed(2)]).toEqual([true, 0, "3.11"]);
      yield* pool.close();
    });
  });

  test("close may terminate what is in use, and what is being made", () => {
    fullTrace(function* (_, loop) {
      const { pool, open } = makePool();
      const thing = yield* pool.acquire();
      const making = createTask(pool.acquire());
      const closing = createTask(pool.close({ terminate: true }));
      expect(yield* attemptAwait(making)).toContain("RuntimeError('Cannot acquire from <ResourcePool [terminated");
      expect([open(), closing.done()]).toEqual([0, false]);
      yield* pool.release(thing);
      yield* closing;
      expect([loop.time().toFixed(2), pool.statistics().destroyed]).toEqual(["0.21", 2]);
    });
  });

  test("close destroys all at once, to the end, also when it is cancelled", () => {
    fullTrace(function* (_, loop) {
      const { pool, open } = makePool({ min: 3 });
      yield* pool.aenter();
      yield* pool.acquire();
      const before = loop.time();
      const closing = createTask(pool.close({ terminate: true }));
      yield* sleep(0.005);
      closing.cancel();
      expect(yield* attemptAwait(closing)).toContain("CancelledError");
      expect([open(), loop.time() - before]).toEqual([0, expect.closeTo(0.01)]);
    });
  });

  test("what destroying throws goes to the exception handler, and the place is free", () => {
    const log = fullTrace(function* () {
      const { pool } = makePool({
        maxLifetime: 1,
        max: 1,
        destroy() {
          throw new RangeError("stuck");
        },
      });
      yield* pool.acquire().with(() => sleep(2));
      yield* pool.acquire().with(() => sleep(0));
    });
    expect(log).toEqual([
      ["EH", "Exception while <ResourcePool [open, idle:0, in use:0]> destroyed a resource", "RangeError('stuck')"],
    ]);
  });

  test("is named by deadlocks and leaks", () => {
    const { error } = simulate(function* () {
      const { pool } = makePool({ max: 1 });
      yield* pool.acquire().with(() => pool.acquire().with((thing) => thing.use()));
    });
    expect(String(error)).toMatch(/waits for <ResourcePool .* in ResourcePool\.acquire/);
    const leaking = simulate(function* () {
      yield* makePool().pool.acquire();
    });
    expect(leaking.leaks.map(({ kind, description }) => [kind, description])).toEqual([
      ["permit", "<ResourcePool [open, idle:0, in use:1]> held by Task-1, which has ended"],
    ]);
  });

  test("refuses bad arguments at the call", () => {
    const create = (): Coroutine<number> => sleep(0, 1);
    const refused: [unknown, string][] = [
      [undefined, "TypeError('Invalid options: expected an object, got undefined')"],
      [{}, "TypeError('Invalid create: expected a function, got undefined')"],
      [{ create, destroy: 5 }, "TypeError('Invalid destroy: expected a function, got 5')"],
      [{ create, check: true }, "TypeError('Invalid check: expected a function, got true')"],
      [{ create, max: 0 }, "RangeError('max must be greater than 0, and whole: got 0')"],
      [{ create, max: "2" }, "TypeError('Invalid max: expected a whole number, got '2'')"],
      [{ create, min: 11 }, "RangeError('Invalid min: expected a whole number from 0 to max, which is 10, got 11')"],
      [{ create, min: null }, "TypeError('Invalid min: expected a whole number, got null')"],
      [{ create, maxIdle: NaN }, "TypeError('Invalid maxIdle: NaN (not a number)')"],
      [{ create, maxLifetime: "1" }, "TypeError('Invalid maxLifetime: expected seconds or a duration, got string')"],
      [{ create, acquireTimeout: {} }, "TypeError('Invalid acquireTimeout: expected seconds or one of"],
      [{ create, size: 5 }, "TypeError('Invalid options: there is no 'size'"],
    ];
    for (const [options, message] of refused)
      expect(attempt(() => new ResourcePool(options as never))).toContain(message);
    const pool = new ResourcePool({ create });
    expect(attempt(() => pool.close({ terminate: 1 as never }))).toContain("TypeError");
    expect(attempt(() => pool.acquire().with(5 as never))).toContain("Cannot enter");
    expect(attempt(() => pool.release(1))).toContain("RangeError");
  });

  test("is swept and explored: never more than there may be, none lost, none left open", () => {
    let made: ReturnType<typeof makePool>;
    let done: Set<number>;
    const program = function* (): Coroutine<number> {
      made = makePool({
        max: 2,
        min: 1,
        maxLifetime: 1,
        maxIdle: 0.3,
        *check() {
          yield* sleep(0.01);
          return true;
        },
      });
      done = new Set();
      const { pool } = made;
      yield* pool.with(() =>
        new TaskGroup().with(function* (group) {
          for (let worker = 0; worker < 4; worker++) {
            const work = function* (): Coroutine<void> {
              for (let round = 0; round < 2; round++) {
                yield* pool.acquire().with((thing) => thing.use(worker === 0 ? 0.9 : 0.1));
                yield* sleep(worker === 3 ? 0.5 : 0);
              }
              done.add(worker);
            };
            group.createTask(work(), { name: `worker ${worker}` });
          }
        }),
      );
      return getRunningLoop().time();
    };
    const check = (): void => {
      const { pool, open, most, things } = made;
      expect(most()).toBeLessThanOrEqual(2);
      expect(open()).toBe(0);
      expect(things.every(({ inUse }) => inUse === 0)).toBe(true);
      expect(pool.statistics()).toMatchObject({
        size: 0,
        waiting: 0,
        created: things.length,
        destroyed: things.length,
      });
    };
    sweepEverywhere(program, {
      target: (name) => name !== "ResourcePool.maxIdle", // its own tasks, which nobody knows
      check(_, at) {
        check();
        if (!goesOn(at)) return;
        for (let worker = 0; worker < 4; worker++) if (at.task !== `worker ${worker}`) expect(done).toContain(worker);
      },
    });
    expect(explore(program, { runs: 300, check: () => (check(), expect(done.size).toBe(4)) }).failure).toBeNull();
  });
});
