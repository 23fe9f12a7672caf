import { describe, expect, test } from "vitest";
import {
  type Awaitable,
  CancelledError,
  type Context,
  ContextVar,
  type Coroutine,
  type EventLoop,
  KeyboardInterrupt,
  Runner,
  type RunnerOptions,
  RuntimeError,
  type Task,
  copyContext,
  createTask,
  currentTask,
  getEventLoop,
  getRunningLoop,
  newEventLoop,
  run,
  setEventLoop,
  sleep,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { giving, nothing, throwing } from "../../support/coroutines.ts";
import { slotsInUse } from "../../support/counters.ts";
import { attempt, describeError } from "../../support/outcomes.ts";

const virtual: RunnerOptions = { loopFactory: () => new VirtualEventLoop() };

/** What a promise settles with, as text if it rejects. */
async function settled<T>(promise: Promise<T>): Promise<T | string> {
  try {
    return await promise;
  } catch (error) {
    return describeError(error);
  }
}

/** A loop that logs the runs and the end of its life. */
function loggingLoop(log: unknown[]): VirtualEventLoop {
  return new (class extends VirtualEventLoop {
    override runUntilComplete<T>(awaitable: Awaitable<T>): Promise<T> {
      log.push("run");
      return super.runUntilComplete(awaitable);
    }
    override *shutdownAsyncgens(): Coroutine<void> {
      log.push("shutdownAsyncgens");
      yield* super.shutdownAsyncgens();
    }
    override close(): void {
      log.push("close");
      super.close();
    }
  })();
}

describe("run", () => {
  test("an async function is refused at the call: its loop would be gone after its first await", async () => {
    let ran = false;
    const main = async () => {
      ran = true;
    };
    const refusal = "Cannot run an async function: make it a function*, and each await in it a yield*";
    await expect(run(main)).rejects.toThrow(refusal);
    const runner = new Runner(virtual);
    await expect(runner.run(main)).rejects.toThrow(TypeError);
    await runner.close();
    expect(ran).toBe(false);
  });

  test("a task as the result, as by a forgotten yield*, rejects, and the task is cancelled", async () => {
    const log: unknown[] = [];
    function* left() {
      try {
        yield* sleep(99);
      } finally {
        log.push("cancelled");
      }
    }
    function* main() {
      return createTask(left());
    }
    const running = run(function* () {
      const task = createTask(left());
      yield* sleep(0);
      return task;
    }, virtual);
    await expect(running).rejects.toThrow("was yield* forgotten?");
    expect(log).toEqual(["cancelled"]);
    const runner = new Runner(virtual);
    await expect(runner.run(main)).rejects.toThrow("was yield* forgotten?");
    await runner.close();
  });

  test("runs main, cancels what is left, closes async iterators and then the loop, and leaves nothing in the core", async () => {
    const log: unknown[] = [];
    function* left() {
      try {
        yield* sleep(99);
      } catch (error) {
        log.push("leftover cancelled");
        throw error;
      }
    }
    const made: VirtualEventLoop[] = [];
    const loopFactory = () => {
      made.push(loggingLoop(log));
      return made.at(-1) as EventLoop;
    };
    await run(
      function* () {
        createTask(left());
        yield* sleep(0);
        log.push("main ends");
      },
      { loopFactory },
    );
    expect(log).toEqual(["run", "main ends", "run", "leftover cancelled", "run", "shutdownAsyncgens", "close"]);
    expect([made.length, made[0]?.isClosed(), slotsInUse(made[0] as EventLoop)]).toEqual([1, true, 0]);
  });

  test("refused inside a running loop runs nothing", async () => {
    const loop = new VirtualEventLoop();
    const refused: Promise<unknown>[] = [];
    const coroutine = giving("not run");
    function* main() {
      refused.push(run(coroutine, virtual), new Runner(virtual).run(coroutine));
      yield* sleep(0);
    }
    loop.runUntilCompleteSync(main());
    for (const promise of refused) await expect(promise).rejects.toThrow(RuntimeError);
    expect(coroutine.next()).toEqual({ done: true, value: "not run" });
    loop.close();
  });

  test("takes coroutines, functions, futures and promises, and refuses anything else", async () => {
    expect(await run(giving(1), virtual)).toBe(1);
    expect(await run(() => giving(2), virtual)).toBe(2);
    expect(await run(Promise.resolve(3))).toBe(3);
    expect(await run(() => Promise.resolve(4))).toBe(4);
    expect(await run(() => sleep(0, 5), virtual)).toBe(5);
    await using runner = new Runner(virtual);
    expect(await runner.run(runner.getLoop().createTask(giving(6)))).toBe(6);
    const made: number[] = [];
    const loopFactory = () => {
      made.push(1);
      return new VirtualEventLoop();
    };
    for (const bad of [3, null, undefined, "text", {}]) {
      expect(await settled(run(bad as Coroutine<void>, { loopFactory }))).toMatch(
        /^TypeError\('Cannot run: a coroutine, a function or an awaitable is required, got /,
      );
    }
    expect(made).toEqual([]);
    expect(await settled(run(() => 3 as unknown as Coroutine<void>, virtual))).toBe(
      "TypeError('A Future, a coroutine or an awaitable is required, got 3')",
    );
  });

  test("does not report leftovers that end cancelled, or in time", async () => {
    const log: unknown[] = [];
    await run(function* () {
      getRunningLoop().setExceptionHandler((_, { message }) => log.push(message));
      createTask(sleep(99));
      createTask(giving("ends in time"));
      yield* sleep(0);
    }, virtual);
    expect(log).toEqual([]);
  });

  test("rejects with what main throws, after the shutdown, and with the CancelledError of a main that is cancelled", async () => {
    const log: unknown[] = [];
    function* cancelled() {
      currentTask()?.cancel("m");
      yield* sleep(0);
    }
    const loopFactory = () => loggingLoop(log);
    const failed = settled(run(throwing(new RangeError("m")), { loopFactory })).then((text) => log.push(text));
    await failed;
    expect(log.slice(-2)).toEqual(["close", "RangeError('m')"]);
    expect(await settled(run(cancelled(), virtual))).toBe("CancelledError('m')");
  });

  test("with a loop factory leaves the current event loop alone", async () => {
    const refused = "RuntimeError('There is no current event loop')";
    await run(nothing, virtual);
    expect(attempt(getEventLoop)).toBe(refused);
    await using runner = new Runner({ loopFactory: newEventLoop });
    runner.getLoop();
    expect(attempt(getEventLoop)).toBe(refused);
    const mine = new VirtualEventLoop();
    setEventLoop(mine);
    await run(nothing, virtual);
    expect(getEventLoop()).toBe(mine);
    setEventLoop(null);
    mine.close();
  });

  test("without one makes its loop the current one, until it ends", async () => {
    let during: unknown;
    const between = Promise.resolve().then(() => Promise.resolve());
    await run(function* () {
      const loop = getRunningLoop();
      void between.then(() => (during = attempt(getEventLoop) === loop));
      yield* sleep(0);
      yield* sleep(0.001);
    });
    expect(during).toBe(true);
    expect(attempt(getEventLoop)).toBe("RuntimeError('There is no current event loop')");
  });

  test("of two programs at once takes back only its own choice of a loop", async () => {
    const log: unknown[] = [];
    function* program(name: string, seconds: number) {
      const loop = getRunningLoop();
      yield* sleep(seconds);
      log.push(`${name} ends`);
      return loop;
    }
    const [short, long] = [run(program("short", 0)), run(program("long", 0.02))];
    await short;
    const current = getEventLoop();
    log.push("between");
    expect(await long).toBe(current);
    expect(log).toEqual(["short ends", "between", "long ends"]);
    expect(attempt(getEventLoop)).toBe("RuntimeError('There is no current event loop')");
  });

  test("sets the debug mode of a loop only when it is asked to", async () => {
    for (const debug of [true, false, undefined]) {
      const loop = new VirtualEventLoop();
      loop.host.report = () => {};
      loop.setDebug(debug !== true);
      const options = { loopFactory: () => loop };
      await run(nothing, debug === undefined ? options : { debug, ...options });
      expect(loop.getDebug()).toBe(debug !== false);
    }
  });

  test("cancels all leftovers before any of them runs, in order, and not what they start", async () => {
    const log: unknown[] = [];
    let late: Task<void> | undefined;
    function* left(name: string) {
      try {
        yield* sleep(99);
      } finally {
        log.push(`${name}: ${[...others].map((task) => task.cancelling()).join()}`);
        late ??= createTask(sleep(99));
      }
    }
    const others: Task<void>[] = [];
    await run(function* () {
      for (const name of ["a", "b", "c"]) others.push(createTask(left(name)));
      yield* sleep(0);
    }, virtual);
    expect(log).toEqual(["a: 1,1,1", "b: 1,1,1", "c: 1,1,1"]);
    expect([late?.done(), late?.cancelling()]).toEqual([false, 0]);
  });

  test("shuts down in the iterations that CPython takes", async () => {
    const loop = new VirtualEventLoop();
    const log: unknown[] = [];
    function* late() {
      for (let i = 1; ; i++) {
        log.push(`late ${i}`);
        yield* sleep(0);
      }
    }
    function* left() {
      try {
        yield* sleep(99);
      } finally {
        createTask(late());
      }
    }
    await run(
      function* () {
        createTask(left());
        yield* sleep(0);
      },
      { loopFactory: () => loop },
    );
    // CPython's come to six: the last two while it waits for the executor, which there is none of here.
    expect(log).toEqual(["late 1", "late 2", "late 3", "late 4"]);
  });

  test("makes a coroutine the main task's own", async () => {
    function* main() {
      return currentTask()?.getCoro() as unknown;
    }
    const coroutine = main();
    expect(await run(coroutine, virtual)).toBe(coroutine);
  });

  test("refuses a loop factory that gives no loop", async () => {
    for (const bad of [5, null, {}]) {
      expect(await settled(run(nothing, { loopFactory: () => bad as unknown as EventLoop }))).toMatch(
        /^TypeError\('Cannot run: an EventLoop was expected of loopFactory, got /,
      );
    }
  });

  test("rejects with KeyboardInterrupt for Ctrl-C, with CancelledError when somebody else cancelled main too", async () => {
    let interrupt: () => void = () => {};
    let listening = 0;
    const loopFactory = () => {
      const loop = new VirtualEventLoop();
      loop.host.onInterrupt = (listener) => {
        interrupt = listener;
        listening++;
        return () => void listening--;
      };
      return loop;
    };
    function* main(other: boolean): Coroutine<void> {
      getRunningLoop().callLater(1, () => interrupt());
      const task = currentTask();
      if (other) getRunningLoop().callLater(1, () => task?.cancel("other"));
      yield* sleep(5);
    }
    await expect(run(main(false), { loopFactory })).rejects.toThrow(KeyboardInterrupt);
    await expect(run(main(true), { loopFactory })).rejects.toThrow(CancelledError);
    expect(listening).toBe(0);
  });
});

describe("a Runner", () => {
  test("makes its loop on first use, and once", async () => {
    let made = 0;
    const runner = new Runner({
      loopFactory: () => {
        made++;
        return new VirtualEventLoop();
      },
    });
    await runner.close();
    expect(made).toBe(0);
    const loop = runner.getLoop();
    await runner.run(giving(1));
    await runner.run(giving(2));
    await runner.close();
    expect([made, loop.isClosed()]).toEqual([1, true]);
  });

  test("comes back to its own context after a program that was given another one, and refuses what is none", async () => {
    const variable = new ContextVar("variable", { default: "none" });
    const log: unknown[] = [];
    function* getAndSet(value: string) {
      log.push(variable.get());
      variable.set(value);
    }
    await using runner = new Runner(virtual);
    await runner.run(getAndSet("a"));
    await runner.run(getAndSet("b"), { context: copyContext() });
    await runner.run(getAndSet("c"));
    expect(log).toEqual(["none", "none", "a"]);
    expect(await settled(runner.run(nothing, { context: {} as Context }))).toMatch(/^TypeError\('Invalid context/);
  });

  test("keeps its leftovers between programs, and cancels them at the end", async () => {
    const log: unknown[] = [];
    function* left() {
      try {
        for (;;) {
          log.push("tick");
          yield* sleep(1);
        }
      } finally {
        log.push("cancelled");
      }
    }
    const runner = new Runner(virtual);
    await runner.run(function* () {
      createTask(left());
      yield* sleep(1.5);
    });
    log.push("between");
    await runner.run(() => sleep(1));
    await runner.close();
    expect(log).toEqual(["tick", "tick", "between", "tick", "cancelled"]);
  });

  test("runs one program at a time, and leaves a refused one alone", async () => {
    await using runner = new Runner();
    const log: unknown[] = [];
    const first = runner.run(() => sleep(0.005, "first"));
    const second = (function* () {
      log.push("second ran");
    })();
    expect(await settled(runner.run(second))).toBe(
      "RuntimeError('Runner.run() cannot be called while the runner runs another program')",
    );
    expect(await settled(runner.close())).toBe("RuntimeError('Cannot close a runner while it runs a program')");
    expect(await first).toBe("first");
    expect(log).toEqual([]);
    expect(await runner.run(giving("third"))).toBe("third");
  });

  test("may have its loop closed by the program", async () => {
    const runner = new Runner();
    await runner.run(nothing);
    runner.getLoop().close();
    await runner.close();
    expect(attempt(getEventLoop)).toBe("RuntimeError('There is no current event loop')");
  });

  test("is closed by `await using`", async () => {
    let loop: EventLoop | undefined;
    {
      await using runner = new Runner(virtual);
      loop = runner.getLoop();
    }
    expect(loop.isClosed()).toBe(true);
  });

  test("closes its loop also when the shutdown fails", async () => {
    const loop = new VirtualEventLoop();
    const runner = new Runner({ loopFactory: () => loop });
    const forever = loop.createFuture();
    await runner.run(function* () {
      createTask(
        (function* () {
          try {
            yield* sleep(99);
          } finally {
            yield* forever;
          }
        })(),
        { name: "stubborn" },
      );
      yield* sleep(0);
    });
    await expect(runner.close()).rejects.toThrow(/stubborn/);
    expect(loop.isClosed()).toBe(true);
    expect(attempt(() => runner.getLoop())).toBe("RuntimeError('Runner is closed')");
  });
});
