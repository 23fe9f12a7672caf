// RUN: run and Runner.

import {
  type Awaitable,
  Context,
  ContextVar,
  type Coroutine,
  EventLoop,
  Runner,
  type RunnerOptions,
  Task,
  currentTask,
  ensureFuture,
  forEach,
  getEventLoop,
  getRunningLoop,
  run,
  setEventLoop,
  sleep,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { type Facts, excused, reworded } from "../fact.ts";
import { giving, throwing, yielding } from "../../../support/coroutines.ts";
import { attempt, describeError } from "../../../support/outcomes.ts";
import { trace } from "../../../support/stage.ts";

const virtual: RunnerOptions = { loopFactory: () => new VirtualEventLoop() };

/** What a promise gives, or its error in words. */
async function settled(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    return describeError(error);
  }
}

/** Iterates as far as the first value, and leaves the iterator open. */
function* firstOf(values: AsyncIterable<unknown>): Coroutine<void> {
  let reached = false;
  const iterating = forEach(values, () => {
    reached = true;
    return yielding(null);
  });
  for (;;) {
    const step = iterating.next();
    if (reached || step.done === true) return;
    yield step.value;
  }
}

/** Virtual loops, and Ctrl-C for them: what a second one does is the host's matter. */
function interruptible(): { options: RunnerOptions; interrupt(): void } {
  let listener: (() => void) | null = null;
  const loopFactory = (): VirtualEventLoop => {
    const loop = new VirtualEventLoop();
    loop.host.onInterrupt = (interrupt) => {
      listener = interrupt;
      return () => (listener = null);
    };
    return loop;
  };
  return { options: { loopFactory }, interrupt: () => listener?.() };
}

export const facts: Facts = {
  "RUN-01": async () => {
    const log: string[] = [];
    class LoggingLoop extends EventLoop {
      override runUntilComplete<T>(awaitable: Awaitable<T>): Promise<T> {
        if (awaitable instanceof Task) log.push("ruc:Task");
        return super.runUntilComplete(awaitable);
      }
      override close(): void {
        log.push("close");
        super.close();
      }
    }
    async function* generator(): AsyncGenerator<number> {
      try {
        yield 1;
      } finally {
        log.push("agen closed");
      }
    }
    function* left(): Coroutine<void> {
      try {
        yield* sleep(99);
      } catch (error) {
        log.push("leftover cancelled");
        throw error;
      }
    }
    function* main(): Coroutine<void> {
      ensureFuture(left());
      yield* firstOf(generator());
      yield* sleep(0);
    }
    const runner = new Runner({ loopFactory: () => new LoggingLoop() });
    await runner.run(main());
    await runner.close();
    return log;
  },

  "RUN-02": async () => {
    const log = trace(function* (log) {
      const coroutine = giving(null);
      log.push(settled(run(coroutine)));
      const runner = new Runner(virtual);
      log.push(settled(runner.run(coroutine)));
    });
    return await Promise.all(log);
  },

  "RUN-03": reworded(
    "the message says what was given",
    ["TypeError('Cannot run: a coroutine, a function or an awaitable is required, got 3')", 5],
    async () => {
      class A {
        then(resolve: (value: number) => void): void {
          setTimeout(resolve, 0, 5);
        }
      }
      const runner = new Runner();
      const log = [
        await settled(runner.run(3 as unknown as Awaitable<void>)),
        await settled(runner.run(new A() as PromiseLike<number>)),
      ];
      await runner.close();
      return log;
    },
  ),

  "RUN-04": async () => {
    const log: unknown[] = [];
    function* left(): Coroutine<void> {
      try {
        yield* sleep(99);
      } catch {
        throw new RangeError("v");
      }
    }
    function* main(): Coroutine<string> {
      getRunningLoop().setExceptionHandler((_, context) =>
        log.push([context.message, describeError(context.exception), Object.keys(context).sort()]),
      );
      ensureFuture(left());
      yield* sleep(0);
      return "result";
    }
    const runner = new Runner(virtual);
    const out = await runner.run(main());
    await runner.close();
    return [out, log];
  },

  "RUN-05": async () => {
    const log: unknown[] = [];
    function* left(): Coroutine<void> {
      try {
        yield* sleep(99);
      } catch {
        yield* sleep(3);
        log.push("finished");
      }
    }
    function* main(): Coroutine<void> {
      ensureFuture(left());
      yield* sleep(0);
    }
    const runner = new Runner(virtual);
    await runner.run(main());
    await runner.close();
    return log;
  },

  "RUN-06": async () => {
    const runner = new Runner(virtual);
    await runner.close();
    const loop = runner.getLoop();
    const log: unknown[] = [runner.getLoop() === loop, [await runner.run(giving(1)), await runner.run(giving(2))]];
    await runner.close();
    await runner.close();
    log.push(attempt(() => runner.getLoop()));
    log.push(await settled(runner.run(giving(null))));
    return log;
  },

  "RUN-07": async () => {
    const variable = new ContextVar("cv", { default: "none" });
    const log: unknown[] = [];
    function* getAndSet(value: string): Coroutine<void> {
      log.push(variable.get());
      variable.set(value);
    }
    const runner = new Runner(virtual);
    await runner.run(getAndSet("a"));
    await runner.run(getAndSet("b"));
    await runner.run(getAndSet("c"), { context: new Context() });
    await runner.close();
    return log;
  },

  "RUN-08": async () => {
    function* cancelsItself(): Coroutine<void> {
      currentTask()?.cancel();
      yield* sleep(0);
    }
    const runner = new Runner(virtual);
    const log = [await settled(runner.run(throwing(new RangeError("m")))), await settled(runner.run(cancelsItself()))];
    await runner.close();
    return log;
  },

  "RUN-09": reworded(
    "no thread is named, because there is one only",
    ["RuntimeError('There is no current event loop')"],
    async () => {
      setEventLoop(null);
      const runner = new Runner(virtual);
      await runner.run(giving(null));
      const log = [attempt(getEventLoop)];
      await runner.close();
      return log;
    },
  ),

  "RUN-10": async () => {
    const log: unknown[] = [];
    for (const debug of [true, false]) {
      const runner = new Runner({ debug, ...virtual });
      runner.getLoop().host.report = () => {};
      log.push(runner.getLoop().getDebug());
      await runner.close();
    }
    return log;
  },

  "RUN-11": async () => {
    const keep: Task<void>[] = [];
    function* late(): Coroutine<void> {
      yield* sleep(99);
    }
    function* left(): Coroutine<void> {
      try {
        yield* sleep(99);
      } finally {
        keep.push(getRunningLoop().createTask(late()));
      }
    }
    function* main(): Coroutine<void> {
      keep.push(getRunningLoop().createTask(left()));
      yield* sleep(0);
    }
    const runner = new Runner(virtual);
    await runner.run(main());
    await runner.close();
    return [keep[1]?.done(), keep[1]?.cancelled()];
  },

  "RUN-12": reworded(
    "the error says what has happened",
    ["main cancelled", "KeyboardInterrupt('Ctrl-C was pressed')"],
    async () => {
      const { options, interrupt } = interruptible();
      const log: unknown[] = [];
      function* main(): Coroutine<void> {
        getRunningLoop().callLater(0.01, interrupt);
        try {
          yield* sleep(5);
        } catch (error) {
          log.push("main cancelled");
          throw error;
        }
      }
      log.push(await settled(run(main(), options)));
      return log;
    },
  ),

  "RUN-13": async () => {
    const { options, interrupt } = interruptible();
    function* main(): Coroutine<string | null> {
      getRunningLoop().callLater(0.01, interrupt);
      try {
        yield* sleep(5);
      } catch {
        return "survived";
      }
      return null;
    }
    return [await settled(run(main(), options))];
  },

  "RUN-14": reworded(
    "no thread is named, because there is one only",
    ["RuntimeError('There is no current event loop')"],
    async () => {
      await run(giving(null));
      return [attempt(getEventLoop)];
    },
  ),

  "RUN-15": excused("a second Ctrl-C ends the process at once, as it would without the library"),

  "RUN-16": async () => {
    const runner = new Runner(virtual);
    const log = [await settled(runner.run(throwing(new RangeError("a")))), await runner.run(giving(3))];
    await runner.close();
    return log;
  },

  "RUN-17": async () => {
    const made: VirtualEventLoop[] = [];
    const loopFactory = (): VirtualEventLoop => {
      const loop = new VirtualEventLoop();
      made.push(loop);
      return loop;
    };
    const runner = new Runner({ loopFactory });
    await runner.run(giving(null));
    await runner.close();
    return [made.length, made[0]?.isClosed()];
  },
};
