import { describe, expect, test } from "vitest";
import { LeakError, SweepFault, type SweepOptions, type SweepPoint, sweep } from "wasyncio/testing";
import {
  CancelledError,
  type Coroutine,
  createTask,
  currentTask,
  DeadlockError,
  Event,
  ExceptionGroup,
  Future,
  gather,
  getRunningLoop,
  Lock,
  RuntimeError,
  sleep,
  TaskGroup,
  TimeoutError,
} from "wasyncio";
import { RandomStream } from "../../../src/support/random.ts";
import { type Run, TestedProgram } from "../../../src/testing/simulation/program.ts";
import { Recorder } from "../../../src/testing/simulation/recorder.ts";
import type { RunOptions } from "../../../src/testing/simulation/policy.ts";
import { strategyOf } from "../../../src/testing/strategies/strategies.ts";
import { type Fault, MODES, applies, faultFor } from "../../../src/testing/sweep/modes.ts";
import { PointFinder } from "../../../src/testing/sweep/points.ts";

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

/** What a program saw, a line for each run. */
function linesOf(program: (note: (what: string) => void) => Coroutine<unknown>, options: SweepOptions<unknown> = {}) {
  const lines: string[] = [];
  let seen: string[] = [];
  const result = sweep(
    function* () {
      seen = [];
      return yield* program((what) => seen.push(what));
    },
    {
      noLeaks: false,
      maxFailures: Infinity,
      ...options,
      check({ status, error, time }, { mode, point, task }) {
        const end = status === "ok" ? "ok" : nameOf(error);
        lines.push(`${mode} ${point}${task === "" ? "" : ` ${task}`}: ${seen.join(", ")} -> ${end} at ${time} s`);
      },
    },
  );
  expect(result.failures.map(({ report }) => report)).toEqual([]);
  return { ...result, lines };
}

/** Waits in four ways; the last one is a clean-up. */
function* inFourPlaces(note: (what: string) => void): Coroutine<string> {
  const event = new Event();
  getRunningLoop().callLater(3, () => event.set());
  try {
    yield* sleep(1);
    note("slept");
    yield* sleep(0);
    note("gave way");
    yield* event.wait();
    note("woken");
    return "done";
  } catch (error) {
    note(nameOf(error));
    throw error;
  } finally {
    try {
      yield* sleep(1);
      note("cleaned");
    } catch (error) {
      note(`${nameOf(error)} while cleaning`);
      throw error; // oxlint-disable-line no-unsafe-finally
    }
  }
}

describe("the faults", () => {
  test("come at each place where a task waits", () => {
    const { lines, points, runs, complete } = linesOf(inFourPlaces);
    expect(lines).toEqual([
      "none -1: slept, gave way, woken, cleaned -> ok at 4 s",
      "cancel 0 Task-1: CancelledError, cleaned -> CancelledError at 1 s",
      "cancel 1 Task-1: slept, CancelledError, cleaned -> CancelledError at 2 s",
      "cancel 2 Task-1: slept, gave way, CancelledError, cleaned -> CancelledError at 2 s",
      "cancel 3 Task-1: slept, gave way, woken, CancelledError while cleaning -> CancelledError at 3 s",
      "cancelTwice 0 Task-1: CancelledError, CancelledError while cleaning -> CancelledError at 0 s",
      "cancelTwice 1 Task-1: slept, CancelledError, CancelledError while cleaning -> CancelledError at 1 s",
      "cancelTwice 2 Task-1: slept, gave way, CancelledError, CancelledError while cleaning -> CancelledError at 1 s",
      "cancelTwice 3 Task-1: slept, gave way, woken, CancelledError while cleaning -> CancelledError at 3 s",
      "timeout 0 Task-1: CancelledError, cleaned -> TimeoutError at 1 s",
      "timeout 1 Task-1: slept, CancelledError, cleaned -> TimeoutError at 2 s",
      "timeout 2 Task-1: slept, gave way, CancelledError, cleaned -> TimeoutError at 2 s",
      "timeout 3 Task-1: slept, gave way, woken, CancelledError while cleaning -> TimeoutError at 3 s",
      "throw 0 Task-1: SweepFault, cleaned -> SweepFault at 2 s",
      "throw 1 Task-1: slept, SweepFault, cleaned -> SweepFault at 2 s",
      "throw 2 Task-1: slept, gave way, SweepFault, cleaned -> SweepFault at 4 s",
      "throw 3 Task-1: slept, gave way, woken, SweepFault while cleaning -> SweepFault at 4 s",
      // As "cancel", but what it waits for has come: it is later.
      "cancelWithCompletion 0 Task-1: CancelledError, cleaned -> CancelledError at 2 s",
      "cancelWithCompletion 1 Task-1: slept, CancelledError, cleaned -> CancelledError at 2 s",
      "cancelWithCompletion 2 Task-1: slept, gave way, CancelledError, cleaned -> CancelledError at 4 s",
      "cancelWithCompletion 3 Task-1: slept, gave way, woken, CancelledError while cleaning -> CancelledError at 4 s",
    ]);
    expect({ points, runs, complete }).toEqual({ points: 4, runs: 20, complete: true });
  });

  test("come to each task, by its name, and also before it begins", () => {
    const program = function* (note: (what: string) => void) {
      const work = function* (name: string, seconds: number) {
        try {
          note(`${name} begins`);
          yield* sleep(seconds);
        } catch (error) {
          note(`${name} gets ${nameOf(error)}`);
          throw error;
        }
      };
      const tasks = ["a", "b"].map((name, index) => createTask(work(name, index + 1), { name }));
      yield* gather(tasks, { returnExceptions: true });
    };
    expect(linesOf(program, { cancel: true, throw: true }).lines).toEqual([
      "none -1: a begins, b begins -> ok at 2 s",
      "cancel 0 Task-1:  -> CancelledError at 0 s", // neither has begun
      "cancel 1 a: b begins -> ok at 2 s",
      "cancel 2 b: a begins -> ok at 1 s",
      "cancel 3 a: a begins, b begins, a gets CancelledError -> ok at 2 s",
      "cancel 4 b: a begins, b begins, b gets CancelledError -> ok at 1 s",
      "throw 0 Task-1: a begins, b begins -> SweepFault at 2 s",
      "throw 3 a: a begins, b begins, a gets SweepFault -> ok at 2 s",
      "throw 4 b: a begins, b begins, b gets SweepFault -> ok at 2 s",
    ]);
    expect(linesOf(program, { target: "main", cancel: true }).lines.map((line) => line.split(":")[0])).toEqual([
      "none -1",
      "cancel 0 Task-1",
    ]);
    const { lines, points } = linesOf(program, { target: (name) => name === "b", timeout: true });
    expect(lines).toEqual([
      "none -1: a begins, b begins -> ok at 2 s",
      "timeout 1 b: a begins, b begins, a gets CancelledError, b gets CancelledError -> TimeoutError at 0 s",
    ]);
    expect(points).toBe(2);
  });

  test("come to a task that was started eagerly where its first step ended", () => {
    const program = function* (note: (what: string) => void) {
      const work = function* () {
        note("begins");
        yield* sleep(1);
        note("goes on");
      };
      yield* sleep(0);
      const task = createTask(work(), { name: "eager", eagerStart: true });
      yield* gather([task], { returnExceptions: true });
    };
    const { lines } = linesOf(program, { target: (name) => name === "eager", throw: false, cancelTwice: false });
    expect(lines).toEqual([
      "none -1: begins, goes on -> ok at 1 s",
      "cancel 0 eager: begins -> ok at 0 s",
      "timeout 0 eager: begins -> TimeoutError at 0 s",
      "cancelWithCompletion 0 eager: begins -> ok at 1 s",
    ]);
  });

  test("come to one that has given way in its eager first step as to any that gives way", () => {
    const program = function* (note: (what: string) => void) {
      const work = function* () {
        yield* sleep(0);
        note("goes on");
      };
      const task = createTask(work(), { name: "eager", eagerStart: true });
      yield* gather([task], { returnExceptions: true });
    };
    const { lines } = linesOf(program, { target: (name) => name === "eager", throw: true });
    expect(lines).toEqual(["none -1: goes on -> ok at 0 s", "throw 0 eager:  -> ok at 0 s"]);
  });

  test("cancelTwice waits for the next wait of the task itself", () => {
    const program = function* (note: (what: string) => void) {
      const child = function* () {
        try {
          yield* sleep(5);
        } finally {
          yield* sleep(2);
          note("child cleaned");
        }
      };
      const task = createTask(child(), { name: "child" });
      yield* sleep(0);
      try {
        yield* gather(task);
      } finally {
        note("clean-up");
        yield* sleep(1);
        note("cleaned");
      }
    };
    const { lines } = linesOf(program, { target: "main", cancelTwice: true });
    expect(lines[2]).toBe("cancelTwice 1 Task-1: child cleaned, clean-up -> CancelledError at 2 s");
  });

  test("cancelWithCompletion leaves a future with its result", () => {
    let future: Future<string> | undefined;
    const program = function* () {
      future = getRunningLoop().createFuture<string>();
      getRunningLoop().callLater(1, () => future?.setResult("it"));
      yield* future;
    };
    const results: unknown[] = [];
    sweep(program, {
      cancel: true,
      cancelWithCompletion: true,
      noLeaks: false,
      check: (_, { mode }) => results.push(mode, future?.cancelled() === true ? "cancelled" : future?.result()),
    });
    expect(results).toEqual(["none", "it", "cancel", "cancelled", "cancelWithCompletion", "it"]);
  });

  test("throw counts the error of what was awaited as looked at", () => {
    const program = function* () {
      const failing = createTask(
        (function* () {
          yield* sleep(1);
          throw new RangeError("own");
        })(),
      );
      try {
        yield* failing;
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
    };
    expect(sweep(program, { throw: true, target: "main" }).failures).toEqual([]);
  });

  test("throw does not come where a cancellation does", () => {
    const program = function* () {
      const worker = createTask(sleep(10), { name: "worker" });
      yield* sleep(1);
      worker.cancel();
      yield* gather([worker], { returnExceptions: true });
    };
    const { runs } = sweep(program, { throw: true, target: (name) => name === "worker" });
    expect(runs).toBe(0);
  });

  test("throw does not come where what is awaited is cancelled", () => {
    const program = function* () {
      const work = function* () {
        yield* new Future<void>();
      };
      const worker = createTask(work(), { name: "worker" });
      yield* sleep(1);
      worker.cancel();
      yield* gather([worker], { returnExceptions: true });
    };
    const { runs } = sweep(program, { throw: true, target: (name) => name === "worker" });
    expect(runs).toBe(0);
  });

  test.each([
    ["that is cancelled", true],
    ["that is not", false],
  ])("throw does not come at the end of a task group %s, where nothing can fail", (_, isCancelled) => {
    const seen: string[] = [];
    const program = function* () {
      yield* new TaskGroup().with(function* (group) {
        const work = function* () {
          try {
            yield* sleep(2);
          } catch (error) {
            if (error instanceof SweepFault) seen.push("task");
            throw error;
          } finally {
            yield* sleep(1); // and the group waits for it
          }
        };
        group.createTask(work(), { name: "child" });
        try {
          yield* sleep(1);
        } catch (error) {
          if (error instanceof SweepFault) seen.push("block");
          throw error;
        }
        if (isCancelled) group.cancel();
      });
    };
    expect(sweep(program, { throw: true }).failures).toEqual([]);
    expect(seen).toEqual(isCancelled ? ["block"] : ["block", "task"]);
    expect(sweep(program).failures).toEqual([]);
  });

  test("throw what `fault` makes", () => {
    const seen: unknown[] = [];
    const program = function* () {
      try {
        yield* sleep(1);
      } catch (error) {
        seen.push(error);
        throw error;
      }
    };
    const fault = new RangeError("mine");
    expect(sweep(program, { throw: true, fault: () => fault }).failures).toEqual([]);
    expect(seen).toEqual([fault]);
    expect(() => sweep(program, { throw: true, fault: () => undefined })).toThrow(TypeError);
  });

  test("come to the same end at full speed and step by step, under any policy", () => {
    const program = function* () {
      const lock = new Lock();
      const work = function* (seconds: number) {
        try {
          yield* lock.with(() => sleep(seconds));
          yield* sleep(0);
        } finally {
          yield* sleep(1);
        }
      };
      yield* gather([work(1), work(0), work(2)], { returnExceptions: true });
    };
    const inOrder = new FaultyProgram(program, { window: 0.5 });
    for (const policy of ["fifo", "random", "pct", "delay"] as const) {
      inOrder.running((run) => {
        const under = (options: RunOptions): RunOptions => {
          const strategy = strategyOf(policy);
          strategy.begin(new RandomStream(7, "policy"));
          return policy === "fifo" ? options : { ...options, strategy };
        };
        const { note, points } = new PointFinder();
        inOrder.fault = null;
        run(under({ recorder: new Recorder(note) }));
        let runs = 0;
        for (const mode of MODES) {
          for (const point of points) {
            if (!applies(mode, point)) continue;
            const [fast, recorded] = [null, new Recorder()].map((recorder): Run<void> => {
              inOrder.fault = faultFor(mode, point, () => new SweepFault());
              return run(under({ intervention: inOrder.fault, recorder }));
            }) as [Run<void>, Run<void>];
            expect(fast.outcome()).toEqual(recorded.outcome());
            runs++;
          }
        }
        expect(runs).toBeGreaterThan(40);
      });
    }
  });
});

/** A program with a fault that a test sets. */
class FaultyProgram<T> extends TestedProgram<T> {
  fault: Fault | null = null;

  override coroutine(): Coroutine<T> {
    const coroutine = super.coroutine();
    return this.fault === null ? coroutine : this.fault.enclose(coroutine);
  }
}

/** Sweeps main's only wait; `react` is what the program makes of the fault. */
function failuresOf(react: (error: unknown) => unknown, options: SweepOptions<unknown> = {}): unknown[] {
  const program = function* () {
    try {
      yield* sleep(1);
    } catch (error) {
      const coroutine = react(error);
      if (typeof coroutine === "object" && coroutine !== null) yield* coroutine as Coroutine<void>;
    }
  };
  return sweep(program, { throw: true, ...options }).failures.map(({ error }) => error);
}

function raise(error: unknown): never {
  throw error;
}

describe("a run with a fault", () => {
  test("may end well, or with the fault: by itself, in a group, as a cause", () => {
    expect(failuresOf(() => {})).toEqual([]);
    expect(failuresOf(raise)).toEqual([]);
    expect(failuresOf((error) => raise(new ExceptionGroup("all", [error, new ExceptionGroup("in", [error])])))).toEqual(
      [],
    );
    expect(
      failuresOf((error) => raise(new RangeError("outer", { cause: new RangeError("inner", { cause: error }) }))),
    ).toEqual([]);
  });

  test("must not end with another error", () => {
    const other = new RangeError("other");
    const circle: Error = new Error("a", { cause: new Error("b") });
    (circle.cause as Error).cause = circle;
    expect(failuresOf(() => raise(other))).toEqual([other]);
    expect(failuresOf(() => raise(circle))).toEqual([circle]);
    expect(failuresOf((error) => raise(new ExceptionGroup("all", [error, other])))).toHaveLength(1);
    expect(failuresOf(() => raise("a text"))).toEqual(["a text"]);
    expect(failuresOf(() => raise(new SweepFault("not this one")))).toHaveLength(1);
    expect(failuresOf(() => raise(new TimeoutError()))).toHaveLength(1);
    expect(failuresOf(() => raise(new TimeoutError()), { cancel: true })).toHaveLength(2);
  });

  test("may end with errors that are allowed", () => {
    const allowed = (error: unknown): boolean => error instanceof RangeError;
    expect(failuresOf(() => raise(new RangeError("other")), { allowed })).toEqual([]);
    expect(failuresOf((error) => raise(new ExceptionGroup("all", [error, new RangeError()])), { allowed })).toEqual([]);
    expect(failuresOf(() => raise(new TypeError("other")), { allowed })).toHaveLength(1);
  });

  test("must end: no deadlock, no livelock, no endless waiting", () => {
    const [deadlock] = failuresOf(() => getRunningLoop().createFuture());
    expect(deadlock).toBeInstanceOf(DeadlockError);
    const spin = function* () {
      for (;;) yield* sleep(0);
    };
    expect(failuresOf(spin, { maxSteps: 50 })).toEqual([expect.any(RuntimeError)]);
    const stay = function* () {
      for (;;) yield* sleep(1000);
    };
    expect(failuresOf(stay)).toEqual([expect.any(TimeoutError)]);
    expect(failuresOf(stay, { throw: false, timeout: true })).toEqual([expect.any(TimeoutError)]);
  });

  test("must leave nothing behind, however it ends", () => {
    const leave = (error?: unknown): void => {
      createTask(sleep(5), { name: "left" });
      if (error !== undefined) throw error;
    };
    expect(failuresOf(() => leave())).toEqual([expect.any(LeakError)]);
    expect(failuresOf(leave)).toEqual([expect.any(LeakError)]);
    expect(String((failuresOf(leave)[0] as Error).message)).toContain("'left'");
    expect(failuresOf(leave, { noLeaks: false })).toEqual([]);
    expect(failuresOf(() => void getRunningLoop().callLater(5, () => {}))).toEqual([expect.any(LeakError)]);
    expect(failuresOf(() => new Lock().acquire())).toEqual([expect.any(LeakError)]);
  });

  test("must have no error that only the loop's exception handler gets", () => {
    const other = new RangeError("in a callback");
    const report = function* (error: unknown) {
      getRunningLoop().callSoon(() => raise(other));
      yield* sleep(0);
      throw error;
    };
    expect(failuresOf(report)).toEqual([other]);
    const allowed = (error: unknown): boolean => error === other;
    expect(failuresOf(report, { allowed })).toEqual([]);
  });

  test("must keep to what `check` asks, which is told where the fault was", () => {
    const broken = new Error("broken");
    const points: SweepPoint[] = [];
    const check: SweepOptions<unknown>["check"] = ({ status }, at) => {
      points.push(at);
      if (status === "error") throw broken;
    };
    expect(failuresOf(raise, { check })).toEqual([broken]);
    expect(points).toEqual([
      { mode: "none", point: -1, task: "" },
      { mode: "throw", point: 0, task: "Task-1" },
      { mode: "throw", point: 0, task: "Task-1" }, // for the report
    ]);
  });
});

describe("an undisturbed run that fails", () => {
  const failed = (program: () => Coroutine<unknown> | Future<unknown>, options?: SweepOptions<unknown>) => {
    const { points, runs, complete, failures } = sweep(program, options);
    expect({ points, runs, complete, failures: failures.length }).toEqual({
      points: 0,
      runs: 0,
      complete: false,
      failures: 1,
    });
    const [failure] = failures;
    expect(failure).toMatchObject({ mode: "none", point: -1, task: "", site: "" });
    expect(failure?.report).toContain("the program has to pass before it can be swept");
    return failure?.error;
  };

  test("is the only failure", () => {
    const own = new RangeError("own");
    const fails = function* () {
      throw own;
    };
    expect(failed(fails)).toBe(own);
    expect(failed(fails, { allowed: () => true })).toBe(own);
    expect(failed(() => getRunningLoop().createFuture())).toBeInstanceOf(DeadlockError);
    expect(
      failed(function* () {
        createTask(sleep(1));
        yield* sleep(0);
      }),
    ).toBeInstanceOf(LeakError);
    const broken = new Error("broken");
    expect(failed(() => sleep(1), { check: () => raise(broken) })).toBe(broken);
  });
});

describe("options", () => {
  const modesOf = (options: SweepOptions<unknown>): string[] => {
    const modes = new Set<string>();
    sweep(() => sleep(1), { ...options, check: (_, { mode }) => modes.add(mode) });
    modes.delete("none");
    return [...modes];
  };

  test("choose the modes: those that are true, else those that are not false", () => {
    expect(modesOf({})).toEqual(["cancel", "cancelTwice", "timeout", "throw", "cancelWithCompletion"]);
    expect(modesOf({ throw: true })).toEqual(["throw"]);
    expect(modesOf({ throw: true, cancel: true, timeout: false })).toEqual(["cancel", "throw"]);
    expect(modesOf({ throw: false, cancel: false })).toEqual(["cancelTwice", "timeout", "cancelWithCompletion"]);
  });

  test("end the sweep after so many failures", () => {
    const program = function* () {
      for (let i = 0; i < 20; i++) yield* sleep(0);
    };
    const check: SweepOptions<unknown>["check"] = ({ status }) => expect(status).toBe("ok");
    expect(sweep(program, { check })).toMatchObject({
      points: 20,
      runs: 10,
      complete: false,
      failures: { length: 10 },
    });
    expect(sweep(program, { check, maxFailures: 1 })).toMatchObject({
      runs: 1,
      complete: false,
      failures: { length: 1 },
    });
    const all = sweep(program, { check, cancel: true, maxFailures: 20 });
    expect(all).toMatchObject({ runs: 20, complete: true, failures: { length: 20 } });
    expect(sweep(program, { check, maxFailures: Infinity })).toMatchObject({ runs: 100, complete: true });
  });

  test("run one point alone", () => {
    const { lines, points, runs } = linesOf(inFourPlaces, { only: { mode: "throw", point: 2 } });
    expect(lines).toEqual([
      "none -1: slept, gave way, woken, cleaned -> ok at 4 s",
      "throw 2 Task-1: slept, gave way, SweepFault, cleaned -> SweepFault at 4 s",
    ]);
    expect({ points, runs }).toEqual({ points: 4, runs: 1 });
    expect(() => sweep(() => sleep(1), { only: { mode: "throw", point: 1 } })).toThrow(RangeError);
  });

  test("run the program under another policy", () => {
    const program = function* (note: (what: string) => void) {
      const work = function* (name: string) {
        note(name);
        yield* sleep(0);
        note(name);
      };
      yield* gather(work("a"), work("b"), work("c"));
    };
    const first = (options: SweepOptions<unknown>) =>
      linesOf(program, { ...options, cancel: true, target: "main" }).lines[0];
    expect(first({})).toBe("none -1: a, b, c, a, b, c -> ok at 0 s");
    const orders = new Set([1, 2, 3, 4, 5].map((seed) => first({ policy: "random", seed })));
    expect(orders.size).toBeGreaterThan(2);
    expect(first({ policy: "random", seed: 3 })).toBe(first({ policy: "random", seed: 3 }));
  });

  test("of simulations count here too", () => {
    const numbers = new Set<number>();
    sweep(
      function* () {
        numbers.add(getRunningLoop().random().integer(1_000_000));
        yield* sleep(1);
      },
      { seed: 3 },
    );
    expect(numbers.size).toBe(1);
    const { failures } = sweep(() => sleep(20), { maxTime: 10 });
    expect(failures).toMatchObject([{ mode: "none", error: expect.any(TimeoutError) }]);
  });
});

test("programs need not be generators", () => {
  expect(sweep(() => sleep(1))).toMatchObject({ points: 1, runs: 5, failures: [] });
});

test("points end with the main task: what is left then is cancelled anyway", () => {
  const program = function* () {
    createTask(sleep(0), { name: "late" });
    const other = createTask(sleep(5), { name: "left" });
    yield* sleep(0);
    other.cancel();
    yield* sleep(0);
  };
  const { lines } = linesOf(program, { throw: true });
  expect(lines.map((line) => line.split(":")[0])).toEqual([
    "none -1",
    "throw 0 Task-1",
    "throw 3 late",
    "throw 5 Task-1",
  ]);
});

test("a program that is not the same twice is refused before it is disturbed", () => {
  let runs = 0;
  const moody = function* (): Coroutine<void> {
    if (runs++ % 2 === 0) yield* sleep(0);
  };
  expect(() => sweep(moody)).toThrow("Cannot sweep: the program went another way");
  expect(runs).toBe(2);
});

test("a program that does other things in another run is refused", () => {
  let runs = 0;
  const changing = function* () {
    if (++runs > 1) return;
    yield* sleep(1);
    yield* sleep(1);
  };
  expect(() => sweep(changing, { cancel: true })).toThrow(/^Cannot sweep: .* simulate it with verify$/);

  runs = 0;
  const failsOnce = function* () {
    yield* sleep(1);
    if (++runs === 1) return;
    if (runs === 2) throw new RangeError("only now");
  };
  expect(() => sweep(failsOnce, { cancel: true })).not.toThrow();
  runs = 0;
  expect(() =>
    sweep(() => sleep(1), {
      cancel: true,
      check: () => {
        if (++runs === 2) throw new RangeError("only now");
      },
    }),
  ).toThrow(RuntimeError);

  runs = 0;
  const otherTasks = function* () {
    if (++runs === 1) createTask(sleep(2), { name: "extra" });
    yield* sleep(0);
    yield* sleep(3);
  };
  expect(() => sweep(otherTasks, { cancel: true, target: (name) => name === "extra" })).toThrow(RuntimeError);
});

describe("a failure", () => {
  const transfer = function* () {
    const lock = new Lock();
    const work = function* () {
      yield* lock.acquire();
      yield* sleep(1);
      lock.release();
    };
    yield* new TaskGroup().with(function* (group) {
      for (const name of ["first", "second"]) group.createTask(work(), { name });
    });
  };

  test("tells what was done to whom, where, and what followed", () => {
    const { failures } = sweep(transfer, { cancel: true, target: (name) => name === "first" });
    expect(failures).toHaveLength(1);
    const [failure] = failures;
    expect(failure).toMatchObject({ mode: "cancel", point: 1, task: "first", error: expect.any(DeadlockError) });
    expect(failure?.site).toMatch(/^sweep\.test\.ts:\d+$/);
    const lines = failure?.report.split("\n") ?? [];
    expect(lines[0]).toBe("cancel at point 1: first is cancelled where it waits");
    expect(lines[1]).toMatch(/^ {4}at work \(.*sweep\.test\.ts:\d+:\d+\)$/);
    expect(lines[1]).toContain(failure?.site);
    expect(lines[2]).toMatch(/^DeadlockError: /);
    expect(failure?.report).toContain("'second'");
    expect(lines).toContain("steps after the fault:");
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}0 s {2}first gets an error, and is cancelled$/));
    expect(lines.at(-1)).toBe('again: sweep(main, { ..., only: { mode: "cancel", point: 1 } })');
    expect(String(failure)).toBe(failure?.report);
    const error = failure?.toError();
    expect(error).toMatchObject({ message: failure?.report, cause: failure?.error });
  });

  test("is found again by what its report ends with", () => {
    const { failures } = sweep(transfer, { only: { mode: "cancel", point: 3 } });
    expect(failures).toMatchObject([{ mode: "cancel", point: 3, task: "first" }]);
  });

  test("tells where a task was made that has not begun, and of errors in groups and causes", () => {
    const program = function* () {
      const child = createTask(sleep(1), { name: "child" });
      try {
        yield* child;
      } catch (error) {
        throw error instanceof CancelledError
          ? new ExceptionGroup("all", [error, new RangeError("outer", { cause: new TypeError("inner") })])
          : error;
      }
    };
    const { failures } = sweep(program, { cancel: true, target: (name) => name === "child" });
    expect(failures[0]?.report.split("\n").slice(0, 6)).toEqual([
      "cancel at point 0: child is cancelled before it begins",
      expect.stringMatching(/^ {4}at program \(.*sweep\.test\.ts:\d+:\d+\)$/),
      "ExceptionGroup: all",
      "  CancelledError",
      "  RangeError: outer",
      "    caused by TypeError: inner",
    ]);
  });

  test("tells of each kind of fault", () => {
    const program = function* () {
      yield* sleep(1);
    };
    const check: SweepOptions<unknown>["check"] = ({ status }) => expect(status).toBe("ok");
    const { failures } = sweep(program, { check });
    // No frame of the sweep's own.
    for (const { report } of failures) expect(report.match(/^ {4}at /gm)).toHaveLength(1);
    expect(failures.map(({ report }) => report.split("\n")[0])).toEqual([
      "cancel at point 0: Task-1 is cancelled where it waits",
      "cancelTwice at point 0: Task-1 is cancelled where it waits, and once more where it waits next",
      "timeout at point 0: a timeout around the program expires while Task-1 waits",
      "throw at point 0: Task-1 gets an error where it waits",
      "cancelWithCompletion at point 0: Task-1 is cancelled when what it waits for has come",
    ]);
  });
});

test("a timeout leaves the counts of the task as they were", () => {
  let counts: unknown[] = [];
  const program = function* () {
    counts = [];
    const task = currentTask();
    try {
      yield* sleep(1);
    } catch (error) {
      counts.push(task?.cancelling());
      throw error;
    } finally {
      task?.addDoneCallback(() => counts.push(task.cancelling()));
    }
  };
  sweep(program, { timeout: true });
  expect(counts).toEqual([1, 0]);
});

describe("bad input is refused at the call", () => {
  const program = (): Coroutine<void> => sleep(1);

  test.each([
    ["program", () => sweep(5 as never), TypeError],
    ["options", () => sweep(program, null as never), TypeError],
    ["options", () => sweep(program, 5 as never), TypeError],
    ["cancel", () => sweep(program, { cancel: 1 as never }), TypeError],
    ["timeout", () => sweep(program, { timeout: null as never }), TypeError],
    ["cancelTwice", () => sweep(program, { cancelTwice: "yes" as never }), TypeError],
    ["check", () => sweep(program, { check: true as never }), TypeError],
    ["allowed", () => sweep(program, { allowed: RangeError.prototype as never }), TypeError],
    ["fault", () => sweep(program, { fault: new Error("x") as never }), TypeError],
    ["noLeaks", () => sweep(program, { noLeaks: 0 as never }), TypeError],
    ["target", () => sweep(program, { target: "worker" as never }), TypeError],
    ["target", () => sweep(program, { target: null as never }), TypeError],
    ["strategy", () => sweep(program, { policy: 5 as never }), TypeError],
    ["strategy", () => sweep(program, { policy: "chaos" as never }), RangeError],
    ["maxFailures", () => sweep(program, { maxFailures: 0 }), RangeError],
    ["maxFailures", () => sweep(program, { maxFailures: NaN }), RangeError],
    ["maxFailures", () => sweep(program, { maxFailures: 1.5 }), RangeError],
    ["only", () => sweep(program, { only: null as never }), TypeError],
    ["only", () => sweep(program, { only: { mode: "none" as never, point: 0 } }), RangeError],
    ["only", () => sweep(program, { only: { mode: "cancel", point: -1 } }), RangeError],
    ["only", () => sweep(program, { only: { mode: "cancel", point: 0.5 } }), RangeError],
    ["seed", () => sweep(program, { seed: -1 }), RangeError],
    ["maxSteps", () => sweep(program, { maxSteps: 0 }), RangeError],
  ])("%s: %s", (what, call, type) => {
    expect(call).toThrow(type);
    expect(call).toThrow(new RegExp(`^Invalid ${what}: `));
  });

  test("modes that are all false", () => {
    const none = Object.fromEntries(MODES.map((mode) => [mode, false]));
    expect(() => sweep(program, none)).toThrow(/^Invalid modes: all of them are false$/);
  });
});
