import { EventEmitter, on } from "node:events";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import {
  type Coroutine,
  type CoroutineIterator,
  type Future,
  createTask,
  forEach,
  getRunningLoop,
  sleep,
  timeout,
  wrapFuture,
} from "wasyncio";
import { giving, spin } from "../../support/coroutines.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { type Trace, fullTrace } from "../../support/stage.ts";
import { comeThrough, runOnHost } from "./on-host.ts";

/** An async generator that says in the log how it ends. */
async function* numbers(log: Trace, count = 3): AsyncGenerator<number, void> {
  try {
    for (let i = 1; i <= count; i++) yield i;
  } finally {
    await Promise.resolve();
    log.push("closed");
  }
}

/** An iterator whose calls and answers the test has in its hands. */
class ManualIterator implements AsyncIterableIterator<string> {
  readonly calls: string[] = [];
  answer: (result: IteratorResult<string>) => void = () => {};
  fail: (error: unknown) => void = () => {};

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<string>> {
    this.calls.push("next");
    return new Promise((resolve, reject) => {
      this.answer = resolve;
      this.fail = reject;
    });
  }

  return(): Promise<IteratorResult<string>> {
    this.calls.push("return");
    return Promise.resolve({ done: true, value: undefined });
  }
}

describe("forEach over an async generator", () => {
  test("calls the body with each value, one after the other", async () => {
    const log = await runOnHost(function* (log) {
      yield* forEach(numbers(log), function* (value) {
        log.push(`begin ${value}`);
        yield* sleep(0);
        log.push(`end ${value}`);
      });
      log.push("done");
    });
    expect(log).toEqual(["begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3", "closed", "done"]);
  });

  test("closes it when the body returns false, before it goes on", async () => {
    const log = await runOnHost(function* (log) {
      yield* forEach(numbers(log), (value) => {
        log.push(value);
        return value < 2;
      });
      log.push("done");
    });
    expect(log).toEqual([1, 2, "closed", "done"]);
  });

  test("waits for coroutines, futures and promises of the body, whose false ends it too", async () => {
    const log = await runOnHost(function* (log) {
      yield* forEach(numbers(log), () => giving(false));
      yield* forEach(numbers(log), async () => {
        await Promise.resolve();
        log.push("promise awaited");
        return false;
      });
      yield* forEach(numbers(log), () => createTask(giving(false)));
    });
    expect(log).toEqual(["closed", "promise awaited", "closed", "closed"]);
  });

  test("closes it when the body throws, and throws that", async () => {
    const log = await runOnHost(function* (log) {
      const broken = forEach(numbers(log), function* () {
        throw new RangeError("body");
      });
      log.push(yield* attemptAwait(broken));
    });
    expect(log).toEqual(["closed", "RangeError('body')"]);
  });

  test("throws the error of the body over one of closing", async () => {
    async function* failing() {
      try {
        yield 1;
      } finally {
        throw new TypeError("closing"); // oxlint-disable-line no-unsafe-finally
      }
    }
    const log = await runOnHost(function* (log) {
      log.push(yield* attemptAwait(forEach(failing(), () => giving(fail("body")))));
      log.push(yield* attemptAwait(forEach(failing(), () => false)));
    });
    function fail(message: string): never {
      throw new RangeError(message);
    }
    expect(log).toEqual(["RangeError('body')", "TypeError('closing')"]);
  });

  test("throws its error, and does not close what has ended so", async () => {
    async function* failing(log: Trace) {
      try {
        yield 1;
        throw new RangeError("generator");
      } finally {
        log.push("ended");
      }
    }
    const log = await runOnHost(function* (log, loop) {
      log.push(yield* attemptAwait(forEach(failing(log), () => {})));
      yield* loop.shutdownAsyncgens();
    });
    expect(log).toEqual(["ended", "RangeError('generator')"]);
  });

  test("closes it when the body is cancelled, and waits for that", async () => {
    const log = await runOnHost(function* (log) {
      const task = createTask(forEach(numbers(log), () => sleep(99)));
      yield* comeThrough();
      task.cancel("m");
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["closed", "CancelledError('m')"]);
  });

  test("in the middle of a value, asks it to close when it is cancelled, and does not wait for that", async () => {
    let release: () => void = () => {};
    async function* stuck(log: Trace) {
      try {
        await new Promise<void>((resolve) => (release = resolve));
        yield 1;
      } finally {
        log.push("closed");
      }
    }
    const log = await runOnHost(function* (log) {
      const task = createTask(forEach(stuck(log), () => {}));
      yield* comeThrough();
      task.cancel();
      log.push(yield* attemptAwait(task));
      release();
      yield* comeThrough();
    });
    expect(log).toEqual(["CancelledError()", "closed"]);
  });

  test("reports an error of a generator that it does not wait for any more", async () => {
    let release: () => void = () => {};
    async function* stuck() {
      await new Promise<void>((resolve) => (release = resolve));
      try {
        yield 1;
      } finally {
        throw new RangeError("late"); // oxlint-disable-line no-unsafe-finally
      }
    }
    const log = await runOnHost(function* (log) {
      const task = createTask(forEach(stuck(), () => {}));
      yield* comeThrough();
      task.cancel();
      log.push(yield* attemptAwait(task));
      release();
    });
    expect(log).toEqual(["CancelledError()", ["EH", expect.stringContaining("never retrieved"), "RangeError('late')"]]);
  });

  test("left open is closed by shutdownAsyncgens, and an error of that reported", async () => {
    async function* failing() {
      try {
        yield 1;
      } finally {
        throw new RangeError("shutdown"); // oxlint-disable-line no-unsafe-finally
      }
    }
    const log = await runOnHost(function* (log) {
      const { asyncIterators } = getRunningLoop();
      for (const generator of [failing(), numbers(log)]) {
        yield* wrapFuture(generator.next());
        asyncIterators.add(generator);
      }
      yield* getRunningLoop().shutdownAsyncgens();
      log.push("shut down");
    });
    expect(log).toEqual([
      "closed",
      [
        "EH",
        "an error occurred during closing of asynchronous generator [object AsyncGenerator]",
        "RangeError('shutdown')",
      ],
      "shut down",
    ]);
  });

  test("whose task never ends is closed by shutdownAsyncgens", async () => {
    const log = await runOnHost(function* (log, loop) {
      const forever = loop.createFuture();
      const task = createTask(
        forEach(numbers(log), function* () {
          yield* forever;
        }),
      );
      yield* comeThrough();
      yield* loop.shutdownAsyncgens();
      log.push("shut down", task.done());
      forever.setResult();
      yield* task;
      log.push("iteration ended");
    });
    expect(log).toEqual(["closed", "shut down", false, "iteration ended"]);
  });
});

describe("forEach over an async iterator", () => {
  /** Starts an iteration, and lets it come to its first wait. */
  function* begin(iterator: ManualIterator, log: Trace): Coroutine<ReturnType<typeof createTask<void>>> {
    const task = createTask(forEach(iterator, (value) => void log.push(value)));
    yield* spin(2);
    return task;
  }

  test("does not call return when it has ended or failed", async () => {
    const [ended, failed] = [new ManualIterator(), new ManualIterator()];
    const log = await runOnHost(function* (log) {
      const first = yield* begin(ended, log);
      ended.answer({ done: false, value: "a" });
      yield* comeThrough();
      ended.answer({ done: true, value: undefined });
      yield* first;
      const second = yield* begin(failed, log);
      failed.fail(new RangeError("next"));
      log.push(yield* attemptAwait(second));
    });
    expect(log).toEqual(["a", "RangeError('next')"]);
    expect([ended.calls, failed.calls]).toEqual([["next", "next"], ["next"]]);
  });

  test("calls return once when it is cancelled; what comes later is silent", async () => {
    const iterator = new ManualIterator();
    const log = await runOnHost(function* (log) {
      const task = yield* begin(iterator, log);
      task.cancel();
      log.push(yield* attemptAwait(task));
      iterator.fail(new RangeError("late"));
    });
    expect(log).toEqual(["CancelledError()"]);
    expect(iterator.calls).toEqual(["next", "return"]);
  });

  test("closes it when the cancel comes together with a value, which is lost", async () => {
    const iterator = new ManualIterator();
    const log = await runOnHost(function* (log) {
      const task = yield* begin(iterator, log);
      // Between two turns: the value has come, the task has not run.
      void (async () => {
        iterator.answer({ done: false, value: "lost" });
        for (let i = 0; i < 5; i++) await Promise.resolve();
        task.cancel();
      })();
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["CancelledError()"]);
    expect(iterator.calls).toEqual(["next", "return"]);
  });

  test("takes answers that are no promises, and thenables that answer twice", async () => {
    const twice = (result: IteratorResult<number>) => ({
      then(resolve: (result: IteratorResult<number>) => void) {
        resolve(result);
        resolve({ done: true, value: undefined });
      },
    });
    let count = 0;
    const sloppy = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          count++;
          const result = { done: count > 4, value: count };
          return count % 2 === 0 ? result : twice(result);
        },
      }),
    } as unknown as AsyncIterable<number>;
    const log = await runOnHost(function* (log) {
      yield* forEach(sloppy, (value) => void log.push(value));
    });
    expect(log).toEqual([1, 2, 3, 4]);
  });

  test("refuses answers that are no iterator results, and passes on what next throws at once", async () => {
    const answering = (next: () => unknown) =>
      ({ [Symbol.asyncIterator]: () => ({ next }) }) as unknown as AsyncIterable<number>;
    const log = await runOnHost(function* (log) {
      for (const answer of [5, undefined, null, "text"]) {
        log.push(
          yield* attemptAwait(
            forEach(
              answering(() => answer),
              () => {},
            ),
          ),
        );
      }
      const throwing = answering(() => {
        throw new RangeError("at once");
      });
      log.push(yield* attemptAwait(forEach(throwing, () => {})));
    });
    expect(log).toEqual([
      "TypeError('Cannot iterate: expected an iterator result, got 5')",
      "TypeError('Cannot iterate: expected an iterator result, got undefined')",
      "TypeError('Cannot iterate: expected an iterator result, got null')",
      "TypeError('Cannot iterate: expected an iterator result, got 'text'')",
      "RangeError('at once')",
    ]);
  });

  test("iterates a ReadableStream, and cancels it when the body ends early", async () => {
    const cancelled: unknown[] = [];
    const stream = () =>
      new ReadableStream<string>({
        pull: (controller) => controller.enqueue("chunk"),
        cancel: (reason) => void cancelled.push(reason),
      });
    const log = await runOnHost(function* (log) {
      let count = 0;
      yield* forEach(stream() as unknown as AsyncIterable<string>, (chunk) => {
        log.push(chunk);
        return ++count < 3;
      });
    });
    expect(log).toEqual(["chunk", "chunk", "chunk"]);
    expect(cancelled).toEqual([undefined]);
  });
});

describe("a source that is left while it waits for a value", () => {
  const sources: Record<string, (log: Trace) => AsyncIterable<unknown>> = {
    "a web stream, which is cancelled": (log) =>
      new ReadableStream({
        start: (controller) => controller.enqueue("first"),
        cancel: () => void log.push("let go"),
      }),
    "a web stream of bytes, which is cancelled": (log) =>
      new ReadableStream({
        type: "bytes",
        start: (controller) => controller.enqueue(new Uint8Array(1)),
        cancel: () => void log.push("let go"),
      }),
    "a Node stream, which is destroyed": (log) => {
      const stream = new Readable({
        read() {},
        objectMode: true,
        destroy: (_, done) => (log.push("let go"), done(null)),
      });
      stream.push("first");
      return stream;
    },
    "events, which are listened to no more": (log) => {
      const emitter = new EventEmitter();
      emitter.on("removeListener", (name) => name === "data" && log.push("let go"));
      queueMicrotask(() => emitter.emit("data", "first"));
      return on(emitter, "data");
    },
    "an iterator, which is asked to return": (log) => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => (log.push("let go"), { done: true, value: undefined }),
      }),
    }),
    "an iterator that cannot return": (log) => ({
      [Symbol.asyncIterator]: () => ({ next: () => (log.push("let go"), new Promise(() => {})) }),
    }),
  };

  test.each(Object.keys(sources))("%s: at once, and the deadline comes out", async (name) => {
    const log = await runOnHost(function* (log) {
      const source = sources[name](log);
      log.push(yield* attemptAwait(timeout(0.01).with(() => forEach(source, () => sleep(0)))));
      yield* wrapFuture(Promise.resolve());
      log.push("goes on");
    });
    expect(log).toEqual(["let go", "TimeoutError()", "goes on"]);
  });

  test("a web stream that ends by itself is unlocked", async () => {
    const log = await runOnHost(function* (log) {
      const stream = new ReadableStream({
        start(controller) {
          controller.enqueue("first");
          controller.close();
        },
      });
      yield* forEach(stream, (value) => void log.push(value));
      log.push(stream.locked);
      const failing = new ReadableStream({ start: (controller) => controller.error(new RangeError("x")) });
      log.push(yield* attemptAwait(forEach(failing, () => {})));
    });
    expect(log).toEqual(["first", false, "RangeError('x')"]);
  });
});

describe("forEach over an object with anext", () => {
  class Countdown implements CoroutineIterator<number> {
    readonly #log: Trace;
    #left: number;

    constructor(log: Trace, left: number) {
      this.#log = log;
      this.#left = left;
    }

    *anext(): Coroutine<IteratorResult<number, unknown>> {
      yield* sleep(1);
      return this.#left === 0 ? { done: true, value: "over" } : { done: false, value: this.#left-- };
    }

    *aclose(): Coroutine<void> {
      yield* sleep(1);
      this.#log.push("closed");
    }
  }

  test("needs no promises, and closes it only when it is left early", () => {
    const log = fullTrace(function* (log, loop) {
      yield* forEach(new Countdown(log, 2), (value) => void log.push(value));
      log.push(loop.time());
      yield* forEach(new Countdown(log, 2), () => false);
      log.push(loop.time());
      const { aclose: _, ...open } = { anext: () => new Countdown(log, 1).anext(), aclose: null };
      yield* forEach(open, () => false);
    });
    expect(log).toEqual([2, 1, 3, "closed", 5]);
  });

  test("is cancelled where it waits, and closed", () => {
    const log = fullTrace(function* (log) {
      for (const point of [0.5, 1.5]) {
        const task = createTask(forEach(new Countdown(log, 9), () => sleep(1)));
        yield* sleep(point);
        task.cancel();
        log.push(yield* attemptAwait(task));
      }
    });
    expect(log).toEqual(["closed", "CancelledError()", "closed", "CancelledError()"]);
  });

  test("passes on a cancel that comes while it closes behind an error", () => {
    const log = fullTrace(function* (log) {
      const task = createTask(
        forEach(new Countdown(log, 9), function* () {
          throw new RangeError("body");
        }),
      );
      yield* sleep(1.5);
      task.cancel();
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["CancelledError()"]);
  });
});

test("forEach refuses what is no async iterable, and a body that is no function, at the call", () => {
  const iterables: unknown[] = [5, null, undefined, [1, 2], { next() {} }, { [Symbol.asyncIterator]: 5 }];
  const texts = iterables.map((value) => attempt(() => forEach(value as AsyncIterable<Future<void>>, () => {})));
  expect(texts).toEqual([
    "TypeError('Cannot iterate: expected an async iterable, got 5')",
    "TypeError('Cannot iterate: expected an async iterable, got null')",
    "TypeError('Cannot iterate: expected an async iterable, got undefined')",
    "TypeError('Cannot iterate: expected an async iterable, got [1, 2]')",
    "TypeError('Cannot iterate: expected an async iterable, got [object Object]')",
    "TypeError('Cannot iterate: expected an async iterable, got [object Object]')",
  ]);
  const iterable = numbers([]);
  expect(attempt(() => forEach(iterable, 5 as unknown as () => void))).toBe(
    "TypeError('Cannot iterate: expected a function for the body, got 5')",
  );
});
