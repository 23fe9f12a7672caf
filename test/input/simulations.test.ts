// Hostile programs in simulations: each ends with a status that says what it did, and the next simulation knows nothing
// of it.

import { afterEach, describe, expect, test } from "vitest";
import {
  type Coroutine,
  Event,
  Future,
  Lock,
  Queue,
  Semaphore,
  type Task,
  allTasks,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  sleep,
} from "wasyncio";
import { type Simulation, VirtualEventLoop, explore, simulate, sweep } from "wasyncio/testing";
import { revokedProxy, wordsOf } from "./hostile.ts";
import { goodProgram, unsoundness } from "./soundness.ts";

afterEach(() => expect(unsoundness()).toEqual([]));

/** How a simulation ended: its status, and its value or its error in words. */
function endOf({ status, value, error }: Pick<Simulation<unknown>, "status" | "value" | "error">): unknown[] {
  return [status, status === "ok" ? value : wordsOf(error)];
}

function* deaf(waitOnce: () => Coroutine<unknown>): Coroutine<never> {
  for (;;) {
    try {
      yield* waitOnce();
    } catch {
      // and goes on
    }
  }
}

const STOPPED = "RuntimeError('Event loop stopped before Future completed.')";
const RUNS_INSIDE = "RuntimeError('Cannot simulate inside a running event loop')";
const RUNS_ALREADY = "RuntimeError('Cannot run the event loop while another loop is running')";

describe("what a program throws", () => {
  const thrown: Record<string, () => unknown> = {
    undefined: () => undefined,
    null: () => null,
    "a number": () => 5,
    "a symbol": () => Symbol.iterator,
    "a frozen error": () => Object.freeze(new RangeError("frozen")),
    "a revoked proxy": revokedProxy,
    "an error whose text cannot be made": () =>
      Object.defineProperty(new Error("x"), "message", {
        get() {
          throw new EvalError("no text");
        },
      }),
  };

  test.each(Object.entries(thrown))("may be %s: it is the outcome's error as it is", (_, make) => {
    const error = make();
    function* main(): Coroutine<void> {
      yield* sleep(1);
      throw error;
    }
    for (const options of [{}, { debug: false }, { verify: true }, { policy: "random" as const }]) {
      const outcome = simulate(main, options);
      expect(outcome.status).toBe("error");
      expect(Object.is(outcome.error, error)).toBe(true);
      expect(simulate(main, { replay: outcome.token }).digest).toBe(outcome.digest);
    }
  });

  test.each(Object.entries(thrown))("may be %s in a search: it is found, shrunk, and told of in words", (_, make) => {
    const error = make();
    function* main(): Coroutine<void> {
      const seen: number[] = [];
      function* worker(number: number): Coroutine<void> {
        yield* sleep(0);
        seen.push(number);
      }
      yield* gather([worker(1), worker(2)]);
      if (seen[0] === 2) throw error;
    }
    const { failure } = explore(main, { runs: 100, strategy: "random" });
    expect(Object.is(failure?.error, error)).toBe(true);
    expect(failure?.switches).toBe(1);
    expect(String(failure)).toContain(failure?.token);
    expect(failure?.toError()).toBeInstanceOf(Error);
  });
});

describe("what a program gives to be awaited", () => {
  const own = (): unknown => own;
  const NO_ASYNC = expect.stringMatching(/^TypeError\('Cannot simulate an async function: /);
  const closed = goodProgram();
  closed.return("early");
  const gives: Record<string, [() => unknown, unknown[]]> = {
    itself: [
      own,
      ["error", expect.stringContaining("TypeError('A Future, a coroutine or an awaitable is required, got")],
    ],
    nothing: [() => {}, ["error", expect.stringContaining("is required, got undefined")]],
    "a promise": [() => Promise.resolve(1), ["error", NO_ASYNC]],
    "a promise that rejects": [() => Promise.reject(new Error("late")), ["error", NO_ASYNC]],
    "a promise in a coroutine": [
      function* () {
        yield* gather(Promise.reject(new Error("late")));
      },
      ["error", expect.stringMatching(/^OutsideError\('Task-1 awaited a promise inside a simulation at /)],
    ],
    "a generator that was closed": [() => closed, ["ok", undefined]],
    "an async generator": [async function* () {}, ["error", expect.stringContaining("is required, got")]],
    "a thenable that calls back three times and throws": [
      () => ({
        then(resolve: (value: number) => void, reject: (error: Error) => void) {
          resolve(1);
          resolve(2);
          reject(new Error("3"));
          throw new Error("4");
        },
      }),
      ["ok", 1],
    ],
    "a thenable that throws": [
      () => ({
        then() {
          throw new EvalError("then");
        },
      }),
      ["error", "EvalError('then')"],
    ],
    "a thenable that never calls back": [
      () => ({ then() {} }),
      ["deadlock", expect.stringContaining("nothing is scheduled")],
    ],
    "a future of no simulation": [
      () => new Future({ loop: new VirtualEventLoop() }),
      ["error", expect.stringContaining("loop")],
    ],
  };

  test.each(Object.entries(gives))("is %s", (_, [main, end]) => {
    expect(endOf(simulate(main as () => Coroutine<unknown>))).toEqual(end);
    expect(endOf(simulate(main as () => Coroutine<unknown>))).toEqual(end);
  });

  test("is the same coroutine each time: it has ended when it comes again", () => {
    const coroutine = goodProgram();
    expect(simulate(() => coroutine).value).toMatch(/^a/);
    expect(endOf(simulate(() => coroutine))).toEqual(["ok", undefined]);
  });

  test("is a generator that runs already", () => {
    const running = (function* (): Coroutine<unknown> {
      return endOf(simulate(() => running));
    })();
    expect(running.next().value).toEqual(["error", expect.stringMatching(/^TypeError\('Generator is already/)]);
  });
});

describe("a program that takes hold of its loop", () => {
  const left: Promise<unknown>[] = [];
  const acts: Record<string, [() => unknown, unknown[]]> = {
    "closes it": [() => getRunningLoop().close(), ["error", "RuntimeError('Cannot close a running event loop')"]],
    "stops it": [() => getRunningLoop().stop(), ["error", STOPPED]],
    "cancels itself": [() => currentTask()?.cancel("by itself"), ["error", "CancelledError('by itself')"]],
    "cancels all there is": [
      () => {
        for (const task of [createTask(sleep(5)), ...allTasks()]) task.cancel();
      },
      ["error", "CancelledError()"],
    ],
    "simulates inside": [() => simulate(goodProgram), ["error", RUNS_INSIDE]],
    "explores inside": [() => explore(goodProgram), ["error", RUNS_INSIDE]],
    "sweeps inside": [() => sweep(goodProgram), ["error", RUNS_INSIDE]],
    "simulates inside, with virtual globals": [
      () => simulate(goodProgram, { globals: "virtual" }),
      ["error", RUNS_INSIDE],
    ],
    "runs another loop inside": [() => new VirtualEventLoop().runForeverSync(), ["error", RUNS_ALREADY]],
    "runs its own loop inside": [() => void left.push(getRunningLoop().runForever()), ["ok", "went on"]],
    "makes tasks by a factory that throws": [
      () => {
        getRunningLoop().setTaskFactory(() => {
          throw new EvalError("factory");
        });
        createTask(sleep(1));
      },
      ["error", "EvalError('factory')"],
    ],
    "makes tasks by a factory that gives none": [
      () => {
        getRunningLoop().setTaskFactory(() => 5 as never);
        createTask(sleep(1));
      },
      ["error", "TypeError('Cannot create task: expected a task of this loop from the task factory, got 5')"],
    ],
    "has a handler for errors that throws": [
      () => {
        getRunningLoop().setExceptionHandler(() => {
          throw new EvalError("handler");
        });
        getRunningLoop().callExceptionHandler({ message: "m" });
      },
      ["error", "EvalError('handler')"],
    ],
    "has a handler for errors that simulates": [
      () => {
        getRunningLoop().setExceptionHandler(() => void simulate(goodProgram));
        getRunningLoop().callExceptionHandler({ message: "m" });
      },
      ["error", RUNS_INSIDE],
    ],
    "has a handler that simulates when all is over": [
      () => {
        getRunningLoop().setExceptionHandler(() => void simulate(goodProgram));
        getRunningLoop().createFuture().setException(new RangeError("nobody looks"));
      },
      ["ok", "went on"],
    ],
    "has a handler that schedules when all is over": [
      () => {
        const loop = getRunningLoop();
        loop.setExceptionHandler(() => void loop.callSoon(() => {}));
        loop.createFuture().setException(new RangeError("nobody looks"));
      },
      ["error", "RuntimeError('Event loop is closed')"],
    ],
    "calls back in the past": [
      () => {
        for (const when of [-Infinity, -5, -0]) getRunningLoop().callAt(when, () => {});
      },
      ["ok", "went on"],
    ],
    "leaves debug mode, and looks at slow callbacks": [
      () => {
        getRunningLoop().setDebug(false);
        getRunningLoop().slowCallbackDuration = NaN;
      },
      ["ok", "went on"],
    ],
  };

  test.each(Object.entries(acts))("and %s", (_, [act, end]) => {
    function* main(): Coroutine<string> {
      act();
      yield* sleep(1);
      return "went on";
    }
    expect(endOf(simulate(main))).toEqual(end);
    expect(endOf(simulate(main, { globals: "virtual", debug: false, policy: "random" }))).toEqual(end);
    const { failure } = explore(main, { runs: 3 });
    expect(failure === null ? ["ok", "went on"] : endOf(failure)).toEqual(end);
    for (const refused of left.splice(0)) refused.catch(() => {});
  });

  test("and goes on when it has caught what is refused", () => {
    const outcome = simulate(function* () {
      for (const act of [() => simulate(goodProgram), () => explore(goodProgram), () => getRunningLoop().close()])
        expect(act).toThrow("event loop");
      return yield* goodProgram();
    });
    expect(outcome).toMatchObject({ status: "ok", value: simulate(goodProgram).value });
  });

  test("and stops it when it is done has returned", () => {
    const outcome = simulate(function* () {
      getRunningLoop().stop();
      return 7;
    });
    expect(endOf(outcome)).toEqual(["ok", 7]);
  });
});

describe("time", () => {
  test.each([
    [Infinity, "deadlock"],
    [1e308, "timeout"],
    [Number.MAX_VALUE, "timeout"],
    [-Infinity, "ok"],
    [NaN, "error"],
  ])("of %s seconds to sleep ends the program: %s", (seconds, status) => {
    expect(simulate(() => sleep(seconds)).status).toBe(status);
  });

  test("beyond all numbers is a deadlock, also without an end", () => {
    const outcome = simulate(
      function* () {
        yield* sleep(1e308);
        yield* sleep(1e308);
      },
      { maxTime: Infinity },
    );
    expect(outcome).toMatchObject({ status: "deadlock", time: 1e308 });
  });

  test("too large to be counted on stands still, and the steps are counted", () => {
    const outcome = simulate(
      function* () {
        yield* sleep(2 ** 60);
        for (;;) yield* sleep(1);
      },
      { maxTime: Infinity, maxSteps: 1000 },
    );
    expect(outcome).toMatchObject({ status: "livelock", time: 2 ** 60 });
  });
});

describe("tasks that swallow every cancellation", () => {
  const waits: Record<string, () => Coroutine<unknown>> = {
    "for ever": () => new Event().wait(),
    "for no time": () => sleep(0),
    "for a second": () => sleep(1),
  };

  test.each(Object.entries(waits))("and wait %s are left behind, and the program has its value", (_, waitOnce) => {
    const outcome = simulate(
      function* () {
        createTask(deaf(waitOnce), { name: "deaf" });
        yield* sleep(0);
        return "value";
      },
      { maxTime: 100, maxSteps: 500 },
    );
    expect(outcome).toMatchObject({ status: "ok", value: "value", time: 0 });
    expect(outcome.leaks).toMatchObject([{ kind: "task", description: expect.stringContaining("Task-2 'deaf'") }]);
  });

  test.each(Object.entries(waits))("and wait %s may be the program itself, which stopped its loop", (_, waitOnce) => {
    const outcome = simulate(
      function* () {
        getRunningLoop().stop();
        return yield* deaf(waitOnce);
      },
      { maxTime: 100, maxSteps: 500 },
    );
    expect(endOf(outcome)).toEqual(["error", STOPPED]);
  });

  test("and stop the loop in their clean-up end it there", () => {
    const outcome = simulate(function* () {
      createTask(
        deaf(function* () {
          getRunningLoop().stop();
          yield* sleep(0);
        }),
      );
      return yield* sleep(0, "value");
    });
    expect(endOf(outcome)).toEqual(["ok", "value"]);
  });
});

test("a hundred thousand tasks are made, run, and forgotten", { timeout: 60_000 }, () => {
  const TASKS = 100_000;
  function* nothing(): Coroutine<void> {}
  function* main(): Coroutine<number> {
    let ended = 0;
    for (let task = 0; task < TASKS; task++) createTask(nothing()).addDoneCallback(() => ended++);
    yield* sleep(0);
    yield* sleep(0);
    return ended;
  }
  expect(endOf(simulate(main, { debug: false }))).toEqual(["livelock", expect.stringContaining("100000 steps")]);
  expect(endOf(simulate(main, { debug: false, maxSteps: 10 * TASKS }))).toEqual(["ok", TASKS]);
});

describe("what outlives a simulation", () => {
  interface Left {
    task: Task<unknown>;
    future: Future<unknown>;
    lock: Lock;
  }

  function leave(): Left {
    const left: Partial<Left> = {};
    const outcome = simulate(function* () {
      left.future = getRunningLoop().createFuture<unknown>();
      left.lock = new Lock();
      yield* left.lock.acquire();
      left.task = createTask(left.lock.acquire());
      yield* left.future;
    });
    expect(outcome.status).toBe("deadlock");
    return left as Left;
  }

  test("is told that it is over, and can still be shown", () => {
    const { task, future } = leave();
    const calls: Record<string, () => unknown> = {
      "future.setResult": () => future.setResult(1),
      "loop.callSoon": () => task.getLoop().callSoon(() => {}),
      "loop.createTask": () => task.getLoop().createTask(sleep(1)),
    };
    for (const [name, call] of Object.entries(calls)) expect(call, name).toThrow("Event loop is closed");
    expect([task.done(), task.cancelling(), String(task)]).toEqual([false, 0, expect.stringMatching(/^<Task pending/)]);
    expect(String(future)).toMatch(/^<Future (pending|finished)/);
    expect(String(task.getLoop())).toBe("<SimulationLoop running=false closed=true debug=true>");
  });

  test("cannot be awaited in the next one", () => {
    const { task, future, lock } = leave();
    const awaiting: Record<string, () => Coroutine<unknown>> = {
      task: () => task as never,
      future: () => future as never,
      lock: () => lock.acquire(),
    };
    for (const [name, main] of Object.entries(awaiting)) {
      const [status, error] = endOf(
        simulate(function* () {
          return yield* main();
        }),
      );
      expect([status, error], name).toEqual(["error", expect.stringMatching(/loop/)]);
    }
  });

  test("is a primitive of the module: it serves run after run as long as nobody has to wait, and is refused then", () => {
    const shared = { lock: new Lock(), semaphore: new Semaphore(1), queue: new Queue<number>(), event: new Event() };
    function* uncontended(): Coroutine<number> {
      yield* shared.lock.with(() => sleep(1));
      yield* shared.semaphore.with(() => sleep(1));
      shared.queue.putNowait(1);
      shared.event.set();
      yield* shared.event.wait();
      return yield* shared.queue.get();
    }
    for (let run = 0; run < 3; run++) expect(endOf(simulate(uncontended))).toEqual(["ok", 1]);
    expect(explore(uncontended, { runs: 20 }).failure).toBeNull();
    function* contended(): Coroutine<void> {
      yield* gather([shared.lock.with(() => sleep(1)), shared.lock.with(() => sleep(1))]);
    }
    expect(simulate(contended).status).toBe("ok");
    expect(endOf(simulate(contended))).toEqual([
      "error",
      expect.stringMatching(/^RuntimeError\('<Lock \[locked\]> is bound to a different event loop'\)$/),
    ]);
  });

  test("is a lock that a run has kept: the next one waits for ever, and is told who has it", () => {
    const lock = new Lock();
    const main = (): Coroutine<unknown> => lock.acquire();
    expect(simulate(main).status).toBe("ok");
    const { status, error } = simulate(main);
    expect(status).toBe("deadlock");
    expect((error as Error).message).toContain("outside any task");
  });

  test("is a generator that is resumed by hand: it is told that it is a task's, and ends", () => {
    const steps: string[] = [];
    const own = (function* (): Coroutine<void> {
      yield* sleep(100);
      steps.push("resumed");
      yield* sleep(1);
    })();
    expect(simulate(() => own, { maxTime: 10 }).status).toBe("timeout");
    expect(() => own.next()).toThrow("cannot reuse already awaited coroutine");
    expect(steps).toEqual([]);
    expect(own.next().done).toBe(true);
  });

  test("is its log, whose places are read when many others have run", () => {
    const [early, late] = ["early", "late"].map(() => simulate(goodProgram).log);
    const places = JSON.stringify(early);
    expect(places).toContain("goodProgram");
    explore(goodProgram, { runs: 200 });
    expect(JSON.stringify(late)).toBe(places);
  });
});

describe("a program that changes the world", () => {
  test("finds its own globals gone when it is over", () => {
    const outcome = simulate(
      function* () {
        globalThis.setTimeout = (() => 5) as never;
        Date.now = () => 5;
        return [setTimeout(() => {}, 1), Date.now()];
      },
      { globals: "virtual" },
    );
    expect(outcome.value?.[0]).toBe(5);
  });

  test("may put things into the prototypes of objects and arrays", () => {
    const { digest } = simulate(goodProgram);
    const prototypes = [Object.prototype, Array.prototype] as unknown as Record<string, unknown>[];
    const outcome = simulate(function* () {
      for (const prototype of prototypes) prototype["planted"] = () => 5;
      return yield* goodProgram();
    });
    const next = simulate(goodProgram);
    const { failure } = explore(goodProgram, { runs: 20 });
    for (const prototype of prototypes) delete prototype["planted"];
    expect([outcome.digest, next.digest, failure]).toEqual([digest, digest, null]);
  });
});
