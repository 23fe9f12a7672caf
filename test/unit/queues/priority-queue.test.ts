import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PriorityQueue, createTask } from "wasyncio";
import { heappop, heappush } from "../core/heapq.ts";
import { spin } from "../../support/coroutines.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { tidyTrace } from "../../support/stage.ts";

/** Puts items and takes them all. */
function sorted<T>(queue: PriorityQueue<T>, items: readonly T[]): T[] {
  for (const item of items) queue.putNowait(item);
  return drain(queue);
}

function drain<T>(queue: PriorityQueue<T>): T[] {
  const items: T[] = [];
  while (!queue.empty()) items.push(queue.getNowait());
  return items;
}

describe("order", () => {
  test("what follows equal priorities in an array has to be ordered, too", () => {
    const queue = new PriorityQueue<[number, object]>();
    queue.putNowait([1, { a: 1 }]);
    expect(attempt(() => queue.putNowait([1, { b: 2 }]))).toMatch(
      /^TypeError\('Cannot order \{"a":1\}|^TypeError\('Cannot order/,
    );
    expect(queue.toString()).toBe('<PriorityQueue maxsize=0 queue=[[1, {"a":1}]] tasks=1>');
  });

  test.each<[string, unknown[], unknown[]]>([
    ["numbers by value", [3, -Infinity, 0.5, 10, -1, Infinity], [-Infinity, -1, 0.5, 3, 10, Infinity]],
    ["strings by code units", ["b", "a", "Z", "ä", "", "aa"], ["", "Z", "a", "aa", "b", "ä"]],
    ["bigints among numbers", [3, 2n, 2.5, 10n ** 30n, -1n], [-1n, 2n, 2.5, 3, 10n ** 30n]],
    ["booleans as 0 and 1", [true, false, 0.5], [false, 0.5, true]],
    ["a shorter array before a longer one", [[1, 2], [1], [], [1, 2, 0]], [[], [1], [1, 2], [1, 2, 0]]],
    ["nested arrays", [[[2]], [[1, 5]], [[1]]], [[[1]], [[1, 5]], [[2]]]],
    [
      "arrays past elements that are the same",
      [
        [null, 2],
        [null, 1],
      ],
      [
        [null, 1],
        [null, 2],
      ],
    ],
    [
      "arrays past numbers of different types that are equal",
      [
        [1n, 2],
        [1, 1],
        [true, 0],
      ],
      [
        [true, 0],
        [1, 1],
        [1n, 2],
      ],
    ],
    [
      "arrays past arrays that are equal",
      [
        [[1, "x"], 2],
        [[1, "x"], 1],
      ],
      [
        [[1, "x"], 1],
        [[1, "x"], 2],
      ],
    ],
  ])("%s", (_, items, expected) => {
    expect(sorted(new PriorityQueue(), items)).toEqual(expected);
  });

  const priorities = fc.array(
    fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 2, arbitrary: fc.nat(5) }),
    {
      maxLength: 300,
    },
  );

  /** Plays puts, and gets for each null, on a queue and on Python's heap; compares which item comes out. */
  function compareWithHeapq(
    create: () => PriorityQueue<unknown>,
    itemOf: (priority: number, serial: number) => unknown,
  ) {
    fc.assert(
      fc.property(priorities, (operations) => {
        const queue = create();
        const heap: number[] = [];
        const items: { priority: number; item: unknown }[] = [];
        const precedes = (left: number, right: number) => items[left].priority < items[right].priority;
        for (const priority of [...operations, ...operations.map(() => null)]) {
          if (priority !== null) {
            items.push({ priority, item: itemOf(priority, items.length) });
            heap.push(items.length - 1);
            heappush(heap, precedes);
            queue.putNowait(items.at(-1)?.item);
          } else if (heap.length > 0) {
            expect(queue.getNowait()).toBe(items[heappop(heap, precedes)].item);
          } else {
            expect(attempt(() => queue.getNowait())).toBe("QueueEmpty()");
          }
          expect(queue.qsize()).toBe(heap.length);
        }
      }),
      { seed: 20_250_701, numRuns: 200 },
    );
  }

  interface Job {
    readonly priority: number;
    readonly serial: number;
  }

  test("equal items come out in the order of Python's heapq: numbers by key", () => {
    compareWithHeapq(
      () => new PriorityQueue<unknown>(0, { key: (job) => (job as Job).priority }),
      (priority, serial) => ({ priority, serial }),
    );
  });

  test("equal items come out in the order of Python's heapq: by compare", () => {
    compareWithHeapq(
      () =>
        new PriorityQueue<unknown>(0, { compare: (left, right) => (left as Job).priority - (right as Job).priority }),
      (priority, serial) => ({ priority, serial }),
    );
  });

  test("equal items come out in the order of Python's heapq: arrays", () => {
    compareWithHeapq(
      () => new PriorityQueue(),
      (priority) => ["a", [priority]],
    );
  });

  test("equal items come out in the order of Python's heapq: numbers, then others among them", () => {
    compareWithHeapq(
      () => new PriorityQueue<unknown>(0, { key: (job) => keyOf(job as Job) }),
      (priority, serial) => ({ priority, serial }),
    );
    function keyOf({ priority, serial }: Job) {
      return serial < 20 ? priority : BigInt(priority);
    }
  });
});

describe("what cannot be ordered", () => {
  test.each<[string, unknown, unknown]>([
    ["NaN", 1, NaN],
    ["NaN in an array", [1], [[NaN]]],
    ["a string among numbers", 1, "1"],
    ["a number among strings", "1", 1],
    ["an array among numbers", 1, [1]],
    ["an object", 1, {}],
    ["null", 1, null],
    ["undefined", 1, undefined],
    ["a symbol", 1, Symbol("x")],
    ["a function", 1, () => 1],
    ["arrays of different things", [1, "a"], [1, 2]],
  ])("is refused, and nothing is changed: %s", (_, first, item) => {
    const queue = new PriorityQueue<unknown>();
    queue.putNowait(first);
    const before = queue.toString();
    expect(() => queue.putNowait(item)).toThrow(TypeError);
    expect(queue.toString()).toBe(before);
    queue.putNowait(first);
    expect(drain(queue)).toEqual([first, first]);
  });

  test.each([NaN, {}, null, undefined])("is refused by an empty queue, too: %s", (item) => {
    const queue = new PriorityQueue<unknown>();
    expect(() => queue.putNowait(item)).toThrow(TypeError);
    expect(queue.toString()).toBe("<PriorityQueue maxsize=0>");
  });

  test("comes out of put, behind the wait for room; the next putter gets that", () => {
    const log = tidyTrace(function* (log) {
      const queue = new PriorityQueue<unknown>(1);
      queue.putNowait(1);
      const refused = createTask(queue.put(NaN));
      const next = createTask(queue.put(2));
      yield* spin(1);
      log.push(queue.getNowait(), yield* attemptAwait(refused));
      yield* next;
      log.push(yield* queue.get());
    });
    expect(log).toEqual([1, "TypeError('Cannot order NaN')", 2]);
  });

  test("may come out of get: the queue is as it was, and the next getter is woken", () => {
    let failing = false;
    const compare = (left: number, right: number) => {
      if (failing) throw new RangeError("compare");
      return left - right;
    };
    const log = tidyTrace(function* (log) {
      const queue = new PriorityQueue<number>(0, { compare });
      const getters = [createTask(queue.get()), createTask(queue.get())];
      yield* spin(1);
      for (const item of [3, 1, 2]) queue.putNowait(item);
      failing = true;
      log.push(yield* attemptAwait(getters[0]), queue.toString());
      log.push(yield* attemptAwait(getters[1]));
      failing = false;
      log.push(...drain(queue));
    });
    expect(log).toEqual([
      "RangeError('compare')",
      "<PriorityQueue maxsize=0 queue=[1, 3, 2] tasks=3>",
      "RangeError('compare')",
      1,
      2,
      3,
    ]);
  });
});

describe("key", () => {
  test("is asked once for each item", () => {
    const asked: string[] = [];
    const queue = new PriorityQueue<string>(0, { key: (item) => (asked.push(item), item.length) });
    expect(sorted(queue, ["ccc", "a", "bb", "dddd"])).toEqual(["a", "bb", "ccc", "dddd"]);
    expect(asked).toEqual(["ccc", "a", "bb", "dddd"]);
  });

  test("may be a string, or an array", () => {
    const people = [
      { name: "Bo", age: 7 },
      { name: "Al", age: 7 },
      { name: "Cy", age: 3 },
    ];
    const names = (queue: PriorityQueue<(typeof people)[number]>) => sorted(queue, people).map(({ name }) => name);
    expect(names(new PriorityQueue(0, { key: ({ name }) => name }))).toEqual(["Al", "Bo", "Cy"]);
    expect(names(new PriorityQueue(0, { key: ({ name, age }) => [age, name] }))).toEqual(["Cy", "Al", "Bo"]);
  });

  test("that throws leaves the queue as it was", () => {
    const queue = new PriorityQueue<number>(0, {
      key: () => {
        throw new RangeError("key");
      },
    });
    expect(attempt(() => queue.putNowait(1))).toBe("RangeError('key')");
    expect(queue.toString()).toBe("<PriorityQueue maxsize=0>");
  });
});

describe("compare", () => {
  test("orders as Array's sort does", () => {
    const queue = new PriorityQueue<Date>(0, { compare: (left, right) => right.getTime() - left.getTime() });
    const dates = [2, 3, 1].map((day) => new Date(2025, 0, day));
    expect(sorted(queue, dates).map((date) => date.getDate())).toEqual([3, 2, 1]);
  });

  test("orders numbers, too", () => {
    expect(sorted(new PriorityQueue<number>(0, { compare: (left, right) => right - left }), [1, 3, 2])).toEqual([
      3, 2, 1,
    ]);
  });

  test.each([NaN, undefined, "1", true, 1n])("has to return a number: not %s", (order) => {
    const queue = new PriorityQueue<number>(0, { compare: () => order as number });
    queue.putNowait(1);
    expect(() => queue.putNowait(2)).toThrow(TypeError);
    expect(drain(queue)).toEqual([1]);
  });

  test("may throw anything, at any comparison: the queue is as it was", () => {
    let failures = 0;
    for (let failAt = 0; failAt < 40; failAt++) {
      let left = failAt;
      const queue = new PriorityQueue<number>(0, {
        compare: (a, b) => {
          if (left-- !== 0) return a - b;
          failures++;
          throw undefined;
        },
      });
      const items: number[] = [];
      const retry = (operation: () => void) => {
        const before = queue.toString();
        try {
          operation();
        } catch (error) {
          expect(error).toBe(undefined);
          expect(queue.toString()).toBe(before);
          operation();
        }
      };
      for (const item of [5, 2, 8, 1, 9, 3]) retry(() => queue.putNowait(item));
      while (!queue.empty()) retry(() => items.push(queue.getNowait()));
      expect(items).toEqual([1, 2, 3, 5, 8, 9]);
    }
    expect(failures).toBeGreaterThan(10);
    expect(failures).toBeLessThan(40);
  });

  test("cannot change the queue that it orders", () => {
    const operations: ((queue: PriorityQueue<number>) => void)[] = [
      (queue) => queue.putNowait(7),
      (queue) => queue.getNowait(),
      (queue) => queue.shutdown(true),
    ];
    for (const operation of operations) {
      const queue: PriorityQueue<number> = new PriorityQueue<number>(0, {
        compare: (left, right) => {
          operation(queue);
          return left - right;
        },
      });
      queue.putNowait(1);
      expect(attempt(() => queue.putNowait(2))).toBe(
        "RuntimeError('Cannot change the queue: its items are being compared')",
      );
      expect(queue.qsize()).toBe(1);
    }
  });

  test("may look at it, and use others", () => {
    const other = new PriorityQueue<string>();
    const seen: unknown[] = [];
    const queue: PriorityQueue<number> = new PriorityQueue<number>(0, {
      compare: (left, right) => {
        seen.push(queue.qsize());
        other.putNowait(`${left}:${right}`);
        other.putNowait("");
        other.getNowait();
        return left - right;
      },
    });
    expect(sorted(queue, [3, 1, 2])).toEqual([1, 2, 3]);
    expect(other.qsize()).toBe(seen.length);
    expect(seen[0]).toBe(1);
  });
});

describe("options", () => {
  test("have to be functions, one of them at most", () => {
    expect(() => new PriorityQueue(0, { key: 1 as never })).toThrow("Invalid key: expected a function, got 1");
    expect(() => new PriorityQueue(0, { compare: "x" as never })).toThrow(
      "Invalid compare: expected a function, got 'x'",
    );
    expect(() => new PriorityQueue<number>(0, { key: Number, compare: () => 0 })).toThrow(TypeError);
  });

  test("maxsize bounds it as any queue", () => {
    const queue = new PriorityQueue<number>(2);
    queue.putNowait(2);
    queue.putNowait(1);
    expect(attempt(() => queue.putNowait(0))).toBe("QueueFull()");
    expect(queue.full()).toBe(true);
    expect(drain(queue)).toEqual([1, 2]);
  });
});

test("a shutdown at once compares nothing", () => {
  let failing = false;
  const queue = new PriorityQueue<number>(0, {
    compare: (left, right) => {
      if (failing) throw new RangeError("compare");
      return left - right;
    },
  });
  for (const item of [3, 1, 2]) queue.putNowait(item);
  failing = true;
  queue.shutdown(true);
  expect(queue.toString()).toBe("<PriorityQueue maxsize=0 shutdown>");
});
