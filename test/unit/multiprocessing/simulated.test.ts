// Processes, pools and what they share in simulations: all are tasks of the program's own loop, in virtual time.

import { describe, expect, test } from "vitest";
import { type Coroutine, TaskGroup, createTask, gather, sleep, timeout } from "wasyncio";
import { job } from "wasyncio/executors";
import {
  Barrier,
  Condition,
  Event,
  Lock,
  type LoopHandle,
  Manager,
  Pool,
  Process,
  Queue,
  RLock,
  Semaphore,
  Value,
  activeChildren,
  currentProcess,
  loopHandle,
  runCoroutineThreadsafe,
} from "wasyncio/multiprocessing";
import { explore, simulate, sweep } from "wasyncio/testing";
import { attemptAwait } from "../../support/outcomes.ts";

const bump = job(import.meta, function* bump(value: Value, lock: Lock | null) {
  for (let i = 0; i < 3; i++) {
    const hold = lock === null ? null : yield* lock.acquire();
    const before = value.value;
    yield* sleep(0.1);
    value.value = before + 1;
    hold?.release();
  }
});

const bumpSync = job(import.meta, function bumpSync(value: Value) {
  value.withSync(() => (value.value += 1));
});

const produce = job(import.meta, function* produce(queue: Queue<number>, count: number) {
  for (let i = 0; i < count; i++) yield* queue.put(i);
});

const wait = job(import.meta, function* wait(event: Event, barrier: Barrier) {
  yield* event.wait();
  return yield* barrier.wait();
});

const triple = job(import.meta, function* triple(value: number) {
  yield* sleep(1);
  return 3 * value;
});

const askLoop = job(import.meta, function* askLoop(handle: LoopHandle, value: number) {
  return yield* runCoroutineThreadsafe(triple, [value], handle);
});

const name = job(import.meta, function name() {
  return currentProcess().name;
});

describe("in a simulation", () => {
  test("processes count under a lock, in virtual time, the same way each time", () => {
    const program = function* (): Coroutine<number> {
      const [value, lock] = [new Value("d", 0), new Lock()];
      const processes = [1, 2, 3].map(() => new Process(bump, { args: [value, lock] }));
      for (const process of processes) process.start();
      expect(activeChildren()).toEqual(processes);
      for (const process of processes) yield* process.join();
      expect(processes.map(({ exitcode }) => exitcode)).toEqual([0, 0, 0]);
      return value.value;
    };
    const first = simulate(program);
    expect(first.value).toBe(9);
    expect(first.time).toBeCloseTo(0.9);
    expect(simulate(program).digest).toBe(first.digest);
  });

  test("all that is shared is the object itself, and works among tasks", () => {
    const { value } = simulate(() =>
      new Pool(3).with(function* (pool) {
        const [event, barrier, queue] = [new Event(), new Barrier(3), new Queue<number>(2)];
        const waits = gather(pool.apply(wait, [event, barrier]), pool.apply(wait, [event, barrier]), barrier.wait());
        yield* sleep(5);
        event.set();
        const numbers = yield* waits;
        const producing = pool.applyAsync(produce, [queue, 4]);
        const items: number[] = [];
        while (items.length < 4) items.push(yield* queue.get());
        yield* producing.get();
        const shared = new Value("d", 0);
        yield* gather(pool.apply(bumpSync, [shared]), pool.apply(bumpSync, [shared]));
        return [
          numbers.sort(),
          items,
          shared.value,
          yield* pool.apply(askLoop, [loopHandle(), 5]),
          yield* pool.apply(name, []),
        ];
      }),
    );
    expect(value).toEqual([[0, 1, 2], [0, 1, 2, 3], 2, 15, expect.stringMatching(/^PoolWorker-/)]);
  });

  test("a process is ended, and a condition and a manager do their work", () => {
    const { value } = simulate(function* () {
      const process = new Process(bump, { args: [new Value("d", 0), null] });
      process.start();
      yield* process.join(0.15);
      const before = process.isAlive();
      process.terminate();
      yield* process.join();
      const condition = new Condition(new RLock());
      const told = createTask(condition.with(() => condition.wait()));
      yield* sleep(1);
      yield* condition.with(function* () {
        condition.notifyAll();
      });
      const dict = new Manager().dict<string, number>([["a", 1]]);
      return [before, process.exitcode, yield* told, yield* dict.items()];
    });
    expect(value).toEqual([true, -15, true, [["a", 1]]]);
  });

  test("explore finds what is lost without the lock", () => {
    const search = (lock: Lock | null) =>
      explore(
        function* () {
          const value = new Value("d", 0);
          yield* new Pool(2).with(
            (pool) => gather(pool.apply(bump, [value, lock]), pool.apply(bump, [value, lock])) as never,
          );
          if (value.value !== 6) throw new RangeError(`value is ${value.value}`);
        },
        { runs: 40, seed: 1 },
      ).failure;
    expect(String(search(null))).toContain("value is ");
    expect(search(new Lock())).toBeNull();
  });

  test.each([
    ["a lock", () => new Lock()],
    ["an RLock", () => new RLock()],
    ["a semaphore", () => new Semaphore(1)],
    ["a condition", () => new Condition()],
  ])("a sweep leaves %s free, whoever is cancelled where", (_what, make) => {
    let lock = make();
    const { failures, runs } = sweep(
      function* () {
        lock = make();
        const hold = () => lock.with(() => sleep(1));
        yield* new TaskGroup().with(function* (group) {
          group.createTask(attemptAwait(timeout(1.5).with(hold)));
          for (let i = 0; i < 2; i++) group.createTask(hold());
        });
      },
      { check: () => expect(lock.locked()).toBe(false) },
    );
    expect(failures.map(String)).toEqual([]);
    expect(runs).toBeGreaterThan(10);
  });
});

test("processes have the same names in each simulation", () => {
  const program = function* (): Coroutine<string[]> {
    return [new Process(triple).name, new Process(triple).name];
  };
  for (let i = 0; i < 2; i++) expect(simulate(program).value).toEqual(["Process-1", "Process-2"]);
});
