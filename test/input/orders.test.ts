// Orders of a PriorityQueue that do not keep to the rules: that throw, give nonsense, change the queue, or change their
// minds.

import { describe, expect, test } from "vitest";
import type { Queue } from "wasyncio";
import { type Coroutine, PriorityQueue, createTask, currentTask, getRunningLoop, sleep } from "wasyncio";
import { attempt, attemptAwait } from "../support/outcomes.ts";
import { endOf, revokedProxy, survive } from "./hostile.ts";

/** Empties a queue. */
function* drained<T>(queue: Queue<T>): Generator<T> {
  while (!queue.empty()) yield queue.getNowait();
}

/** Looks at a queue before and after a call that must not change it. */
function unchanged(queue: Queue<never>, call: () => unknown): unknown {
  const before = [String(queue), queue.qsize(), queue.full()];
  const outcome = attempt(call);
  return JSON.stringify([String(queue), queue.qsize(), queue.full()]) === JSON.stringify(before)
    ? outcome
    : `changed: ${String(queue)}`;
}

describe("a key", () => {
  test("that throws anything, or gives what cannot be ordered, leaves the queue as it was", () => {
    const priorities = [undefined, null, NaN, {}, () => {}, Symbol("s"), [NaN], [[1], NaN]];
    let priority: unknown = 1;
    const queue = new PriorityQueue<string>(5, { key: () => priority as number });
    queue.putNowait("first");
    for (priority of priorities)
      expect(unchanged(queue as never, () => queue.putNowait("refused"))).toMatch(/^TypeError\('Cannot order /);
    priority = 2;
    queue.putNowait("second");
    expect([...drained(queue)]).toEqual(["first", "second"]);
  });

  test("that cannot be looked at, or that goes round in a circle, is refused with the engine's words", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    const queue = new PriorityQueue<unknown>();
    queue.putNowait([1]);
    expect(unchanged(queue as never, () => queue.putNowait(revokedProxy()))).toMatch(/^TypeError\('.*revoked/);
    expect(unchanged(queue as never, () => queue.putNowait(circle))).toMatch(/^RangeError\('Maximum call stack/);
    queue.putNowait([0]);
    expect([...drained(queue)]).toEqual([[0], [1]]);
  });

  test("that fills the queue behind the back of the put is stopped by the bound", () => {
    const queue = new PriorityQueue<number>(2, {
      key: (item) => {
        if (item === 1) {
          queue.putNowait(2);
          queue.putNowait(3);
        }
        return item;
      },
    });
    expect(attempt(() => queue.putNowait(1))).toBe("QueueFull()");
    expect([queue.qsize(), [...drained(queue)]]).toEqual([2, [2, 3]]);
  });

  test("that empties the queue, or looks at it, may", () => {
    const queue = new PriorityQueue<number>(0, {
      key: (item) => {
        while (!queue.empty()) queue.getNowait();
        return item;
      },
    });
    for (const item of [3, 1, 2]) queue.putNowait(item);
    expect([String(queue), [...drained(queue)]]).toEqual(["<PriorityQueue maxsize=0 queue=[2] tasks=3>", [2]]);
  });

  test("that throws in a put which waited for room leaves the room to the next", () => {
    const log = survive(function* (log) {
      const queue = new PriorityQueue<number>(1, {
        key: (item) => {
          if (item < 0) throw new RangeError("negative");
          return item;
        },
      });
      queue.putNowait(5);
      const puts = [-1, 7].map((item) => createTask(queue.put(item)));
      yield* sleep(0);
      log.push(queue.getNowait());
      for (const put of puts) log.push(yield* endOf(put));
      log.push(...drained(queue));
    });
    expect(log).toEqual([5, ["failed", "RangeError('negative')"], undefined, 7]);
  });
});

describe("a comparison", () => {
  test.each(["undefined", "NaN", "a string", "a boolean", "an object"])(
    "that gives %s leaves the queue as it was",
    (what) => {
      const nonsense = { undefined, NaN, "a string": "1", "a boolean": true, "an object": {} }[what];
      let isNonsense = false;
      const queue = new PriorityQueue<number>(0, {
        compare: (left, right) => (isNonsense ? (nonsense as number) : left - right),
      });
      for (const item of [5, 3, 4]) queue.putNowait(item);
      isNonsense = true;
      for (const call of [() => queue.putNowait(1), () => queue.getNowait()])
        expect(unchanged(queue as never, call)).toMatch(
          /^TypeError\('Cannot order items: compare returned .* instead of a number'\)$/,
        );
      isNonsense = false;
      expect([...drained(queue)]).toEqual([3, 4, 5]);
    },
  );

  test("that contradicts itself orders somehow, and loses nothing", () => {
    const answers: [string, () => number][] = [
      ["always less", () => -1],
      ["always more", () => 1],
      ["infinitely less", () => -Infinity],
      [
        "by turns",
        (() => {
          let turn = 0;
          return () => (turn++ % 2 === 0 ? -1 : 1);
        })(),
      ],
    ];
    for (const [, compare] of answers) {
      const queue = new PriorityQueue<number>(0, { compare });
      const items = Array.from({ length: 50 }, (_, index) => index);
      for (const item of items) queue.putNowait(item);
      expect([...drained(queue)].sort((left, right) => left - right)).toEqual(items);
    }
  });

  test("that changes the queue it orders is refused, and the queue is as it was; another one it may change", () => {
    const other = new PriorityQueue<number>();
    let change: (() => void) | null = null;
    const queue: PriorityQueue<number> = new PriorityQueue<number>(9, {
      compare: (left, right) => {
        change?.();
        return left - right;
      },
    });
    for (const item of [2, 1, 3]) queue.putNowait(item);
    const changes = [() => queue.putNowait(0), () => queue.getNowait(), () => queue.shutdown(true)];
    for (change of changes)
      expect(unchanged(queue as never, () => queue.putNowait(0))).toBe(
        "RuntimeError('Cannot change the queue: its items are being compared')",
      );
    change = () => other.putNowait(other.qsize());
    queue.putNowait(0);
    change = null;
    expect([[...drained(queue)], other.empty()]).toEqual([[0, 1, 2, 3], false]);
  });

  test("that stops the loop, makes tasks and cancels its own: all of it happens", () => {
    const log = survive(function* (log) {
      let made: unknown = null;
      const queue = new PriorityQueue<number>(0, {
        compare: (left, right) => {
          made ??= createTask(attemptAwait(queue.get()));
          currentTask()?.cancel("by the comparison");
          return left - right;
        },
      });
      queue.putNowait(2);
      queue.putNowait(1);
      log.push(currentTask()?.uncancel());
      log.push(yield* made as Coroutine<unknown>, queue.getNowait(), getRunningLoop().isRunning());
    });
    expect(log).toEqual([0, 1, 2, true]);
  });
});

describe("items that change while they are in the queue", () => {
  test("into what cannot be ordered: they are told where they are met, and nothing is lost", () => {
    const items = [[3], [1], [2]] as unknown[][];
    const queue = new PriorityQueue<unknown[]>();
    for (const item of items) queue.putNowait(item);
    items[0][0] = "text";
    expect(unchanged(queue as never, () => queue.getNowait())).toMatch(/^TypeError\('Cannot order /);
    items[0][0] = 3;
    expect([...drained(queue)]).toEqual([[1], [2], [3]]);
  });
});
