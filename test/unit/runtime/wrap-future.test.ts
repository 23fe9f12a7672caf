import { describe, expect, test, vi } from "vitest";
import { EventLoop, ensureFuture, setEventLoop, waitFor, wrapFuture } from "wasyncio";
import { ManualHost } from "../../support/manual-host.ts";
import { slotsInUse } from "../../support/counters.ts";
import { attempt, attemptAwait, describeError } from "../../support/outcomes.ts";
import { dispose, newLoop, trace } from "../../support/stage.ts";

/** A loop that runs, and gets a turn whenever it asks for one. */
function serve(): { loop: EventLoop; host: ManualHost; settled: () => Promise<void> } {
  const host = new ManualHost();
  const loop = new EventLoop(host);
  void loop.runForever();
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      host.turn();
    }
  };
  return { loop, host, settled };
}

/** A thenable by hand. */
function thenable(
  then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void,
): PromiseLike<unknown> {
  return { then } as never;
}

test("needs a loop, which is the current one if none is given", () => {
  setEventLoop(null);
  expect(attempt(() => wrapFuture(Promise.resolve()))).toBe("RuntimeError('There is no current event loop')");
  const log = trace(function* (log, loop) {
    log.push(wrapFuture(thenable(() => {})).getLoop() === loop);
  });
  expect(log).toEqual([true]);
});

describe("a promise", () => {
  test("gives its value to those that wait, and wakes the loop", async () => {
    const { loop, host, settled } = serve();
    const task = loop.createTask(attemptAwait(wrapFuture(Promise.resolve(7), { loop })));
    host.turn();
    host.requests.length = 0;
    await Promise.resolve();
    expect(host.requests).toEqual(["soon"]);
    await settled();
    expect(task.result()).toBe(7);
    expect(slotsInUse(loop as never)).toBe(0);
  });

  test("gives its error, whatever that is, and counts as handled", async () => {
    const { loop, settled } = serve();
    const errors = [new RangeError("x"), "text", undefined];
    const tasks = errors.map((error) =>
      loop.createTask(attemptAwait(wrapFuture(Promise.reject(error as Error), { loop }))),
    );
    await settled();
    expect(tasks.map((task) => task.result())).toEqual([
      "RangeError('x')",
      "not an error: text",
      "not an error: undefined",
    ]);
  });

  test("one whose error nobody looks at is reported as any future is, and is no unhandled rejection", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const { loop, host, settled } = serve();
    wrapFuture(Promise.reject(new RangeError("x")), { loop });
    await settled();
    loop.stop();
    host.turn();
    loop.close();
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(host.reports.map(([, text]) => text.split("\n")[0])).toEqual(["Future exception was never retrieved"]);
  });

  test.each(["resolves", "rejects"])(
    "one that %s behind the cancellation of the future changes nothing",
    async (how) => {
      const unhandled = vi.fn();
      process.on("unhandledRejection", unhandled);
      const { loop, host, settled } = serve();
      let settle = (): void => {};
      const promise = new Promise<number>((resolve, reject) => {
        settle = () => (how === "resolves" ? resolve(1) : reject(new RangeError("late")));
      });
      const future = wrapFuture(promise, { loop });
      expect(future.cancel("m")).toBe(true);
      settle();
      await settled();
      expect(attempt(() => future.result())).toBe("CancelledError('m')");
      process.off("unhandledRejection", unhandled);
      expect([unhandled.mock.calls.length, host.reports]).toEqual([0, []]);
    },
  );

  test("one that settles when the loop is closed is left alone", async () => {
    const loop = newLoop();
    const future = wrapFuture(Promise.resolve(1), { loop });
    loop.close();
    await Promise.resolve();
    expect(future.done()).toBe(false);
  });
});

describe("another thenable", () => {
  test("may call back at once, twice, both ways: the first answer counts", () => {
    const loop = newLoop();
    const outcome = (each: PromiseLike<unknown>): unknown => attempt(() => wrapFuture(each, { loop }).result());
    expect(outcome(thenable((resolve) => resolve(1)))).toBe(1);
    expect(outcome(thenable((_, reject) => reject(new RangeError("x"))))).toBe("RangeError('x')");
    expect(
      outcome(
        thenable((resolve, reject) => {
          resolve(1);
          resolve(2);
          reject(new RangeError("x"));
        }),
      ),
    ).toBe(1);
    expect(
      outcome(
        thenable((resolve, reject) => {
          reject(new RangeError("x"));
          resolve(1);
        }),
      ),
    ).toBe("RangeError('x')");
    dispose(loop);
  });

  test("may throw: that is its error, unless it has answered before", () => {
    const loop = newLoop();
    const failing = wrapFuture(
      thenable(() => {
        throw new RangeError("in then");
      }),
      { loop },
    );
    expect(describeError(failing.exception())).toBe("RangeError('in then')");
    const answered = wrapFuture(
      thenable((resolve) => {
        resolve("answer");
        throw new RangeError("in then");
      }),
      { loop },
    );
    expect(answered.result()).toBe("answer");
    dispose(loop);
  });

  test("may never call back", () => {
    const loop = newLoop();
    const future = wrapFuture(
      thenable(() => {}),
      { loop },
    );
    expect(future.done()).toBe(false);
    future.cancel();
    dispose(loop);
  });
});

test("yield* and gather take what comes out of it, in order of arrival", async () => {
  const { loop, settled } = serve();
  const order: string[] = [];
  const later = new Promise<string>((resolve) => setImmediate(() => resolve("later")));
  const task = loop.createTask(
    (function* () {
      order.push(yield* ensureFuture(Promise.resolve("now"), { loop }));
      order.push(yield* wrapFuture(later, { loop }));
    })(),
  );
  await settled();
  expect([task.done(), order]).toEqual([true, ["now", "later"]]);
});

describe("many that follow one promise", () => {
  /** A promise that counts its reactions. */
  function counted<T>(executor: (resolve: (value: T) => void) => void): {
    promise: Promise<T>;
    reactions: () => number;
  } {
    let count = 0;
    const promise = new Promise<T>(executor);
    const then = promise.then.bind(promise);
    promise.then = ((...args: Parameters<typeof then>) => (count++, then(...args))) as never;
    return { promise, reactions: () => count };
  }

  test("leave one reaction with it, however many come and go", () => {
    const { promise, reactions } = counted<void>(() => {});
    const log = trace(function* (log) {
      for (let i = 0; i < 2000; i++) log.push(yield* attemptAwait(waitFor(wrapFuture(promise), 0)));
    });
    expect(new Set(log)).toEqual(new Set(["TimeoutError()"]));
    expect(reactions()).toBe(1);
  });

  test("all get its value, in their order, and so do those that come later", async () => {
    const { loop, settled } = serve();
    const resolvers: ((value: number) => void)[] = [];
    const { promise, reactions } = counted<number>((resolve) => resolvers.push(resolve));
    const order: unknown[] = [];
    const futures = Array.from({ length: 100 }, () => wrapFuture(promise, { loop }));
    for (const [index, future] of futures.entries()) future.addDoneCallback(() => order.push(index));
    for (const index of [0, 7, 50]) futures[index].cancel();
    resolvers[0](7);
    await settled();
    expect(order.filter((index) => ![0, 7, 50].includes(index as number))).toEqual(
      futures.flatMap((future, index) => (future.cancelled() ? [] : [index])),
    );
    const late = wrapFuture(promise, { loop });
    await settled();
    expect([late.result(), reactions()]).toEqual([7, 2]);
  });
});

describe("a thenable that gives a thenable", () => {
  test.each<[string, () => PromiseLike<unknown>]>([
    ["at once", () => thenable((f) => f(thenable((g) => g("rows"))))],
    ["three deep", () => thenable((f) => f(thenable((g) => g(thenable((h) => h("rows"))))))],
    ["later", () => thenable((f) => queueMicrotask(() => f(thenable((g) => queueMicrotask(() => g("rows"))))))],
    ["that is a promise", () => thenable((f) => f(Promise.resolve("rows")))],
    ["twice: the first one counts", () => thenable((f) => (f(thenable((g) => g("rows"))), f("other")))],
  ])("is unwrapped to the end, as await does: %s", async (_name, make) => {
    const { loop, settled } = serve();
    const future = wrapFuture(make(), { loop });
    await settled();
    expect(future.result()).toBe("rows");
    expect(await make()).toBe("rows");
  });

  test.each<[string, () => PromiseLike<unknown>, string]>([
    ["that rejects", () => thenable((f) => f(thenable((_, reject) => reject(new RangeError("x"))))), "RangeError('x')"],
    [
      "whose then throws",
      () =>
        thenable((f) =>
          f(
            thenable(() => {
              throw new RangeError("x");
            }),
          ),
        ),
      "RangeError('x')",
    ],
    [
      "whose then cannot be read",
      () =>
        thenable((f) =>
          f({
            get then() {
              throw new RangeError("x");
            },
          }),
        ),
      "RangeError('x')",
    ],
    [
      "that is itself",
      () => {
        const itself = thenable((f) => f(itself));
        return itself;
      },
      "TypeError('Cannot await a promise that is fulfilled with itself')",
    ],
  ])("%s fails", async (_name, make, error) => {
    const { loop, settled } = serve();
    const future = wrapFuture(make(), { loop });
    await settled();
    expect(describeError(future.exception())).toBe(error);
  });
});
