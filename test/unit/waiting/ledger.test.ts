import { describe, expect, test } from "vitest";
import {
  BoundedSemaphore,
  CancelledError,
  Condition,
  type Coroutine,
  type Hold,
  Lock,
  Queue,
  Semaphore,
  type Task,
  createTask,
  getRunningLoop,
  gather,
  sleep,
  waitFor,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { type Holding, Ledger, currentLedger, switchLedger } from "../../../src/waiting/ledger.ts";
import { RandomStream } from "../../../src/support/random.ts";

/** Runs a program in virtual time with a ledger. Returns what it returns. */
function record<T>(program: (ledger: Ledger) => Coroutine<T>, ledger = new Ledger()): T {
  const outer = switchLedger(ledger);
  try {
    return new VirtualEventLoop().runUntilCompleteSync(program(ledger));
  } finally {
    switchLedger(outer);
  }
}

/** What is held of a primitive, by the operation of those that wait for it. */
function heldOf(ledger: Ledger, primitive: object): readonly Holding[] {
  for (const list of ledger.lists()) if (list.owner === primitive) return ledger.heldOf(list);
  return [];
}

/** Names of the holders of a primitive, in order; "-" is outside any task. */
function holders(ledger: Ledger, primitive: object): string {
  return heldOf(ledger, primitive)
    .map(({ task }) => task?.getName() ?? "-")
    .join(" ");
}

/** Runs `body` as a task with a name, to its end. */
function* inTask<T>(name: string, body: () => Coroutine<T>): Coroutine<T> {
  return yield* createTask(body(), { name });
}

test("there is no ledger outside a simulation, and the one before comes back", () => {
  expect(currentLedger).toBe(null);
  const [outer, inner] = [new Ledger(), new Ledger()];
  expect(switchLedger(outer)).toBe(null);
  expect(switchLedger(inner)).toBe(outer);
  expect(currentLedger).toBe(inner);
  expect(switchLedger(null)).toBe(inner);
  expect(currentLedger).toBe(null);
});

describe("a release", () => {
  test("takes off what the task itself acquired last, else what was acquired first", () => {
    record(function* (ledger) {
      const semaphore = new Semaphore(9);
      function* take(): Coroutine<void> {
        yield* semaphore.acquire();
      }
      for (const name of ["a", "b", "a", "c"]) yield* inTask(name, take);
      expect(holders(ledger, semaphore)).toBe("a b a c");
      yield* inTask("d", function* () {
        yield* take();
        yield* take();
        semaphore.release();
        expect(holders(ledger, semaphore)).toBe("a b a c d");
        semaphore.release();
        semaphore.release();
        expect(holders(ledger, semaphore)).toBe("b a c");
      });
      getRunningLoop().callSoon(() => {
        semaphore.acquire().next();
        semaphore.release();
        semaphore.release();
      });
      yield* sleep(0);
      expect(holders(ledger, semaphore)).toBe("a c");
    });
  });

  test("by a hold takes off just that one, whoever releases it", () => {
    record(function* (ledger) {
      const semaphore = new BoundedSemaphore(3);
      const holds: Hold[] = [];
      for (const name of ["a", "b", "c"]) {
        yield* inTask(name, function* () {
          holds.push(yield* semaphore.acquire());
        });
      }
      holds[1]?.release();
      expect(holders(ledger, semaphore)).toBe("a c");
      holds[1]?.release();
      expect(holders(ledger, semaphore)).toBe("a c");
      holds[2]?.release();
      holds[0]?.release();
      expect(holders(ledger, semaphore)).toBe("");
    });
  });

  test("that is refused takes nothing off", () => {
    record(function* (ledger) {
      const [lock, semaphore] = [new Lock(), new BoundedSemaphore(1)];
      expect(() => lock.release()).toThrow("Lock is not acquired");
      expect(() => semaphore.release()).toThrow("released too many times");
      expect([...ledger.lists()]).toEqual([]);
    });
  });

  test("of what was acquired before the ledger was there takes nothing off", () => {
    const [lock, semaphore] = [new Lock(), new Semaphore(3)];
    lock.acquire().next();
    semaphore.acquire().next();
    record(function* (ledger) {
      yield* semaphore.acquire();
      lock.release();
      expect(holders(ledger, lock)).toBe("");
      expect(holders(ledger, semaphore).split(" ")).toHaveLength(1);
    });
  });
});

test("a permit that is handed over counts from the moment its new holder runs", () => {
  record(function* (ledger) {
    const semaphore = new Semaphore(1);
    yield* semaphore.acquire();
    const next = createTask(semaphore.acquire(), { name: "next" });
    yield* sleep(0);
    semaphore.release();
    expect(holders(ledger, semaphore)).toBe("");
    expect(semaphore.locked()).toBe(true);
    yield* next;
    expect(holders(ledger, semaphore)).toBe("next");
  });
});

test("a condition holds its lock behind a wait, and not during it", () => {
  record(function* (ledger) {
    const lock = new Lock();
    const condition = new Condition(lock);
    const waiter = createTask(
      condition.with(function* () {
        yield* condition.wait();
        expect(holders(ledger, lock)).toBe("waiter");
        yield* sleep(1);
      }),
      { name: "waiter" },
    );
    yield* sleep(0);
    expect(holders(ledger, lock)).toBe("");
    yield* condition.with(function* () {
      condition.notify();
    });
    yield* sleep(0.5);
    expect(holders(ledger, lock)).toBe("waiter");
    yield* waiter;
    expect(holders(ledger, lock)).toBe("");
  });
});

test("items that were taken from a queue count until taskDone", () => {
  record(function* (ledger) {
    const queue = new Queue<number>();
    for (let item = 0; item < 3; item++) queue.putNowait(item);
    yield* inTask("a", () => queue.get());
    yield* inTask("b", () => queue.get());
    expect([holders(ledger, queue), queue.outstanding]).toEqual(["a b", 2]);
    queue.taskDone();
    expect([holders(ledger, queue), queue.outstanding]).toEqual(["b", 1]);
    queue.shutdown(true);
    expect(queue.outstanding).toBe(1);
    queue.taskDone();
    expect([holders(ledger, queue), queue.outstanding]).toEqual(["", 0]);
  });
});

describe("where something was acquired", () => {
  const origin = (ledger: Ledger) =>
    record(function* (ledger) {
      const lock = new Lock();
      yield* lock.acquire();
      return heldOf(ledger, lock)[0]?.origin?.origin();
    }, ledger);

  test("is kept when that is asked for", () => {
    expect(origin(new Ledger(true))).toMatch(/^.*ledger\.test\.ts:\d+:\d+/);
    expect(origin(new Ledger())).toBe(undefined);
  });

  test("is not worth an error, when a program's own formatting of stacks throws", () => {
    const outer = Error.prepareStackTrace;
    Error.prepareStackTrace = () => {
      throw new TypeError("no stack");
    };
    try {
      const lock = new Lock(); // made outside the ledger, which asks for a stack too
      expect(
        record(function* (ledger) {
          lock.acquire().next();
          return heldOf(ledger, lock).length;
        }, new Ledger(true)),
      ).toBe(1);
    } finally {
      Error.prepareStackTrace = outer;
    }
  });
});

test("a list that tasks wait on is found in the core until it is empty", () => {
  record(function* (ledger) {
    const lock = new Lock();
    yield* lock.acquire();
    const objects = () =>
      getRunningLoop().core.objects.filter((object) => (object as { owner?: object })?.owner === lock);
    const waiter = createTask(lock.acquire());
    expect(objects()).toHaveLength(0);
    yield* sleep(0);
    expect(objects()).toEqual([ledger.latestPark]);
    lock.release();
    yield* waiter;
    expect(objects()).toHaveLength(0);
  });
});

/** What a random program holds, by its own account: who has a lock or a permit now. */
class Account {
  readonly #held = new Map<object, string[]>();

  took(primitive: object, name: string): void {
    this.#held.set(primitive, [...this.of(primitive), name]);
  }

  gave(primitive: object, name: string): void {
    const held = this.of(primitive);
    this.#held.set(primitive, held.toSpliced(held.lastIndexOf(name), 1));
  }

  of(primitive: object): string[] {
    return this.#held.get(primitive) ?? [];
  }
}

/** Drives a coroutine, and throws into it in place of resuming it for the `fault`-th time. */
function* faulty<T>(inner: Coroutine<T>, fault: number): Coroutine<T> {
  let step = inner.next();
  for (let count = 1; step.done !== true; count++) {
    let error: unknown = count === fault ? new RangeError("injected") : null;
    try {
      yield step.value;
    } catch (thrown) {
      error = thrown;
    }
    step = error === null ? inner.next() : inner.throw(error);
  }
  return step.value;
}

/**
 * Runs tasks that acquire and release at random, in all the ways there are, while others cancel them and errors are
 * thrown into them. Compares ledger and account whenever a task runs. Returns how often.
 */
function* stress(random: RandomStream, ledger: Ledger): Coroutine<number> {
  const lock = new Lock();
  const shared = new Lock();
  const condition = new Condition(shared);
  const primitives = [lock, shared, new Semaphore(1), new Semaphore(3), new BoundedSemaphore(2)];
  const account = new Account();
  let comparisons = 0;

  const compare = (): void => {
    for (const primitive of primitives) {
      const held = heldOf(ledger, primitive).map(({ task }) => task?.getName() ?? "-");
      const known = account.of(primitive);
      const { outstanding } = primitive;
      // A permit may be on its way to who waits for it; a lock is free until that one runs.
      const isSound = primitive instanceof Lock ? held.length === outstanding : held.length <= outstanding;
      if (isSound && held.toSorted().join() === known.toSorted().join()) continue;
      throw new Error(`${primitive.toString()}: [${held.join()}] in the ledger, [${known.join()}] in truth`);
    }
    comparisons++;
  };

  function* inside(primitive: Lock | Semaphore, name: string): Coroutine<void> {
    compare();
    for (let count = random.integer(3); count > 0; count--) yield* sleep(0);
    if (primitive === shared && random.integer(2) === 0) {
      account.gave(shared, name);
      try {
        yield* random.integer(2) === 0
          ? condition.wait()
          : waitFor(condition.wait(), 0.001 + 0.001 * random.integer(2));
      } finally {
        account.took(shared, name); // come what may
        compare();
      }
    }
    if (random.integer(8) === 0) throw new RangeError("thrown inside");
    if (random.integer(4) === 0) yield* sleep(0.001 * random.integer(3));
    if (primitive === shared) condition.notify(random.integer(3));
  }

  function* useOnce(name: string): Coroutine<void> {
    const primitive = random.choice(primitives);
    let acquire: Coroutine<Hold> = faulty(primitive.acquire(), random.integer(6));
    if (random.integer(4) === 0) acquire = waitFor(acquire, 0.001 * random.integer(3));
    const hold = yield* acquire;
    account.took(primitive, name);
    try {
      yield* inside(primitive, name);
    } finally {
      compare();
      account.gave(primitive, name);
      if (random.integer(2) === 0) hold.release();
      else primitive.release();
      compare();
    }
  }

  function* work(name: string): Coroutine<void> {
    for (let round = 0; round < 6; round++) {
      try {
        yield* useOnce(name);
      } catch (error) {
        if (
          !(error instanceof CancelledError || error instanceof RangeError || (error as Error).name === "TimeoutError")
        )
          throw error;
      }
      compare();
    }
  }

  const tasks: Task<void>[] = [];
  for (let index = 0; index < 6; index++) tasks.push(createTask(work(`t${index}`), { name: `t${index}` }));
  const disturb = function* (): Coroutine<void> {
    while (tasks.some((task) => !task.done())) {
      yield* sleep(0.0005 * random.integer(3));
      if (random.integer(2) === 0) random.choice(tasks).cancel();
      condition.acquire().return(undefined as never); // one that is given up before it begins
      if (!shared.locked() && random.integer(3) === 0) {
        yield* shared.acquire();
        account.took(shared, "main");
        condition.notifyAll();
        account.gave(shared, "main");
        shared.release();
      }
      compare();
    }
  };
  yield* disturb();
  for (const task of tasks) yield* task;
  compare();
  expect([...ledger.lists()]).toEqual([]);
  for (const primitive of primitives) expect(primitive.outstanding).toBe(0);
  return comparisons;
}

test("the ledger is right whatever is cancelled and thrown, in 300 random programs", () => {
  let comparisons = 0;
  for (let seed = 0; seed < 300; seed++) {
    try {
      const loop = new VirtualEventLoop();
      const ledger = new Ledger();
      const outer = switchLedger(ledger);
      try {
        const main = loop.createTask(stress(new RandomStream(seed), ledger), { name: "main" });
        comparisons += loop.runUntilCompleteSync(main);
      } finally {
        switchLedger(outer);
      }
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  expect(comparisons).toBeGreaterThan(10_000);
});

test("a lock that waitFor lost is held by nobody", () => {
  record(function* (ledger) {
    const lock = new Lock();
    yield* lock.acquire();
    const losers = Array.from({ length: 3 }, () => waitFor(lock.acquire(), 1));
    const ended = gather(losers, { returnExceptions: true });
    getRunningLoop().callLater(1, () => lock.release());
    yield* ended;
    expect(holders(ledger, lock) === "").toBe(!lock.locked());
  });
});
