// Promises that reject late, and thenables that do not keep to the rules, wherever something can be awaited.

import { describe, expect, test, vi } from "vitest";
import {
  type Coroutine,
  Future,
  type Task,
  abortable,
  asCompleted,
  createTask,
  ensureFuture,
  forEach,
  gather,
  isFuture,
  run,
  shield,
  sleep,
  wait,
  waitFor,
  wrapFuture,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { attempt, attemptAwait } from "../support/outcomes.ts";
import { type Log, endOf, leavesNothing, listeningLoop, survive, wordsOf } from "./hostile.ts";
import { slotsInUse } from "../support/counters.ts";

type Then = (resolve: (value?: unknown) => void, reject: (error?: unknown) => void) => unknown;

const thenable = (then: Then): PromiseLike<unknown> => ({ then }) as never;

/** Calls both of its functions when it is told to, as often as it is told to. */
class Puppet {
  resolve: (value?: unknown) => void = () => {};
  reject: (error?: unknown) => void = () => {};
  then(resolve: (value?: unknown) => void, reject: (error?: unknown) => void): this {
    Object.assign(this, { resolve, reject });
    return this;
  }
}

/** All ways to await something of the outside world. */
const ways: Record<string, (thenable: PromiseLike<unknown>) => Coroutine<unknown>> = {
  *wrapFuture(each) {
    return yield* wrapFuture(each);
  },
  *ensureFuture(each) {
    return yield* ensureFuture(each);
  },
  waitFor: (each) => waitFor(each, 10),
  *shield(each) {
    return yield* shield(each);
  },
  *gather(each) {
    return (yield* gather(each))[0];
  },
  *wait(each) {
    const [done] = yield* wait([ensureFuture(each)]);
    return [...done][0]?.result();
  },
  *asCompleted(each) {
    const [next] = asCompleted([each]);
    return yield* next;
  },
  abortable: (each) => abortable(() => each),
  *forEach(each) {
    const seen: unknown[] = [];
    yield* forEach({ [Symbol.asyncIterator]: () => ({ next: () => each }) } as never, (value) => {
      seen.push(value);
      return false;
    });
    return seen[0];
  },
};
const names = Object.keys(ways).filter((name) => name !== "forEach");

/** Rejections that nobody has seen to, while something goes on. */
async function unhandledDuring(body: () => Promise<void>): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const listener = (error: unknown): void => void unhandled.push(wordsOf(error));
  process.on("unhandledRejection", listener);
  try {
    await body();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("unhandledRejection", listener);
  }
  return unhandled;
}

describe.each(names)("%s of a thenable", (name) => {
  const way = ways[name];

  /** What awaiting gives, in a loop that must be empty behind it. */
  const outcomeOf = (then: Then): unknown =>
    survive(function* (log) {
      log.push(yield* endOf(createTask(way(thenable(then)))));
    })[0];

  test("takes the first answer, at once, of one that gives several", () => {
    const both: Then = (resolve, reject) => {
      resolve("first");
      resolve("second");
      reject(new RangeError("third"));
    };
    const otherWay: Then = (resolve, reject) => {
      reject(new RangeError("first"));
      resolve("second");
      reject(new TypeError("third"));
    };
    const thrown: Then = (resolve) => {
      resolve("first");
      throw new RangeError("thrown behind the answer");
    };
    const failed: Then = (_, reject) => {
      reject(new RangeError("first"));
      throw new TypeError("thrown behind the answer");
    };
    expect([both, otherWay, thrown, failed].map(outcomeOf)).toEqual([
      "first",
      ["failed", "RangeError('first')"],
      "first",
      ["failed", "RangeError('first')"],
    ]);
  });

  test("takes what `then` throws for its answer", () => {
    const throwing: Then = () => {
      throw new RangeError("thrown");
    };
    expect(outcomeOf(throwing)).toEqual(["failed", "RangeError('thrown')"]);
  });

  test("takes the first of several late answers, and one that comes in a turn of another loop", () => {
    const log = survive(function* (log) {
      const puppet = new Puppet();
      const task = createTask(way(puppet as never));
      yield* sleep(1);
      puppet.resolve("first");
      puppet.reject(new RangeError("second"));
      puppet.resolve("third");
      log.push(yield* endOf(task));
      puppet.reject(new RangeError("fourth"));
    });
    expect(log).toEqual(["first"]);
  });

  test("hears no answer behind its cancellation", () => {
    const log = survive(function* (log) {
      const puppet = new Puppet();
      const task = createTask(way(puppet as never));
      yield* sleep(1);
      task.cancel();
      log.push(yield* endOf(task));
      // What is shielded, or waited for by `wait`, goes on.
      if (name === "shield" || name === "wait" || name === "asCompleted") puppet.resolve("for nobody");
      else puppet.reject(new RangeError("late"));
      yield* sleep(0);
    });
    expect(log).toEqual(["cancelled"]);
  });

  test("that never answers can be cancelled, and then nothing is left", () => {
    const log = survive(function* (log) {
      const puppet = new Puppet();
      const task = createTask(way(puppet as never));
      yield* sleep(1);
      log.push(task.done());
      task.cancel();
      log.push(yield* endOf(task));
      puppet.resolve();
    });
    expect(log).toEqual([false, "cancelled"]);
  });

  test("that answers with a thenable or a future waits for that", () => {
    const log = survive(function* (log, loop) {
      const future = loop.createFuture<string>();
      const inner = thenable((resolve) => resolve("inner"));
      for (const answer of [inner, thenable((resolve) => resolve(inner)), future]) {
        const waits = createTask(attemptAwait(wrapFuture(thenable((resolve) => resolve(answer)))));
        yield* sleep(0);
        if (!future.done()) future.setResult("future");
        log.push(yield* waits);
      }
    });
    expect(log).toEqual(["inner", "inner", "future"]);
  });

  test("whose answer comes when its loop is closed harms nobody", () => {
    const log: Log = [];
    const loop = listeningLoop(log);
    const puppet = new Puppet();
    const task = loop.createTask(way(puppet as never));
    attempt(() => loop.runUntilCompleteSync(waitFor(sleep(1), 5)));
    loop.close();
    puppet.reject(new RangeError("late"));
    puppet.resolve("later");
    expect([log, task.done()]).toEqual([[], false]);
  });
});

describe("a promise that rejects late", () => {
  test.each(Object.keys(ways))("behind the cancellation of %s is no unhandled rejection", async (name) => {
    let reject: (error: Error) => void = () => {};
    const unhandled = await unhandledDuring(async () => {
      const promise = new Promise((_, no) => (reject = no));
      await run(function* () {
        const task = createTask(ways[name](promise));
        yield* sleep(0);
        yield* sleep(0);
        task.cancel();
        yield* attemptAwait(task);
      });
      reject(new RangeError("late"));
    });
    expect(unhandled).toEqual([]);
  });

  test("behind the end of its loop is no unhandled rejection, and is reported to nobody", async () => {
    const log: Log = [];
    const unhandled = await unhandledDuring(async () => {
      let reject: (error: Error) => void = () => {};
      const loop = listeningLoop(log);
      const future = wrapFuture(new Promise((_, no) => (reject = no)), { loop });
      const waiting = loop.createTask(attemptAwait(future));
      loop.stop();
      loop.runForeverSync();
      loop.close();
      reject(new RangeError("late"));
      await Promise.resolve();
      expect([future.done(), waiting.done()]).toEqual([false, false]);
    });
    expect([unhandled, log]).toEqual([[], []]);
  });

  test("between the turns of its loop, behind a run that was given up, does not stop the next run", async () => {
    const loop = new VirtualEventLoop();
    const early = await loop.runUntilComplete(Promise.resolve(1)).catch(wordsOf);
    expect(String(early)).toMatch(/^DeadlockError/);
    expect(loop.runUntilCompleteSync(sleep(1, "the next one"))).toBe("the next one");
    leavesNothing(loop);
  });
});

describe("a thenable that is looked at", () => {
  test("and whose `then` throws when it is read is refused with that, and nothing is made", () => {
    const hostile = Object.defineProperty({}, "then", {
      get() {
        throw new EvalError("then");
      },
    }) as PromiseLike<unknown>;
    const log = survive(function* (log, loop) {
      const calls: (() => unknown)[] = [
        () => wrapFuture(hostile),
        () => ensureFuture(hostile),
        () => gather(hostile),
        () => shield(hostile),
        () => asCompleted([hostile]),
        () => wait([hostile as never]),
      ];
      const slots = (): number => slotsInUse(loop);
      const before = slots();
      log.push(...calls.map(attempt), isFuture(hostile), slots() === before);
      log.push(yield* attemptAwait(waitFor(hostile, 1)), yield* attemptAwait(abortable(() => hostile)));
    });
    const refused = "EvalError('then')";
    expect(log).toEqual([
      refused,
      refused,
      refused,
      refused,
      refused,
      "TypeError('expect a list of futures, got [object Object] in it')",
      false,
      true,
      refused,
      refused,
    ]);
  });

  test("and whose `then` is another one the second time is asked by the second one", () => {
    const log = survive(function* (log) {
      for (const second of [5, undefined, (resolve: (value: string) => void) => resolve("second")]) {
        let reads = 0;
        const changing = Object.defineProperty({}, "then", { get: () => (++reads === 1 ? () => {} : second) });
        log.push(wordsOf(attempt(() => wrapFuture(changing as PromiseLike<unknown>).exception() ?? "fulfilled")));
      }
    });
    expect(log).toEqual([expect.stringMatching(/^TypeError/), expect.stringMatching(/^TypeError/), "fulfilled"]);
  });

  test("and is a function, or a future of another library, is awaited as what it is", () => {
    const log = survive(function* (log) {
      const callable = Object.assign(() => {}, { then: (resolve: (value: string) => void) => resolve("a function") });
      log.push(yield* ensureFuture(callable as never));
    });
    expect(log).toEqual(["a function"]);
  });
});

describe("a future as a promise", () => {
  test("rejects with what cannot be looked at, and its own `then` takes any callbacks", async () => {
    const loop = new VirtualEventLoop();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const future = new Future<unknown>({ loop });
    const caught = vi.fn();
    const promise = future.then(null, caught);
    future.fail(proxy);
    loop.stop();
    loop.runForeverSync();
    await promise;
    expect(caught.mock.calls[0]?.[0] === proxy).toBe(true);
    leavesNothing(loop);
  });

  test("that is fulfilled with what throws when it is unwrapped rejects with that", async () => {
    const loop = new VirtualEventLoop();
    const future = loop.createFuture<unknown>();
    future.setResult(
      Object.defineProperty({}, "then", {
        get() {
          throw new EvalError("then");
        },
      }),
    );
    await expect(Promise.resolve(future)).rejects.toThrow("then");
    leavesNothing(loop);
  });

  test("that settles when its loop is closed leaves its promise pending", async () => {
    const log: Log = [];
    const loop = listeningLoop(log);
    const task: Task<void> = loop.createTask(sleep(1));
    const settled = vi.fn();
    void task.then(settled, settled);
    loop.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect([settled.mock.calls, log]).toEqual([[], []]);
  });
});
