import { describe, expect, test } from "vitest";
import { type Coroutine, Lock, createTask, gather, getRunningLoop, sleep } from "wasyncio";
import {
  type Coverage,
  type ExploreOptions,
  type Program,
  type StrategySpec,
  explore,
  simulate,
} from "wasyncio/testing";
import { randomPrograms } from "./random-programs.ts";

/** A program of tasks with these numbers of steps, each of which could run at any time. */
function stepping(...counts: number[]): Program<void> {
  function* worker(steps: number): Coroutine<void> {
    for (let step = 1; step < steps; step++) yield* sleep(0);
  }
  return function* () {
    yield* gather(counts.map(worker));
  };
}

/** Fails when the second task is ahead of the first one. */
function* racing(): Coroutine<void> {
  const order: string[] = [];
  const work = function* (name: string): Coroutine<void> {
    yield* sleep(0);
    order.push(name);
  };
  yield* gather([work("a"), work("b")]);
  if (order[0] === "b") throw new RangeError("b was first");
}

/** The coverage of a search. */
function coverageOf(program: Program<unknown>, options: ExploreOptions<unknown> = {}): Coverage {
  return explore(program, { ...options, coverage: true }).coverage as Coverage;
}

/** Pairs that met, and those of them in both orders. */
function pairsOf(program: Program<unknown>, options: ExploreOptions<unknown>): [met: number, inBothOrders: number] {
  const { met, inBothOrders } = coverageOf(program, options);
  return [met, inBothOrders];
}

/** Every schedule. */
const ALL = { strategy: "exhaustive" } as const;

describe("coverage", () => {
  test("counts each pair of steps of different tasks that could change places", () => {
    expect(pairsOf(stepping(2, 2), ALL)).toEqual([4, 4]);
    expect(pairsOf(stepping(3, 3, 3), ALL)).toEqual([27, 27]);
    expect(pairsOf(stepping(4, 1), ALL)).toEqual([4, 4]);
  });

  test("knows one order of each pair in asyncio's own order, where the neighbours meet", () => {
    // The steps of two tasks take turns: a0 b0 a1 b1. Behind each the other task's next one is ready.
    expect(pairsOf(stepping(2, 2), { strategy: "fifo", runs: 20 })).toEqual([3, 0]);
  });

  test("leaves out what one task does after the other", () => {
    function* inTurn(): Coroutine<void> {
      for (let turn = 0; turn < 3; turn++) yield* gather([sleep(0)]);
    }
    expect(pairsOf(inTurn, ALL)).toEqual([0, 0]);
  });

  test("pairs what waits for a lock with what goes on while it waits", () => {
    const program = function* (): Coroutine<void> {
      const lock = new Lock();
      const locked = (): Coroutine<void> => lock.with(() => sleep(0));
      yield* gather([locked(), locked()]);
    };
    // Both ask for it, and one of them goes on while the other has yet to ask.
    expect(pairsOf(program, ALL)).toEqual([3, 3]);
  });

  test("counts sleepers that are due at the same time, and in a window those that may be", () => {
    const sleepers = (...delays: number[]) =>
      function* (): Coroutine<void> {
        yield* gather(delays.map((delay) => sleep(delay)));
      };
    expect(pairsOf(sleepers(1, 1), ALL)).toEqual([2, 2]);
    expect(pairsOf(sleepers(1, 2), ALL)).toEqual([1, 1]);
    // The later one may wake before the other one has slept at all.
    expect(pairsOf(sleepers(1, 2), { ...ALL, window: 2 })).toEqual([4, 4]);
  });

  test("takes a task for the same one, whoever was made first", () => {
    // The children are made in either order, and have other numbers then.
    function* parent(): Coroutine<void> {
      yield* createTask(sleep(0));
    }
    const program = function* (): Coroutine<void> {
      yield* gather([parent(), parent()]);
    };
    const stepsOfFamily = 4; // the parent begins, the child does and ends, the parent ends
    expect(pairsOf(program, ALL)).toEqual([stepsOfFamily ** 2, stepsOfFamily ** 2]);
  });

  test("pairs no callback, and tells the tasks that one makes from those of tasks", () => {
    const program = function* (): Coroutine<void> {
      const loop = getRunningLoop();
      loop.callSoon(() => void createTask(sleep(0)));
      loop.callSoon(() => {});
      yield* sleep(0);
      yield* sleep(0);
    };
    const [met, inBothOrders] = pairsOf(program, ALL);
    expect(inBothOrders).toBe(met);
    expect(met).toBeGreaterThan(0);
  });

  test("says that searching longer pays as long as orders are missing, or new", () => {
    const few = coverageOf(stepping(5, 5, 5), { runs: 20 });
    expect(few.newOrders).toBeGreaterThan(0);
    expect(few.inBothOrders).toBeLessThan(few.met);
    expect(few.stillPays).toBe(true);
    expect(String(few)).toBe(
      `${few.inBothOrders} of ${few.met} pairs of steps that met were seen in both orders; ` +
        `new in the last tenth of the runs: ${few.newOrders}. Searching longer still pays`,
    );
    const same = coverageOf(stepping(2, 2), { strategy: "fifo", runs: 20 });
    expect(same).toMatchObject({ met: 3, inBothOrders: 0, newOrders: 0, stillPays: true });
    const many = coverageOf(stepping(5, 5, 5), { runs: 1000 });
    expect(many).toMatchObject({ met: 75, inBothOrders: 75, newOrders: 0, stillPays: false });
    expect(String(many)).toBe("75 of 75 pairs of steps that met were seen in both orders");
  });

  test("never says so of a search that is complete", () => {
    const coverage = coverageOf(stepping(2, 2), ALL);
    expect(coverage.newOrders).toBeGreaterThan(0); // the last of six runs is a tenth of them
    expect(coverage.stillPays).toBe(false);
    expect(String(coverage)).toBe("4 of 4 pairs of steps that met were seen in both orders");
    expect(String(coverageOf(() => sleep(1), ALL))).toBe("No two steps of different tasks met");
  });

  test("is the same for the same seed", () => {
    const ofSeed = (seed: number) => coverageOf(stepping(5, 5, 5), { runs: 30, seed });
    expect(ofSeed(1)).toEqual(ofSeed(1));
    expect(ofSeed(1)).not.toEqual(ofSeed(2));
  });

  test("is there when the search has found a failure", () => {
    const { failure, coverage } = explore(racing, { coverage: true });
    expect(failure).not.toBeNull();
    expect(coverage?.inBothOrders).toBeGreaterThan(0);
    expect(explore(racing).coverage).toBeNull();
  });

  test("counts the first 2,048 steps, and no further ones", () => {
    // Two are the main task's. In asyncio's order each other one meets the one before and the one behind it.
    const { met } = coverageOf(stepping(2000, 2000), { strategy: "fifo", runs: 2 });
    expect(met).toBe(2048 - 2 - 1);
  });

  test("has each pair in both orders when all schedules of a random program were tried", () => {
    const isShort = (program: Program<unknown>): boolean => simulate(program, { debug: false }).steps <= 12;
    const searches = randomPrograms(7, 100)
      .filter(isShort)
      .map((program) => explore(program, { ...ALL, coverage: true, runs: 100, shrink: false, maxFailures: Infinity }))
      .filter(({ complete }) => complete);
    expect(searches.some(({ coverage }) => (coverage as Coverage).met > 20)).toBe(true);
    for (const { coverage } of searches) expect(coverage?.inBothOrders).toBe(coverage?.met);
  });

  test.each<StrategySpec>(["random", "pct", "uniform", "delay", "exhaustive", "portfolio"])(
    "changes nothing of the search: %s",
    (strategy) => {
      const found = (coverage: boolean) => {
        const { runs, failure } = explore(racing, { strategy, runs: 500, seed: 3, coverage });
        return [runs, failure?.token, failure?.switchesFound];
      };
      expect(found(true)).toEqual(found(false));
    },
  );
});
