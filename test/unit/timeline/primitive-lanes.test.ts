import { expect, test } from "vitest";
import { Lock, PriorityQueue, Queue, Semaphore, createTask, gather, sleep } from "wasyncio";
import { type SimulationLog, simulate } from "wasyncio/testing";
import { primitiveLanes } from "../../../src/timeline/primitive-lanes.ts";

/** What each lane shows from step to step: "3-5 a" is held by a from the end of step 3 to that of step 5. */
function lanesOf(log: SimulationLog): Record<string, string[]> {
  const lanes = primitiveLanes(log).map(({ name, primitive, levels }) => [
    name.replace(/ \S+\.ts:\d+/, ""),
    levels.map(({ from, to, holders, count }) => {
      const what = primitive.kind === "queue" ? count : holders.map((holder) => log.actors[holder]?.name).join("+");
      return `${(from - 1) / 2}-${to === 2 * log.steps.length ? "end" : (to - 1) / 2} ${what}`;
    }),
  ]);
  return Object.fromEntries(lanes) as Record<string, string[]>;
}

test("a lock is held by one task after the other", () => {
  const { log } = simulate(function* () {
    const lock = new Lock();
    const hold = () =>
      lock.with(function* () {
        yield* sleep(1);
      });
    yield* gather([createTask(hold(), { name: "a" }), createTask(hold(), { name: "b" })]);
  });
  const steps = log.steps.map(({ actor }) => log.actors[actor].name);
  expect(steps.slice(0, 5)).toEqual(["Task-1", "a", "b", "a", "b"]);
  expect(lanesOf(log)).toEqual({ Lock: ["1-3 a", "4-5 b"] });
});

test("a semaphore is held by several, and by who never gives it back to the end", () => {
  const { log } = simulate(function* () {
    const slots = new Semaphore(2);
    function* take(seconds: number) {
      yield* slots.acquire();
      yield* sleep(seconds);
      if (seconds === 1) slots.release();
    }
    yield* gather([createTask(take(1), { name: "a" }), createTask(take(2), { name: "b" })]);
  });
  expect(lanesOf(log)).toEqual({ Semaphore: ["1-2 a", "2-3 a+b", "3-end b"] });
});

test("of very many holders the first are named, and all are counted", () => {
  const { log } = simulate(function* () {
    const slots = new Semaphore(1000);
    function* take() {
      yield* slots.acquire();
      yield* sleep(1);
    }
    yield* gather(Array.from({ length: 1000 }, () => createTask(take())));
  });
  const [most] = (log.changes ?? []).slice(-1);
  expect(most.count).toBe(1000);
  expect(most.holders).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("a task that has ended is known as a holder", () => {
  const { log } = simulate(function* () {
    const slots = new Semaphore(2);
    function* take() {
      yield* slots.acquire();
      yield* sleep(0);
    }
    yield* createTask(take(), { name: "gone" });
    yield* slots.acquire();
    yield* sleep(1);
  });
  expect(lanesOf(log)["Semaphore"].at(-1)).toMatch(/ gone\+Task-1$/);
});

test("queues are as full as they are, of any kind", () => {
  const { log } = simulate(function* () {
    const [plain, bounded] = [new PriorityQueue<number>(), new Queue<number>(3)];
    for (const item of [2, 1]) plain.putNowait(item);
    yield* bounded.put(1);
    yield* sleep(1);
    yield* plain.get();
    yield* bounded.get();
    yield* sleep(1);
    plain.shutdown(true);
    yield* sleep(1);
  });
  expect(lanesOf(log)).toEqual({ PriorityQueue: ["0-1 2", "1-2 1"], Queue: ["0-1 1"] });
  expect(primitiveLanes(log).map(({ most }) => most)).toEqual([2, 3]);
});

test("what one step acquires and releases, and puts and takes, is not seen", () => {
  const { log } = simulate(function* () {
    const [lock, queue] = [new Lock(), new Queue()];
    yield* lock.acquire();
    lock.release();
    queue.putNowait(1);
    queue.getNowait();
    yield* sleep(1);
  });
  expect(log.changes).toEqual([]);
  expect(Object.values(lanesOf(log)).flat()).toEqual([]);
});

test("primitives stand in order of creation, and those of one place are told apart", () => {
  const { log } = simulate(function* () {
    const locks = [1, 2].map(() => new Lock());
    yield* locks[1].acquire();
    yield* sleep(1);
    yield* locks[0].acquire();
    yield* sleep(1);
  });
  const names = primitiveLanes(log).map(({ name }) => name);
  expect(names[0]).toMatch(/^Lock primitive-lanes\.test\.ts:\d+$/);
  expect(names[1]).toBe(`${names[0]} (2)`);
  expect(Object.values(lanesOf(log))).toEqual([["1-end Task-1"], ["0-end Task-1"]]);
});

test("outside debug mode nothing is noted", () => {
  const main = function* () {
    yield* new Lock().acquire();
    yield* sleep(1);
  };
  expect(simulate(main, { debug: false }).log.changes).toBe(undefined);
  expect(simulate(main, { debug: false, noLeaks: true }).log.changes).toBe(undefined);
  expect(simulate(main).log.changes).toHaveLength(1);
});
