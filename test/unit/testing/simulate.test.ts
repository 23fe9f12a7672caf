import { describe, expect, test } from "vitest";
import {
  type Coroutine,
  createTask,
  DeadlockError,
  Event,
  gather,
  getRunningLoop,
  run,
  sleep,
  timeout,
} from "wasyncio";
import { LeakError, type SimulateOptions, TokenError, VirtualEventLoop, runSync, simulate } from "wasyncio/testing";
import { describeError } from "../../support/outcomes.ts";

/** The order in which three tasks make three steps each. */
function* threeByThree(): Coroutine<string> {
  const order: string[] = [];
  function* worker(name: string): Coroutine<void> {
    for (let step = 1; step <= 3; step++) {
      order.push(`${name}${step}`);
      yield* sleep(0);
    }
  }
  yield* gather([worker("a"), worker("b"), worker("c")]);
  return order.join(" ");
}

describe("simulate", () => {
  test("runs a program in virtual time, inside the call", () => {
    const began = performance.now();
    const result = simulate(function* () {
      yield* sleep(3600);
      return getRunningLoop().time();
    });
    expect(performance.now() - began).toBeLessThan(60_000); // not an hour
    expect(result).toMatchObject({ status: "ok", value: 3600, time: 3600, leaks: [], reports: [] });
    expect(result).not.toHaveProperty("error");
  });

  test("makes the production run: the same order, and the same digest as a virtual loop", () => {
    const loop = new VirtualEventLoop();
    const value = loop.runUntilCompleteSync(threeByThree());
    const result = simulate(threeByThree, { debug: false });
    expect(result).toMatchObject({ status: "ok", value, digest: loop.digest() });
    loop.close();
    expect(simulate(threeByThree).digest).toBe(result.digest); // debug mode changes nothing
  });

  test("gives what the program failed with", () => {
    const error = new TypeError("no");
    const result = simulate(function* () {
      yield* sleep(1);
      throw error;
    });
    expect(result).toMatchObject({ status: "error", error, time: 1 });
    expect(result).not.toHaveProperty("value");
    expect(
      simulate(() => {
        throw error;
      }),
    ).toMatchObject({ status: "error", error });
  });

  test("gives an error that nobody could catch", () => {
    const error = new Error("in a callback");
    const result = simulate(function* () {
      getRunningLoop().callSoon(() => {
        throw error;
      });
      yield* sleep(1);
    });
    expect(result).toMatchObject({ status: "error", error });
    expect(result.reports).toEqual([expect.stringContaining("Exception in callback")]);
  });

  test("gives the error of a task that nobody has looked at", () => {
    const error = new Error("nobody awaits this");
    const result = simulate(function* () {
      createTask(
        (function* (): Coroutine<void> {
          throw error;
        })(),
      );
      yield* sleep(1);
    });
    expect(result).toMatchObject({ status: "error", error });
    expect(result.reports).toEqual([expect.stringContaining("exception was never retrieved")]);
  });

  test("takes any function that gives something to be awaited", () => {
    expect(simulate(() => sleep(5, "slept"))).toMatchObject({ status: "ok", value: "slept", time: 5 });
    expect(simulate(() => gather([sleep(1, "a"), sleep(2, "b")]))).toMatchObject({ status: "ok", value: ["a", "b"] });
    expect(simulate(() => getRunningLoop().createTask(sleep(1, "a")))).toMatchObject({ status: "ok", value: "a" });
  });

  test("ends a program in which nothing can ever run again", () => {
    const result = simulate(function* () {
      yield* sleep(2);
      yield* new Event().wait();
    });
    expect(result).toMatchObject({ status: "deadlock", time: 2 });
    expect(result.error).toBeInstanceOf(DeadlockError);
  });

  test("ends a program that makes steps and lets no time pass", () => {
    const result = simulate(
      function* () {
        yield* sleep(3);
        for (;;) yield* sleep(0);
      },
      { maxSteps: 1000 },
    );
    expect(result).toMatchObject({ status: "livelock", time: 3 });
    expect((result.error as Error).message).toContain("stays at 3 s");
  });

  test("a program that polls until a time has come gets there by a sleep that takes time, and by sleep(0) never", () => {
    const poll = (delay: number) =>
      function* (): Coroutine<number> {
        let isDue = false;
        getRunningLoop().callLater(1, () => {
          isDue = true;
        });
        while (!isDue) yield* sleep(delay);
        return getRunningLoop().time();
      };
    const stuck = simulate(poll(0));
    expect(stuck).toMatchObject({ status: "livelock", time: 0, steps: 100_000 });
    expect(describeError(stuck.error)).toBe(
      "RuntimeError('The program has made 100000 steps, its maxSteps, and the time stays at 0 s')",
    );
    expect(simulate(poll(0.25))).toMatchObject({ status: "ok", value: 1 });
    expect(runSync(poll(0.25))).toBe(1);
  });

  test.each([true, false])("counts the same steps to a livelock with and without a log (debug: %s)", (debug) => {
    function* spin(): Coroutine<void> {
      for (;;) yield* sleep(0);
    }
    const counts = [10, 11, 500].map((maxSteps) => simulate(spin, { maxSteps, debug }).steps);
    expect(counts).toEqual([10, 11, 500]);
  });

  test("ends a program at its maxTime", () => {
    let rounds = 0;
    const result = simulate(
      function* () {
        for (;;) {
          yield* sleep(10);
          rounds++;
        }
      },
      { maxTime: 95 },
    );
    expect(result).toMatchObject({ status: "timeout", time: 90 });
    expect(rounds).toBe(9);
  });

  test("tells what is left at the end, cancels it, and lets it clean up", () => {
    const cleaned: string[] = [];
    const result = simulate(function* () {
      createTask(
        (function* (): Coroutine<void> {
          try {
            yield* sleep(100);
          } finally {
            yield* sleep(1);
            cleaned.push("task");
          }
        })(),
        { name: "left" },
      );
      yield* sleep(1);
    });
    expect(result).toMatchObject({ status: "ok", time: 1 });
    expect(result.leaks).toEqual([
      expect.objectContaining({ kind: "task", description: expect.stringContaining("left") }),
    ]);
    expect(cleaned).toEqual(["task"]);
  });

  test("makes what is left an error on request", () => {
    function* leave(): Coroutine<void> {
      createTask(sleep(100), { name: "left" });
      yield* sleep(1);
    }
    const result = simulate(leave, { noLeaks: true });
    expect(result.status).toBe("error");
    expect(result.error).toBeInstanceOf(LeakError);
    expect((result.error as Error).message).toContain("left");
  });

  test("ends although what is left does not let itself be cancelled", () => {
    const result = simulate(
      function* () {
        createTask(
          (function* (): Coroutine<void> {
            for (;;) {
              try {
                yield* sleep(0);
              } catch {}
            }
          })(),
        );
        yield* sleep(0);
        return "done";
      },
      { maxSteps: 1000 },
    );
    expect(result).toMatchObject({ status: "ok", value: "done" });
  });

  test("names tasks from Task-1 on, whatever ran before", () => {
    for (let round = 0; round < 2; round++) {
      const { log } = simulate(threeByThree);
      expect(log.actors.filter(({ kind }) => kind === "task").map(({ name }) => name)).toEqual([
        "Task-1",
        "Task-2",
        "Task-3",
        "Task-4",
      ]);
    }
  });

  test("gives each run a scheduler that is as new", () => {
    const digests = Array.from({ length: 20 }, () => {
      simulate(
        function* () {
          for (let index = 0; index < 100; index++) createTask(sleep(index));
          yield* new Event().wait();
        },
        { maxTime: 50 },
      );
      return simulate(threeByThree).digest;
    });
    expect(new Set(digests).size).toBe(1);
  });

  test("tells what is left of a program that it is over", () => {
    let task: { cancel(): boolean } | undefined;
    simulate(function* () {
      task = createTask(new Event().wait());
      yield* new Event().wait();
    });
    expect(() => task?.cancel()).toThrow("Event loop is closed");
  });

  test("does not run inside the turn of another loop", async () => {
    await expect(
      run(function* () {
        yield* sleep(0);
        simulate(threeByThree);
      }),
    ).rejects.toThrow("Cannot simulate inside a running event loop");
  });

  test("leaves time limits of the program to the program", () => {
    const result = simulate(function* () {
      const limit = timeout(5);
      yield* limit.with(() => sleep(10));
    });
    expect(result).toMatchObject({ status: "error", time: 5 });
  });
});

describe("a policy", () => {
  test("chooses another order, the same one for the same seed", () => {
    const orders = [1, 2, 3, 4, 5, 1].map((seed) => simulate(threeByThree, { policy: "random", seed }).value);
    expect(new Set(orders).size).toBeGreaterThan(3);
    expect(orders[5]).toBe(orders[0]);
  });

  test("may be a strategy of the program's own", () => {
    const last = { name: "last", begin: () => true, choose: ({ count }: { count: number }) => count - 1 };
    expect(simulate(threeByThree, { policy: last }).value).toBe("c1 c2 c3 b1 b2 b3 a1 a2 a3");
  });

  test("that chooses what there is not is refused", () => {
    const wrong = { name: "wrong", begin: () => true, choose: () => 99 };
    expect(() => simulate(threeByThree, { policy: wrong })).toThrow(
      "Invalid choice: expected a whole number below 3, got 99",
    );
    expect(simulate(threeByThree).status).toBe("ok"); // and nothing is left of it
  });
});

describe("a window", () => {
  /** What comes first: the answer, which takes 0.1 s and then some steps, or the timeout. */
  function* race(): Coroutine<string> {
    const limit = timeout(0.101);
    try {
      return yield* limit.with(function* () {
        yield* sleep(0.1);
        for (let step = 0; step < 3; step++) yield* sleep(0);
        return "answer";
      });
    } catch {
      return "timeout";
    }
  }

  test.each(["any", "asyncio"] as const)("lets a timer come before what was ready (orders: %s)", (orders) => {
    const seen = new Set<unknown>();
    for (let seed = 0; seed < 40; seed++) {
      seen.add(simulate(race, { policy: "random", seed, orders, window: 0.01 }).value);
      expect(simulate(race, { policy: "random", seed, orders }).value).toBe("answer");
    }
    expect(seen).toEqual(new Set(["answer", "timeout"]));
  });

  test("moves the time to the timer's deadline, never back", () => {
    for (let seed = 0; seed < 100; seed++) {
      const times: number[] = [];
      const { status } = simulate(
        function* () {
          function* sleeper(delay: number): Coroutine<void> {
            const began = getRunningLoop().time();
            yield* sleep(delay);
            times.push(getRunningLoop().time() - began - delay);
          }
          yield* gather(Array.from({ length: 10 }, (_, index) => sleeper(index / 100)));
        },
        { policy: "random", seed, window: 0.03 },
      );
      expect(status).toBe("ok");
      expect(Math.min(...times)).toBeGreaterThanOrEqual(-1e-9); // never early
      expect(Math.max(...times)).toBeLessThanOrEqual(0.03 + 1e-9); // nor later than the window
    }
  });
});

describe("a replay", () => {
  test("is the same run, bit by bit", () => {
    for (let seed = 0; seed < 50; seed++) {
      const { token, digest, value, log } = simulate(threeByThree, { policy: "random", seed, window: 0.5 });
      const again = simulate(threeByThree, { replay: token });
      expect([again.digest, again.value, again.token]).toEqual([digest, value, token]);
      expect(again.log.steps.map(({ actor, choice }) => [actor, choice])).toEqual(
        log.steps.map(({ actor, choice }) => [actor, choice]),
      );
    }
  });

  test("of another program is refused", () => {
    const { token } = simulate(threeByThree, { policy: "random", seed: 1 });
    expect(() => simulate(() => sleep(1), { replay: token })).toThrow(TokenError);
    expect(() => simulate(() => sleep(1), { replay: token })).toThrow("another version of the program");
  });

  test("draws the same random numbers", () => {
    function* draw(): Coroutine<number[]> {
      yield* sleep(0);
      const random = getRunningLoop().random("dice");
      return [random.integer(6), random.integer(6), random.float()];
    }
    const { token, value } = simulate(draw, { seed: 77 });
    expect(simulate(draw, { replay: token }).value).toEqual(value);
    expect(simulate(draw, { seed: 78 }).value).not.toEqual(value);
  });
});

describe("the log", () => {
  test("tells who ran, how that ended, and who was woken", () => {
    const { log } = simulate(function* () {
      const ready = new Event();
      const task = createTask(ready.wait(), { name: "waiter" });
      yield* sleep(1);
      ready.set();
      yield* task;
    });
    const names = log.actors.map(({ name }) => name);
    const tasks = log.steps
      .filter(({ actor }) => log.actors[actor]?.kind === "task")
      .map(({ actor, time, end, woke }) => [names[actor], time, end, woke.map((id) => names[id])]);
    expect(tasks).toEqual([
      ["Task-1", 0, "sleep", ["waiter"]],
      ["waiter", 0, "wait", []],
      ["Task-1", 1, "wait", ["waiter"]],
      ["waiter", 1, "return", ["Task-1"]],
      ["Task-1", 1, "return", [expect.any(String)]],
    ]);
    expect(log.steps.map(({ index }) => index)).toEqual(log.steps.map((_, index) => index));
    expect(log.time).toBe(1);
    expect(JSON.parse(JSON.stringify(log))).toEqual(log);
  });

  test("tells who made a callback of gather ready, also where it is not called because others are left", () => {
    const { log } = simulate(function* () {
      yield* gather([createTask(sleep(1), { name: "short" }), createTask(sleep(2), { name: "long" })]);
    });
    const names = log.actors.map(({ name }) => name);
    const steps = log.steps.map(({ actor, time, woke }) => [names[actor], time, woke.map((id) => names[id])]);
    expect(steps.slice(0, -1)).toEqual([
      ["Task-1", 0, ["short", "long"]],
      ["short", 0, []],
      ["long", 0, []],
      ["short", 1, ["onDone"]],
      ["long", 2, ["onDone"]],
      ["onDone", 2, ["Task-1"]],
      ["Task-1", 2, ["endOfProgram"]],
    ]);
    expect(log.actors.find(({ name }) => name === "onDone")).toMatchObject({ kind: "callback", number: -1, madeIn: 3 });
  });

  test("tells of a callback of gather that is called for a child that failed, in its place", () => {
    const { log } = simulate(function* () {
      function* fail(): Coroutine<void> {
        yield* sleep(1);
        throw new Error("x");
      }
      const children = [createTask(sleep(2)), createTask(fail(), { name: "fails" })];
      children[1].addDoneCallback(function own() {});
      try {
        yield* gather(children);
      } catch {
        yield* sleep(2);
      }
    });
    const names = log.actors.map(({ name }) => name);
    const calls = log.steps.filter(({ begin }) => begin === "call").map(({ actor, time }) => [names[actor], time]);
    expect(calls.slice(0, -1)).toEqual([
      ["own", 1],
      ["onDone", 1],
      ["onDone", 2],
    ]);
  });

  test("tells where tasks are made and wait, in debug mode", () => {
    function* innermost(): Coroutine<void> {
      yield* sleep(1);
    }
    const { log } = simulate(function* outermost() {
      createTask(innermost());
      yield* innermost();
    });
    expect(log.steps[0]?.stack.map(({ name }) => name)).toEqual(["innermost", "outermost"]);
    expect(log.steps[0]?.stack[0]?.file).toContain("simulate.test.ts");
    // the main task is made nowhere
    expect(log.actors.map(({ origin }) => origin.length)).toEqual([0, 1, expect.any(Number)]);
    expect(log.actors[1]?.origin[0]).toContain("simulate.test.ts");
    const bare = simulate(innermost, { debug: false }).log;
    expect([bare.steps[0]?.stack, bare.actors[1]?.origin]).toEqual([[], []]);
  });
});

describe("simulate refuses", () => {
  test.each<[string, unknown, string]>([
    ["no function", threeByThree(), "Invalid program"],
    ["nothing", undefined, "Invalid program"],
  ])("%s", (_, program, message) => {
    expect(() => simulate(program as never)).toThrow(message);
  });

  test.each<[SimulateOptions | null, string]>([
    [null, "Invalid options"],
    [{ seed: -1 }, "Invalid seed"],
    [{ seed: 0.5 }, "Invalid seed"],
    [{ seed: "1" as never }, "Invalid seed"],
    [{ window: -1 }, "Invalid window"],
    [{ window: Infinity }, "Invalid window"],
    [{ window: NaN }, "Invalid window"],
    [{ maxTime: -1 }, "Invalid maxTime"],
    [{ maxTime: NaN }, "Invalid maxTime"],
    [{ maxSteps: 0 }, "Invalid maxSteps"],
    [{ maxSteps: 1.5 }, "Invalid maxSteps"],
    [{ orders: "fifo" as never }, "Invalid orders"],
    [{ policy: "best" as never }, "Invalid strategy"],
    [{ replay: "token" }, "is no token"],
    [{ globals: "some" as never }, "Invalid globals"],
  ])("%o", (options, message) => {
    expect(() => simulate(threeByThree, options as SimulateOptions)).toThrow(message);
  });
});
