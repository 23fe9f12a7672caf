// Containers: the order of what is put in and taken out, bounds, comparisons by the host.

import { describe, expect, test } from "vitest";
import {
  CONTAINER_COMPARED,
  CONTAINER_FIFO,
  CONTAINER_LIFO,
  CONTAINER_PRIORITY,
  E_COMPARE,
  E_EMPTY,
  E_FULL,
  E_KIND,
  E_NOT_A_NUMBER,
  E_STALE,
} from "../../../src/core/abi.ts";
import type { CoreOptions } from "../../../src/core/core.ts";
import { containerCountOf, countersOf, implementations } from "./support.ts";
import type { InspectedCore as Core } from "./inspected.ts";

/** A container together with the values that a host keeps in its cells. */
class Shelf<T> {
  readonly values: T[] = [];
  readonly core: Core;
  readonly number: number;

  constructor(core: Core, kind: number, bound = 0) {
    this.core = core;
    this.number = core.createContainer(kind, bound);
  }

  /** Returns 0, or an error. */
  put(value: T, priority = 0): number {
    const cell = this.core.reserveCell(this.number);
    if (cell < 0) return cell;
    this.values[cell] = value;
    const result = this.core.put(this.number, priority);
    return result === cell ? 0 : result;
  }

  /** Returns the value, or an error. */
  take(): T | number {
    const cell = this.core.take(this.number);
    return cell < 0 ? cell : this.values[cell];
  }

  takeAll(): T[] {
    return Array.from({ length: containerCountOf(this.core, this.number) }, () => this.take() as T);
  }

  /** Values in the order of storage. */
  list(): T[] {
    const count = containerCountOf(this.core, this.number);
    return Array.from({ length: count }, (_, index) => this.values[this.core.cellAt(this.number, index)]);
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe.each(implementations)("a container of the %s", (_, create) => {
  test("that is first in, first out gives values in order of arrival", () => {
    const shelf = new Shelf<number>(create(), CONTAINER_FIFO);
    for (const value of numbers(100)) shelf.put(value);
    expect(shelf.list()).toEqual(numbers(100));
    expect(shelf.takeAll()).toEqual(numbers(100));
    expect(shelf.take()).toBe(E_EMPTY);
  });

  test.each([0, 1, 3, 7])("that is first in, first out grows from place %i of its ring", (offset) => {
    const shelf = new Shelf<number>(create(), CONTAINER_FIFO);
    for (const value of numbers(offset)) shelf.put(value);
    shelf.takeAll();
    for (const value of numbers(40)) shelf.put(value);
    expect(shelf.list()).toEqual(numbers(40));
    expect(shelf.takeAll()).toEqual(numbers(40));
  });

  test("that is last in, first out gives the newest value", () => {
    const shelf = new Shelf<number>(create(), CONTAINER_LIFO);
    for (const value of numbers(20)) shelf.put(value);
    expect([shelf.take(), shelf.take()]).toEqual([19, 18]);
    shelf.put(99);
    expect(shelf.list()).toEqual([...numbers(18), 99]);
    expect(shelf.takeAll()).toEqual([99, ...numbers(18).reverse()]);
  });

  test("of priorities gives the smallest number first", () => {
    const shelf = new Shelf<number>(create(), CONTAINER_PRIORITY);
    const priorities = numbers(500).map((index) => ((index * 7919) % 500) / 3 - 20);
    for (const priority of priorities) shelf.put(priority, priority);
    expect(shelf.takeAll()).toEqual(priorities.sort((a, b) => a - b));
  });

  test("of priorities takes -0 and 0 for equal, and the infinities for what they are", () => {
    const shelf = new Shelf<number>(create(), CONTAINER_PRIORITY);
    for (const [value, priority] of [0, -0, 0, -0].entries()) shelf.put(value, priority);
    expect(shelf.takeAll()).toEqual([0, 2, 1, 3]); // as heapq gives four equal items
    for (const priority of [Infinity, -1e308, -Infinity, 1e308]) shelf.put(priority, priority);
    expect(shelf.takeAll()).toEqual([-Infinity, -1e308, 1e308, Infinity]);
  });

  // Recorded from heapq of CPython 3.11: items are numbered in order of arrival and compare by priority only.
  const sequence = numbers(24).map((index) => (index * 7) % 5);
  test.each<[name: string, priorities: number[], everyThird: boolean, order: number[]]>([
    ["4 equal items", Array(4).fill(0), false, [0, 2, 1, 3]],
    ["5 equal items", Array(5).fill(0), false, [0, 2, 4, 1, 3]],
    ["6 equal items", Array(6).fill(0), false, [0, 2, 5, 4, 1, 3]],
    ["12 equal items", Array(12).fill(0), false, [0, 2, 6, 11, 10, 9, 8, 5, 7, 4, 1, 3]],
    [
      "priorities 0 to 4",
      sequence,
      false,
      [0, 5, 10, 20, 15, 13, 23, 3, 18, 8, 6, 11, 21, 1, 16, 14, 19, 9, 4, 2, 22, 17, 7, 12],
    ],
    [
      "priorities 0 to 4, taken in between",
      sequence,
      true,
      [0, 5, 3, 10, 8, 15, 20, 13, 18, 23, 21, 1, 16, 6, 11, 19, 9, 4, 14, 2, 17, 7, 22, 12],
    ],
  ])("gives equal items in the order of CPython's heapq: %s", (_name, priorities, everyThird, order) => {
    const compare = (left: number, right: number) =>
      Number(priorities[shelves[1].values[left]] < priorities[shelves[1].values[right]]);
    const core = create({ compare });
    const shelves = [new Shelf<number>(core, CONTAINER_PRIORITY), new Shelf<number>(core, CONTAINER_COMPARED)];
    for (const shelf of shelves) {
      const taken: (number | undefined)[] = [];
      for (const item of priorities.keys()) {
        shelf.put(item, priorities[item]);
        if (everyThird && item % 3 === 2) taken.push(shelf.take());
      }
      expect([...taken, ...shelf.takeAll()]).toEqual(order);
    }
  });

  test("refuses a priority that is not a number, whatever its kind", () => {
    const core = create();
    for (const kind of [CONTAINER_FIFO, CONTAINER_LIFO, CONTAINER_PRIORITY, CONTAINER_COMPARED]) {
      const shelf = new Shelf<string>(core, kind);
      expect(shelf.put("value", NaN)).toBe(E_NOT_A_NUMBER);
      expect(containerCountOf(core, shelf.number)).toBe(0);
    }
  });

  test("is full at its bound, and takes values again when one is out", () => {
    const core = create();
    for (const kind of [CONTAINER_FIFO, CONTAINER_LIFO, CONTAINER_PRIORITY]) {
      const shelf = new Shelf<number>(core, kind, 3);
      expect(numbers(4).map((value) => shelf.put(value))).toEqual([0, 0, 0, E_FULL]);
      expect(core.put(shelf.number, 0)).toBe(E_FULL);
      shelf.take();
      expect(shelf.put(4)).toBe(0);
      expect(containerCountOf(core, shelf.number)).toBe(3);
    }
  });

  test.each([0, -1, -(2 ** 31)])("has no bound at %i", (bound) => {
    const shelf = new Shelf<number>(create(), CONTAINER_FIFO, bound);
    for (const value of numbers(1000)) expect(shelf.put(value)).toBe(0);
  });

  test("uses the cell that was given back last", () => {
    const core = create();
    const shelf = new Shelf<number>(core, CONTAINER_FIFO);
    expect(numbers(3).map(() => core.put(shelf.number, 0))).toEqual([0, 1, 2]);
    expect([core.take(shelf.number), core.take(shelf.number)]).toEqual([0, 1]);
    expect([core.reserveCell(shelf.number), core.reserveCell(shelf.number)]).toEqual([1, 1]);
    expect(numbers(3).map(() => core.put(shelf.number, 0))).toEqual([1, 0, 3]);
  });

  test("gives no cell at a place that it does not have", () => {
    const core = create();
    const shelf = new Shelf<number>(core, CONTAINER_FIFO);
    shelf.put(1);
    for (const index of [1, -1, 2 ** 31 - 1, -(2 ** 31)]) expect(core.cellAt(shelf.number, index)).toBe(E_EMPTY);
  });

  test("must be of a kind that exists", () => {
    const core = create();
    for (const kind of [-1, 4, 2 ** 31 - 1]) expect(core.createContainer(kind, 0)).toBe(E_KIND);
  });

  test.each(["compareContainer", "reserveCell", "take", "destroyContainer"] as const)(
    "that does not exist, or no longer, is refused by %s",
    (call) => {
      const core = create();
      const destroyed = core.createContainer(CONTAINER_FIFO, 0);
      core.destroyContainer(destroyed);
      for (const number of [destroyed, 1, -1, 2 ** 31 - 1, -(2 ** 31)]) {
        expect(core[call](number)).toBe(E_STALE);
        expect([core.put(number, 0), core.cellAt(number, 0)]).toEqual([E_STALE, E_STALE]);
      }
    },
  );

  test("does not share anything with those that were destroyed before it", () => {
    const core = create();
    const old = new Shelf<number>(core, CONTAINER_FIFO);
    for (const value of numbers(20)) old.put(value);
    expect(core.destroyContainer(old.number)).toBe(0);
    expect(core.destroyContainer(old.number)).toBe(E_STALE);
    const shelves = numbers(50).map((index) => new Shelf<number>(core, index % 3, 40));
    expect(shelves[0].number).toBe(old.number);
    for (const value of numbers(40)) for (const shelf of shelves) expect(shelf.put(value, value)).toBe(0);
    for (const shelf of shelves) {
      const expected = numbers(40);
      expect(shelf.takeAll()).toEqual(shelf.number % 3 === CONTAINER_LIFO ? expected.reverse() : expected);
    }
  });
});

describe.each(implementations)("a compared container of the %s", (_, create) => {
  /** A shelf of texts in alphabetical order; `intrude` is called in each comparison. */
  function alphabet(
    intrude: (core: Core, shelf: Shelf<string>) => number | void = () => {},
    options: CoreOptions = {},
  ) {
    const compare = (left: number, right: number) =>
      intrude(core, shelf) ?? Number(shelf.values[left] < shelf.values[right]);
    const core = create({ ...options, compare });
    const shelf = new Shelf<string>(core, CONTAINER_COMPARED);
    return { core, shelf };
  }

  test("gives what the host says comes first", () => {
    const { shelf } = alphabet();
    for (const letter of "the quick brown fox jumps over the lazy dog") shelf.put(letter);
    expect(shelf.takeAll().join("").trim()).toBe("abcdeeefghhijklmnoooopqrrsttuuvwxyz");
  });

  test("can begin with numbers", () => {
    const { core, shelf } = alphabet();
    const mixed = core.createContainer(CONTAINER_PRIORITY, 0);
    shelf.values.push("a", "b", "c", "0");
    for (const priority of [1, 2, 3]) core.put(mixed, priority);
    expect(core.compareContainer(mixed)).toBe(0);
    core.put(mixed, 0);
    expect(numbers(4).map(() => core.take(mixed))).toEqual([3, 0, 1, 2]);
    expect(core.compareContainer(core.createContainer(CONTAINER_FIFO, 0))).toBe(E_KIND);
    expect(core.compareContainer(core.createContainer(CONTAINER_LIFO, 0))).toBe(E_KIND);
  });

  test("is as it was before when a comparison fails, at whichever one", () => {
    let countdown = Infinity;
    const { shelf } = alphabet(() => (countdown-- === 0 ? -1 : undefined));
    for (const letter of "hfdbgeca") shelf.put(letter);
    const before = shelf.list();
    for (let failing = 0; failing < 3; failing++) {
      countdown = failing;
      expect(shelf.put("0")).toBe(E_COMPARE);
      expect(shelf.list()).toEqual(before);
      countdown = failing;
      expect(shelf.take()).toBe(E_COMPARE);
      expect(shelf.list()).toEqual(before);
    }
    countdown = Infinity;
    expect(shelf.takeAll().join("")).toBe("abcdefgh");
  });

  test("is as it was before when a comparison throws", () => {
    let failing = false;
    const { shelf } = alphabet(() => {
      if (failing) throw new Error("no order");
    });
    for (const letter of "cab") shelf.put(letter);
    failing = true;
    expect(() => shelf.put("0")).toThrow("no order");
    expect(() => shelf.take()).toThrow("no order");
    failing = false;
    expect(shelf.takeAll().join("")).toBe("abc");
  });

  test("fails every comparison when the host has none", () => {
    const shelf = new Shelf<string>(create(), CONTAINER_COMPARED);
    expect([shelf.put("a"), shelf.put("b")]).toEqual([0, E_COMPARE]);
    expect(shelf.take()).toBe("a");
  });

  test("survives comparisons that make the memory grow", () => {
    const { core, shelf } = alphabet((core) => {
      for (let count = 0; count < 200; count++) {
        core.callSoon();
        core.callAt(1);
        core.createContainer(CONTAINER_FIFO, 0);
      }
    });
    for (const letter of "hfdbgeca") expect(shelf.put(letter)).toBe(0);
    expect(shelf.takeAll().join("")).toBe("abcdefgh");
    expect(countersOf(core).slotCount).toBeGreaterThan(5000);
  });

  test.each<[string, (core: Core, shelf: Shelf<string>) => void]>([
    ["takes from it", (core, shelf) => void core.take(shelf.number)],
    ["puts into it", (core, shelf) => void core.put(shelf.number, 0)],
    ["destroys it", (core, shelf) => void core.destroyContainer(shelf.number)],
    [
      "destroys it and makes another in its place",
      (core, shelf) => {
        core.destroyContainer(shelf.number);
        core.createContainer(CONTAINER_COMPARED, 0);
      },
    ],
    [
      "puts into it and takes from it",
      (core, shelf) => {
        core.put(shelf.number, 0);
        core.take(shelf.number);
      },
    ],
  ])("fails a comparison that %s, and stays whole", (_name, intrude) => {
    let intruding = false;
    const { core, shelf } = alphabet((core, shelf) => {
      if (!intruding) return;
      intruding = false;
      intrude(core, shelf);
    });
    for (const letter of "hfdbgeca") shelf.put(letter);
    intruding = true;
    expect(shelf.put("0")).toBe(E_COMPARE);
    intruding = true;
    const taken = shelf.take();
    if (containerCountOf(core, shelf.number) > 0) expect(taken).toBe(E_COMPARE);
    const left = shelf.list();
    expect(shelf.takeAll().sort()).toEqual(left.sort());
  });
});
