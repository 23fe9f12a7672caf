// Timers that come late: which ones a search lets by itself, and which it never does.

import { describe, expect, test } from "vitest";
import {
  type Coroutine,
  Event,
  TimeoutError,
  asCompleted,
  createTask,
  gather,
  getRunningLoop,
  sleep,
  timeout,
  wait,
  waitFor,
} from "wasyncio";
import { type Program, explore, simulate, simulated } from "wasyncio/testing";
import { RandomStream } from "../../../src/support/random.ts";
import { TokenReader } from "../../../src/trace/token.ts";

/** Two fakes with latencies as they are written in tests: the second answer comes first when the first is late. */
function* twoAnswers(): Coroutine<void> {
  const came: string[] = [];
  function* answer(name: string, seconds: number) {
    yield* sleep(seconds);
    came.push(name);
  }
  const slow = createTask(answer("slow", 0.25), { name: "slow" });
  yield* gather(createTask(answer("quick", 0.2), { name: "quick" }), slow);
  if (came[0] === "slow") throw new Error("The slow one was first");
}

/** Fails when what `ends` says lasts longer than a limit. */
function within(limit: number, body: () => Coroutine<unknown>): Program<unknown> {
  return () => timeout(limit).with(body);
}

/** Fails unless what takes longer than a limit is ended by it. */
function* endsAt(limited: Coroutine<unknown>): Coroutine<void> {
  try {
    yield* limited;
  } catch (error) {
    if (error instanceof TimeoutError) return;
    throw error;
  }
  throw new Error("It was not ended");
}

/** Somebody who works every few milliseconds beside a program. */
function* besideTicks(body: () => Coroutine<unknown>): Coroutine<void> {
  const ticker = createTask(
    (function* () {
      for (;;) yield* sleep(0.007);
    })(),
    { name: "ticker" },
  );
  yield* body();
  ticker.cancel();
}

describe("without a window a search finds", () => {
  test.each(["any", "asyncio"] as const)(
    "what a latency of 0.25 s before one of 0.2 s does, in orders %s",
    (orders) => {
      const { failure, neverReordered } = explore(twoAnswers, { orders });
      expect(failure).toMatchObject({ status: "error", switches: 1 });
      expect(failure?.race).toMatchObject({ first: { name: "slow" }, second: { name: "quick" } });
      expect(neverReordered).toEqual([]);
      const { token = "", passingToken = "" } = failure ?? {};
      expect(simulate(twoAnswers, { replay: token })).toMatchObject({ status: "error", digest: failure?.digest });
      expect(simulate(twoAnswers, { replay: passingToken ?? "" }).status).toBe("ok");
    },
  );

  test("it under as little lateness as is enough", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { failure } = explore(twoAnswers, { seed, orders: "asyncio" });
      expect(new TokenReader(failure?.token ?? "").latePercent).toBe(30); // a quarter is missing
    }
  });

  test("what needs nothing to be late under no lateness", () => {
    function* lostUpdate() {
      let sum = 0;
      function* add() {
        const before = sum;
        yield* sleep(0.001);
        sum = before + 1;
      }
      yield* gather(add(), add());
      if (sum !== 2) throw new Error("lost");
    }
    for (let seed = 0; seed < 20; seed++) {
      const { failure } = explore(() => lostUpdate(), { seed });
      expect(failure?.switches).toBeLessThanOrEqual(1);
      expect(new TokenReader(failure?.token ?? "")).toMatchObject({ latePercent: 0, window: 0 });
    }
  });

  test("what is left of a timeout when the delays before it add up", () => {
    const steps = within(1, function* () {
      for (let step = 0; step < 3; step++) yield* sleep(0.3);
    });
    expect(explore(steps).failure).toMatchObject({ error: expect.any(TimeoutError) as TimeoutError });
  });

  test("short delays that are late by some milliseconds", () => {
    expect(explore(within(0.008, () => sleep(0.001))).failure?.error).toBeInstanceOf(TimeoutError);
    expect(explore(within(0.011, () => sleep(0.001))).failure).toBeNull();
  });

  test("the same whenever it has the same seed", () => {
    const [one, other] = [explore(twoAnswers, { seed: 7 }), explore(twoAnswers, { seed: 7 })];
    expect(other.runs).toBe(one.runs);
    expect(other.failure?.token).toBe(one.failure?.token);
  });

  test("delays of callLater that are late", () => {
    function* fake() {
      const loop = getRunningLoop();
      const answer = loop.createFuture<string>();
      loop.callLater(0.2, () => answer.setResult("answer"));
      yield* waitFor(answer, 0.25);
    }
    expect(explore(fake).failure).toMatchObject({ error: expect.any(TimeoutError) as TimeoutError });
  });
});

test("without a window a search tries all orders in which each delay is late by less than nine tenths, and no others", () => {
  const random = new RandomStream(0, "delays");
  let possible = 0;
  let missed = 0;
  for (let program = 0; program < 20; program++) {
    const delays = Array.from({ length: 2 + random.integer(2) }, () =>
      Array.from({ length: 1 + random.integer(3) }, () => random.choice([0.02, 0.05, 0.1, 0.15, 0.3])),
    );
    const dues = delays.flatMap((each, task) =>
      each.map((_, index) => ({
        task,
        name: `${task}.${index}`,
        due: each.slice(0, index + 1).reduce((sum, delay) => sum + delay, 0),
      })),
    );
    const mayPass = dues.flatMap((one) =>
      dues
        .filter((other) => one.task !== other.task && one.due < 1.9 * other.due)
        .map(({ name }) => `${one.name} < ${name}`),
    );
    const seen = new Set<string>();
    explore(
      function* () {
        const came: string[] = [];
        function* sleeper(task: number) {
          for (const [index, delay] of delays[task].entries()) {
            yield* sleep(delay);
            for (const earlier of came) if (!earlier.startsWith(`${task}.`)) seen.add(`${earlier} < ${task}.${index}`);
            came.push(`${task}.${index}`);
          }
        }
        yield* gather(delays.map((_, task) => sleeper(task)));
      },
      { runs: 2000, seed: program },
    );
    expect([...seen].filter((order) => !mayPass.includes(order))).toEqual([]);
    possible += mayPass.length;
    missed += mayPass.filter((order) => !seen.has(order)).length;
  }
  expect(possible).toBeGreaterThan(200);
  expect(missed).toBeLessThan(0.02 * possible);
});

describe("without a window a search never lets", () => {
  const QUIET: Readonly<Record<string, Program<unknown>>> = {
    "an answer after 0.1 s miss a timeout of 5 s": within(5, () => sleep(0.1)),
    "an answer after 10 ms miss a timeout of 30 s": within(30, () => sleep(0.01)),
    "a delay miss a deadline that is twice as far away": within(0.2, () => sleep(0.1)),
    "many delays together miss one that is twice as far away": () =>
      besideTicks(
        within(2, function* () {
          for (let step = 0; step < 50; step++) yield* sleep(0.02);
        }) as () => Coroutine<unknown>,
      ),
    "what is ready miss a timeout that was made just now": () =>
      gather(
        sleep(0.3),
        (function* () {
          yield* sleep(0.2);
          yield* timeout(0.1).with(function* () {
            for (let step = 0; step < 5; step++) yield* sleep(0);
          });
        })(),
      ),
    "an answer after 0.1 s miss a timeout of 1 s that was made after 5 s, which may be late": function* () {
      yield* sleep(5);
      yield* timeout(1).with(function* () {
        for (let step = 0; step < 3; step++) yield* sleep(0.1);
      });
    },
    "it miss one in another task, or one that sleeps": function* () {
      yield* sleep(5);
      const watch = createTask(
        (function* () {
          yield* sleep(1);
          throw new Error("It takes too long");
        })(),
      );
      const limit = createTask(timeout(1).with(() => sleep(0.4)));
      for (let step = 0; step < 3; step++) yield* sleep(0.1);
      watch.cancel();
      yield* limit;
    },
    "a timeout be late": () => endsAt(timeout(0.1).with(() => sleep(0.15))),
    "a waitFor be late": () => endsAt(waitFor(sleep(0.15), 0.1)),
    "a wait be late": function* () {
      const [done] = yield* wait([createTask(sleep(0.15))], { timeout: 0.1 });
      if (done.size > 0) throw new Error("It was not ended");
    },
    "an asCompleted be late": () =>
      endsAt(
        (function* () {
          for (const next of asCompleted([createTask(sleep(0.15))], { timeout: 0.1 })) yield* next;
        })(),
      ),
    "a callAt be late": function* () {
      const loop = getRunningLoop();
      const came = new Event();
      loop.callAt(loop.time() + 0.1, () => came.set());
      yield* sleep(0.15);
      if (!came.isSet()) throw new Error("It was late");
    },
  };

  test.each(Object.entries(QUIET))("%s", (_, program) => {
    for (const orders of ["any", "asyncio"] as const)
      expect(String(explore(program, { orders, runs: 3000 }).failure)).toBe("null");
  });
});

describe("a search tells of timers that were never reordered", () => {
  test("who waits where, and how late the others would have to be", () => {
    const exploration = explore(twoAnswers, { window: 0.01 });
    expect(exploration.failure).toBeNull();
    expect(exploration.neverReordered).toEqual([
      {
        name: "slow",
        place: expect.stringMatching(/^late-timers\.test\.ts:\d+$/) as string,
        deadline: 0.25,
        late: expect.closeTo(0.05) as number,
      },
    ]);
    expect(String(exploration)).toMatch(
      /^<Exploration runs=1000 failure=null>\n {2}1 timer was never reordered:\n {4}slow \(late-timers\.test\.ts:\d+\), due at 0\.25 s: .* 0\.05 s late$/,
    );
  });

  test("in an exhaustive search, which keeps to asyncio's times", () => {
    const { complete, failure, neverReordered } = explore(twoAnswers, { strategy: "exhaustive" });
    expect([complete, failure, neverReordered.length]).toEqual([true, null, 1]);
    expect(explore(twoAnswers, { strategy: "exhaustive", window: 0.1 }).failure).not.toBeNull();
  });

  test("a timeout that is far away", () => {
    const { neverReordered } = explore(function* () {
      yield* timeout(5).with(() => sleep(0.1));
    });
    expect(neverReordered).toMatchObject([{ name: "expire", deadline: 5, late: 4.9 }]);
    expect(neverReordered[0]?.place).toMatch(/^late-timers\.test\.ts:\d+$/);
  });

  test("none where there are none, or all were", () => {
    expect(explore(() => sleep(1)).neverReordered).toEqual([]);
    expect(explore(() => gather(sleep(1), sleep(1.2))).neverReordered).toEqual([]);
    expect(explore(() => gather(sleep(1), sleep(1.2)), { window: 0.3 }).neverReordered).toEqual([]);
  });

  test("one of a task of which another came early: a search in a window finds what is behind it", () => {
    function* program(): Coroutine<void> {
      const came: string[] = [];
      function* reader() {
        yield* sleep(0.04);
        yield* sleep(0.01);
        came.push("read");
      }
      function* writer() {
        yield* sleep(0.05); // may come before the reader's first
        yield* sleep(0.1);
        came.push("written");
      }
      yield* gather(createTask(reader(), { name: "reader" }), createTask(writer(), { name: "writer" }));
      if (came[0] === "written") throw new Error("It was written before it was read");
    }
    const { failure, neverReordered } = explore(program);
    expect(failure).toBeNull();
    expect(neverReordered).toMatchObject([{ name: "writer", deadline: expect.closeTo(0.15) as number }]);
    expect(neverReordered[0]?.late).toBeCloseTo(0.1);
    expect(explore(program, { window: 0.2 }).failure).toMatchObject({ error: expect.any(Error) as Error });
  });

  test("one of several timeouts, of which another one has expired early", () => {
    function* program(): Coroutine<void> {
      let isPaid = false;
      function* pay() {
        yield* sleep(0.06);
        isPaid = true;
        yield* sleep(0.01);
      }
      try {
        yield* timeout(0.1).with(() => sleep(0.08)); // may expire
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
      }
      try {
        yield* timeout(0.2).with(pay);
      } catch {
        if (isPaid) throw new Error("It was paid and given up");
      }
    }
    const { failure, neverReordered } = explore(program);
    expect(failure).toBeNull();
    expect(neverReordered).toMatchObject([{ name: "expire", late: expect.closeTo(0.13) as number }]);
    expect(explore(program, { window: 0.2 }).failure).toMatchObject({ error: expect.any(Error) as Error });
  });

  test("of those of a loop the nearest, and not those that came early there", () => {
    const { neverReordered } = explore(function* () {
      function* ticker() {
        for (let tick = 0; tick < 5; tick++) yield* sleep(0.1);
      }
      yield* gather(createTask(ticker(), { name: "ticker" }), sleep(0.04));
    });
    // 0.1 s is more than twice as much as 0.04 s; so are the later ticks.
    expect(neverReordered).toMatchObject([{ name: "ticker", deadline: 0.1 }]);
  });

  test("tasks by who made them, whatever their numbers in a run", () => {
    function* program(): Coroutine<void> {
      function* parent(delays: readonly number[]) {
        yield* sleep(0); // either may be the first to make its child
        yield* createTask(sleep(delays[0]), { name: `child of ${delays[0]} s` });
      }
      yield* gather(parent([0.1]), parent([0.11]), parent([5]));
    }
    expect(explore(program).neverReordered).toMatchObject([{ name: "child of 5 s" }]);
  });

  test("the nearest first, and in the text no more than ten", () => {
    const exploration = explore(() => gather(...Array.from({ length: 13 }, (_, index) => sleep(0.1 * 3 ** index))));
    const late = exploration.neverReordered.map((timer) => timer.late);
    expect(late).toEqual(late.toSorted((left, right) => left - right));
    expect(late).toHaveLength(12);
    expect(String(exploration)).toMatch(/\n {4}and 2 more$/);
  });
});

describe('window: "auto"', () => {
  test("is what explored tests have", async () => {
    await expect(simulated(twoAnswers, { runs: 100, window: "auto" })()).rejects.toThrow("The slow one was first");
    await expect(simulated(twoAnswers, { window: "auto" })()).rejects.toThrow(/^Invalid window: expected seconds/);
    const { failure } = explore(twoAnswers);
    const replay = simulated(twoAnswers, { runs: 100, window: "auto", replay: failure?.token ?? "" });
    await expect(replay()).rejects.toThrow("The slow one was first");
  });
});
