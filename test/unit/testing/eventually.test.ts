import { describe, expect, test } from "vitest";
import { type Coroutine, Lock, Queue, TimeoutError, createTask, gather, getRunningLoop, run, sleep } from "wasyncio";
import { type ChoicePoint, eventually, explore, runSync, simulate, sweep } from "wasyncio/testing";
import { attemptAwait } from "../../support/outcomes.ts";
import { spin } from "../../support/coroutines.ts";

/** Passes over whoever is first, always: the oldest starves as long as there is another one. */
const starving = () => ({ name: "starving", begin: () => true, choose: ({ count }: ChoicePoint) => count - 1 });

describe("eventually", () => {
  test("gives what the predicate gives as soon as that is truthy, also for one step only", () => {
    const { value, error } = simulate(function* () {
      let seen = 0;
      createTask(
        (function* () {
          yield* sleep(3);
          seen = 7;
          yield* sleep(0);
          seen = 0;
        })(),
      );
      return [yield* eventually(() => seen, { within: 10 }), getRunningLoop().time()];
    });
    expect([error, value]).toEqual([undefined, [7, 3]]);
  });

  test("waits for nothing when it is true already", () => {
    const { value } = simulate(function* () {
      let others = 0;
      createTask(
        (function* () {
          others++;
        })(),
      );
      return [yield* eventually(() => "yes", { within: 0 }), others];
    });
    expect(value).toEqual(["yes", 0]);
  });

  test("fails when the time is over, and says who waits for what", () => {
    const { error, time } = simulate(function* () {
      const lock = new Lock();
      yield* lock.acquire();
      createTask(lock.acquire(), { name: "Ann" });
      const isFree = () => !lock.locked();
      yield* eventually(isFree, { within: { minutes: 1 } });
    });
    expect(time).toBe(60);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(String(error)).toMatch(
      /^TimeoutError: isFree has not come true within 60 s\n {2}Task-2 'Ann' .* waits for <Lock .* in Lock\.acquire.*, held by Task-1 since /,
    );
  });

  test("is cancelled as any wait is, and can wait again", () => {
    const { value } = simulate(function* () {
      const task = createTask(eventually(() => false, { within: 10 }));
      yield* sleep(1);
      task.cancel();
      const cancelled = yield* attemptAwait(task);
      let isSet = false;
      getRunningLoop().callLater(1, () => (isSet = true));
      return [cancelled, yield* eventually(() => isSet, { within: 10 }), getRunningLoop().time()];
    });
    expect(value).toEqual(["CancelledError()", true, 2]);
  });

  test("throws what the predicate throws, and refuses one that would have to be awaited", () => {
    const failing = (predicate: () => unknown, before: number) =>
      simulate(function* () {
        yield* spin(before);
        createTask(spin(5));
        let calls = 0;
        yield* eventually(() => calls++ >= before && predicate(), { within: 10 });
      }).error;
    for (const before of [0, 2]) {
      expect(String(failing(() => fail(new RangeError("no")), before))).toBe("RangeError: no");
      expect(String(failing(() => fail(new TimeoutError()), before))).toBe("TimeoutError");
      expect(String(failing(async () => true, before))).toMatch(
        /^TypeError: Invalid predicate: expected a function that/,
      );
      expect(String(failing(() => sleep(1), before))).toMatch(/^(?:TypeError: Invalid predicate|undefined)/);
    }
  });

  test("looks every 10 ms in other loops, and once more at the end", async () => {
    const program = (true_: number) =>
      function* (): Coroutine<unknown> {
        const begun = getRunningLoop().time();
        let looks = 0;
        const outcome = yield* attemptAwait(eventually(() => ++looks > true_, { within: 0.035 }));
        return [outcome, looks, Math.round(1000 * (getRunningLoop().time() - begun))];
      };
    expect(runSync(program(2))).toEqual([true, 3, 20]);
    expect(runSync(program(9))).toEqual([expect.stringMatching(/^TimeoutError\('.* within 0\.035 s'\)$/), 5, 35]);
    expect(await run(program(0))).toEqual([true, 1, expect.any(Number)]);
  });
});

describe("while somebody waits in eventually", () => {
  /** Two tasks that go on for ever, and one that is to come to its end beside them. */
  function* beside(within: number, waits: (isDone: () => boolean) => Coroutine<unknown>): Coroutine<void> {
    let isDone = false;
    function* busy() {
      for (;;) {
        yield* sleep(0);
        if (getRunningLoop().time() >= within) return;
      }
    }
    function* modest() {
      yield* spin(3);
      isDone = true;
    }
    const tasks = [modest(), busy(), busy()].map((each) => createTask(each));
    yield* waits(() => isDone);
    for (const task of tasks) task.cancel();
  }

  test("nobody is starved, whatever a strategy chooses", () => {
    const unfair = () => beside(1, (isDone) => until(isDone));
    const fair = () => beside(1, (isDone) => eventually(isDone, { within: 10 }));
    function* until(isDone: () => boolean): Coroutine<void> {
      while (!isDone()) yield* sleep(0);
    }
    expect(simulate(unfair, { policy: starving(), maxSteps: 2000 }).status).toBe("livelock");
    const { status, token, steps } = simulate(fair, { policy: starving(), maxSteps: 2000 });
    expect(status).toBe("ok");
    expect(steps).toBeLessThan(100);
    expect(simulate(fair, { replay: token }).status).toBe("ok");
    for (const strategy of ["random", "pct", "uniform", "delay", "portfolio"] as const)
      expect(explore(fair, { strategy, runs: 300, maxSteps: 2000 }).failure).toBe(null);
  });

  test("the oldest of what is ready is passed over as often as there are candidates, at most", () => {
    const seen: string[] = [];
    function* stepper(name: string, steps: number): Coroutine<void> {
      for (let step = 0; step < steps; step++) {
        seen.push(name);
        yield* sleep(0);
      }
    }
    simulate(
      function* () {
        let left = 3;
        const done = () => left--;
        for (const name of ["a", "b", "c"]) createTask(stepper(name, 8), { name }).addDoneCallback(done);
        yield* eventually(() => left === 0, { within: 1 });
      },
      { policy: starving() },
    );
    // Of three, `c` goes three times before `a`, and so on; of two, one goes twice.
    expect(seen.join("")).toMatch(/^c{3}a/);
    for (const name of "abc") expect(seen.filter((each) => each === name).length).toBe(8);
  });

  test("all orders that are fair are still tried", () => {
    const orders = new Set<string>();
    const { complete } = explore(
      function* () {
        const order: string[] = [];
        const append = function* (name: string) {
          yield* sleep(0);
          order.push(name);
        };
        for (const name of ["a", "b", "c"]) createTask(append(name));
        yield* eventually(() => order.length === 3, { within: 1 });
        orders.add(order.join(""));
      },
      { strategy: "exhaustive" },
    );
    expect(complete).toBe(true);
    expect([...orders].sort()).toEqual(["abc", "acb", "bac", "bca", "cab", "cba"]);
  });

  test("a sweep has no points", () => {
    const program = (waits: boolean) =>
      function* (): Coroutine<void> {
        const queue = new Queue<number>();
        let got = 0;
        function* worker() {
          for (;;) {
            yield* queue.get();
            yield* sleep(0.1);
            got++;
          }
        }
        const task = createTask(worker(), { name: "worker" });
        for (const item of [1, 2]) queue.putNowait(item);
        yield* sleep(0);
        if (waits) yield* eventually(() => got === 2, { within: 1 });
        else yield* sleep(1);
        task.cancel();
        yield* gather([task], { returnExceptions: true });
      };
    const points = (waits: boolean, target: (name: string) => boolean) => sweep(program(waits), { target }).points;
    const isWorker = (name: string): boolean => name === "worker";
    // It was created, and waits for the first time.
    expect([points(false, isWorker), points(true, isWorker)]).toEqual([4, 2]);
    const isMain = (name: string): boolean => name === "Task-1";
    expect([points(false, isMain), points(true, isMain)]).toEqual([3, 2]);
  });

  test("a sweep cancels nothing for the second time", () => {
    let cleaned = false;
    const program = function* (): Coroutine<void> {
      cleaned = false;
      createTask(
        (function* () {
          try {
            yield* sleep(1);
          } finally {
            yield* sleep(1);
            cleaned = true;
          }
        })(),
        { name: "worker" },
      );
      yield* sleep(0);
      yield* eventually(() => cleaned, { within: 5 });
    };
    const { runs, failures } = sweep(program, { cancelTwice: true, target: (name) => name === "worker" });
    expect([runs, failures.map(String)]).toEqual([1, []]);
  });

  test("a search finds what never comes true, and replays it", () => {
    function* main(): Coroutine<void> {
      const queue = new Queue<number>(1);
      let seen = 0;
      function* consumer() {
        yield* queue.get();
        seen++;
        if (queue.empty()) return; // it takes nothing more for the end
        yield* queue.get();
        seen++;
      }
      createTask(queue.put(1), { name: "first" });
      createTask(queue.put(2), { name: "second" });
      createTask(consumer(), { name: "consumer" });
      yield* sleep(0);
      yield* eventually(() => seen === 2, { within: 5 });
    }
    const { failure } = explore(main, { strategy: "exhaustive" });
    expect(failure?.status).toBe("error");
    expect(String(failure?.error)).toMatch(/^TimeoutError: .* has not come true within 5 s/);
    expect(simulate(main, { replay: failure?.token as string }).status).toBe("error");
  });
});

function fail(error: Error): never {
  throw error;
}
