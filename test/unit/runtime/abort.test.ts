import { describe, expect, test } from "vitest";
import {
  CancelledError,
  type Coroutine,
  type Task,
  TaskGroup,
  createTask,
  currentTask,
  getRunningLoop,
  run,
  shielded,
  sleep,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { giving, spin, throwing } from "../../support/coroutines.ts";
import { attempt, attemptAwait, describeError } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";

/** A signal that counts those who listen. */
class CountingSignal extends EventTarget {
  aborted = false;
  reason: unknown = undefined;
  listeners = 0;

  override addEventListener(...args: Parameters<EventTarget["addEventListener"]>): void {
    this.listeners++;
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<EventTarget["removeEventListener"]>): void {
    this.listeners--;
    super.removeEventListener(...args);
  }

  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    this.dispatchEvent(new Event("abort"));
  }
}

function counting(): { signal: AbortSignal; counter: CountingSignal } {
  const counter = new CountingSignal();
  return { signal: counter as unknown as AbortSignal, counter };
}

const virtual = { loopFactory: () => new VirtualEventLoop() };

test("what cannot be left again is no signal", () => {
  const loop = new VirtualEventLoop();
  const signal = { aborted: false, addEventListener() {} } as unknown as AbortSignal;
  const coro = sleep(1);
  expect(() => loop.createTask(coro, { signal })).toThrow("Invalid signal: expected an AbortSignal");
  loop.close();
});

test("a loop is closed whatever a signal throws when it is left", () => {
  const left: string[] = [];
  const { signal, counter } = counting();
  const loop = new VirtualEventLoop();
  loop.setExceptionHandler((_, { message, exception }) => left.push(`${message}: ${String(exception)}`));
  loop.createTask(sleep(1), { signal });
  const { signal: other, counter: otherCounter } = counting();
  loop.createTask(sleep(1), { signal: other });
  counter.removeEventListener = () => {
    throw new Error("not now");
  };
  loop.close();
  expect(left).toEqual(["Exception while the loop left what it followed: Error: not now"]);
  expect(otherCounter.listeners).toBe(0);
  expect(loop.isClosed()).toBe(true);
});

describe("a task with a signal", () => {
  test("is cancelled when that is aborted, with the text of the reason", () => {
    const log = fullTrace(function* (log, loop) {
      for (const reason of [undefined, new RangeError("too late"), "enough", 5]) {
        const controller = new AbortController();
        const task = createTask(sleep(9), { signal: controller.signal });
        loop.callLater(1, () => controller.abort(reason));
        log.push([yield* attemptAwait(task), task.cancelled(), task.cancelling()]);
      }
      log.push(loop.time());
    });
    expect(log).toEqual([
      ["CancelledError('This operation was aborted')", true, 1],
      ["CancelledError('too late')", true, 1],
      ["CancelledError('enough')", true, 1],
      ["CancelledError('5')", true, 1],
      4,
    ]);
  });

  test("that is aborted already never begins, an eager one neither", () => {
    const log = fullTrace(function* (log) {
      const signal = AbortSignal.abort("before");
      function* work() {
        log.push("begins");
      }
      for (const eagerStart of [false, true]) log.push(yield* attemptAwait(createTask(work(), { signal, eagerStart })));
    });
    expect(log).toEqual(["CancelledError('before')", "CancelledError('before')"]);
  });

  test("that is aborted in the task's own eager first step is cancelled where that waits", () => {
    const log = fullTrace(function* (log) {
      const controller = new AbortController();
      function* work() {
        controller.abort("inside");
        log.push("goes on");
        yield* sleep(9);
      }
      log.push(yield* attemptAwait(createTask(work(), { signal: controller.signal, eagerStart: true })));
    });
    expect(log).toEqual(["goes on", "CancelledError('inside')"]);
  });

  test("whose error has a message that is no text is cancelled all the same, and so are the others", () => {
    const log = fullTrace(function* (log) {
      const controller = new AbortController();
      const tasks = [1, 2].map(() => createTask(sleep(9), { signal: controller.signal }));
      yield* sleep(0);
      controller.abort(Object.assign(new Error(), { message: 5 }));
      for (const task of tasks) log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["CancelledError('5')", "CancelledError('5')"]);
  });

  test("takes its listener off when it ends, however it does", () => {
    const log = fullTrace(function* (log) {
      const { signal, counter } = counting();
      const ends: (() => Task<unknown>)[] = [
        () => createTask(giving(1), { signal }),
        () => createTask(giving(1), { signal, eagerStart: true }),
        () => createTask(throwing(new RangeError("e")), { signal }),
        () => {
          const task = createTask(sleep(9), { signal });
          task.cancel();
          return task;
        },
      ];
      for (const end of ends) {
        const task = end();
        const during = counter.listeners;
        yield* attemptAwait(task);
        yield* spin(1);
        log.push([during, counter.listeners]);
      }
      const many = Array.from({ length: 100 }, () => createTask(sleep(9), { signal }));
      log.push(counter.listeners);
      counter.abort("all");
      for (const task of many) yield* attemptAwait(task);
      yield* spin(1);
      log.push(
        counter.listeners,
        many.every((task) => task.cancelled()),
      );
    });
    expect(log).toEqual([[1, 0], [0, 0], [1, 0], [1, 0], 1, 0, true]);
  });

  test("of a group is cancelled without the group", () => {
    const log = fullTrace(function* (log, loop) {
      const controller = new AbortController();
      yield* new TaskGroup().with(function* (group) {
        const first = group.createTask(sleep(9, "first"), { signal: controller.signal });
        const second = group.createTask(sleep(2, "second"));
        yield* sleep(1);
        controller.abort();
        log.push(yield* second, first.cancelled());
      });
      log.push(loop.time());
    });
    expect(log).toEqual(["second", true, 2]);
  });

  test("in a shield ends it first", () => {
    const log = fullTrace(function* (log) {
      const controller = new AbortController();
      function* work(): Coroutine<void> {
        yield* shielded(() => sleep(2));
        log.push("shield ends");
        yield* sleep(9);
      }
      const task = createTask(work(), { signal: controller.signal });
      yield* sleep(1);
      controller.abort("m");
      log.push(yield* attemptAwait(task));
    });
    expect(log).toEqual(["shield ends", "CancelledError('m')"]);
  });

  test("leaves it when its loop is closed, and others go on following", () => {
    const { signal, counter } = counting();
    const [closed, open] = [new VirtualEventLoop(), new VirtualEventLoop()];
    const task = closed.createTask(sleep(9), { signal });
    const other = open.createTask(sleep(9), { signal });
    closed.close();
    expect(counter.listeners).toBe(1);
    counter.abort("later");
    expect([task.done(), other.cancelling()]).toEqual([false, 1]);

    const last = new VirtualEventLoop();
    const second = counting();
    last.createTask(sleep(9), { signal: second.signal });
    last.close();
    expect(second.counter.listeners).toBe(0);
  });

  test("is made of an AbortSignal, or of what can do the same", () => {
    const log = fullTrace(function* (log) {
      for (const signal of [null, 5, {}, new EventTarget()])
        log.push(attempt(() => createTask(sleep(1), { signal: signal as never })));
    });
    expect(log).toHaveLength(4);
    for (const text of log) expect(text).toMatch(/^TypeError\('Invalid signal: expected an AbortSignal, got /);
  });
});

describe("run with a signal", () => {
  test("rejects with its reason when the program ended by it, behind its clean-up", async () => {
    const controller = new AbortController();
    const log: unknown[] = [];
    const reason = new RangeError("enough");
    const program = run(
      function* () {
        getRunningLoop().callLater(1, () => controller.abort(reason));
        try {
          yield* sleep(9);
        } finally {
          yield* sleep(1);
          log.push(currentTask()?.cancelling(), getRunningLoop().time());
        }
      },
      { ...virtual, signal: controller.signal },
    );
    await expect(program).rejects.toBe(reason);
    expect(log).toEqual([1, 2]);
  });

  test("rejects at once when it is aborted already, and main never begins", async () => {
    let hasBegun = false;
    function* main(): Coroutine<void> {
      hasBegun = true;
    }
    const error: unknown = await run(main, { ...virtual, signal: AbortSignal.abort() }).catch(
      (error: unknown) => error,
    );
    expect([(error as Error).name, hasBegun]).toEqual(["AbortError", false]);
  });

  test("gives what the program returns all the same, and its own errors", async () => {
    const abortIn = (controller: AbortController) => getRunningLoop().callLater(1, () => controller.abort());
    const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
    const swallowing = run(
      function* () {
        abortIn(first);
        yield* attemptAwait(sleep(9));
        return "goes on";
      },
      { ...virtual, signal: first.signal },
    );
    const failing = run(
      function* () {
        abortIn(second);
        try {
          yield* sleep(9);
        } catch {
          throw new RangeError("clean-up");
        }
      },
      { ...virtual, signal: second.signal },
    );
    const selfCancelled = run(
      function* () {
        abortIn(third);
        currentTask()?.cancel("by itself");
        yield* sleep(9);
      },
      { ...virtual, signal: third.signal },
    );
    expect(await swallowing).toBe("goes on");
    await expect(failing).rejects.toThrow(new RangeError("clean-up"));
    expect(describeError(await selfCancelled.catch((error: unknown) => error))).toBe("CancelledError('by itself')");
  });

  test("comes from outside into a loop that rests, and leaves no listener", async () => {
    const { signal, counter } = counting();
    const reason = new CancelledError("any reason");
    const program = run(() => sleep(3600), { signal });
    setTimeout(() => counter.abort(reason), 1);
    await expect(program).rejects.toBe(reason);
    expect(counter.listeners).toBe(0);
    const ended = counting();
    expect(await run(() => giving(1), { signal: ended.signal })).toBe(1);
    expect(ended.counter.listeners).toBe(0);
  });

  test("rejects with what has cancelled the program, not with what came when that was over", async () => {
    const reason = new Error("the reason");
    const controller = new AbortController();
    const program = run(
      function* () {
        try {
          yield* sleep(9);
        } finally {
          getRunningLoop().callSoon(() => void process.emit("SIGINT"));
        }
      },
      { signal: controller.signal },
    );
    setTimeout(() => controller.abort(reason), 1);
    await expect(program).rejects.toBe(reason);
  });

  test("refuses what is none", async () => {
    await expect(run(() => giving(1), { ...virtual, signal: 5 as never })).rejects.toThrow(/^Invalid signal: /);
  });
});
