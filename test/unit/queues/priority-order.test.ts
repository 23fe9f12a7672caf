import { describe, expect, test } from "vitest";
import { type Priority, orderOf } from "../../../src/queues/priority-order.ts";

const natural = orderOf<Priority>({});
const before = (left: Priority, right: Priority): boolean =>
  natural.precedes(natural.priorityOf(left), natural.priorityOf(right));

describe("the order of priorities as they are", () => {
  test.each<[Priority, Priority]>([
    [1, 2],
    [-Infinity, 0],
    [1, 2n],
    [false, 1],
    ["a", "b"],
    ["Z", "a"],
    ["a", "aa"],
    [
      [1, "b"],
      [2, "a"],
    ],
    [
      [1, "a"],
      [1, "b"],
    ],
    [[1], [1, 0]],
    [
      [1, [2, 3]],
      [1, [2, 4]],
    ],
  ])("%o comes before %o", (left, right) => {
    expect([before(left, right), before(right, left)]).toEqual([true, false]);
  });

  test.each<[Priority, Priority]>([
    [1, 1],
    [0, -0],
    [1, 1n],
    [true, 1],
    ["a", "a"],
    [
      [1, "a"],
      [1, "a"],
    ],
  ])("neither of %o and %o comes first", (left, right) => {
    expect([before(left, right), before(right, left)]).toEqual([false, false]);
  });

  test.each<[Priority, Priority]>([
    [1, "a"],
    ["1", 1],
    [[1], 1],
    [
      [1, 1],
      [1, "a"],
    ],
  ])("%o and %o cannot be compared", (left, right) => {
    expect(() => before(left, right)).toThrow(TypeError);
  });

  test.each([[NaN], [[1, NaN]], [{}], [null], [undefined], [() => 1], [Symbol("s")]])(
    "%s is refused at once",
    (value) => {
      expect(() => natural.priorityOf(value as Priority)).toThrow(TypeError);
    },
  );
});

describe("an order of the program's own", () => {
  test("is by key, asked for once for each item", () => {
    let asked = 0;
    const order = orderOf<{ rank: number }>({ key: (item) => (asked++, item.rank) });
    const [first, second] = [order.priorityOf({ rank: 1 }), order.priorityOf({ rank: 2 })];
    expect([order.numeric, order.precedes(first, second), order.precedes(second, first), asked]).toEqual([
      true,
      true,
      false,
      2,
    ]);
  });

  test("is by compare, as Array's sort has it", () => {
    const order = orderOf<string>({ compare: (left, right) => left.length - right.length });
    expect([order.numeric, order.precedes("bb", "aaa"), order.precedes("aa", "bb")]).toEqual([false, true, false]);
  });

  test("must be what it should be", () => {
    expect(() => orderOf({ key: 5 as never })).toThrow(TypeError);
    expect(() => orderOf({ compare: 5 as never })).toThrow(TypeError);
    expect(() => orderOf({ key: () => 1, compare: () => 1 })).toThrow(TypeError);
    const order = orderOf({ compare: () => "less" as never });
    expect(() => order.precedes(1, 2)).toThrow("compare returned 'less'");
  });
});
