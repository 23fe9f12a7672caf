// The types of `wasyncio/vitest`: what a program gets, and what its check does.

import { expectTypeOf, test } from "vitest";
import { sleep } from "wasyncio";
import { simulated } from "wasyncio/testing";
import { type SimulatedTestOptions, test as door } from "wasyncio/vitest";

test("a check gets what the program returns", () => {
  door.simulated("name", { check: (value) => expectTypeOf(value).toEqualTypeOf<string>() }, () => sleep(1, "value"));
  simulated(() => sleep(1, 5), { check: (value) => expectTypeOf(value).toEqualTypeOf<number>() });
  expectTypeOf<SimulatedTestOptions<number>["timeout"]>().toEqualTypeOf<number | undefined>();
});

test("a program for cases gets their values", () => {
  door.simulated.each([
    [1, "a"],
    [2, "b"],
  ])("%s", function* (number, text) {
    expectTypeOf(number).toEqualTypeOf<number>();
    expectTypeOf(text).toEqualTypeOf<string>();
  });
  door.simulated.each([[1, "a"]] as [number, string][])("%s", { runs: 10 }, function* (number, text) {
    expectTypeOf(number).toEqualTypeOf<number>();
    expectTypeOf(text).toEqualTypeOf<string>();
  });
  door.simulated.each([{ seconds: 1 }])("%s", function* (value) {
    expectTypeOf(value).toEqualTypeOf<{ seconds: number }>();
  });
});

test("vitest's own test is there, with its types", () => {
  expectTypeOf(door.only).toBeFunction();
  expectTypeOf(door.extend).toBeFunction();
});
