// Errors that come from a worker are of the class that they had there.

import { expect, test } from "vitest";
import * as asyncio from "../../../src/errors/asyncio.ts";
import * as base from "../../../src/errors/base.ts";
import * as os from "../../../src/errors/os.ts";
import * as broken from "../../../src/executors/errors.ts";
import { describeError, reviveError } from "../../../src/executors/remote-error.ts";

const CLASSES = [asyncio, base, os, broken]
  .flatMap((module) => Object.values(module) as { readonly prototype: unknown; readonly name: string }[])
  .filter(({ prototype }) => prototype instanceof Error);

test("there are many", () => expect(CLASSES.length).toBeGreaterThan(25));

test.each(CLASSES.map((each) => [each.name, each] as const))("%s", (_, each) => {
  const thrown = Object.setPrototypeOf(new Error("why"), each.prototype as object) as Error;
  const revived = reviveError(structuredClone(describeError(thrown))) as Error;
  expect(Object.getPrototypeOf(revived)).toBe(each.prototype);
  expect(revived.message).toBe("why");
});

test("what an error has of its own is its own again, and changes no class", () => {
  const thrown = new RangeError("why");
  const own = { ["__proto__"]: { evil: true }, code: 5 };
  for (const [key, value] of Object.entries(own)) Object.defineProperty(thrown, key, { value, enumerable: true });
  const revived = reviveError(structuredClone(describeError(thrown))) as RangeError;
  expect(revived).toBeInstanceOf(RangeError);
  expect(Object.entries(revived)).toEqual(Object.entries(own));
});

const throwing = (): never => {
  throw new Error("a trap");
};

test.each<[string, unknown]>([
  ["a getter", Object.defineProperty(new Error("m"), "stack", { get: throwing })],
  ["a name", Object.assign(new Error("m"), { name: { toString: throwing } })],
  ["a message", Object.assign(new Error("m"), { message: { toString: throwing } })],
  ["a proxy", new Proxy(new Error("m"), { ownKeys: throwing })],
])("an error that throws when it is read, by %s, is an error all the same", (_, thrown) => {
  const revived = reviveError(structuredClone(describeError(new Error("outer", { cause: thrown })))) as Error;
  const { cause } = revived.cause as Error;
  expect(revived.message).toBe("outer");
  expect(cause).toBeInstanceOf(Error);
});
