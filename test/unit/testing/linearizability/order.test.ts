import { describe, expect, test } from "vitest";
import type { HistoryCall } from "wasyncio/testing";
import { contradictionIn } from "../../../../src/testing/linearizability/contradiction.ts";
import { Model } from "../../../../src/testing/linearizability/model.ts";
import { findOrder } from "../../../../src/testing/linearizability/order.ts";
import { KINDS, hasOrder, numbersOf, randomHistory } from "./histories.ts";

const COUNT = 400;

describe.each(Object.entries(KINDS))("the calls of a %s", (_, kind) => {
  test("have an order if and only if trying all of them finds one", () => {
    const below = numbersOf(1);
    const verdicts = { found: 0, none: 0 };
    for (let number = 0; number < COUNT; number++) {
      const calls = randomHistory(kind, { calls: 2 + below(5), reach: 1 + below(3), wrong: 6 }, below);
      const { order } = findOrder(calls, new Model(kind.make, undefined));
      expect({ calls, order }).toEqual({ calls, order: hasOrder(calls, kind.make) ? "found" : "none" });
      verdicts[order as "found" | "none"]++;
    }
    expect(Math.min(verdicts.found, verdicts.none)).toBeGreaterThan(COUNT / 10);
  });

  test("that have none contradict each other in the calls that are named, however the others went", () => {
    const below = numbersOf(2);
    let smaller = 0;
    for (let number = 0; number < COUNT; number++) {
      const calls = randomHistory(kind, { calls: 3 + below(4), reach: 1 + below(3), wrong: 6 }, below);
      const model = new Model(kind.make, undefined);
      const { order, stuck } = findOrder(calls, model);
      if (order !== "none" || stuck === null) continue;
      const { calls: named, others } = contradictionIn(calls, stuck, model);
      const begun = calls.filter((call) => call.begun < stuck.ended);
      expect(named.length + others.length).toBe(begun.length);
      const openBut = (some: readonly HistoryCall[]): HistoryCall[] =>
        begun.map((call) => (some.includes(call) ? call : { ...call, outcome: "open" }));
      expect(hasOrder(openBut(named), kind.make)).toBe(false);
      for (const one of named) {
        const fewer = findOrder(openBut(named.filter((each) => each !== one)), model);
        expect(fewer.order).toBe("found");
      }
      if (others.length > 0) smaller++;
    }
    expect(smaller).toBeGreaterThan(COUNT / 40);
  });

  test("have an order that is found among a few thousand configurations, when 40 of them overlap by the dozen", () => {
    const below = numbersOf(3);
    for (let number = 0; number < 10; number++) {
      const calls = randomHistory(kind, { calls: 40, reach: 6 }, below);
      expect(findOrder(calls, new Model(kind.make, undefined), 20_000).order).toBe("found");
    }
  });

  test("have an order that is found, when 60 of them overlap", () => {
    const below = numbersOf(4);
    const calls = randomHistory(kind, { calls: 60, reach: 1000 }, below);
    expect(findOrder(calls, new Model(kind.make, undefined)).order).toBe("found");
  });
});

test("10,000 calls one after the other have one configuration each", () => {
  const calls = randomHistory(KINDS.register, { calls: 10_000, reach: 0.001 }, numbersOf(5));
  const { order, tried } = findOrder(calls, new Model(KINDS.register.make, undefined));
  expect({ order, tried }).toEqual({ order: "found", tried: 10_001 });
});

test("what would take too many configurations is not known", () => {
  const calls = randomHistory(KINDS.queue, { calls: 40, reach: 20 }, numbersOf(6));
  const last = calls.findLast(({ method, outcome }) => method === "get" && outcome === "returned") as HistoryCall;
  const wrong = calls.map((call) => (call === last ? { ...call, value: "what nobody put" } : call));
  expect(findOrder(wrong, new Model(KINDS.queue.make, undefined), 1000).order).toBe("unknown");
});
