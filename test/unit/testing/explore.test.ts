import { describe, expect, test } from "vitest";
import {
  type Coroutine,
  createTask,
  DeadlockError,
  gather,
  getRunningLoop,
  Lock,
  Queue,
  TaskGroup,
  shield,
  sleep,
  timeout,
  waitFor,
} from "wasyncio";
import { type ExploreOptions, type Strategy, type StrategySpec, explore, simulate } from "wasyncio/testing";
import { TestedProgram } from "../../../src/testing/simulation/program.ts";
import { ExhaustiveStrategy } from "../../../src/testing/strategies/exhaustive.ts";
import { throwing } from "../../support/coroutines.ts";

/** A program of tasks with these numbers of steps; `trace` gets the tasks' names as they make steps. */
function stepping(trace: string[], ...counts: number[]): () => Coroutine<void> {
  function* worker(name: string, steps: number): Coroutine<void> {
    for (let step = 1; step < steps; step++) {
      trace.push(name);
      yield* sleep(0);
    }
    trace.push(name);
  }
  return function* () {
    trace.length = 0;
    yield* gather(counts.map((steps, index) => worker("abcdefgh"[index], steps)));
  };
}

/** Two withdrawals, each of which reads the balance, does something else, and writes it. */
function* lostUpdate(): Coroutine<void> {
  let balance = 100;
  function* withdraw(amount: number): Coroutine<void> {
    const before = balance; // reads
    yield* sleep(0);
    balance = before - amount; // writes
  }
  const first = createTask(withdraw(10), { name: "first" });
  for (let step = 0; step < 2; step++) yield* sleep(0);
  const second = createTask(withdraw(20), { name: "second" });
  yield* gather([first, second]);
  if (balance !== 70) throw new RangeError(`The balance is ${balance}`);
}

/** As above, under a lock. */
function* safeUpdate(): Coroutine<void> {
  const lock = new Lock();
  let balance = 100;
  function* withdraw(amount: number): Coroutine<void> {
    yield* lock.with(function* () {
      const before = balance;
      yield* sleep(0);
      balance = before - amount;
    });
  }
  yield* gather([withdraw(10), withdraw(20)]);
  if (balance !== 70) throw new RangeError(`The balance is ${balance}`);
}

const STRATEGIES: StrategySpec[] = [
  "random",
  "pct",
  "uniform",
  "delay",
  "exhaustive",
  "portfolio",
  { strategy: "pct", depth: 5 },
  { strategy: "delay", bound: 6 },
];

describe("explore", () => {
  test("tries asyncio's own order first", () => {
    let runs = 0;
    const trace: string[] = [];
    const program = stepping(trace, 2, 2);
    const { failure, failures, ...found } = explore(
      function* () {
        runs++;
        yield* program();
        throw new Error(trace.join(""));
      },
      { shrink: false },
    );
    expect(found).toEqual({
      runs: 1,
      complete: false,
      strategy: "portfolio",
      coverage: null,
      neverReordered: [],
    });
    expect(failures).toEqual([failure]);
    expect(failure).toMatchObject({ run: 1, switches: 0, beyondAsyncio: false, error: new Error("abab") });
    expect(runs).toBe(2); // the second one is for the log
  });

  test.each(STRATEGIES)("finds a lost update: %o", (strategy) => {
    const { failure } = explore(lostUpdate, { strategy, runs: 5000 });
    expect(failure).toMatchObject({ status: "error", beyondAsyncio: true });
    expect(failure?.error).toBeInstanceOf(RangeError);
  });

  test.each(STRATEGIES)("finds nothing where nothing is: %o", (strategy) => {
    expect(explore(safeUpdate, { strategy, runs: 2000 }).failure).toBeNull();
  });

  test("makes the same search for the same seed", () => {
    const searches = [1, 2, 1].map((seed) => explore(lostUpdate, { seed, shrink: false }).failure?.token);
    expect(searches[0]).toBe(searches[2]);
    expect(searches[0]).not.toBe(searches[1]);
  });

  test("finds deadlocks", () => {
    const { failure } = explore(function* () {
      const [left, right] = [new Lock(), new Lock()];
      function* take(first: Lock, second: Lock): Coroutine<void> {
        yield* first.with(function* () {
          yield* sleep(0);
          yield* second.with(() => sleep(0));
        });
      }
      const one = createTask(take(left, right));
      for (let step = 0; step < 5; step++) yield* sleep(0);
      yield* gather([one, createTask(take(right, left))]);
    });
    expect(failure).toMatchObject({ status: "deadlock" });
    expect(failure?.error).toBeInstanceOf(DeadlockError);
  });

  test("holds each value against the check", () => {
    const { failure } = explore(
      function* () {
        const queue = new Queue<number>();
        const put = function* (item: number): Coroutine<void> {
          yield* sleep(0);
          yield* queue.put(item);
        };
        yield* gather([put(1), put(2)]);
        return [yield* queue.get(), yield* queue.get()];
      },
      { check: (items) => expect(items).toEqual([1, 2]) },
    );
    expect(failure?.status).toBe("error");
    expect(String(failure?.error)).toContain("to deeply equal");
  });

  test("tells of its progress", () => {
    const told: number[] = [];
    explore(safeUpdate, { runs: 2500, onProgress: (runs) => told.push(runs) });
    expect(told).toEqual([1000, 2000, 2500]);
  });

  test("passes on that a program is not deterministic", () => {
    let runs = 0;
    const moody = (): Coroutine<void> => stepping([], ...Array<number>(++runs).fill(2))();
    expect(() => explore(moody, { strategy: "exhaustive" })).toThrow("deterministic");
    let failures = 0;
    const once = function* (): Coroutine<void> {
      yield* sleep(0);
      if (failures++ === 0) throw new Error("only once");
    };
    expect(() => explore(once)).toThrow("simulate it with verify");
  });

  test("tells of a program that is not deterministic also when it never fails", () => {
    let runs = 0;
    const moody = function* (): Coroutine<void> {
      if (runs++ % 2 === 0) yield* sleep(0);
    };
    expect(() => explore(moody)).toThrow("not deterministic: in asyncio's own order");
    runs = 0;
    const often = function* (): Coroutine<void> {
      if (runs++ > 150) yield* gather(...Array.from({ length: runs % 7 }, () => sleep(0)));
    };
    expect(() => explore(often)).toThrow("not deterministic");
  });

  describe("of two bugs of one class", () => {
    /** Both lose an update, and say so by the same error. */
    function* shop(): Coroutine<void> {
      const stock = { tea: 2, milk: 2 };
      function* sell(what: "tea" | "milk"): Coroutine<void> {
        const left = stock[what];
        yield* sleep(0);
        stock[what] = left - 1;
      }
      function* two(what: "tea" | "milk"): Coroutine<void> {
        const first = createTask(sell(what));
        yield* sleep(0);
        yield* sleep(0);
        yield* gather(first, sell(what));
      }
      yield* gather(two("tea"), two("milk"));
      if (stock.tea !== 0) throw new Error(`${stock.tea} left`); // the tea
      if (stock.milk !== 0) throw new Error(`${stock.milk} left`); // the milk
    }
    const placeOf = (error: unknown): string | undefined =>
      /explore\.test\.ts:\d+/.exec(String((error as Error).stack))?.[0];

    test("the one that was found is shrunk, and not the other one", () => {
      const places = new Set<string | undefined>();
      for (let seed = 0; seed < 40; seed++) {
        const found = explore(shop, { seed, shrink: false }).failure;
        const { failure } = explore(shop, { seed });
        expect(placeOf(failure?.error)).toBe(placeOf(found?.error));
        places.add(placeOf(failure?.error));
      }
      expect(places.size).toBe(2);
    });

    test("both are found when so many are looked for, each once", () => {
      const { failure, failures, runs } = explore(shop, { maxFailures: Infinity, runs: 300 });
      expect(runs).toBe(300);
      expect(failures[0]).toBe(failure);
      expect(new Set(failures.map(({ error }) => placeOf(error))).size).toBe(2);
      expect(failures.length).toBe(2);
      for (const { token, error } of failures)
        expect(placeOf(simulate(shop, { replay: token }).error)).toBe(placeOf(error));
      expect(explore(shop).failures).toHaveLength(1);
      expect(explore(safeUpdate).failures).toEqual([]);
    });

    test("others are looked for when asyncio's own order fails, too, and progress is told all the same", () => {
      const program = function* (): Coroutine<void> {
        const order: string[] = [];
        const note = function* (name: string): Coroutine<void> {
          yield* sleep(0);
          order.push(name);
        };
        yield* gather(["1", "2", "3"].map(note));
        if (order.join("") === "123") throw new TypeError("asyncio's");
        if (order[0] === "2") throw new RangeError("the second is first");
        if (order.join("") === "321") throw new SyntaxError("the other way round");
      };
      const told: number[] = [];
      const { failures } = explore(program, { maxFailures: 5, runs: 2500, onProgress: (runs) => told.push(runs) });
      expect(failures.map(({ error }) => (error as Error).name)).toEqual(
        expect.arrayContaining(["TypeError", "RangeError", "SyntaxError"]),
      );
      expect([failures.length, failures[0]?.run]).toEqual([3, 1]);
      expect(told).toEqual([1000, 2000, 2500]);
    });

    test("a number of them that is none is refused", () => {
      expect(() => explore(shop, { maxFailures: 0 })).toThrow(
        new RangeError("Invalid maxFailures: expected a whole number from 1, got 0"),
      );
    });
  });

  test("tells state that is kept from run to run from a race", () => {
    let balance = 0;
    const deposit = function* (): Coroutine<void> {
      yield* sleep(0);
      if (++balance > 3) throw new Error("too much");
    };
    expect(() => explore(deposit)).toThrow("It may keep state from run to run");
  });

  test("ends soon when a long run fails", () => {
    const { failure } = explore(
      function* () {
        createTask(sleep(0));
        for (;;) yield* sleep(0);
      },
      { maxSteps: 30_000 },
    );
    expect(failure).toMatchObject({ status: "livelock", race: null });
  });

  test("calls onProgress with the host's own clock", () => {
    const years = new Set<number>();
    explore(safeUpdate, { runs: 10, globals: "virtual", onProgress: () => years.add(new Date().getFullYear()) });
    expect([...years][0]).toBeGreaterThan(2020);
  });
});

describe("orders that asyncio allows", () => {
  /** An answer that takes 100 ms against a timeout of 101 ms: it fails only when the answer is late. */
  function* lateAnswer(): Coroutine<string> {
    let connection = "closed";
    const limit = timeout(0.101);
    try {
      return yield* limit.with(function* () {
        connection = "open";
        yield* sleep(0.1);
        yield* sleep(0);
        connection = "closed";
        return "answer";
      });
    } catch {
      if (connection === "open") throw new Error("The connection is left open");
      return "timeout";
    }
  }

  test("leave what is ready in order", () => {
    expect(explore(lostUpdate, { orders: "asyncio", runs: 500 }).failure).toBeNull();
    expect(explore(lateAnswer, { orders: "asyncio", window: 0, runs: 500 }).failure).toBeNull();
  });

  test("let timers and what is ready change places inside the window", () => {
    const { failure } = explore(lateAnswer, { orders: "asyncio", window: 0.01, runs: 500 });
    expect(failure).toMatchObject({ status: "error", switches: 1, beyondAsyncio: false });
    expect(failure?.explain()).not.toContain("first in, first out");
    expect(simulate(lateAnswer, { replay: failure?.token as string })).toMatchObject({ status: "error" });
  });
});

describe("the exhaustive search", () => {
  test.each([
    [[2, 2], 6],
    [[3, 3], 20],
    [[2, 2, 2], 90],
    [[1, 2, 3], 60],
    [[3, 3, 3], 1680],
    [[2, 2, 2, 2], 2520],
  ])("visits every interleaving of tasks with %j steps once", (counts, expected) => {
    const trace: string[] = [];
    const seen = new Set<string>();
    const { runs, complete, failure } = explore(stepping(trace, ...counts), {
      strategy: "exhaustive",
      check: () => void seen.add(trace.join("")),
    });
    expect({ runs, complete, failure }).toEqual({ runs: expected, complete: true, failure: null });
    // Asyncio's own order is looked at twice: before the search, and in it.
    expect(seen.size).toBe(expected);
  });

  test("visits the 756,756 interleavings of three tasks with five steps", () => {
    const trace: string[] = [];
    expect(explore(stepping(trace, 5, 5, 5), { strategy: "exhaustive" })).toEqual({
      runs: 756_756,
      coverage: null,
      complete: true,
      failures: [],
      strategy: "exhaustive",
      failure: null,
      neverReordered: [],
    });
  });

  test("begins no run in which wake-ups would go first that wake nobody", () => {
    let begun = 0;
    const counted = (program: () => Coroutine<unknown>) =>
      function* (): Coroutine<unknown> {
        begun++;
        return yield* program();
      };
    const { runs } = explore(counted(stepping([], 2, 2, 2)), { strategy: "exhaustive" });
    expect(runs).toBe(90);
    expect(begun).toBe(runs + 2); // asyncio's own order twice, before the search
  });

  test("has no more redundant runs in a row than a run has choices", () => {
    const program = function* (): Coroutine<void> {
      const [one, two, three] = [2, 2, 2].map((steps) => stepping([], steps)());
      yield* gather([shield(one), shield(two), three]);
    };
    const strategy = new ExhaustiveStrategy();
    let choices = 0;
    const counting: Strategy = {
      name: "counting",
      skipsRedundant: true,
      begin: () => true,
      choose(point) {
        choices++;
        return strategy.choose(point);
      },
    };
    let longest = 0;
    let inARow = 0;
    let most = 0;
    new TestedProgram(program, {}).running((run) => {
      while (strategy.begin()) {
        choices = 0;
        inARow = run({ strategy: counting }).isRedundant ? inARow + 1 : 0;
        most = Math.max(most, inARow);
        longest = Math.max(longest, choices);
      }
    });
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(longest);
  });

  test("lets wake-ups go first that tell of a failure", () => {
    const orders = new Set<string>();
    const program = function* (): Coroutine<void> {
      const order: string[] = [];
      function* work(name: string): Coroutine<void> {
        order.push(name);
        yield* sleep(0);
      }
      try {
        yield* gather([throwing(new RangeError("no")), work("a"), work("b")]);
      } catch {
        order.push("failed");
      }
      yield* sleep(0);
      yield* sleep(0);
      orders.add(order.join(" "));
    };
    expect(explore(program, { strategy: "exhaustive" }).complete).toBe(true);
    for (const place of ["failed a b", "a failed b", "a b failed", "failed b a", "b failed a", "b a failed"])
      expect(orders).toContain(place);
  });

  test("lets wake-ups go first that tell of the end of all", () => {
    const orders = new Set<string>();
    const program = function* (): Coroutine<void> {
      const order: string[] = [];
      function* work(): Coroutine<void> {
        order.push("other");
      }
      const other = createTask(work());
      yield* gather([sleep(0), sleep(0)]);
      order.push("main");
      yield* other;
      orders.add(order.join(" "));
    };
    expect(explore(program, { strategy: "exhaustive" }).complete).toBe(true);
    expect(orders).toEqual(new Set(["other main", "main other"]));
  });

  test("is complete when the last schedule was the last one wanted", () => {
    const search = (runs: number) => explore(stepping([], 2, 2), { strategy: "exhaustive", runs });
    expect([5, 6, 7].map((runs) => search(runs)).map(({ runs, complete }) => [runs, complete])).toEqual([
      [5, false],
      [6, true],
      [6, true],
    ]);
  });

  test("is not complete when there was more to choose from than is offered", () => {
    const among = (count: number) =>
      explore(
        function* () {
          const first = getRunningLoop().createFuture<number>();
          for (let index = 0; index < count; index++) {
            getRunningLoop().callSoon(() => first.done() || first.setResult(index));
          }
          return yield* first;
        },
        { strategy: "exhaustive", runs: 300 },
      );
    expect(among(3).complete).toBe(true);
    expect(among(300).complete).toBe(false);
  });

  test("ends when it was told to", () => {
    expect(explore(stepping([], 5, 5, 5), { strategy: "exhaustive", runs: 100 })).toMatchObject({
      runs: 100,
      complete: false,
    });
  });
});

describe("the hit rates on real programs", () => {
  /** How often `hit` holds for the order of the steps, in so many runs. */
  function hits(strategy: StrategySpec, runs: number, counts: number[], hit: (trace: string) => boolean): number {
    const trace: string[] = [];
    let count = -1; // asyncio's own order does not count
    explore(stepping(trace, ...counts), {
      strategy,
      runs: runs + 1,
      check: () => void (count = Math.max(count, 0) + (count >= 0 && hit(trace.join("")) ? 1 : 0)),
    });
    return count;
  }

  const isLast = (trace: string): boolean => trace.endsWith("b");

  test("uniform: one lone event behind 25 others in 3.85 % ± 0.5 of 20,000 runs", () => {
    const share = hits("uniform", 20_000, [25, 1], isLast) / 20_000;
    expect(Math.abs(share - 1 / 26)).toBeLessThan(0.005);
    expect(hits("random", 20_000, [25, 1], isLast)).toBeLessThan(5); // 2^-25 each
  });

  test("pct: at least 1 / (n k^(d-1)) at 99 % confidence", () => {
    // Depth 1: b comes last of 3 tasks. Depth 2: b's steps stand together inside a's. n tasks of k steps in all.
    const bugs: [depth: number, counts: number[], hit: (trace: string) => boolean][] = [
      [1, [4, 4, 4], (trace) => trace.endsWith("bbbb")],
      [2, [6, 2], (trace) => /^aa+bba+a$/.test(trace)],
      [3, [4, 4], (trace) => /^a+b+a+b+$/.test(trace) && !trace.startsWith("aaaa")],
    ];
    for (const [depth, counts, hit] of bugs) {
      const [runs, z] = [20_000, 2.326];
      const share = hits({ strategy: "pct", depth }, runs, counts, hit) / runs;
      const lowest = share - z * Math.sqrt((share * (1 - share)) / runs);
      const steps = counts.reduce((sum, count) => sum + count) + 2; // and the main task's
      expect(lowest).toBeGreaterThan(1 / ((counts.length + 1) * steps ** (depth - 1)));
    }
  });
});

test("pct lets those that wake-ups wake go first as often as others", () => {
  const seen = new Set<string>();
  explore(
    function* () {
      const order: string[] = [];
      createTask(
        (function* (): Coroutine<void> {
          yield* gather([sleep(0)]);
          order.push("B");
        })(),
      );
      for (let step = 0; step < 4; step++) {
        yield* sleep(0);
        order.push("m");
      }
      while (order.length < 5) yield* sleep(0);
      return order.join("");
    },
    { strategy: { strategy: "pct", depth: 1 }, runs: 2000, check: (order) => void seen.add(order) },
  );
  expect(seen).toContain("Bmmmm");
  expect(seen).toContain("mmmmB");
});

describe("a failure", () => {
  const { failure } = explore(lostUpdate, { strategy: "random", runs: 5000 });

  test("is shrunk to the fewest switches", () => {
    expect(failure?.switches).toBeLessThanOrEqual(3);
    expect(failure?.switchesFound).toBeGreaterThanOrEqual(failure?.switches as number);
    const raw = explore(lostUpdate, { strategy: "random", runs: 5000, shrink: false }).failure;
    expect(raw).toMatchObject({ switches: failure?.switchesFound, race: null, passingToken: null });
  });

  test("is one line that runs it again", () => {
    const token = failure?.token as string;
    expect(token.length).toBeLessThanOrEqual(120);
    expect(failure?.explain()).toContain(`replay: simulate(main, { replay: "${token}" })`);
    const again = simulate(lostUpdate, { replay: token });
    expect([again.status, again.digest, String(again.error)]).toEqual([
      "error",
      failure?.digest,
      String(failure?.error),
    ]);
  });

  test("names the two steps that race, with their tasks and places", () => {
    const { race } = failure ?? {};
    expect(new Set([race?.first.name, race?.second.name])).toEqual(new Set(["first", "second"]));
    const frames = [race?.first, race?.second].flatMap((step) => [...(step?.from ?? []), ...(step?.to ?? [])]);
    expect(frames.some(({ name, file }) => name === "withdraw" && file.includes("explore.test.ts"))).toBe(true);
    expect(failure?.explain()).toContain("The race: ");
    expect(simulate(lostUpdate, { replay: failure?.passingToken as string }).status).toBe("ok");
  });

  test("names the last two as well, when it could still be avoided behind the first, whatever else runs between them", () => {
    function* cleaning(): Coroutine<void> {
      const link = { expires: 1 };
      const ends: string[] = [];
      let now = 0;
      const work: Record<string, () => Coroutine<void>> = {
        *noise() {
          for (let step = 0; step < 4; step++) yield* sleep(0);
        },
        *renewal() {
          yield* sleep(0);
          yield* sleep(0);
          link.expires = 100;
          ends.push("renewed");
        },
        *sweeper() {
          yield* sleep(0);
          if (link.expires > now) return;
          yield* sleep(0);
          ends.push("deleted");
        },
        *clock() {
          for (let step = 0; step < 3; step++) yield* sleep(0);
          now = 2;
        },
      };
      yield* gather(Object.entries(work).map(([name, body]) => createTask(body(), { name })));
      if (ends.length === 2) throw new Error(ends.join());
    }
    const { failure } = explore(cleaning);
    expect([failure?.race?.first.name, failure?.race?.second.name]).toEqual(["clock", "sweeper"]);
    expect([failure?.lastRace?.first.name, failure?.lastRace?.second.name]).toEqual(["sweeper", "renewal"]);
  });

  test("names two steps that race in a crowd of a thousand tasks", () => {
    const { failure } = explore(
      function* () {
        let first = "";
        function* answer(name: string, seconds: number): Coroutine<void> {
          yield* sleep(seconds);
          first ||= name;
        }
        const tasks = [
          createTask(answer("quick", 0.5), { name: "quick" }),
          createTask(answer("slow", 0.6), { name: "slow" }),
        ];
        yield* gather([...tasks, ...Array.from({ length: 998 }, () => createTask(sleep(1)))]);
        if (first === "slow") throw new Error("The slow one was first");
      },
      { window: 0.2 },
    );
    expect(failure?.steps).toBeGreaterThan(4000);
    expect(failure?.race).toMatchObject({ first: { name: "slow" }, second: { name: "quick" } });
  });

  test("says when it takes options of the search to run it again", () => {
    const { failure } = explore(lostUpdate, { check: () => {}, maxSteps: 1000 });
    expect(failure?.explain()).toContain("replay: simulate(main, { ..., replay: ");
  });

  test("can be thrown", () => {
    const error = failure?.toError() as Error;
    expect(error.cause).toBe(failure?.error);
    expect(error.message).toContain("RangeError: The balance is");
    expect(error.message).toContain("replay: ");
  });

  test("has the log of the run", () => {
    expect(failure?.log.steps.some(({ choice }) => choice > 0)).toBe(true);
    expect(failure?.log.steps.length).toBeGreaterThan(5);
  });
});

describe("explore refuses", () => {
  test.each<[ExploreOptions<unknown> | null, string]>([
    [null, "Invalid options"],
    [{ runs: 0 }, "Invalid runs"],
    [{ runs: 1.5 }, "Invalid runs"],
    [{ strategy: "best" as never }, "Invalid strategy"],
    [{ strategy: { strategy: "pct", depth: 0 } }, "Invalid depth"],
    [{ check: 5 as never }, "Invalid check"],
    [{ onProgress: 5 as never }, "Invalid onProgress"],
    [{ seed: -1 }, "Invalid seed"],
  ])("%o", (options, message) => {
    expect(() => explore(safeUpdate, options as ExploreOptions<unknown>)).toThrow(message);
  });

  test("no function", () => {
    expect(() => explore(safeUpdate() as never)).toThrow("Invalid program");
  });
});

test("a program draws the same random numbers in each schedule", () => {
  const drawn = new Set<number>();
  explore(
    function* () {
      yield* stepping([], 2, 2)();
      return getRunningLoop().random().integer(1000);
    },
    { runs: 50, check: (value) => void drawn.add(value) },
  );
  expect(drawn.size).toBe(1);
});

test("the text of a failure tells the errors of a group, by their tasks, and what caused them", () => {
  function* fail(message: string): Coroutine<void> {
    throw new RangeError(message);
  }
  const { failure } = explore(() =>
    new TaskGroup().with(function* (group) {
      group.createTask(fail("first"));
      group.createTask(fail("second\nline"), { name: "named" });
      yield* waitFor(sleep(2), 1);
    }),
  );
  expect(String(failure).split("\n").slice(0, 4)).toEqual([
    "ExceptionGroup: unhandled errors in a TaskGroup",
    "  RangeError: first (in Task-2)",
    "  RangeError: second",
    "  line (in Task-3 'named')",
  ]);
  const { failure: late } = explore(() => timeout(1).with(() => gather(waitFor(sleep(2), 0.5))));
  expect(String(late)).toMatch(/^TimeoutError(?:: .*)? \(in Task-2\)\n {2}caused by CancelledError\nIt failed/);
});

test("an error whose causes go round in a circle, or that throws when it is looked at, is told all the same", () => {
  const circular = new RangeError("a", { cause: new TypeError("b") });
  (circular.cause as Error).cause = circular;
  const hostile = new RangeError("c");
  Object.defineProperty(hostile, "message", { get: () => throwing("message").next() });
  const textOf = (error: unknown): string => String(explore(() => throwing(error)).failure);
  expect(textOf(circular)).toMatch(/^RangeError: a\n {2}caused by TypeError: b\n {4}caused by RangeError\('a'\)\n/);
  expect(textOf(hostile)).toMatch(/^\[object Error\]\nIt failed/);
  const many = new AggregateError(
    Array.from({ length: 12 }, (_, index) => index),
    "many",
  );
  expect(textOf(many)).toMatch(/^AggregateError: many\n {2}0\n[^]* {2}9\n {2}and 2 more\n/);
});
