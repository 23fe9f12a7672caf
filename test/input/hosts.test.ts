// Hosts whose methods throw: the run ends with that error, nothing is half-done, and the loop can run again.

import { describe, expect, test } from "vitest";
import { type Coroutine, EventLoop, Runner, type Task, createTask, run, sleep } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { attempt } from "../support/outcomes.ts";
import { passTime, runOnce } from "../support/stage.ts";
import { ManualHost } from "../support/manual-host.ts";
import { leavesNothing, listeningLoop, settlementOf, wordsOf } from "./hostile.ts";
import { slotsInUse } from "../support/counters.ts";

type Method = "now" | "start" | "wakeSoon" | "yieldTurn" | "wakeAt" | "stop" | "close" | "report";

/** A host in the hands of the test, of which methods fail while they are named. */
class FailingHost extends ManualHost {
  readonly failing = new Set<string>();
  readonly #events: { turn(): void }[] = [];

  constructor() {
    super();
    for (const name of ["now", "start", "wakeSoon", "wakeAt", "stop", "close", "report"] as const) {
      const method: (...args: never[]) => unknown = ManualHost.prototype[name].bind(this);
      Object.defineProperty(this, name, {
        value: (...args: never[]) => {
          if (this.failing.has(name)) throw new EvalError(name);
          if (name === "start") this.#events.push(args[0]);
          return method(...args);
        },
      });
    }
  }

  /** What a host may do that does not know that it has failed: turns of all runs that there were. */
  lateTurns(): void {
    for (const events of this.#events) events.turn();
  }
}

function newLoop(): { loop: EventLoop; host: FailingHost } {
  const host = new FailingHost();
  return { loop: new EventLoop(host), host };
}

/** Runs a coroutine in turns of the host until it is done. */
async function runToEnd(loop: EventLoop, host: FailingHost, coroutine: Coroutine<unknown>): Promise<unknown> {
  const promise = loop.runUntilComplete(coroutine).catch(wordsOf);
  for (let i = 0; i < 10; i++) {
    host.time += 1;
    host.turn();
  }
  return promise;
}

function* program(): Coroutine<string> {
  yield* sleep(0);
  yield* sleep(1);
  return "done";
}

function slots(loop: EventLoop): unknown {
  return slotsInUse(loop);
}

describe.each(["now", "start", "wakeSoon", "wakeAt", "stop"] as Method[])("%s", (method) => {
  test("that throws ends the run with its error, and the loop runs again when it does not any more", async () => {
    const { loop, host } = newLoop();
    const promise = loop.runForever();
    const task: Task<string> = loop.createTask(program());
    if (method === "wakeSoon") host.turn(); // and it waits: only then is there something to ask for
    host.failing.add(method);
    if (method === "start" || method === "stop") loop.stop();
    attempt(() => loop.callSoonThreadsafe(() => {}));
    host.turn();
    host.turn();
    // One that is needed only to begin does no harm to a run that has begun.
    expect(await settlementOf(promise)).toEqual(method === "start" ? "fulfilled" : `EvalError('${method}')`);
    expect([loop.isRunning(), task.done()]).toEqual([false, false]);
    host.lateTurns();
    const refused = method === "now" || method === "wakeAt" ? null : await settlementOf(loop.runForever());
    if (method === "start" || method === "wakeSoon") expect(refused).toBe(`EvalError('${method}')`);
    host.failing.clear();
    if (loop.isRunning()) {
      loop.stop();
      host.turn();
    }
    expect(loop.isRunning()).toBe(false);
    expect(await runToEnd(loop, host, program())).toBe("done");
    expect([task.done() && task.result(), slots(loop)]).toEqual(["done", 0]);
    loop.close();
    expect([loop.isClosed(), host.closed]).toEqual([true, true]);
  });
});

test("now that throws in a task is that task's error, and no other's", async () => {
  const { loop, host } = newLoop();
  const outcome = await runToEnd(
    loop,
    host,
    (function* (): Coroutine<unknown> {
      const other = createTask(program());
      yield* sleep(0);
      host.failing.add("now");
      const inner = attempt(() => loop.callLater(1, () => {}));
      const time = attempt(() => loop.time());
      host.failing.clear();
      return [inner, time, yield* other];
    })(),
  );
  expect(outcome).toEqual(["EvalError('now')", "EvalError('now')", "done"]);
  expect(slots(loop)).toBe(0);
  loop.close();
});

test("now that throws while steps are timed in debug mode loses no step", () => {
  const log: unknown[] = [];
  const loop = listeningLoop(log);
  loop.setDebug(true);
  const now = loop.host.now.bind(loop.host);
  let isFailing = false;
  loop.host.now = () => {
    if (isFailing) throw new EvalError("now");
    return now();
  };
  loop.runUntilCompleteSync(
    (function* (): Coroutine<void> {
      isFailing = true;
      loop.callSoon(() => log.push("callback"));
      yield* sleep(0);
      log.push("second step");
      isFailing = false;
    })(),
  );
  loop.setDebug(false);
  leavesNothing(loop);
  expect(log).toEqual(["callback", "second step"]);
});

describe("report", () => {
  test("that throws is not heard of: errors of callbacks, handlers and tasks keep nothing from running", () => {
    const loop = new VirtualEventLoop();
    const log: unknown[] = [];
    loop.host.report = () => {
      throw new EvalError("report");
    };
    const handlers = [
      null,
      () => {
        throw new RangeError("handler");
      },
    ];
    for (const handler of handlers) {
      loop.setExceptionHandler(handler);
      loop.callSoon(() => {
        throw new RangeError("callback");
      });
      loop.callSoon(() => log.push("next"));
      runOnce(loop);
      loop.callExceptionHandler({ message: "by hand" });
    }
    loop.setDebug(true);
    loop.callSoon(() => passTime(loop, 1));
    runOnce(loop);
    loop.setDebug(false);
    leavesNothing(loop);
    loop.createFuture().setException(new RangeError("never looked at"));
    loop.setDebug(true);
    loop.close();
    expect([log, loop.isClosed(), loop.core.objects.length]).toEqual([["next", "next"], true, 0]);
  });

  test("that throws for an operation that was never awaited lets the loop close", () => {
    const loop = new VirtualEventLoop();
    loop.setDebug(true);
    loop.host.report = () => {
      throw new EvalError("report");
    };
    loop.callSoon(() => void sleep(1));
    runOnce(loop);
    loop.close();
    expect([loop.isClosed(), loop.core.objects.length]).toEqual([true, 0]);
  });
});

test("close that throws says so, when all else is closed already", () => {
  const { loop, host } = newLoop();
  loop.callSoon(() => {});
  host.failing.add("close");
  expect(attempt(() => loop.close())).toBe("EvalError('close')");
  expect([loop.isClosed(), loop.core.objects.length, attempt(() => loop.close())]).toEqual([true, 0, undefined]);
});

test("onCollected that throws, or gives nothing, leaves the report to the end", () => {
  for (const onCollected of [
    () => {
      throw new EvalError("onCollected");
    },
    () => undefined as never,
  ]) {
    const log: unknown[] = [];
    const loop = listeningLoop(log);
    (loop.host as { onCollected?: unknown }).onCollected = onCollected;
    const [seen, unseen] = [loop.createFuture(), loop.createFuture()];
    seen.setException(new RangeError("seen"));
    seen.exception();
    unseen.setException(new RangeError("unseen"));
    leavesNothing(loop);
    loop.close();
    expect(log).toEqual([["reported", "Future exception was never retrieved", "RangeError('unseen')"]]);
  }
});

describe("onInterrupt", () => {
  test("that throws rejects the run, before the program has begun", async () => {
    const log: unknown[] = [];
    const loop = listeningLoop(log);
    const host = loop.host as { onInterrupt?: unknown };
    host.onInterrupt = () => {
      throw new EvalError("onInterrupt");
    };
    const runner = new Runner({ loopFactory: () => loop });
    const main = (function* (): Coroutine<string> {
      log.push("begun");
      return "done";
    })();
    expect(await runner.run(main).catch(wordsOf)).toBe("EvalError('onInterrupt')");
    expect([log, loop.pendingTasks(), slots(loop)]).toEqual([[], [], 0]);
    delete host.onInterrupt;
    expect(await runner.run(main)).toBe("done");
    leavesNothing(loop);
    await runner.close();
  });

  test("that calls at once finds no program yet, and harms nobody", async () => {
    const loop = listeningLoop([]);
    (loop.host as { onInterrupt?: unknown }).onInterrupt = (interrupt: () => void) => {
      interrupt();
      return () => {};
    };
    expect(await run(program, { loopFactory: () => loop })).toBe("done");
  });
});

test("environment that throws makes no loop", () => {
  const host = new ManualHost();
  (host as { environment: unknown }).environment = () => {
    throw new EvalError("environment");
  };
  expect(attempt(() => new EventLoop(host))).toBe("EvalError('environment')");
});

describe("a clock", () => {
  test.each([NaN, undefined, "text", -Infinity])(
    "that says %s makes no time pass, and what needs none runs",
    async (time) => {
      const { loop, host } = newLoop();
      host.time = time as number;
      const log: unknown[] = [];
      loop.callSoon(() => log.push("ran"));
      loop.callSoon(() => loop.stop());
      const promise = loop.runForever();
      host.turn();
      await promise;
      expect(log).toEqual(["ran"]);
      loop.close();
    },
  );

  test("that goes back fires nothing early, and each deadline once", async () => {
    const { loop, host } = newLoop();
    const log: unknown[] = [];
    host.time = 10;
    loop.callAt(12, () => log.push("twelve"));
    void loop.runForever();
    for (const time of [11, 5, 11.5, 3, 12, 1, 12, 20]) {
      host.time = time;
      host.turn();
      log.push(time);
    }
    loop.stop();
    host.turn();
    expect(log).toEqual([11, 5, 11.5, 3, "twelve", 12, 1, 12, 20]);
    loop.close();
  });
});

describe("a loop factory", () => {
  const factories: [string, () => unknown, string][] = [
    [
      "throws",
      () => {
        throw new RangeError("factory");
      },
      "RangeError('factory')",
    ],
    [
      "gives nothing",
      () => undefined,
      "TypeError('Cannot run: an EventLoop was expected of loopFactory, got undefined')",
    ],
    [
      "gives a promise",
      async () => new VirtualEventLoop(),
      "TypeError('Cannot run: an EventLoop was expected of loopFactory, got [object Promise]')",
    ],
    [
      "gives a class",
      () => VirtualEventLoop,
      "TypeError('Cannot run: an EventLoop was expected of loopFactory, got <function VirtualEventLoop>')",
    ],
    [
      "gives something like a loop",
      () => ({ runUntilComplete() {}, getDebug() {} }),
      "TypeError('Cannot run: an EventLoop was expected of loopFactory, got {}')",
    ],
    [
      "gives a closed loop",
      () => {
        const loop = new VirtualEventLoop();
        loop.close();
        return loop;
      },
      "RuntimeError('Event loop is closed')",
    ],
  ];

  test.each(factories)("that %s rejects the run, and nothing of the program has run", async (_, loopFactory, error) => {
    let isBegun = false;
    function* main(): Coroutine<void> {
      isBegun = true;
    }
    const options = { loopFactory: loopFactory as () => EventLoop };
    expect(await run(main, options).catch(wordsOf)).toEqual(error.replace("{}", "[object Object]"));
    const runner = new Runner(options);
    expect(await runner.run(main()).catch(wordsOf)).toEqual(error.replace("{}", "[object Object]"));
    await runner.close();
    expect(isBegun).toBe(false);
  });

  test("that gives a loop which runs rejects the run, and leaves the loop alone", async () => {
    const { loop, host } = newLoop();
    const running = loop.runForever();
    const runner = new Runner({ loopFactory: () => loop });
    expect(await runner.run(program).catch(wordsOf)).toBe(
      "RuntimeError('Runner.run() cannot be called while the runner runs another program')",
    );
    expect(await runner.close().catch(wordsOf)).toBe("RuntimeError('Cannot close a runner while it runs a program')");
    expect([loop.isRunning(), slots(loop)]).toEqual([true, 0]);
    loop.stop();
    host.turn();
    await running;
    const closed = runner.close();
    for (let i = 0; i < 5; i++) {
      await Promise.resolve();
      host.turn();
    }
    await closed;
    expect(loop.isClosed()).toBe(true);
  });
});
