import { describe, expect, test } from "vitest";
import type { SimulationLog } from "wasyncio/testing";
import { Axis, JUMP_WIDTH, lastAtMost } from "../../../src/timeline/page/axis.ts";
import { smallLog } from "./timeline-programs.ts";

/** A log of nothing but the times of its steps. */
function logAt(times: readonly number[], time = times.at(-1) ?? 0): SimulationLog {
  const [step] = smallLog().steps;
  return { actors: [], steps: times.map((each, index) => ({ ...step, index, time: each })), time };
}

const startsOf = (axis: Axis, run: number, count: number): number[] =>
  Array.from({ length: count }, (_, step) => axis.tracks[run].xOf(2 * step));

describe("the axis of one run", () => {
  const axis = new Axis([logAt([0, 0, 5, 5, 7], 9)]);

  test("has a gap where time passes, and steps side by side elsewhere", () => {
    expect(startsOf(axis, 0, 5)).toEqual([0, 1, 2 + JUMP_WIDTH, 3 + JUMP_WIDTH, 4 + 2 * JUMP_WIDTH]);
    expect(axis.jumps.map(({ from, to }) => [from, to])).toEqual([
      [0, 5],
      [5, 7],
      [7, 9],
    ]);
    expect(axis.width).toBe(5 + 3 * JUMP_WIDTH);
    expect(axis.tracks[0].xOf(10)).toBe(axis.width);
    expect(axis.parting).toBe(null);
  });

  test("finds the step at a place", () => {
    const [track] = axis.tracks;
    expect([-1, 0, 0.9, 1, 2.5, 3.5, 99].map((x) => track.stepAt(x))).toEqual([0, 0, 0, 1, 1, 2, 4]);
    expect(new Axis([logAt([])]).tracks[0].stepAt(3)).toBe(-1);
  });
});

describe("the axis of two runs", () => {
  test("begins each moment at the same place, after the longer of both", () => {
    const axis = new Axis([logAt([0, 1, 2]), logAt([0, 1, 1, 1, 2])], 2);
    expect(startsOf(axis, 0, 3)).toEqual([0, 1 + JUMP_WIDTH, 4 + 2 * JUMP_WIDTH]);
    expect(startsOf(axis, 1, 5)).toEqual([0, ...[1, 2, 3].map((x) => x + JUMP_WIDTH), 4 + 2 * JUMP_WIDTH]);
  });

  test("knows moments of one of them only", () => {
    const axis = new Axis([logAt([0, 3]), logAt([0, 2, 4])], 1);
    expect(axis.jumps.map(({ to }) => to)).toEqual([2, 3, 4]);
    expect(axis.tracks[0].xOf(4)).toBe(axis.tracks[0].xOf(2) + 1); // it ends with its last step
    expect(axis.tracks[1].xOf(6)).toBe(axis.width);
    // They part where the first of them makes another step.
    expect(axis.parting).toBe(axis.tracks[1].xOf(2));
  });

  test("goes on to the end of the one that ends last", () => {
    const axis = new Axis([logAt([0], 1), logAt([0], 8)]);
    expect(axis.tracks[0].xOf(2)).toBe(1 + JUMP_WIDTH);
    expect(axis.tracks[1].xOf(2)).toBe(axis.width);
    expect(axis.width).toBe(1 + 2 * JUMP_WIDTH);
  });
});

test("the last number that is at most a limit is found", () => {
  const numbers = [1, 3, 3, 8];
  expect([0, 1, 2, 3, 7, 8, 9].map((limit) => lastAtMost(numbers, limit))).toEqual([-1, 0, 0, 2, 2, 3, 3]);
  expect(lastAtMost([], 1)).toBe(-1);
});
