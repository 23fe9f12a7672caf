import { describe, expect, test } from "vitest";
import {
  type Awaitable,
  type Delay,
  EventLoop,
  type Future,
  Task,
  asCompleted,
  createTask,
  forEach,
  getRunningLoop,
  sleep,
  wrapFuture,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { giving, nothing, throwing } from "../../support/coroutines.ts";
import { timers } from "../../support/counters.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";

describe("asCompleted", () => {
  test("gives futures that failed to forEach as they are, done", () => {
    const log = fullTrace(function* (log) {
      yield* forEach(asCompleted([nothing(), throwing(new RangeError("kept inside"))]), (future) => {
        log.push(future instanceof Task, future.done());
        future.exception();
      });
    });
    expect(log).toEqual([true, true, true, true]);
  });

  test("takes its callbacks off what its timeout cuts off", () => {
    const log = fullTrace(function* (log, loop) {
      const task = createTask(sleep(9));
      for (const next of asCompleted([task], { timeout: 2 })) log.push(yield* attemptAwait(next));
      log.push(loop.time(), task.toString().includes("cb="));
    });
    expect(log).toEqual(["TimeoutError()", 2, false]);
  });

  test("throws TimeoutError out of forEach at its timeout", () => {
    const log = fullTrace(function* (log, loop) {
      const iterating = forEach(asCompleted([sleep(1, "a"), sleep(9, "b")], { timeout: { seconds: 2 } }), (future) => {
        log.push(future.result());
      });
      log.push(yield* attemptAwait(iterating), loop.time());
    });
    expect(log).toEqual(["a", "TimeoutError()", 2]);
  });

  test("refuses what is no list of awaitables; of none it gives nothing, of one twice it gives one", () => {
    const log = fullTrace(function* (log, loop) {
      const bad: unknown[] = [loop.createFuture(), sleep(1), nothing(), Promise.resolve(), 5, null, undefined];
      for (const value of bad) log.push(attempt(() => asCompleted(value as Awaitable<void>[])));
      log.push(attempt(() => asCompleted([5 as unknown as Awaitable<void>])));
      for (const timeout of [NaN, "1"]) log.push(attempt(() => asCompleted([], { timeout: timeout as Delay })));
      log.push([...asCompleted([])].length);
      const task = createTask(giving("once"));
      for (const next of asCompleted([task, task])) log.push(yield* next);
      const coroutine = giving("one coroutine");
      for (const next of asCompleted([coroutine, coroutine])) log.push(yield* next);
      log.push(loop.pendingTasks().length);
    });
    expect(log).toEqual([
      "TypeError('expects an iterable of awaitables, not Future')",
      "TypeError('expects an iterable of awaitables, not <coroutine sleep>')",
      "TypeError('expects an iterable of awaitables, not [object Generator]')",
      "TypeError('expects an iterable of awaitables, not [object Promise]')",
      "TypeError('expects an iterable of awaitables, not 5')",
      "TypeError('expects an iterable of awaitables, not null')",
      "TypeError('expects an iterable of awaitables, not undefined')",
      "TypeError('A Future, a coroutine or an awaitable is required, got 5')",
      "TypeError('Invalid timeout: NaN (not a number)')",
      "TypeError('Invalid timeout: expected seconds or a duration, got string')",
      0,
      "once",
      "one coroutine",
      1,
    ]);
    expect(attempt(() => asCompleted([]))).toBe("RuntimeError('There is no current event loop')");
  });

  test("lets several tasks wait at once, each for the next", () => {
    const log = fullTrace(function* (log) {
      const iterator = asCompleted([sleep(3, "c"), sleep(1, "a"), sleep(2, "b")]);
      const takers = [...iterator].map((next) => createTask(next));
      for (const taker of takers) log.push(yield* taker);
    });
    expect(log).toEqual(["a", "b", "c"]);
  });

  test("leaves no timer behind when all came in time", () => {
    fullTrace(function* (_, loop) {
      for (const next of asCompleted([nothing()], { timeout: 1000 })) yield* next;
      expect(timers(loop).all - timers(loop).cancelled).toBe(0);
    });
  });

  test("arms no timer for an empty list", () => {
    fullTrace(function* (_, loop) {
      asCompleted([], { timeout: 1000 });
      expect(timers(loop).all).toBe(0);
      yield* sleep(0);
    });
  });

  test("gives the outcome of what was done before it, in order", () => {
    const log = fullTrace(function* (log, loop) {
      const [first, second] = [loop.createFuture<string>(), loop.createFuture<string>()];
      second.setResult("second");
      first.setResult("first");
      for (const next of asCompleted([first, second])) log.push(yield* next);
    });
    expect(log).toEqual(["first", "second"]);
  });

  test("can be iterated by an async function with `for await`, in whatever loop it was made in", async () => {
    const loop = new EventLoop();
    async function collect(): Promise<string[]> {
      const got: string[] = [];
      // TypeScript takes the future for its result, because it has a `then`.
      for await (const future of completed) got.push((future as unknown as Future<string>).result());
      return got;
    }
    let completed: AsyncIterable<Future<string>>;
    function* main() {
      completed = asCompleted([sleep(0.002, "slow"), sleep(0, "fast")]);
      expect(getRunningLoop()).toBe(loop);
      return yield* wrapFuture(collect());
    }
    expect(await loop.runUntilComplete(main())).toEqual(["fast", "slow"]);
    loop.close();
  });

  test("refuses futures of another loop", () => {
    const other = new VirtualEventLoop();
    const log = fullTrace(function* (log) {
      log.push(attempt(() => asCompleted([other.createFuture()])));
    });
    expect(log).toEqual([
      "RangeError('The future belongs to a different loop than the one specified as the loop argument')",
    ]);
    other.close();
  });
});
