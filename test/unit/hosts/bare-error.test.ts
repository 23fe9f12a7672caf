import { expect, test } from "vitest";
import { bareError } from "../../../src/hosts/parts/bare-error.ts";

test.each(["x", "", undefined])("an error is as its constructor makes it, but for a stack: message %j", (message) => {
  const made = new RangeError(message);
  const error = bareError(RangeError, message);
  expect([error.constructor, String(error), Object.keys(error)]).toEqual([RangeError, String(made), []]);
  expect(Object.getOwnPropertyDescriptor(error, "message")).toEqual(Object.getOwnPropertyDescriptor(made, "message"));
  expect(error.stack).toBeUndefined();
});
