import { describe, expect, test } from "vitest";
import { EventLoop, getRunningLoop } from "wasyncio";
import { VirtualEventLoop, explore, simulate } from "wasyncio/testing";
import { RandomStream } from "../../../src/support/random.ts";
import { RANDOM_NUMBERS, drawn } from "../../support/random-numbers.ts";
import { ManualHost } from "../../support/manual-host.ts";
import { chiSquare } from "../testing/strategies/statistics.ts";

describe("a stream", () => {
  test.each(RANDOM_NUMBERS)(
    "of seed %j and name %j gives the numbers that it gives everywhere",
    (seed, name, numbers) => {
      expect(drawn(new RandomStream(seed, name))).toEqual(numbers);
      const main = function* (): Generator<never, unknown[]> {
        return drawn(getRunningLoop().random(name));
      };
      expect(simulate(main as never, { seed }).value).toEqual(numbers);
    },
  );

  test("gives floats from 0 up to 1, in steps of 2^-53, and each tenth as often", () => {
    const stream = new RandomStream(1);
    const tenths = Array<number>(10).fill(0);
    for (let draw = 0; draw < 100_000; draw++) {
      const float = stream.float();
      if (!(float >= 0 && float < 1 && Number.isInteger(float * 2 ** 53))) throw new Error(`got ${float}`);
      tenths[Math.floor(10 * float)]++;
    }
    expect(chiSquare(tenths, 10)).toBeLessThan(27.9); // 99.9 % of chi-squares with 9 degrees of freedom
  });

  test.each([
    [6, 20.5],
    [2, 10.8],
    [52, 87.0],
  ])("gives each whole number below %i as often", (limit, most) => {
    for (const seed of [0, 1, 2]) {
      const stream = new RandomStream(seed, "dice");
      const counts = Array<number>(limit).fill(0);
      for (let draw = 0; draw < 60_000; draw++) counts[stream.integer(limit)]++;
      expect(chiSquare(counts, limit)).toBeLessThan(most); // 99.9 %
    }
  });

  test("favours none where a remainder would: below 3 * 2^30 it would give the first third twice as often", () => {
    const stream = new RandomStream(3);
    const thirds = [0, 0, 0];
    for (let draw = 0; draw < 30_000; draw++) thirds[Math.floor(stream.integer(3 * 2 ** 30) / 2 ** 30)]++;
    expect(chiSquare(thirds, 3)).toBeLessThan(13.8); // 99.9 %
  });

  test("puts four items into each of their 24 orders as often, and each item first", () => {
    const stream = new RandomStream(4);
    const orders = new Map<string, number>();
    for (let draw = 0; draw < 24_000; draw++) {
      const order = stream.shuffle(["a", "b", "c", "d"]).join("");
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    expect(chiSquare(orders.values(), 24)).toBeLessThan(49.7); // 99.9 %
  });

  test("shuffles in place, and chooses each item as often", () => {
    const stream = new RandomStream(5);
    const items = [1, 2, 3];
    expect(stream.shuffle(items)).toBe(items);
    expect(items.toSorted((left, right) => left - right)).toEqual([1, 2, 3]);
    expect(stream.shuffle([])).toEqual([]);
    expect(stream.shuffle(["alone"])).toEqual(["alone"]);
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 30_000; draw++) {
      const item = stream.choice(["x", "y", "z"]);
      counts.set(item, (counts.get(item) ?? 0) + 1);
    }
    expect(chiSquare(counts.values(), 3)).toBeLessThan(13.8); // 99.9 %
  });

  test("refuses what it cannot draw from, and has drawn nothing then", () => {
    const stream = new RandomStream(6);
    const next = new RandomStream(6).uint32();
    for (const limit of [0, -1, 1.5, NaN, Infinity, 2 ** 32 + 1, "6" as never, undefined as never])
      expect(() => stream.integer(limit)).toThrow(/^Invalid limit: expected a whole number from 1 to 2\^32, got /);
    expect(() => stream.choice([])).toThrow(new RangeError("Cannot choose from an empty list"));
    for (const items of [null, undefined, "abc", { length: 2 }, new Set([1])] as never[]) {
      expect(() => stream.choice(items)).toThrow(/^Invalid items: expected an array, got /);
      expect(() => stream.shuffle(items)).toThrow(/^Invalid items: expected an array, got /);
    }
    expect(stream.uint32()).toBe(next);
  });

  test("is another one for each seed and name", () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 100; seed++) {
      for (let name = 0; name < 100; name++) {
        const stream = new RandomStream(seed, `${name}`);
        seen.add(`${stream.uint32()} ${stream.uint32()}`);
      }
    }
    expect(seen.size).toBe(10_000);
  });
});

describe("EventLoop.random", () => {
  test("gives the same stream for the same name, and no draw from one shifts another", () => {
    const loop = new VirtualEventLoop();
    expect(loop.random("a")).toBe(loop.random("a"));
    expect(loop.random()).toBe(loop.random(""));
    const [first] = [loop.random("b").uint32()];
    const other = new VirtualEventLoop();
    for (const name of ["a", "", "c"]) for (let draw = 0; draw < 100; draw++) other.random(name).float();
    expect(other.random("b").uint32()).toBe(first);
    for (const name of ["__proto__", "constructor", "hasOwnProperty"])
      expect(loop.random(name)).toBeInstanceOf(RandomStream);
  });

  test("is seeded by the host, once, when somebody asks", () => {
    const host = Object.assign(new ManualHost(), { asked: 0, seed: () => `seed ${host.asked++}` });
    const loop = new EventLoop(host);
    expect(host.asked).toBe(0);
    const numbers = [loop.random("a").uint32(), loop.random("b").uint32()];
    expect(host.asked).toBe(1);
    expect(numbers).toEqual(["a", "b"].map((name) => new RandomStream("seed 0", name).uint32()));
    loop.close();
    expect(loop.random("a")).toBeInstanceOf(RandomStream);
  });

  test("is seeded with 0 by a host that gives no seed", () => {
    const loop = new EventLoop(new ManualHost());
    expect(loop.random("a").uint32()).toBe(new RandomStream(0, "a").uint32());
    loop.close();
  });

  test("gives a program the same numbers in each schedule of a search, whatever the search draws", () => {
    const numbers = new Set<number>();
    const main = function* (): Generator<undefined, void> {
      yield undefined;
      numbers.add(getRunningLoop().random("policy").uint32());
      numbers.add(getRunningLoop().random("run 1").uint32());
    };
    explore(main as never, { runs: 50, seed: 3 });
    expect(numbers.size).toBe(2);
  });
});
