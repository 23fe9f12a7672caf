import { expect, test } from "vitest";
import { EventLoop } from "wasyncio";
import { ManualHost } from "../../support/manual-host.ts";
import { describeError } from "../../support/outcomes.ts";
import { type Trace } from "../../support/stage.ts";

/** Shuts down a loop with these iterators open, and returns what happened. */
async function shutDown(
  iterators: AsyncIterator<unknown>[],
  during: (loop: EventLoop) => void = () => {},
): Promise<Trace> {
  const log: Trace = [];
  const host = new ManualHost();
  const loop = new EventLoop(host);
  loop.setExceptionHandler((_, { message, exception }) => log.push([message, describeError(exception)]));
  for (const iterator of iterators) loop.asyncIterators.add(iterator);
  const run = loop.runUntilComplete(loop.createTask(loop.shutdownAsyncgens(), { name: "shutdown" })).then(
    () => log.push("done"),
    (error: unknown) => log.push(describeError(error)),
  );
  host.turn();
  during(loop);
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    host.turn();
  }
  await run;
  return log;
}

const iterator = (log: Trace, name: string, close: () => unknown): AsyncIterator<unknown> => ({
  next: () => Promise.reject(new Error("not asked")),
  return: () => {
    log.push(`close ${name}`);
    return close() as never;
  },
});

test("all open iterators are closed at once, and waited for", async () => {
  const closes: Trace = [];
  let end = (): void => {};
  const slow = iterator(closes, "slow", () => new Promise<void>((resolve) => (end = resolve)));
  const fast = iterator(closes, "fast", () => Promise.resolve());
  const log = await shutDown([slow, fast], () => {
    expect(closes).toEqual(["close slow", "close fast"]);
    end();
  });
  expect(log).toEqual(["done"]);
});

test("an async generator runs its finally block", async () => {
  const log: Trace = [];
  async function* numbers(): AsyncGenerator<number> {
    try {
      yield 1;
    } finally {
      await Promise.resolve();
      log.push("finally");
    }
  }
  const generator = numbers();
  await generator.next();
  expect([await shutDown([generator]), log]).toEqual([["done"], ["finally"]]);
});

test("errors are reported, and keep none of the others open", async () => {
  const closes: Trace = [];
  const log = await shutDown([
    iterator(closes, "throws", () => {
      throw new RangeError("at once");
    }),
    iterator(closes, "rejects", () => Promise.reject(new TypeError("later"))),
    { next: () => Promise.reject(new Error("one that cannot be closed")) },
    iterator(closes, "last", () => Promise.resolve()),
  ]);
  expect(closes).toEqual(["close throws", "close rejects", "close last"]);
  const message = "an error occurred during closing of asynchronous generator [object Object]";
  expect(log).toEqual([[message, "RangeError('at once')"], [message, "TypeError('later')"], "done"]);
});

test("cancelling the shutdown ends it with CancelledError, and reports nothing", async () => {
  const hanging = iterator([], "hanging", () => new Promise(() => {}));
  const log = await shutDown([hanging], (loop) => {
    for (const task of loop.pendingTasks()) task.cancel("enough");
  });
  expect(log).toEqual(["CancelledError('enough')"]);
});

test("one that was finished before is not closed again", async () => {
  const closes: Trace = [];
  const host = new ManualHost();
  const loop = new EventLoop(host);
  const finished = iterator(closes, "finished", () => Promise.resolve());
  loop.asyncIterators.add(finished);
  loop.asyncIterators.delete(finished);
  const run = loop.runUntilComplete(loop.shutdownAsyncgens());
  host.turn();
  await run;
  expect(closes).toEqual([]);
});
