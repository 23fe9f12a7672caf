// `simulate` with `verify`: a program is run twice, and when it does not do the same, the error says what, where and
// who.

import { describe, expect, test, vi } from "vitest";
import { NondeterminismError, type SimulateOptions, TokenError, simulate } from "wasyncio/testing";
import { type Coroutine, Event, Lock, RuntimeError, createTask, gather, getRunningLoop, sleep } from "wasyncio";

/** The error of a program that does not do the same twice. */
function caught(program: () => Coroutine<unknown>, options: SimulateOptions = {}): NondeterminismError {
  try {
    simulate(program, { verify: true, ...options });
  } catch (error) {
    if (error instanceof NondeterminismError) return error;
    throw error;
  }
  throw new Error("It was not caught");
}

/** A program that is told which of its runs it is, from 1. */
function numbered(body: (run: number) => Coroutine<unknown>): {
  readonly main: () => Coroutine<unknown>;
  runs: number;
} {
  const program = {
    runs: 0,
    main: () => body(++program.runs),
  };
  return program;
}

/** Lines of the text with the line numbers and the columns left out. */
function linesOf({ message }: Error): string[] {
  return message
    .replaceAll(import.meta.filename, "FILE")
    .replaceAll(/:\d+:\d+\)/g, ")")
    .split("\n");
}

function* idle(): Coroutine<void> {
  yield* sleep(0);
}

describe("a program that does the same twice", () => {
  function* main(): Coroutine<string[]> {
    const order: string[] = [];
    function* worker(name: string): Coroutine<void> {
      for (let step = 0; step < 3; step++) {
        order.push(name + step);
        yield* sleep(0.1 * (step % 2));
      }
    }
    yield* gather([worker("a"), worker("b"), worker("c")]);
    return order;
  }

  test.each([true, false])("is run twice, and the result is the second run's (debug: %s)", (debug) => {
    const program = numbered(function* (run) {
      yield* main();
      return run;
    });
    expect(simulate(program.main, { verify: true, debug })).toMatchObject({ status: "ok", value: 2 });
    expect(program.runs).toBe(2);
  });

  test("gives what a simulation gives without it", () => {
    const { log, ...outcome } = simulate(main);
    const { log: verified, ...same } = simulate(main, { verify: true });
    expect(same).toEqual(outcome);
    expect(verified.steps).toEqual(log.steps);
  });

  test.each(["fifo", "random", "pct", "uniform", "delay", "exhaustive", "portfolio"] as const)(
    "does so under the policy %s, and its token runs it again",
    (policy) => {
      for (let seed = 0; seed < 10; seed++) {
        const alone = simulate(main, { policy, seed, debug: false });
        const { token, digest, value } = simulate(main, { policy, seed, verify: true, debug: false });
        expect([digest, token]).toEqual([alone.digest, alone.token]);
        expect(simulate(main, { replay: token, verify: true, debug: false }).value).toEqual(value);
      }
    },
  );

  test("does so also when what chooses does not choose the same twice", () => {
    const choose = vi.fn(({ count }: { count: number }) => Math.floor(Math.random() * count));
    const policy = { name: "dice", begin: () => true, choose };
    for (let count = 0; count < 20; count++) {
      expect(simulate(main, { policy, verify: true, debug: false }).status).toBe("ok");
    }
    expect(choose.mock.calls.length).toBeGreaterThan(20);
  });

  test("may return other values, and fail with other messages", () => {
    const values = numbered(function* (run) {
      yield* idle();
      return { run };
    });
    expect(simulate(values.main, { verify: true }).value).toEqual({ run: 2 });
    const errors = numbered(function* (run) {
      yield* idle();
      throw new RangeError(run % 2 === 0 ? "even" : "odd");
    });
    expect(simulate(errors.main, { verify: true }).error).toEqual(new RangeError("even"));
  });

  test.each([
    ["error", { maxSteps: 50 }, () => fail()],
    ["deadlock", { maxSteps: 50 }, () => new Event().wait()],
    ["livelock", { maxSteps: 50 }, () => forever(0)],
    ["timeout", { maxTime: 50 }, () => forever(1)],
  ] as const)("may end in any way: %s", (status, options, program) => {
    expect(simulate(program as () => Coroutine<unknown>, { ...options, verify: true, debug: false }).status).toBe(
      status,
    );
  });

  function* fail(): Coroutine<never> {
    throw new Error("x");
  }

  function* forever(seconds: number): Coroutine<never> {
    for (;;) yield* sleep(seconds);
  }
});

describe("the error", () => {
  test("tells of a task that sleeps for another time, with both deadlines and both places", () => {
    const { main } = numbered(function* (run) {
      function* poll(): Coroutine<void> {
        yield* sleep(1);
        yield* sleep(run);
      }
      function* poller(): Coroutine<void> {
        yield* poll();
      }
      yield* gather([idle(), createTask(poller(), { name: "poller" })]);
    });
    const error = caught(main);
    expect(error).toBeInstanceOf(RuntimeError);
    expect(error.name).toBe("NondeterminismError");
    expect(linesOf(error).slice(0, 13)).toEqual([
      "The program does not do the same twice: step 4 is the first that differs.",
      "  Run 1, at 1 s: Task-2 'poller' goes on from",
      "      poll (FILE)",
      "      poller (FILE)",
      "    and sleeps until 2 s at",
      "      poll (FILE)",
      "      poller (FILE)",
      "  Run 2, at 1 s: Task-2 'poller' goes on from",
      "      poll (FILE)",
      "      poller (FILE)",
      "    and sleeps until 3 s at",
      "      poll (FILE)",
      "      poller (FILE)",
    ]);
    const { first, second, step } = error;
    expect(step).toBe(4);
    expect([first?.step.index, second?.step.index]).toEqual([4, 4]);
    expect([first?.step.waitsFor, second?.step.waitsFor]).toEqual(["until 2 s", "until 3 s"]);
    expect(first?.from[0]?.line).toBe((first?.step.stack[0]?.line as number) - 1);
    expect(JSON.parse(JSON.stringify({ first, second }))).toEqual({ first, second });
  });

  test("tells of tasks that are woken in another order", () => {
    const { main } = numbered(function* (run) {
      const events = [new Event(), new Event()];
      const tasks = events.map((event, index) => createTask(event.wait(), { name: `waiter ${index}` }));
      function* waker(): Coroutine<void> {
        yield* sleep(1);
        if (run === 1) events.reverse();
        for (const event of events) event.set();
      }
      yield* gather([...tasks, createTask(waker(), { name: "waker" })]);
    });
    const lines = linesOf(caught(main));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}Run 1, at 1 s: Task-4 'waker' goes on from$/));
    const woken = lines.filter((line) => line.includes("making ready: "));
    expect(woken).toEqual([
      expect.stringMatching(/ready: Task-3 'waiter 1', Task-2 'waiter 0'/),
      expect.stringMatching(/ready: Task-2 'waiter 0', Task-3 'waiter 1'/),
    ]);
    expect(lines.filter((line) => line === "    and returns")).toHaveLength(2);
  });

  test("tells of a task that takes another way, though it waits as long", () => {
    const { main } = numbered(function* (run) {
      yield* sleep(0);
      if (run === 1) yield* sleep(1);
      else yield* sleep(1);
      if (run === 1) yield* sleep(1);
    });
    const { step, first, second } = caught(main);
    expect(step).toBe(1);
    expect(first?.step.stack[0]?.line).toBe((second?.step.stack[0]?.line as number) - 1);
  });

  test("tells of a timer that is called at another time, and where it was made", () => {
    const { main } = numbered(function* (run) {
      getRunningLoop().callLater(run, function ring() {});
      yield* sleep(5);
    });
    const error = caught(main);
    expect([error.first?.actor.kind, error.second?.actor.kind]).toEqual(["timer", "timer"]);
    const lines = linesOf(error);
    expect(lines).toContain("  Run 1, at 1 s: timer 'ring' is called, made at");
    expect(lines).toContain("  Run 2, at 2 s: timer 'ring' is called, made at");
    expect(lines).toContainEqual(expect.stringMatching(/^What runs here was decided before/));
  });

  test("tells of different tasks in the two runs", () => {
    const { main } = numbered(function* (run) {
      getRunningLoop().callAt(run === 1 ? 1 : 3, () => {});
      yield* gather([createTask(sleep(2), { name: "other" })]);
    });
    const { first, second, message } = caught(main);
    expect([first?.actor.kind, second?.actor.name]).toEqual(["timer", "other"]);
    expect(message).toContain("Task-2 'other' goes on");
  });

  test("tells of a run that had ended", () => {
    const { main } = numbered(function* (run) {
      const done = new Event();
      if (run > 1) getRunningLoop().callLater(1, () => done.set());
      yield* done.wait();
    });
    const error = caught(main);
    expect([error.first, error.second?.actor.kind]).toEqual([null, "timer"]);
    expect(linesOf(error)).toContain("  Run 1 had ended at 0 s: deadlock.");
  });

  test("tells of runs whose steps are the same, and that end in another way", () => {
    const { main } = numbered(function* (run) {
      const lock = new Lock();
      yield* lock.acquire();
      if (run > 1) lock.release();
    });
    const error = caught(main, { noLeaks: true });
    expect([error.first, error.second]).toEqual([null, null]);
    expect(linesOf(error).slice(0, 3)).toEqual([
      `The program does not do the same twice: all ${error.step} steps are the same, and the ends differ.`,
      "  Run 1 had ended at 0 s: error.",
      "  Run 2 had ended at 0 s: ok.",
    ]);
  });

  test("tells of a difference that no step shows", () => {
    const { main } = numbered(function* (run) {
      yield* sleep(1);
      for (let count = 0; count < run; count++)
        getRunningLoop()
          .callSoon(() => {})
          .cancel();
      yield* new Event().wait();
    });
    const error = caught(main);
    expect(error.message).toContain("deadlock");
    expect(error.step).toBe(2);
  });

  test("tells of a difference that only the digest sees, in the step behind it", () => {
    const { main } = numbered(function* (run) {
      yield* sleep(1);
      for (let count = 0; count < run; count++)
        getRunningLoop()
          .callSoon(() => {})
          .cancel();
      for (let count = 0; count < 5; count++) yield* sleep(0);
    });
    const { step, first, second } = caught(main);
    expect([step, first?.actor.name, second?.actor.name]).toEqual([2, "Task-1", "Task-1"]);
  });

  test("is not led astray by names and objects that are others in each run", () => {
    const { main } = numbered(function* (run) {
      const task = createTask(sleep(1), { name: crypto.randomUUID() });
      const named = getRunningLoop().createFuture<void>();
      named.toString = () => `<future ${crypto.randomUUID()}>`;
      getRunningLoop().callLater(2, () => named.setResult());
      yield* task;
      yield* named;
      yield* sleep(run);
    });
    const { first, second } = caught(main);
    expect([first, second].map((differing) => differing?.step.waitsFor)).toEqual(["until 3 s", "until 4 s"]);
  });
});

describe("further runs", () => {
  const deciding = (seconds: (run: number) => number) =>
    numbered(function* (run) {
      yield* sleep(seconds(run));
    });

  test.each([
    ["the second", (run: number) => (run === 1 ? 1 : 2), /A third run did what the second did\. .*is kept/],
    ["the first", (run: number) => run % 2, /A third run did what the first did again, .*is kept/],
  ])("tell of something that is kept: the third is as %s", (_, seconds, text) => {
    const program = deciding(seconds);
    expect(caught(program.main).message).toMatch(text);
    expect(program.runs).toBe(3);
  });

  test("say nothing of that when all differ", () => {
    const program = deciding((run) => run);
    expect(caught(program.main).message).not.toContain("third");
    expect(program.runs).toBe(3);
  });

  test("outside debug mode are in debug mode, to know the places", () => {
    const program = deciding((run) => run);
    const error = caught(program.main, { debug: false });
    expect(program.runs).toBe(4);
    expect(linesOf(error)).toContainEqual(expect.stringMatching(/^ {2}Run 3, at 0 s: Task-1 goes on$/));
    expect(linesOf(error)).toContain("    and sleeps until 3 s at");
    expect(error.first?.step.stack[0]?.file).toBe(import.meta.filename);
  });

  test("outside debug mode may be the same: then the places are not known", () => {
    const program = deciding((run) => (run === 1 ? 1 : 2));
    const error = caught(program.main, { debug: false });
    expect(program.runs).toBe(4);
    expect(linesOf(error)).toContain("  Run 1, at 0 s: Task-1 goes on");
    expect(linesOf(error)).toContain("    and sleeps until 1 s");
    expect(error.message).toContain("The places are not known");
  });
});

describe("with a token", () => {
  /** That many workers, which give way three times. */
  function* race(workers: number): Coroutine<void> {
    function* worker(): Coroutine<void> {
      for (let step = 0; step < 3; step++) yield* sleep(0);
    }
    yield* gather(Array.from({ length: workers }, worker));
  }
  const { token } = simulate(() => race(4), { policy: "random", seed: 3 });

  test("the same program passes", () => {
    expect(simulate(() => race(4), { replay: token, verify: true }).token).toBe(token);
  });

  test.each([
    [2, /it ended after \d of \d+ decisions/],
    [5, /\d could run where \d could/],
  ])("another program that does the same twice is refused as another one: %s workers", (workers, text) => {
    const replay = (verify: boolean): unknown => simulate(() => race(workers), { replay: token, verify });
    for (const verify of [false, true]) {
      expect(() => replay(verify)).toThrow(TokenError);
      expect(() => replay(verify)).toThrow(text);
    }
  });

  test("a program that does not do the same twice is told of as that, also when its first run is refused", () => {
    for (const workers of [2, 4, 5]) {
      const { main } = numbered((run) => race(run === 1 ? workers : 4 + run));
      expect(caught(main, { replay: token }).first).not.toBeNull();
    }
  });
});

test("virtual clocks begin anew in each run, and the host's are back after an error", () => {
  const before = [setTimeout, Date, performance.now];
  const main = function* (): Coroutine<number> {
    yield* sleep(1);
    return Date.now() + performance.now();
  };
  const { value } = simulate(main, { globals: "virtual", verify: true });
  expect(value).toBe(simulate(main, { globals: "virtual" }).value);
  const { main: random } = numbered(function* (run) {
    yield* sleep(run);
  });
  caught(random, { globals: "virtual" });
  expect([setTimeout, Date, performance.now]).toEqual(before);
});
