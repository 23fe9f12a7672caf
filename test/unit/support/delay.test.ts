import { expect, test } from "vitest";
import type { Delay, DurationLike } from "wasyncio";
import { secondsOf } from "../../../src/support/delay.ts";

test.each<[Delay, number]>([
  [0, 0],
  [1.5, 1.5],
  [-1, -1],
  [Infinity, Infinity],
  [{ seconds: 2 }, 2],
  [{ minutes: 1, seconds: 30 }, 90],
  [{ hours: 1 }, 3600],
  [{ milliseconds: 5 }, 0.005],
  [{ microseconds: 250 }, 0.00025],
  [{ nanoseconds: 500 }, 5e-7],
  [{ days: 0, minutes: 1 } as DurationLike, 60],
  [{ hours: 1, minutes: 1, seconds: 1, milliseconds: 500, microseconds: 0 }, 3661.5],
  [{ seconds: -1, milliseconds: 500 }, -0.5],
  [{ seconds: Infinity }, Infinity],
])("%o is %d seconds", (delay, seconds) => {
  expect(secondsOf(delay)).toBe(seconds);
});

test("decimal parts of a second are as exact as numbers can be", () => {
  for (let ms = 0; ms < 1000; ms++) expect(secondsOf({ milliseconds: ms })).toBe(ms / 1000);
});

test("takes what has the shape of a duration, and parts that are not given", () => {
  class Duration {
    get seconds(): number {
      return 3;
    }
  }
  expect(secondsOf(new Duration())).toBe(3);
  expect(secondsOf({ seconds: 1, minutes: undefined } as never)).toBe(1);
});

test.each<[unknown, string]>([
  [NaN, "Invalid delay: NaN (not a number)"],
  ["1", "Invalid delay: expected seconds or a duration, got string"],
  [null, "Invalid delay: expected seconds or a duration, got null"],
  [undefined, "Invalid delay: expected seconds or a duration, got undefined"],
  [1n, "Invalid delay: expected seconds or a duration, got bigint"],
  [true, "Invalid delay: expected seconds or a duration, got boolean"],
  [() => 1, "Invalid delay: expected seconds or a duration, got function"],
  [
    {},
    "Invalid delay: expected seconds or one of hours, minutes, seconds, milliseconds, microseconds, nanoseconds, got [object Object]",
  ],
  [
    [5],
    "Invalid delay: expected seconds or one of hours, minutes, seconds, milliseconds, microseconds, nanoseconds, got [5]",
  ],
  [{ days: 1 }, "Invalid delay: days are not a fixed time, use hours"],
  [{ hours: 1, months: 2 }, "Invalid delay: months are not a fixed time, use hours"],
  [
    { second: 1 },
    "Invalid delay: expected seconds or one of hours, minutes, seconds, milliseconds, microseconds, nanoseconds, got {",
  ],
  [{ seconds: "1" }, "Invalid delay: seconds is '1'"],
  [{ milliseconds: NaN }, "Invalid delay: milliseconds is NaN"],
  [{ seconds: Infinity, minutes: -Infinity }, "Invalid delay: its parts add up to NaN"],
])("%o is no delay", (delay, message) => {
  expect(() => secondsOf(delay as Delay)).toThrow(TypeError);
  expect(() => secondsOf(delay as Delay)).toThrow(message);
});

test("a message names what the number is for", () => {
  expect(() => secondsOf(NaN, "timeout")).toThrow("Invalid timeout: NaN (not a number)");
});

test("a value that cannot be shown is refused like any other", () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  expect(() => secondsOf(circular as Delay)).toThrow(/^Invalid delay: expected seconds or one of/);
});
