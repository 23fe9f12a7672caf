import { expect, test } from "vitest";
import { CancelledError } from "wasyncio";
import { format, nameOf } from "../../../src/support/format.ts";

function named(): void {}

test.each<[unknown, string]>([
  ["text", "'text'"],
  ["it's", `"it's"`],
  [`it's "quoted"`, `'it\\'s "quoted"'`],
  ["two\nlines\t\\", "'two\\nlines\\t\\\\'"],
  [5, "5"],
  [-0.5, "-0.5"],
  [NaN, "NaN"],
  [10n, "10n"],
  [true, "true"],
  [undefined, "undefined"],
  [null, "null"],
  [Symbol("s"), "Symbol(s)"],
  [named, "<function named>"],
  [() => {}, "<function (anonymous)>"],
  [class Thing {}, "<function Thing>"],
  [[1, "two", [3]], "[1, 'two', [3]]"],
  [[], "[]"],
  [{ a: 1 }, '{"a":1}'],
  [{}, "[object Object]"],
  [new (class Thing {})(), "[object Object]"],
  [new Map(), "[object Map]"],
  [Promise.resolve(), "[object Promise]"],
  [new RangeError("x"), "RangeError('x')"],
  [new CancelledError(), "CancelledError()"],
  [{ toString: () => "own text" }, "own text"],
  [{ toString: () => "two\n  lines" }, "two lines"],
])("%o looks like %s", (value, text) => {
  expect(format(value)).toBe(text);
});

test("never throws, whatever the value does", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const throwing = (property: string): object =>
    Object.defineProperty({}, property, {
      get() {
        throw new Error("no");
      },
    });
  const circular: unknown[] = [];
  circular.push(circular);
  const circularObject: { self?: unknown } = {};
  circularObject.self = circularObject;
  expect(format(proxy)).toBe("[object]");
  expect(format(Object.create(null))).toBe("[object Object]");
  expect(format({ toString: () => 5 })).toBe("5");
  expect(format({ toString: () => ({}) })).toBe("[object Object]");
  expect(format(throwing("toString"))).toBe("[object Object]");
  expect(format(throwing("toJSON"))).toBe("[object Object]");
  expect(format(throwing(Symbol.toStringTag as never))).toBe("[object]");
  expect(format({ big: 1n })).toBe("[object Object]");
  expect(format(circularObject)).toBe("[object Object]");
  expect(format(circular)).toBe("[[[[[...]]]]]");
  expect(format(Object.assign(new Error("m"), { name: Symbol("s") }))).toMatch(/^\[object Error\]$/);
  class Named {
    static readonly name = 5;
  }
  expect(format(Named)).toBe("<function (anonymous)>");
});

test("has a bounded length", () => {
  expect(format("x".repeat(5000)).length).toBeLessThan(1100);
  expect(format(Array.from({ length: 1000 }, (_, i) => i))).toMatch(/^\[0, 1, .*, 19, \.\.\.\]$/);
  expect(format({ toString: () => "x".repeat(5000) }).length).toBeLessThan(1100);
  expect(format({ text: "x".repeat(5000) }).length).toBeLessThan(1100);
});

test("nameOf gives the name of a function, and shows anything else", () => {
  expect([named, () => {}, named.bind(null), 5, null].map(nameOf)).toEqual([
    "named",
    "(anonymous)",
    "bound named",
    "5",
    "null",
  ]);
});
