// Planted bugs: each is found, by the modes that can find it and by no others; the same program without the bug passes.

import { describe, expect, test } from "vitest";
import { sweep } from "wasyncio/testing";
import { MODES } from "../../../src/testing/sweep/modes.ts";
import { plantedBugs } from "./sweep/planted-bugs.ts";

test("there are enough of them", () => {
  expect(plantedBugs.length).toBeGreaterThanOrEqual(12);
});

describe.each(plantedBugs)("$name", ({ make, foundBy, says }) => {
  test("is found", () => {
    const { main, ...options } = make(false);
    const swept = MODES.filter((mode) => options[mode] !== false);
    const found = swept.filter((mode) => {
      const others = Object.fromEntries(MODES.map((each) => [each, each === mode]));
      return sweep(main, { ...options, ...others }).failures.length > 0;
    });
    expect(found).toEqual(MODES.filter((mode) => foundBy.includes(mode)));
    const { failures } = sweep(main, options);
    expect(failures.map(({ report }) => report).join("\n")).toMatch(says);
    for (const { site } of failures) expect(site).toMatch(/^planted-bugs\.ts:\d+$/);
  });

  test("is not seen where it is not", () => {
    const { main, ...options } = make(true);
    const { failures, points, runs } = sweep(main, options);
    expect(failures.map(({ report }) => report)).toEqual([]);
    expect(points).toBeGreaterThan(0);
    expect(runs).toBeGreaterThan(0);
  });
});
