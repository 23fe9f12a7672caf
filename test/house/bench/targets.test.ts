import { expect, test } from "vitest";
import { cases } from "../../../bench/cases.ts";
import { type Measured, describeTargets, targetOf } from "../../../bench/targets.ts";

const measured = (name: string, peer: string, ratio: number): Measured => ({ name, it: cases[name], peer, ratio });

test("12 times uvloop, 4 times on timers; no slower than native where it does the same work; nothing of the others", () => {
  expect(targetOf("lock", cases["lock"], "uvloop")).toBe(12);
  expect(targetOf("timers", cases["timers"], "uvloop")).toBe(4);
  expect(targetOf("gather", cases["gather"], "native")).toBe(1);
  expect(targetOf("timers", cases["timers"], "native")).toBeNull();
  expect(targetOf("gather", cases["gather"], "effect")).toBeNull();
});

test("the footer counts what holds and names what does not", () => {
  const lines = describeTargets([
    measured("lock", "uvloop", 12),
    measured("gather", "uvloop", 11.99),
    measured("timers", "uvloop", 3.5),
    measured("timers", "native", 0.5),
    measured("gather", "native", 1),
    measured("gather", "effect", 0.1),
  ]);
  expect(lines).toEqual([
    "Targets against uvloop (12x, on timers 4x): 1 of 3 hold; below: gather 11.99, timers 3.50.",
    "Targets against native (no slower): 1 of 1 hold.",
  ]);
});

test("a peer that was not measured has no line", () => {
  expect(describeTargets([measured("gather", "effect", 3)])).toEqual([]);
});
