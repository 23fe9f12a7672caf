// Lowered programs in simulations: searched in JavaScript's orders, replayed, and held to what nobody handles.

import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Coroutine, Lock, type Task, sleep, timeout } from "wasyncio";
import { Promise, await_, queueMicrotask, run } from "wasyncio/lowered";
import { setImmediate, setInterval, clearInterval, setTimeout, clearTimeout } from "../../../src/promises/timers.ts";
import { explore, simulate, sweep } from "wasyncio/testing";

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(() => resolve(), ms));

/** A program of an async function's body. */
const lowered =
  <T>(body: () => Generator<unknown, T, unknown>): (() => Promise<T>) =>
  () =>
    run(body() as Coroutine<T>, "main") as Promise<T>;

const UNDER_TEST = { debug: false } as const;

describe("orders: javascript", () => {
  /** Two that check, wait for a time, and act. */
  const overdrawn = lowered(function* () {
    let balance = 100;
    function* withdraw(amount: number, ms: number): Coroutine<void> {
      if (balance < amount) return;
      yield* await_(delay(ms));
      balance -= amount;
    }
    yield* await_(Promise.all([run(withdraw(70, 10)), delay(15).then(() => run(withdraw(70, 5)))]));
    return balance;
  });
  const check = (balance: number): void => {
    if (balance < 0) throw new Error(`overdrawn: ${balance}`);
  };

  test("finds what timers in another order do, and replays it", () => {
    const { failure } = explore(overdrawn, { orders: "javascript", window: 0.02, check, runs: 200 });
    expect(failure).not.toBeNull();
    expect(String(failure?.error)).toBe("Error: overdrawn: -40");
    const again = simulate(overdrawn, { ...UNDER_TEST, replay: failure?.token as string, check });
    expect(String(again.error)).toBe("Error: overdrawn: -40");
  });

  test("finds nothing that only another order of microtasks does, which JavaScript never takes", () => {
    const memoised = lowered(function* () {
      let memo: number | null = null;
      let loads = 0;
      function* load(): Coroutine<number> {
        yield* await_(null);
        if (memo === null) {
          loads++;
          yield* await_(null);
          memo = 1;
        }
        return memo;
      }
      const first = run(load());
      for (let count = 0; count < 5; count++) yield* await_(null);
      yield* await_(Promise.all([first, run(load())]));
      return loads;
    });
    const once = (loads: number): void => expect(loads).toBe(1);
    expect(explore(memoised, { orders: "javascript", check: once, runs: 300 }).failure).toBeNull();
    expect(explore(memoised, { orders: "any", check: once, runs: 300 }).failure).not.toBeNull();
  });

  test("has each timer's microtasks run before the next timer, however late that is", () => {
    const broken: string[] = [];
    const program = lowered(function* () {
      let isBetween = false;
      function* turn(ms: number): Coroutine<void> {
        yield* await_(delay(ms));
        if (isBetween) broken.push(`a timer of ${ms} ms came between`);
        isBetween = true;
        for (let count = 0; count < 4; count++) yield* await_(null);
        isBetween = false;
      }
      yield* await_(Promise.all([5, 5, 6, 7].map((ms) => run(turn(ms)))));
      yield* await_(Promise.all([sleeper(), sleeper()]));
      function sleeper(): unknown {
        return run(
          (function* () {
            yield* await_(sleep(0.005));
            if (isBetween) broken.push("a sleeper came between");
            isBetween = true;
            yield* await_(null);
            yield* await_(null);
            isBetween = false;
          })(),
        );
      }
    });
    expect(explore(program, { orders: "javascript", window: 0.01, runs: 200 }).failure).toBeNull();
    expect(broken).toEqual([]);
    explore(program, { orders: "asyncio", window: 0.01, runs: 200 });
    expect(broken).not.toEqual([]);
  });
});

describe("a lowered program", () => {
  test("makes the same steps twice, and fails by a rejection that nobody handles", () => {
    const program = lowered(function* () {
      void run(
        (function* () {
          yield* await_(delay(5));
          throw new RangeError("nobody sees it");
        })(),
        "background",
      );
      yield* await_(delay(10));
    });
    const { status, error, reports } = simulate(program, { verify: true });
    expect([status, String(error)]).toEqual(["error", "RangeError: nobody sees it"]);
    expect(reports.join()).toContain("exception was never retrieved");
  });

  test.each([
    ["is cancelled", (task: Task<void>) => void task.cancel()],
    ["enters a block that is never left", () => {}],
  ])("is told of with its steps, in debug mode, when its task %s", (_, disturb) => {
    const program = lowered(function* () {
      function* nap(): Coroutine<void> {
        timeout(60).enter();
        yield* await_(delay(1000));
      }
      const task = run(nap()) as unknown as Task<void>;
      yield* await_(delay(100));
      disturb(task);
      yield* await_(task);
      throw new Error("nothing has cancelled it");
    });
    const { status, error } = simulate(program, { debug: true });
    expect(status).toBe("error");
    expect(String(error)).toMatch(/^(CancelledError|Error: nothing has cancelled it)$/);
  });

  test("can be cancelled twice at each of its points", () => {
    const program = lowered(function* () {
      function* nap(): Coroutine<void> {
        try {
          yield* await_(delay(1000));
        } finally {
          yield* await_(delay(1000));
        }
      }
      yield* await_(Promise.all([run(nap()), run(nap())]));
    });
    expect(sweep(program, { cancelTwice: true }).runs).toBeGreaterThan(2);
  });

  test("may keep a settled promise from one run to the next", () => {
    let kept: Promise<string>[] | null = null;
    const program = lowered(function* () {
      kept ??= [Promise.resolve("kept"), Promise.reject(new RangeError("kept"))];
      return yield* await_(Promise.all(kept.map((each) => each.catch(String).then((text) => `${text}!`))));
    });
    for (let run = 0; run < 2; run++)
      expect(simulate(program, UNDER_TEST).value).toEqual(["kept!", "RangeError: kept!"]);
  });

  test("is no failure by a rejection that is handled later", () => {
    const program = lowered(function* () {
      const rejected = Promise.reject(new RangeError("seen"));
      yield* await_(delay(10));
      return yield* await_(rejected.catch((error) => String(error)));
    });
    expect(simulate(program, UNDER_TEST).value).toBe("RangeError: seen");
  });

  test("tells in a deadlock who waits for what", () => {
    const program = lowered(function* () {
      const lock = new Lock();
      yield* await_(lock.acquire());
      yield* await_(Promise.all([run(take(lock), "taker"), new Promise(() => {})]));
    });
    function* take(lock: Lock): Coroutine<void> {
      yield* await_(lock.acquire());
    }
    const { status, error } = simulate(program);
    expect(status).toBe("deadlock");
    expect(String(error)).toMatch(/taker/);
  });

  test("has timers in virtual time, in the host's order", () => {
    const log: string[] = [];
    const program = lowered(function* () {
      const interval = setInterval(() => log.push(`interval ${performance.now()}`), 10);
      const cleared = setTimeout(() => log.push("never"), 12);
      const numbered = setTimeout(() => log.push("never"), 12);
      clearTimeout(cleared);
      clearTimeout(Number(numbered));
      setTimeout(() => {
        log.push("first");
        queueMicrotask(() => log.push("its microtask"));
      }, 5);
      setTimeout((word) => log.push(String(word)), 5, "second");
      setImmediate(() => log.push("immediate"));
      queueMicrotask(() => log.push("microtask"));
      yield* await_(delay(25));
      clearInterval(interval);
      yield* await_(delay(100));
    });
    const { status, time } = simulate(program, { ...UNDER_TEST, globals: "virtual" });
    expect([status, time]).toEqual(["ok", 0.125]);
    expect(log).toEqual(["microtask", "immediate", "first", "its microtask", "second", "interval 10", "interval 20"]);
  });

  test("has what util.promisify makes of timers", () => {
    const later = promisify(setTimeout) as (ms: number, value?: string, options?: object) => PromiseLike<string>;
    const soon = promisify(setImmediate) as (value: string) => PromiseLike<string>;
    const program = lowered(function* () {
      return [yield* await_(later(5000, "later")), yield* await_(soon("soon")), later(1) instanceof Promise];
    });
    const { value, time } = simulate(program, UNDER_TEST);
    expect([value, Math.floor(time)]).toEqual([["later", "soon", true], 5]);
  });

  test("leaves to the host what util.promisify gives for a signal", async () => {
    const later = promisify(setTimeout) as (ms: number, value: unknown, options: object) => PromiseLike<unknown>;
    await expect(later(1, null, { signal: AbortSignal.abort() })).rejects.toHaveProperty("name", "AbortError");
  });
});
