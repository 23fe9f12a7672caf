import { describe, expect, test } from "vitest";
import { type Coroutine, Lock, Queue, createTask, gather, getRunningLoop, run, sleep, timeout } from "wasyncio";
import { History, LinearizabilityError, explore, simulate, sweep } from "wasyncio/testing";
import { spin } from "../../support/coroutines.ts";

/** A counter in coroutines; `gap` is what comes between its reading and its writing. */
class Counter {
  #sum = 0;
  readonly #gap: () => Coroutine<void>;

  constructor(gap: () => Coroutine<void> = () => sleep(0)) {
    this.#gap = gap;
  }

  *add(count: number): Coroutine<number> {
    const before = this.#sum;
    yield* this.#gap();
    this.#sum = before + count;
    return this.#sum;
  }

  *twice(count: number): Coroutine<number> {
    yield* this.add(count);
    return yield* this.add(count);
  }

  read(): number {
    return this.#sum;
  }
}

const counterModel = () => ({
  sum: 0,
  add(count: number) {
    return (this.sum += count);
  },
  read() {
    return this.sum;
  },
});

const queueModel = () => ({
  items: [7, 8],
  get() {
    return this.items.shift();
  },
});

const emptyQueue = () => ({
  items: [] as number[],
  put(item: number) {
    this.items.push(item);
  },
  get() {
    return this.items.shift();
  },
});

/** A queue that looks at its first item, waits, and then takes it off. */
class RacyQueue {
  #items = [7, 8];

  *get(): Coroutine<number | undefined> {
    const [first] = this.#items;
    yield* sleep(0);
    this.#items = this.#items.filter((item) => item !== first);
    return first;
  }
}

/** Begins when, in asyncio's order, what was begun before is over. */
function* later<T>(begin: () => Coroutine<T>): Coroutine<T> {
  yield* spin(2);
  return yield* begin();
}

/** What a program's history says, with the outcome of its run. */
function errorOf(program: () => Coroutine<unknown>): string {
  return String(simulate(program).error);
}

describe("a history", () => {
  test("has each call with its task, its arguments, its moments and what came of it", () => {
    const { value: history, error } = simulate(function* () {
      const history = new History(counterModel);
      const counter = history.watch(new Counter());
      yield* gather(
        createTask(counter.add(1), { name: "Ann" }),
        createTask(
          (function* () {
            yield* counter.add(2);
            counter.read();
          })(),
          { name: "Ben" },
        ),
      );
      return history;
    });
    expect(error).toBe(undefined);
    const { calls } = history as History;
    expect(calls.map((call) => ({ ...call, place: "" }))).toEqual([
      { method: "add", args: [1], task: "Ann", begun: 0, ended: 2, outcome: "returned", value: 1, place: "" },
      { method: "add", args: [2], task: "Ben", begun: 1, ended: 3, outcome: "returned", value: 2, place: "" },
      { method: "read", args: [], task: "Ben", begun: 4, ended: 5, outcome: "returned", value: 2, place: "" },
    ]);
    expect(calls.every(({ place }) => /history\.test\.ts:\d+:\d+/.test(place))).toBe(true);
  });

  test("has neither the object's calls of itself, nor methods that the model does not have", () => {
    simulate(function* () {
      const history = new History(() => ({ sum: 0, add: () => 1 }));
      const counter = history.watch(new Counter());
      yield* counter.twice(1);
      counter.read();
      expect(history.calls).toEqual([]);
      expect(counter.read()).toBe(2);
      expect(counter.constructor).toBe(Counter);
      expect(counter).toBeInstanceOf(Counter);
      expect(counter.read).toBe(counter.read);
    });
  });

  test("keeps arguments and results as they were", () => {
    const history = new History(() => ({ push: () => [] }));
    const list = history.watch({
      items: [] as number[][],
      push(item: number[]) {
        this.items.push(item);
        return this.items;
      },
    });
    const item = [1];
    list.push(item).push([3]);
    item.push(2);
    expect(history.calls.map(({ args, value }) => [args, value])).toEqual([[[[1]], [[1]]]]);
  });

  test("has a call of a coroutine from its first step on, and none of one that never begins", () => {
    simulate(function* () {
      const history = new History(counterModel);
      const counter = history.watch(new Counter());
      const late = counter.add(1);
      counter.add(2);
      counter.read();
      yield* late;
      expect(history.calls.map(({ method, begun }) => [method, begun])).toEqual([
        ["read", 0],
        ["add", 2],
      ]);
    });
  });

  test("has what a promise gives, in a loop of the host", async () => {
    const history = await run(function* () {
      const history = new History(() => ({ load: (name: string) => name.length }));
      const store = history.watch({ load: async (name: string) => name.length });
      yield* timeout(10).with(function* () {
        yield* gather(
          (function* () {
            const loop = getRunningLoop();
            const loaded = loop.createExternalFuture<number>();
            void store.load("tea").then((length) => loaded.setResult(length));
            yield* loaded;
          })(),
        );
      });
      history.assertLinearizable();
      return history;
    });
    expect(history.calls.map(({ outcome, value }) => [outcome, value])).toEqual([["returned", 3]]);
  });

  test("is shown as a picture", () => {
    const { value } = simulate(
      function* () {
        const history = new History(counterModel);
        expect(String(history)).toBe("no calls");
        const counter = history.watch(new Counter());
        const slow = createTask(counter.add(1), { name: "slow" });
        yield* gather(slow, createTask(counter.add(2), { name: "quick" }));
        createTask(counter.add(4), { name: "never" });
        yield* sleep(0);
        return String(history);
      },
      { debug: false },
    );
    expect(value).toBe(
      [
        "  |---|        slow   add(1) returned 1",
        "    |---|      quick  add(2) returned 2",
        "          |..  never  add(4) has not ended",
      ].join("\n"),
    );
  });
});

describe("assertLinearizable", () => {
  test("names the calls that contradict each other, their tasks and places, and what the model gives", () => {
    const message = errorOf(function* () {
      const history = new History(counterModel);
      const counter = history.watch(new Counter());
      counter.read();
      const counts = { Ann: 1, Ben: 2, Cid: 0 };
      yield* gather(Object.entries(counts).map(([name, count]) => createTask(counter.add(count), { name })));
      counter.read();
      history.assertLinearizable();
    });
    expect(message.replaceAll(/:\d+$/gm, ":LINE")).toBe(
      [
        "LinearizabilityError: Not linearizable: in no order does the model give what the calls marked > have given, whatever came of others:",
        "> |-----|      Ann  add(1) returned 1, called at history.test.ts:LINE",
        ">   |-----|    Ben  add(2) returned 2, called at history.test.ts:LINE",
        "      |-----|  Cid  add(0) returned 0, called at history.test.ts:LINE",
        "In the model, add(2) returned 3.",
      ].join("\n"),
    );
  });

  test("passes when there is an order, though calls overlap", () => {
    const { status } = simulate(function* () {
      const history = new History(counterModel);
      const lock = new Lock();
      const counter = new Counter();
      const safe = history.watch({
        *add(count: number): Coroutine<number> {
          yield* sleep(0);
          return yield* lock.with(() => counter.add(count));
        },
        read: () => counter.read(),
      });
      yield* gather([1, 2, 3, 4].map((count) => safe.add(count)));
      safe.read();
      history.assertLinearizable();
    });
    expect(status).toBe("ok");
  });

  test("counts a call that was cancelled as one that may have had its effect, or not, or has it later", () => {
    for (const { seen, ok } of [
      { seen: 0, ok: true },
      { seen: 1, ok: true },
      { seen: 2, ok: false },
    ]) {
      const { error } = simulate(function* () {
        const history = new History(counterModel);
        const counter = history.watch({ add: (_count: number) => sleep(1, 1), read: () => seen });
        const task = createTask(counter.add(1));
        yield* sleep(0);
        task.cancel();
        yield* sleep(0);
        expect(history.calls[0]).toMatchObject({ outcome: "open", ended: Infinity });
        counter.read();
        history.assertLinearizable();
      });
      expect({ seen, ok: error === undefined }).toEqual({ seen, ok });
    }
  });

  test("compares errors by their names", () => {
    class Missing extends Error {
      override readonly name = "Missing";
    }
    const model = () => ({
      get() {
        throw new Missing("in the model");
      },
    });
    const passes = new History(model);
    expect(() => passes.watch({ get: () => fail(new Missing("in the store")) }).get()).toThrow("in the store");
    passes.assertLinearizable();
    const fails = new History(model);
    expect(() => fails.watch({ get: () => fail(new RangeError("in the store")) }).get()).toThrow("in the store");
    expect(() => fails.assertLinearizable()).toThrow(
      /get\(\) threw RangeError\nIn the model, get\(\) threw Missing\.$/,
    );
  });

  test("takes the errors that are indeterminate for calls that may have had their effect", () => {
    class Lost extends Error {}
    for (const indeterminate of [undefined, (error: unknown) => error instanceof Lost]) {
      let sum = 0;
      const store = {
        add(count: number): number {
          sum += count;
          throw new Lost();
        },
        read: () => sum,
      };
      const history = new History(counterModel, indeterminate && { indeterminate });
      const watched = history.watch(store);
      expect(() => watched.add(1)).toThrow(Lost);
      watched.read();
      if (indeterminate === undefined) expect(() => history.assertLinearizable()).toThrow(LinearizabilityError);
      else history.assertLinearizable();
    }
  });

  test("asks `same` where results are not what the model gives", () => {
    const program = (same?: (expected: unknown, actual: unknown, method: string) => boolean) =>
      simulate(function* () {
        const history = new History(
          () => ({
            isLocked: false,
            acquire() {
              if (this.isLocked) throw new Error("it is locked");
              this.isLocked = true;
            },
            release() {
              this.isLocked = false;
            },
          }),
          same && { same },
        );
        const lock = history.watch(new Lock());
        function* worker() {
          yield* lock.acquire();
          yield* sleep(0);
          lock.release();
        }
        yield* gather(worker(), worker());
        history.assertLinearizable();
      });
    expect(program().error).toBeInstanceOf(LinearizabilityError); // a hold is not undefined
    expect(program((_expected, _actual, method) => method === "acquire" || _actual === undefined).error).toBe(
      undefined,
    );
  });

  test("checks each part by itself", () => {
    const history = new History(
      () => ({
        items: new Map<string, number>(),
        set(key: string, value: number) {
          this.items.set(key, value);
        },
        get(key: string) {
          return this.items.get(key);
        },
        size() {
          return this.items.size;
        },
      }),
      { partition: (method, [key]) => (method === "size" ? undefined : key) },
    );
    const items = new Map<string, number>();
    const store = history.watch({
      set: (key: string, value: number) => void items.set(key, value),
      get: (key: string) => items.get(key),
      size: () => items.size,
    });
    for (let number = 0; number < 60; number++) store.set("abc"[number % 3], number);
    expect(store.get("b")).toBe(58);
    history.assertLinearizable();
    items.set("b", 1);
    store.get("c");
    store.get("b");
    expect(() => history.assertLinearizable()).toThrow(/^> .*get\('b'\) returned 1\n/m);
    const before = history.calls.length;
    store.size();
    expect(() => history.assertLinearizable()).toThrow("Invalid partition: it gave no part for size()");
    expect(history.calls.length).toBe(before + 1);
  });

  test("counts several objects as ways to the same thing", () => {
    const history = new History(counterModel);
    const sums = [0, 0];
    const replicas = sums.map((_, index) =>
      history.watch({ add: (count: number) => (sums[index] += count), read: () => sums[index] }),
    );
    replicas[0].add(1);
    replicas[1].read();
    expect(() => history.assertLinearizable()).toThrow("In the model, read() returned 1.");
  });

  test("says when there is too much to try", () => {
    const history = new History(() => ({ items: [] as number[], put: push, get: shift }));
    function push(this: { items: number[] }, item: number) {
      this.items.push(item);
    }
    function shift(this: { items: number[] }) {
      return this.items.shift();
    }
    const { error } = simulate(function* () {
      const queue = history.watch({
        put: (_item: number) => sleep(0),
        get: () => sleep(0, -1),
      });
      yield* gather([...Array(12).keys()].map((item) => queue.put(item)));
      yield* queue.get();
    });
    expect(error).toBe(undefined);
    expect(() => history.assertLinearizable()).toThrow(/^Cannot tell whether 13 calls are linearizable: too many/);
  });
});

describe("a model", () => {
  const refused = (make: () => object): string => {
    try {
      new History(make);
    } catch (error) {
      return String(error);
    }
    return "";
  };

  test("has methods, and fields that are data", () => {
    expect(refused(() => ({ sum: 0 }))).toBe(`TypeError: Invalid model: {"sum":0} has no methods`);
    expect(refused(() => ({ tasks: new Queue(), get: () => 1 }))).toMatch(
      /^TypeError: Invalid model: tasks has a Queue: /,
    );
    expect(refused(() => ({ lists: [new Map([[1, new Lock()]])], get: () => 1 }))).toMatch(/lists has a Lock: /);
    expect(refused(() => ({ sum: 0, at: new Date(0), bytes: Uint8Array.of(1), get: () => 1 }))).toBe("");
  });

  const checking = (make: () => object): (() => void) => {
    const history = new History(make);
    const object = history.watch({ add: (count: number) => count });
    object.add(1);
    object.add(2);
    return () => history.assertLinearizable();
  };

  test("keeps its state where it can be copied", () => {
    class Private {
      #sum = 0;
      add(count: number) {
        return (this.#sum += count);
      }
    }
    expect(checking(() => new Private())).toThrow(/^Invalid model: add\(1\) failed in it with TypeError/);
    class Bound {
      sum = 0;
      add = (count: number) => (this.sum += count);
    }
    expect(checking(() => new Bound())).toThrow("Invalid model: its methods change something else than the fields");
  });

  test("has plain methods", () => {
    expect(checking(() => ({ *add() {} }))).toThrow(/^Invalid model: expected a plain method add, it gave /);
    expect(checking(() => ({ async add() {} }))).toThrow(/^Invalid model: expected a plain method add, it gave /);
  });

  test("may be an instance of a class", () => {
    class Last {
      last = 0;
      add(count: number) {
        return (this.last = count);
      }
    }
    checking(() => new Last())();
  });
});

describe("watch", () => {
  test("refuses what lacks a method of the model's, and methods that are frozen", () => {
    const history = new History(counterModel);
    expect(() => history.watch({ add: () => 1 })).toThrow(
      /^Cannot watch .*: it has no method read, which the model has$/,
    );
    expect(() => history.watch(Object.freeze({ add: () => 1, read: () => 1 }))).toThrow(/its method add is frozen$/);
  });
});

describe("explore", () => {
  /** A cache that asks its store at most once for each name, it says. */
  class Cache {
    readonly #known = new Map<string, number>();
    #loads = 0;

    *get(name: string): Coroutine<number> {
      yield* sleep(0);
      const known = this.#known.get(name);
      if (known !== undefined) return known;
      const loaded = ++this.#loads;
      yield* sleep(0);
      this.#known.set(name, loaded);
      return loaded;
    }

    *drop(name: string): Coroutine<void> {
      yield* sleep(0);
      this.#known.delete(name);
    }
  }

  function* main(): Coroutine<void> {
    const history = new History(() => ({
      known: new Map<string, number>(),
      loads: 0,
      get(name: string) {
        if (!this.known.has(name)) this.known.set(name, ++this.loads);
        return this.known.get(name);
      },
      drop(name: string) {
        this.known.delete(name);
      },
    }));
    const cache = history.watch(new Cache());
    function* dropper() {
      yield* spin(4);
      yield* cache.drop("tea");
    }
    function* reader(pause: number) {
      yield* spin(pause);
      yield* cache.get("tea");
    }
    yield* gather(
      createTask(reader(0), { name: "Ann" }),
      createTask(reader(3), { name: "Ben" }),
      createTask(dropper(), { name: "Eve" }),
    );
    history.assertLinearizable();
  }

  test("finds the order in which a cache is not linearizable, and says which calls contradict each other", () => {
    expect(simulate(main).status).toBe("ok");
    const { failure, runs } = explore(main);
    expect(runs).toBeGreaterThan(1);
    const error = failure?.error as LinearizabilityError;
    expect(error).toBeInstanceOf(LinearizabilityError);
    expect(error.calls.map(({ method, task, value }) => [method, task, value])).toEqual([["get", "Ben", 2]]);
    expect(String(failure)).toMatch(/^> .*Ben {2}get\('tea'\) returned 2, called at history\.test\.ts:\d+$/m);
    expect(String(failure)).toMatch(/^ {2}.*Ann {2}get\('tea'\) returned 1, called at history\.test\.ts:\d+$/m);
    expect(simulate(main, { replay: failure?.token as string }).error).toBeInstanceOf(LinearizabilityError);
  });

  /** Objects with a planted race that asyncio's own order does not show, and the results that contradict each other. */
  const planted = [
    {
      name: "a counter",
      model: counterModel,
      make: () => new Counter(),
      calls: (counter: Counter) => [counter.add(1), later(() => counter.add(2))],
      found: [
        ["add", 1],
        ["add", 2],
      ],
    },
    {
      name: "a queue",
      model: queueModel,
      make: () => new RacyQueue(),
      calls: (queue: RacyQueue) => [queue.get(), later(() => queue.get())],
      found: [
        ["get", 7],
        ["get", 7],
      ],
    },
  ] as const;

  test.each(planted)("finds the race of $name, and names it", ({ model, make, calls, found }) => {
    function* program(): Coroutine<void> {
      const history = new History<object>(model);
      const object = history.watch<object>(make());
      yield* gather((calls as (object: object) => Coroutine<unknown>[])(object));
      history.assertLinearizable();
    }
    const { failure, runs } = explore(program);
    expect(runs).toBeGreaterThan(1);
    const error = failure?.error as LinearizabilityError;
    expect(error).toBeInstanceOf(LinearizabilityError);
    expect(error.calls.map(({ method, value }) => [method, value])).toEqual(found);
  });

  test("passes for what is linearizable in every order", () => {
    const { complete, failure } = explore(
      function* () {
        const history = new History(emptyQueue);
        const queue = history.watch(new Queue<number>(1));
        const getter = function* () {
          yield* queue.get();
          yield* queue.get();
        };
        yield* gather(queue.put(1), queue.put(2), getter());
        history.assertLinearizable();
      },
      { strategy: "exhaustive" },
    );
    expect({ complete, failure }).toEqual({ complete: true, failure: null });
  });
});

test("a sweep passes for what is linearizable whatever fault comes", () => {
  const { failures, runs } = sweep(
    function* () {
      const history = new History(emptyQueue);
      const queue = history.watch(new Queue<number>(1));
      const getter = function* () {
        for (let count = 0; count < 3; count++) yield* queue.get();
      };
      try {
        yield* gather(queue.put(1), queue.put(2), getter(), queue.put(3));
      } finally {
        history.assertLinearizable();
      }
    },
    { noLeaks: false },
  );
  expect(failures.map(String)).toEqual([]);
  expect(runs).toBeGreaterThan(10);
});

function fail(error: Error): never {
  throw error;
}
