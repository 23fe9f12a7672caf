// Programs as tests: what the function for the runner does, without a runner.

import assert from "node:assert";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Coroutine, createTask, DeadlockError, ExceptionGroup, gather, Lock, sleep, TaskGroup } from "wasyncio";
import { LeakError, TokenError, explore, simulate, simulated } from "wasyncio/testing";

/** What a test rejects with. */
const failureOf = (run: () => Promise<void>): Promise<Error> =>
  run().then(
    () => assert.fail("it passed"),
    (error: Error) => error,
  );

/** A program that fails when both read before one writes, which asyncio's own order does not do. */
function* lostUpdate(): Coroutine<number> {
  let balance = 100;
  function* withdraw(amount: number, pauses: number): Coroutine<void> {
    for (let pause = 0; pause < pauses; pause++) yield* sleep(0);
    const before = balance;
    yield* sleep(0);
    balance = before - amount;
  }
  yield* gather([withdraw(10, 0), withdraw(20, 3)]);
  assert.equal(balance, 70);
  return balance;
}

function* fails(error: unknown): Coroutine<void> {
  yield* sleep(1);
  throw error;
}

const REPLAY = /\nreplay: simulate\(main, \{ replay: "(w1[\w-]+)" \}\)$/;
const tokenIn = (error: Error): string => REPLAY.exec(error.message)?.[1] ?? assert.fail(error.message);

afterEach(() => vi.unstubAllEnvs());

describe("a simulated test", () => {
  test("is a function without parameters that passes with nothing", async () => {
    const run = simulated(() => sleep(3600, "value"));
    expect(run).toHaveLength(0);
    expect(await run()).toBeUndefined();
  });

  test("has done all when it returns", () => {
    let done = false;
    void simulated(function* () {
      yield* sleep(60);
      done = true;
    })();
    expect(done).toBe(true);
  });

  test("throws TypeError at once for what is no program, or no options", () => {
    expect(() => simulated(sleep(1) as never)).toThrow(
      new TypeError("Invalid program: expected a function, got <coroutine sleep>"),
    );
    expect(() => simulated(lostUpdate, 5 as never)).toThrow(
      new TypeError("Invalid options: expected an object, got 5"),
    );
  });

  test("fails with the program's own error, with the token behind its message", async () => {
    const error = new RangeError("too much");
    const failure = await failureOf(simulated(() => fails(error)));
    expect(failure).toBe(error);
    expect(failure.message).toMatch(/^too much\n\nIt failed \(error\) at 1 s, after \d steps\.\nreplay: /);
    expect(simulate(() => fails(new RangeError("too much")), { replay: tokenIn(failure) }).status).toBe("error");
  });

  test("keeps what a runner shows of an assertion", async () => {
    const failure = await failureOf(
      simulated(function* () {
        yield* sleep(1);
        assert.deepEqual([1, 2], [1, 3]);
      }),
    );
    expect(failure).toBeInstanceOf(assert.AssertionError);
    expect(failure).toMatchObject({ actual: [1, 2], expected: [1, 3], operator: "deepEqual" });
  });

  test("has the text in the stack too, and below it the program's frames only", async () => {
    const { message, stack = "" } = await failureOf(simulated(() => fails(new Error("wrong\nin two lines"))));
    expect(stack.startsWith(`Error: ${message}\n    at `)).toBe(true);
    const failing = await failureOf(
      simulated(function* main() {
        yield* (function* inner() {
          yield* sleep(1);
          throw new Error("");
        })();
      }),
    );
    const lines = (failing.stack as string).split("\n");
    expect(lines[0]).toMatch(/^Error: It failed \(error\) at 1 s/);
    const frames = lines.filter((line) => line.startsWith("    at "));
    expect(frames.join("\n")).toMatch(/inner .*simulated\.test\.ts:\d+:\d+.*main .*simulated\.test\.ts/s);
    expect(frames.filter((line) => !line.includes("simulated.test.ts") && !line.includes("<anonymous>"))).toEqual([]);
  });

  test("gives an error that is thrown again and again one text", async () => {
    const error = new Error("always");
    const run = simulated(() => fails(error));
    await failureOf(run);
    const { message, stack } = await failureOf(run);
    expect(message.split("It failed")).toHaveLength(2);
    expect(stack?.split("It failed")).toHaveLength(2);
  });

  test.each([
    ["a text", "no error", "Error: Thrown: 'no error'"],
    ["undefined", undefined, "Error: Thrown: undefined"],
    ["a frozen error", Object.freeze(new RangeError("frozen")), "Error: RangeError: frozen"],
    ["a DOMException", new DOMException("aborted", "AbortError"), "Error: AbortError: aborted"],
  ])("fails with an error about %s, which is its cause", async (_, thrown, text) => {
    const failure = await failureOf(simulated(() => fails(thrown)));
    expect(String(failure)).toMatch(REPLAY);
    expect(String(failure).split("\n")[0]).toBe(text);
    expect(failure.cause).toBe(thrown);
  });

  test("says it in a group and in its last member, of which some runners show one, some the other", async () => {
    const last = new RangeError("inner");
    const failure = await failureOf(
      simulated(() =>
        new TaskGroup().with(function* (group) {
          group.createTask(fails(new Error("first")));
          group.createTask(fails(new ExceptionGroup("nested", [last])));
          yield* sleep(5);
        }),
      ),
    );
    expect(failure).toBeInstanceOf(ExceptionGroup);
    expect(failure.message).toMatch(REPLAY);
    expect(last.message).toMatch(/^inner\n\nIt failed/);
    expect(tokenIn(last)).toBe(tokenIn(failure));
  });

  test("fails with what the simulation has to say, without frames of the library", async () => {
    function* deadlock(): Coroutine<void> {
      const lock = new Lock();
      yield* lock.acquire();
      yield* lock.acquire();
    }
    const failure = await failureOf(simulated(deadlock));
    expect(failure).toBeInstanceOf(DeadlockError);
    expect(failure.message).toMatch(/simulated\.test\.ts:\d+[^]*It failed \(deadlock\) at 0 s/); // as debug mode knows
    expect(failure.stack).toBe(`DeadlockError: ${failure.message}`);

    const leak = await failureOf(
      simulated(
        function* () {
          createTask(sleep(9));
          yield* sleep(1);
        },
        { noLeaks: true },
      ),
    );
    expect(leak).toBeInstanceOf(LeakError);
    expect(leak.stack).toBe(`LeakError: ${leak.message}`);
  });

  test("does not debug long failures, which would take minutes", async () => {
    const failure = await failureOf(
      simulated(
        function* () {
          for (;;) yield* sleep(0);
        },
        { maxSteps: 6000 },
      ),
    );
    expect(failure.message).toMatch(/It failed \(livelock\) at 0 s, after 6000 steps/);
  });

  test("fails when `check` refuses the value", async () => {
    const check = (value: number): void => assert.equal(value, 1);
    const failure = await failureOf(simulated(() => sleep(1, 2), { check }));
    expect(failure).toMatchObject({ actual: 2, expected: 1 });
    expect(failure.message).toMatch(/It failed \(error\) at 1 s[^]*replay/);
    await simulated(() => sleep(1, 1), { check })();
  });
});

describe("an explored test", () => {
  test("fails in the order in which the program does", async () => {
    await simulated(lostUpdate)();
    for (const options of [{ runs: 300 }, { strategy: "random" as const }, { runs: 300, seed: 5, window: 0.1 }]) {
      const failure = await failureOf(simulated(lostUpdate, options));
      expect(failure).toMatchObject({ actual: 80, expected: 70 });
      expect(failure.message).toMatch(
        /It failed \(error\) in run \d+ \([^)]+\), .* away from asyncio's own order\.\n(It is .* deferred .*\n)?The race/,
      );
      expect(simulate(lostUpdate, { replay: tokenIn(failure) }).status).toBe("error");
    }
  });

  test("passes when no order fails", async () => {
    let runs = 0;
    const run = simulated(
      function* () {
        runs++;
        yield* gather([sleep(0), sleep(0)]);
      },
      { runs: 50 },
    );
    await run();
    expect(runs).toBeGreaterThanOrEqual(50);
  });
});

describe("a repeated test", () => {
  const token = explore(lostUpdate, { runs: 300 }).failure?.token as string;

  test("runs the token's run, and nothing else", async () => {
    for (const options of [{ replay: token }, { replay: token, runs: 1000 }]) {
      const failure = await failureOf(simulated(lostUpdate, options));
      expect(failure.message).toMatch(/It failed \(error\) at 0 s/);
      expect(tokenIn(failure)).toBe(token);
    }
  });

  test("takes the token from WASYNCIO_REPLAY, before that of its options", async () => {
    vi.stubEnv("WASYNCIO_REPLAY", token);
    expect(tokenIn(await failureOf(simulated(lostUpdate)))).toBe(token);
    expect(tokenIn(await failureOf(simulated(lostUpdate, { replay: "w1other" })))).toBe(token);
    vi.stubEnv("WASYNCIO_REPLAY", "");
    await simulated(lostUpdate)();
  });

  test("refuses a token of another program, and what is none", async () => {
    expect(await failureOf(simulated(() => sleep(1), { replay: token }))).toBeInstanceOf(TokenError);
    expect(await failureOf(simulated(lostUpdate, { replay: "token" }))).toBeInstanceOf(TokenError);
  });

  test.each<[object, string]>([
    [{ runs: 10, verify: true }, "verify does not go with a program that is explored"],
    [{ strategy: "pct", policy: "random" }, "policy does not go with a program that is explored"],
    [{ shrink: false }, "shrink does not go with a program that is simulated once"],
    [{ runz: 10 }, "there is no 'runz'"],
  ])("refuses options that would be left out: %o", async (options, message) => {
    const test = (): Promise<void> => simulated(() => sleep(1), options)();
    await expect(Promise.resolve().then(test)).rejects.toThrow(message);
  });
});
