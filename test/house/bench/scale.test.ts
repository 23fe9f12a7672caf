// The program behind `npm run bench:scale`, with a few tasks and timers.

import { expect, test } from "vitest";
import type { ScaleFigures } from "../../../bench/children/scale.ts";
import { bundleChild, ownDoors, runChild } from "../../../bench/harness/child.ts";

const program = await bundleChild("scale");

test.each([
  ["tasks", ["start", "sleep", "wake", "finish"]],
  ["timers", ["add", "fire", "cancel"]],
])("weighs %s, and times each phase of theirs", async (kind, phases) => {
  const command = [process.execPath, "--expose-gc", program];
  const figures = await runChild<ScaleFigures>(command, [ownDoors(), kind, "10000", "0.2", "0"]);
  expect(Object.keys(figures.phases)).toEqual(phases);
  expect(Math.min(...Object.values(figures.phases))).toBeGreaterThan(0);
  expect(figures.coreBytes).toBeGreaterThan(16); // a timer's key and identity
  expect(figures.heapBytes).toBeGreaterThan(16);
});
