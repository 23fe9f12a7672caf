import { describe, expect, test } from "vitest";
import { DelayStrategy } from "../../../../src/testing/strategies/delay.ts";
import { ExhaustiveStrategy } from "../../../../src/testing/strategies/exhaustive.ts";
import { independent } from "./model.ts";

const total = (choices: readonly number[]): number => choices.reduce((sum, choice) => sum + choice, 0);

describe("delay-bounded search", () => {
  test.each([1, 2, 3])(
    "with bound %i visits all schedules within the bound but asyncio's own, and no others",
    (bound) => {
      const model = independent(3, 3, 3);
      const within = new Set<string>();
      const exhaustive = new ExhaustiveStrategy();
      while (exhaustive.begin()) {
        model.run(exhaustive);
        const deviation = total(model.choices);
        if (deviation > 0 && deviation <= bound) within.add(model.trace.join(""));
      }
      const strategy = new DelayStrategy(bound);
      const visited = new Set<string>();
      const deviations = new Set<number>();
      strategy.learn(model.log());
      model.repeat(strategy, 20_000, () => {
        deviations.add(total(model.choices));
        visited.add(model.trace.join(""));
      });
      expect(deviations.size).toBe(bound);
      expect([...visited].toSorted()).toEqual([...within].toSorted());
    },
  );

  test("learns from its runs how long they are", () => {
    const model = independent(20, 20);
    const strategy = new DelayStrategy(1);
    const places = new Set<number>();
    model.repeat(strategy, 2000, () => places.add(model.choices.indexOf(1)));
    for (let point = 0; point < 38; point++) expect(places).toContain(point);
  });

  test("expects as many points as the first log has steps, as long as no run has ended", () => {
    const model = independent(20, 20);
    const log = model.log();
    const places = new Set<number>();
    for (let seed = 0; seed < 2000; seed++) {
      const strategy = new DelayStrategy(1);
      strategy.learn(log);
      model.repeat(strategy, 1, () => places.add(model.choices.indexOf(1)), seed);
    }
    for (let point = 0; point < 38; point++) expect(places).toContain(point);
  });
});
