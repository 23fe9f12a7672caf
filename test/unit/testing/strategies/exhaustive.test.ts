import { describe, expect, test } from "vitest";
import { RuntimeError } from "wasyncio";
import { ExhaustiveStrategy } from "../../../../src/testing/strategies/exhaustive.ts";
import { Model, independent } from "./model.ts";

/** Every order of steps that is visited, and the number of runs. */
function visit(model: Model): { orders: Set<string>; runs: number } {
  const strategy = new ExhaustiveStrategy();
  const orders = new Set<string>();
  let runs = 0;
  for (; strategy.begin(); runs++) {
    model.run(strategy);
    orders.add(model.trace.join(""));
  }
  expect(strategy.begin()).toBe(false);
  return { orders, runs };
}

/** A point with candidates that are never asked for. */
const pointOf = (count: number) => ({ count, actor: () => 0 });

describe("exhaustive search", () => {
  test("visits the 756,756 interleavings of 3 threads of 5 steps, each once", () => {
    const strategy = new ExhaustiveStrategy();
    const model = independent(5, 5, 5);
    const seen = new Uint8Array(3 ** 15);
    let runs = 0;
    let repeated = 0;
    for (; strategy.begin(); runs++) {
      model.run(strategy);
      let number = 0;
      for (const thread of model.trace) number = 3 * number + thread;
      repeated += seen[number];
      seen[number] = 1;
      if (model.trace.length !== 15) throw new Error(`run ${runs} has ${model.trace.length} steps`);
    }
    expect([runs, repeated]).toEqual([756_756, 0]);
  });

  test("begins with asyncio's order and goes on with the last choices first", () => {
    const strategy = new ExhaustiveStrategy();
    const model = independent(2, 1, 1);
    const orders: string[] = [];
    while (strategy.begin()) {
      model.run(strategy);
      orders.push(model.trace.join(""));
    }
    expect(orders.slice(0, 4)).toEqual(["0120", "0102", "0210", "0201"]);
    expect([orders.length, new Set(orders).size]).toEqual([12, 12]);
  });

  test("visits what is left where threads make and await each other", () => {
    // 0 makes 1 in its first step, and waits for its end behind its second.
    const model = new Model([
      { steps: 3, waits: { at: 2, thread: 1, steps: 2 } },
      { steps: 2, made: { thread: 0, steps: 1 } },
    ]);
    expect(visit(model)).toEqual({ orders: new Set(["00110", "01010", "01100"]), runs: 3 });
  });

  test("visits a program without choices once", () => {
    expect(visit(independent(3))).toEqual({ orders: new Set(["000"]), runs: 1 });
    expect(visit(new Model([]))).toEqual({ orders: new Set([""]), runs: 1 });
  });

  test("goes as deep as a run goes", () => {
    const strategy = new ExhaustiveStrategy();
    const model = independent(200, 1);
    let runs = 0;
    for (; strategy.begin(); runs++) model.run(strategy);
    expect(runs).toBe(201);
  });

  test("throws when a point has another number of candidates than in the run before", () => {
    const strategy = new ExhaustiveStrategy();
    strategy.begin();
    expect([strategy.choose(pointOf(3)), strategy.choose(pointOf(2))]).toEqual([0, 0]);
    strategy.begin();
    expect(() => strategy.choose(pointOf(2))).toThrow(RuntimeError);
    expect(() => strategy.begin()).toThrow("not deterministic");
  });

  test("throws when a run ends before the choices of the run before do", () => {
    const strategy = new ExhaustiveStrategy();
    strategy.begin();
    strategy.choose(pointOf(3));
    strategy.choose(pointOf(2));
    strategy.begin();
    strategy.choose(pointOf(3));
    expect(() => strategy.begin()).toThrow(RuntimeError);
  });
});
