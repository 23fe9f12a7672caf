import { describe, expect, test } from "vitest";
import type { Strategy, StrategySpec } from "wasyncio/testing";
import { RandomStream } from "../../../../src/support/random.ts";
import { strategyOf } from "../../../../src/testing/strategies/strategies.ts";
import { independent } from "./model.ts";

const NAMES = ["fifo", "random", "pct", "uniform", "delay", "exhaustive", "portfolio"] as const;
const RANDOM_ONES = ["random", "pct", "uniform", "delay", "portfolio"] as const;

function choicesOf(spec: StrategySpec, seed: number): string {
  const model = independent(4, 4, 4);
  const strategy = strategyOf(spec);
  const all: string[] = [];
  strategy.learn?.(model.log());
  model.repeat(strategy, 50, () => all.push(model.choices.join("")), seed);
  return all.join(" ");
}

describe("strategies", () => {
  test.each(NAMES)("%s does the same for the same seed", (name) => {
    expect(choicesOf(name, 1)).toBe(choicesOf(name, 1));
  });

  test.each(RANDOM_ONES)("%s does something else for another seed", (name) => {
    expect(choicesOf(name, 1)).not.toBe(choicesOf(name, 2));
  });

  test("fifo always runs what asyncio runs", () => {
    expect(choicesOf("fifo", 1)).toMatch(/^[0 ]+$/);
  });

  test("random chooses each candidate as often", () => {
    const strategy = strategyOf("random");
    strategy.begin(new RandomStream(1));
    const counts = [0, 0, 0];
    for (let index = 0; index < 30_000; index++) counts[strategy.choose({ count: 3, actor: () => 0 })]++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(300);
  });
});

describe("strategyOf", () => {
  const own: Strategy = { name: "own", begin: () => true, choose: () => 0 };

  test("takes a name, a name with settings, or a strategy", () => {
    for (const name of ["fifo", "random", "uniform", "exhaustive", "portfolio"] as const) {
      expect(strategyOf(name).name).toBe(name);
      expect(strategyOf({ strategy: name }).name).toBe(name);
    }
    expect([strategyOf("pct").name, strategyOf("delay").name]).toEqual(["pct(3)", "delay(2)"]);
    expect(strategyOf({ strategy: "pct", depth: 4 }).name).toBe("pct(4)");
    expect(strategyOf({ strategy: "pct", depth: undefined }).name).toBe("pct(3)");
    expect(strategyOf({ strategy: "delay", bound: 1 }).name).toBe("delay(1)");
    expect(strategyOf(own)).toBe(own);
  });

  test("makes a new strategy each time", () => {
    expect(strategyOf("uniform")).not.toBe(strategyOf("uniform"));
  });

  test.each([
    [undefined, TypeError],
    [null, TypeError],
    [3, TypeError],
    [() => own, TypeError],
    [{}, TypeError],
    [{ ...own, name: 1 }, TypeError],
    [{ ...own, choose: undefined }, TypeError],
    [{ strategy: own }, TypeError],
    [{ strategy: undefined }, TypeError],
    ["fair", RangeError],
    ["toString", RangeError],
    [{ strategy: "" }, RangeError],
    [{ strategy: "pct", bound: 2 }, TypeError],
    [{ strategy: "random", depth: 2 }, TypeError],
    [{ strategy: "pct", depth: "2" }, TypeError],
    [{ strategy: "pct", depth: 1.5 }, TypeError],
    [{ strategy: "pct", depth: 0 }, RangeError],
    [{ strategy: "pct", depth: 101 }, RangeError],
    [{ strategy: "delay", bound: NaN }, TypeError],
    [{ strategy: "delay", bound: -1 }, RangeError],
  ])("refuses %o", (spec, error) => {
    expect(() => strategyOf(spec as StrategySpec)).toThrow(error);
    expect(() => strategyOf(spec as StrategySpec)).toThrow(/^Invalid (strategy|depth|bound): /);
  });
});
