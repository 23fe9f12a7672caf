// The door `wasyncio/async`, from lowered code and from code that is not.

import { describe, expect, test } from "vitest";
import { CancelledError, type Coroutine, TimeoutError, currentTask } from "wasyncio";
import {
  Barrier,
  Condition,
  Event,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  Semaphore,
  TaskGroup,
  abortable,
  asCompleted,
  createTask,
  gather,
  mapConcurrently,
  moveOnAfter,
  race,
  run,
  shield,
  shielded,
  sleep,
  timeout,
  wait,
  waitFor,
} from "wasyncio/async";
import { Promise as LoopPromise, await_, d, run as start, stack } from "wasyncio/lowered";
import { simulate } from "wasyncio/testing";

type Body<T> = Generator<unknown, T, unknown>;

/** An async function, lowered. */
const lowered =
  <A extends unknown[], T>(body: (...args: A) => Body<T>, name = "lowered") =>
  (...args: A): Promise<T> =>
    start(body(...args) as Coroutine<T>, name) as Promise<T>;

/** What an async function returns in a simulation, or its error; and the time. */
function play(body: () => Body<unknown>): { result: unknown; time: number } {
  const { status, value, error, time } = simulate(lowered(body, "main"), { debug: false });
  return { result: status === "ok" ? value : String(error), time };
}

/** A block with `await using`. */
function* using<T extends object>(resource: T, body: (resource: T) => Body<unknown>): Body<void> {
  const s = stack();
  try {
    s.useAsync(resource);
    yield* body(resource);
  } catch (error) {
    s.fail(error);
  } finally {
    yield* s.dispose();
  }
}

const after = lowered(function* (seconds: number): Body<number> {
  yield* await_(sleep(seconds));
  return seconds;
}, "after");

const failing = lowered(function* (seconds: number): Body<never> {
  yield* await_(sleep(seconds));
  throw new RangeError(`after ${seconds} s`);
}, "failing");

describe("functions", () => {
  test("begin at the call, and in place when they are awaited at once", () => {
    const { result, time } = play(function* () {
      const [first, second] = [sleep(1, "a"), sleep(2, "b")];
      const task = currentTask();
      const inPlace = yield* await_(((d.f = sleep), sleep(1, "c")));
      return [yield* await_(first), yield* await_(second), inPlace, currentTask() === task];
    });
    expect(result).toEqual(["a", "b", "c", true]);
    expect(time).toBe(2);
  });

  test("gather, wait, race and asCompleted take promises, and give them", () => {
    const { result, time } = play(function* () {
      const gathered = yield* await_(gather(after(1), after(2)).then((list) => list.join()));
      const tolerant = (yield* await_(gather([after(1), failing(1)], { returnExceptions: true }))) as unknown[];
      const tasks = [createTask(() => after(1)), createTask(() => after(9))];
      const [done, pending] = (yield* await_(wait(tasks, { timeout: 2 }))) as [Set<unknown>, Set<unknown>];
      const first = yield* await_(race(after(3), after(1)));
      const order: unknown[] = [];
      for (const next of asCompleted([after(2), after(1)])) order.push(yield* await_(next));
      return [gathered, tolerant.map(String), done.has(tasks[0]), pending.has(tasks[1]), first, order];
    });
    expect(result).toEqual(["1,2", ["1", "RangeError: after 1 s"], true, true, 1, [1, 2]]);
    expect(time).toBe(2 + 1 + 2 + 1 + 2);
  });

  test("waitFor ends what takes too long, shield and shielded do not", () => {
    const { result, time } = play(function* () {
      const outcomes: unknown[] = [];
      const slow = after(10);
      for (const make of [() => waitFor(slow, 1), () => waitFor(shield(after(10)), 1)]) {
        try {
          yield* await_(make());
        } catch (error) {
          outcomes.push(error instanceof TimeoutError);
        }
      }
      const task = createTask(
        lowered(function* () {
          return yield* await_(shielded(() => after(3)));
        }),
      );
      yield* await_(sleep(1));
      task.cancel();
      const [ended] = (yield* await_(gather([task], { returnExceptions: true }))) as unknown[];
      return [outcomes, String(ended)];
    });
    expect(result).toEqual([[true, true], "CancelledError"]);
    expect(time).toBe(1 + 1 + 3);
  });

  test("mapConcurrently keeps to its limit", () => {
    const { result, time } = play(() => mapping());
    function* mapping(): Body<unknown> {
      return yield* await_(mapConcurrently((n) => after(n), [1, 1, 1, 1], { limit: 2 }));
    }
    expect(result).toEqual([1, 1, 1, 1]);
    expect(time).toBe(2);
  });

  test("createTask runs a function in a task of its own, and names the task of a promise", () => {
    const { result } = play(function* () {
      const log: string[] = [];
      const task = createTask(
        lowered(function* () {
          log.push("started");
          return currentTask()?.getName();
        }),
        { name: "own" },
      );
      log.push("made");
      const running = after(1);
      const same: unknown = createTask(running, { name: "renamed" });
      yield* await_(task.finally(() => log.push("finally")));
      return [log, task.getName(), same === running, (same as typeof task).getName(), task instanceof LoopPromise];
    });
    expect(result).toEqual([["made", "started", "finally"], "own", true, "renamed", true]);
  });
});

describe("await using", () => {
  test("timeout and moveOnAfter end a block", () => {
    const { result, time } = play(function* () {
      let isTimeout = false;
      try {
        yield* using(timeout(1), () => after(60) as never);
      } catch (error) {
        isTimeout = error instanceof TimeoutError;
      }
      const scope = moveOnAfter(1);
      yield* using(scope, function* () {
        yield* await_(after(60));
      });
      return [isTimeout, scope.expired()];
    });
    expect(result).toEqual([true, true]);
    expect(time).toBe(2);
  });

  test("TaskGroup waits for its tasks, and cancels them when one fails", () => {
    const log: string[] = [];
    const { result, time } = play(function* () {
      yield* using(new TaskGroup(), function* (group) {
        for (const n of [3, 1, 2]) group.createTask(() => after(n).then((value) => log.push(`after ${value}`)));
        log.push("left");
        yield* await_(null);
      });
      yield* using(new TaskGroup(), function* (group) {
        group.createTask(() => failing(1));
        const other = group.createTask(() => after(50));
        other.addDoneCallback(() => log.push(`cancelled ${other.cancelled()}`));
        yield* await_(after(100));
      });
    });
    expect(log).toEqual(["left", "after 1", "after 2", "after 3", "cancelled true"]);
    expect(result).toContain("unhandled errors in a TaskGroup");
    expect(time).toBe(4);
  });

  test("refuses what would have to wait to be entered", () => {
    const { result } = play(function* () {
      const lock = new Lock();
      yield* await_(lock.acquire());
      yield* using(lock as object, function* () {});
    });
    expect(result).toMatch(/^RuntimeError: Cannot enter <Lock.*does not wait/);
  });
});

describe("operations of primitives", () => {
  test("are awaited in the task that awaits them, which then holds what it acquired", () => {
    const { result, time } = play(function* () {
      const lock = new Lock();
      const user = lowered(function* (n: number) {
        const hold = (yield* await_(lock.acquire())) as Disposable;
        yield* await_(sleep(1));
        hold[Symbol.dispose]();
        return n;
      });
      return yield* await_(gather(user(1), user(2), user(3)));
    });
    expect(result).toEqual([1, 2, 3]);
    expect(time).toBe(3);
  });

  test("are promises: with reactions they are tasks of their own", () => {
    const { result, time } = play(function* () {
      const queue = new Queue<string>(1);
      const event = new Event();
      const got = LoopPromise.all([queue.get(), event.wait(), queue.get().then((item) => `${item}!`)]);
      yield* await_(queue.put("a"));
      yield* await_(sleep(1));
      yield* await_(queue.put("b"));
      event.set();
      return yield* await_(got);
    });
    expect(result).toEqual(["a", true, "b!"]);
    expect(time).toBe(1);
  });

  test("with reactions they may be awaited as well, and made a task", () => {
    const { result } = play(function* () {
      const event = new Event();
      const waiting = event.wait();
      const seen: unknown[] = [];
      void waiting.then((value) => seen.push(value));
      const task = createTask(waiting);
      void sleep(1).then(() => event.set());
      return [yield* await_(waiting), yield* await_(waiting), yield* await_(task), seen];
    });
    expect(result).toEqual([true, true, true, [true]]);
  });

  test("are awaited once in place: nothing keeps what they gave", () => {
    const { result } = play(function* () {
      const event = new Event();
      event.set();
      for (const operation of [event.wait(), new Lock().acquire(), new Barrier(1).wait()]) {
        yield* await_(operation);
        for (const again of [() => await_(operation), () => await_(operation.then(() => {}))]) {
          try {
            yield* again();
            return "awaited again";
          } catch (error) {
            if (!/^RuntimeError: Cannot await .* again: keep what it gave/.test(String(error))) throw error;
          }
        }
      }
      return "refused";
    });
    expect(result).toBe("refused");
  });

  test("are not awaited again when they have failed", () => {
    const { result } = play(function* () {
      const queue = new Queue();
      queue.shutdown();
      const operation = queue.get();
      const errors: string[] = [];
      for (const _ of [1, 2]) {
        try {
          yield* await_(operation);
        } catch (error) {
          errors.push((error as Error).name);
        }
      }
      return errors;
    });
    expect(result).toEqual(["QueueShutDown", "RuntimeError"]);
  });

  test("are there for all of them", () => {
    const { result } = play(function* () {
      const semaphore = new Semaphore(1);
      yield* await_(semaphore.acquire());
      semaphore.release();
      const condition = new Condition();
      const waiter = lowered(function* () {
        yield* await_(condition.acquire());
        const value = yield* await_(condition.waitFor(() => "met"));
        condition.release();
        return value;
      });
      const barrier = new Barrier(2);
      const arrive = lowered(function* () {
        return yield* await_(barrier.wait());
      });
      const stacked = new LifoQueue<number>();
      const sorted = new PriorityQueue<number>();
      for (const queue of [stacked, sorted]) for (const n of [2, 1, 3]) yield* await_(queue.put(n));
      const met = yield* await_(waiter());
      const arrived = (yield* await_(gather(arrive(), arrive()))) as readonly unknown[];
      return [met, new Set(arrived), yield* await_(stacked.get()), yield* await_(sorted.get())];
    });
    expect(result).toEqual(["met", new Set([0, 1]), 3, 1]);
  });
});

describe("code that is not lowered", () => {
  test.each([
    ["run", () => run(async () => {})],
    ["createTask", () => inLoop(() => createTask(async () => {}))],
    ["TaskGroup.createTask", () => inLoop(() => new TaskGroup().createTask(async () => {}))],
  ])("is refused by %s at the call", (_, call) => {
    expect(call).toThrow(/the async function is not lowered/);
  });

  test.each([
    ["sleep", () => sleep(1)],
    ["gather", () => gather(Promise.resolve(1))],
    ["createTask", () => createTask(() => Promise.resolve(1))],
    ["Lock.acquire", () => new Lock().acquire().then()],
    ["abortable", () => abortable(() => Promise.resolve(1))],
  ])("has no loop for %s", (name, call) => {
    expect(call).toThrow(`Cannot call ${name}: no loop runs here`);
    expect(call).toThrow(/; group\.createTask\(\(\) => f\(\)\) is one of the group's loop$/);
  });

  test("cannot enter a deadline or a group", () => {
    for (const make of [() => timeout(1), () => moveOnAfter(1), () => new TaskGroup()])
      expect(() => inLoop(() => make()[Symbol.asyncDispose])).toThrow(/is not lowered/);
  });

  function inLoop(call: () => unknown): void {
    const { status, error } = simulate(function* () {
      call();
    });
    if (status !== "ok") throw error;
  }
});

test("a run: its functions are lowered, and it awaits promises of the host's", async () => {
  const log: unknown[] = [];
  const main = lowered(function* () {
    log.push(yield* await_(Promise.resolve("host's")));
    log.push(yield* await_(abortable((signal) => Promise.resolve(signal.aborted))));
    try {
      yield* using(timeout(0), function* () {
        yield* await_(new Promise(() => {}));
      });
    } catch (error) {
      log.push(error instanceof TimeoutError, (error as Error).cause instanceof CancelledError);
    }
    return "done";
  }, "main");
  expect(await run(main)).toBe("done");
  expect(log).toEqual(["host's", false, true, true]);
});
