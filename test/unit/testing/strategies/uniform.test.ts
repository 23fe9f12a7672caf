import { describe, expect, test } from "vitest";
import type { Strategy } from "wasyncio/testing";
import { RandomStream } from "../../../../src/support/random.ts";
import { RandomStrategy } from "../../../../src/testing/strategies/random.ts";
import { UniformStrategy } from "../../../../src/testing/strategies/uniform.ts";
import { Model, independent } from "./model.ts";
import { Tally, chiSquare } from "./statistics.ts";

/** A strategy that knows the model's first run. */
function learned(model: Model): UniformStrategy {
  const strategy = new UniformStrategy();
  strategy.learn(model.log());
  return strategy;
}

function ordersOf(model: Model, strategy: Strategy, runs: number): Tally {
  const orders = new Tally();
  model.repeat(strategy, runs, () => orders.add(model.trace.join("")));
  return orders;
}

/** The share of runs in which the last step is `thread`'s. */
function shareOfLast(model: Model, strategy: Strategy, runs: number, thread: number, seed = 1): number {
  let hits = 0;
  const look = (): void => {
    if (model.trace.at(-1) === thread) hits++;
  };
  model.repeat(strategy, runs, look, seed);
  return hits / runs;
}

describe("the uniform walk over interleavings", () => {
  test("has one lone event behind 25 others in 3.85 % of 20,000 runs", () => {
    for (const steps of [[25, 1], [13, 1, 12], Array.from<number>({ length: 26 }).fill(1)]) {
      const model = independent(...steps);
      const share = shareOfLast(model, learned(model), 20_000, 1);
      expect(Math.abs(share - 1 / 26)).toBeLessThan(0.005);
    }
    const model = independent(25, 1);
    expect(shareOfLast(model, new RandomStrategy(), 20_000, 1)).toBeLessThan(0.001);
  });

  test("has a callback that nobody knows of behind 25 steps as often", () => {
    const model = new Model([{ steps: 25 }, { steps: 1, callback: true }]);
    expect(Math.abs(shareOfLast(model, learned(model), 20_000, 1) - 1 / 26)).toBeLessThan(0.005);
  });

  // Critical values: chi-square at 99 % by Wilson and Hilferty.

  test("is uniform over the 11,550 interleavings of two threads of 4 steps and one of 3", () => {
    const model = independent(4, 4, 3);
    const critical = 11_905.7; // 11,549 degrees of freedom
    expect(chiSquare(ordersOf(model, learned(model), 231_000).values(), 11_550)).toBeLessThan(critical);
    expect(chiSquare(ordersOf(model, new RandomStrategy(), 231_000).values(), 11_550)).toBeGreaterThan(2 * critical);
  });

  test("is uniform where threads make threads: their steps count to the maker until then", () => {
    // 0 makes 1, which makes 2: 8! / (3! * 5!) orders of 0's rest and the others, 4! / (2! * 2!) of 1's rest and 2.
    const threads = [
      { steps: 4 },
      { steps: 3, made: { thread: 0, steps: 1 } },
      { steps: 2, made: { thread: 1, steps: 1 } },
    ];
    const model = new Model(threads);
    const critical = 398.1; // 335 degrees of freedom
    expect(chiSquare(ordersOf(model, learned(model), 33_600).values(), 336)).toBeLessThan(critical);
    const unlearned = ordersOf(model, new UniformStrategy(), 33_600);
    expect(chiSquare(unlearned.values(), 336)).toBeGreaterThan(2 * critical);
  });

  test("counts what a callback makes to the task that the callback comes from", () => {
    const model = new Model([
      { steps: 2 },
      { steps: 1, made: { thread: 0, steps: 1 }, callback: true },
      { steps: 6, made: { thread: 1, steps: 1 } },
      { steps: 9 },
    ]);
    const strategy = learned(model);
    let first = 0;
    model.repeat(strategy, 20_000, () => {
      if (model.trace[0] === 3) first++;
    });
    // The other tree has 8 steps of tasks: the callback's own is not known of before it is there.
    expect(Math.abs(first / 20_000 - 9 / 17)).toBeLessThan(0.01);
  });

  test("learns from its runs what the log did not have", () => {
    const model = independent(25, 1);
    const strategy = new UniformStrategy();
    model.repeat(strategy, 1, () => {});
    expect(Math.abs(shareOfLast(model, strategy, 20_000, 1) - 1 / 26)).toBeLessThan(0.005);
  });

  test("keeps the longest run of a task in mind, when others cut it short", () => {
    const model = independent(25, 1);
    const short = independent(2, 1);
    const strategy = learned(model);
    let hits = 0;
    for (let run = 0; run < 20_000; run++) {
      short.repeat(strategy, 1, () => {}, run);
      hits += shareOfLast(model, strategy, 1, 1, run);
    }
    expect(Math.abs(hits / 20_000 - 1 / 26)).toBeLessThan(0.005);
  });

  test("gives every candidate a chance, also one that has made all the steps that were expected", () => {
    const model = independent(3, 5);
    const orders = new Set<string>();
    for (let run = 0; run < 20_000; run++) {
      const strategy = learned(independent(1, 5));
      strategy.begin(new RandomStream(1, `run ${run}`));
      model.run(strategy);
      orders.add(model.trace.join(""));
    }
    expect(orders.size).toBe(56);
  });
});
