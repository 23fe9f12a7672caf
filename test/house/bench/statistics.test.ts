import { expect, test } from "vitest";
import { percentile, summarize } from "../../../bench/harness/statistics.ts";

test("an odd number of samples has its middle one for a median", () => {
  expect(summarize([30, 9, 100])).toEqual({ median: 30, min: 9, max: 100, samples: [30, 9, 100] });
});

test("an even number of samples has the mean of its middle two", () => {
  expect(summarize([4, 1, 3, 100]).median).toBe(3.5);
});

test("one sample is all there is to say", () => {
  expect(summarize([7])).toMatchObject({ median: 7, min: 7, max: 7 });
});

test("a percentile is a sample that so many percent do not exceed", () => {
  const samples = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect([0, 1, 50, 99, 99.5, 100].map((percent) => percentile(samples, percent))).toEqual([1, 1, 50, 99, 100, 100]);
  expect(percentile([7], 99)).toBe(7);
});
