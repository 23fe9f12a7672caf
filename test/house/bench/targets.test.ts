import { expect, test } from "vitest";
import { cases } from "../../../bench/cases.ts";
import { type Measured, TARGETS, describeTargets } from "../../../bench/targets.ts";

const measured = (name: string, other: string, ratio: number): Measured => ({ name, other, ratio });

test("each case has a target against uvloop, and against others only where these have a program for it", () => {
  expect(Object.keys(TARGETS)).toEqual(Object.keys(cases));
  for (const [name, { uvloop, native, effect }] of Object.entries(TARGETS)) {
    expect(uvloop).toBeGreaterThan(1);
    if (native !== undefined) expect(cases[name].native).toBeDefined();
    if (effect !== undefined) expect(cases[name].effect).toBeDefined();
  }
});

test("the footer counts what holds and names what does not", () => {
  const lines = describeTargets([
    measured("lock", "uvloop", 13),
    measured("gather", "uvloop", 13.99),
    measured("timers", "uvloop", 3.5),
    measured("gather", "native", 0.25),
    measured("lock", "native", 0.1),
    measured("gather", "alone", 0.8),
    measured("lock", "alone", 0.75),
  ]);
  expect(lines).toEqual([
    "Targets against uvloop: 1 of 3 hold; below: gather 13.99 of 14.00, timers 3.50 of 5.00.",
    "Targets against native: 1 of 1 hold.",
    "Targets against alone: 1 of 2 hold; below: lock 0.75 of 0.77.",
  ]);
});

test("a side that was not measured, or for which there is no target, has no line", () => {
  expect(describeTargets([measured("gather", "effection", 3)])).toEqual([]);
});
