import { describe, expect, test, vi } from "vitest";
import { EventLoop, ensureFuture, setEventLoop, wrapFuture } from "wasyncio";
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
