import { expect, test } from "vitest";
import { summarize } from "../../bench/statistics.ts";

test("an odd number of samples has its middle one for a median", () => {
  expect(summarize([30, 9, 100])).toEqual({ median: 30, min: 9, max: 100, samples: [30, 9, 100] });
});

test("an even number of samples has the mean of its middle two", () => {
  expect(summarize([4, 1, 3, 100]).median).toBe(3.5);
});

test("one sample is all there is to say", () => {
  expect(summarize([7])).toMatchObject({ median: 7, min: 7, max: 7 });
});
