import { expect, test } from "vitest";
import { AssertionError, NotImplementedError } from "wasyncio/streams";
import { assert } from "../../../src/streams/errors.ts";

test.each(Object.entries({ AssertionError, NotImplementedError }))(
  "%s is an error with its own name, a message and a cause",
  (name, type) => {
    const error = new type("message", { cause: 1 });
    expect([error.name, error.message, error.cause]).toEqual([name, "message", 1]);
    expect(String(error)).toBe(`${name}: message`);
    expect(Object.keys(error)).toEqual([]);
  },
);

test("assert throws unless its condition holds", () => {
  expect(() => assert(true)).not.toThrow();
  expect(() => assert(false, "why")).toThrow(new AssertionError("why"));
  expect(() => assert(false)).toThrow(new AssertionError(""));
});
