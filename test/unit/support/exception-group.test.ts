import { describe, expect, test } from "vitest";
import { CancelledError, ExceptionGroup, RuntimeError, TimeoutError } from "wasyncio";
import { format } from "../../../src/support/format.ts";

const range = new RangeError("range");
const type = new TypeError("type");
const timeout = new TimeoutError("late");

/** A group in words: its message and what is in it, at any depth. */
function words(group: ExceptionGroup | null): unknown {
  if (group === null) return null;
  return [group.message, ...group.exceptions.map((error) => (error instanceof ExceptionGroup ? words(error) : error))];
}

const nested = (): ExceptionGroup =>
  new ExceptionGroup("outer", [
    range,
    new ExceptionGroup("inner", [type, timeout]),
    new ExceptionGroup("empty", [type]),
  ]);

describe("a group", () => {
  test("is an AggregateError with Python's words", () => {
    const group = new ExceptionGroup("several", [range, type]);
    expect(group).toBeInstanceOf(AggregateError);
    expect([group.name, group.message, group.errors, group.exceptions]).toEqual([
      "ExceptionGroup",
      "several",
      [range, type],
      [range, type],
    ]);
    expect(String(group)).toBe("ExceptionGroup: several (2 sub-exceptions)");
    expect(String(new ExceptionGroup("one", [range]))).toBe("ExceptionGroup: one (1 sub-exception)");
    expect(group.stack).toContain("exception-group.test.ts");
    expect(format(group)).toBe("ExceptionGroup('several')");
  });

  test("takes any iterable, and anything that was thrown", () => {
    expect(new ExceptionGroup("m", new Set<unknown>(["text", undefined])).exceptions).toEqual(["text", undefined]);
  });

  test("keeps its list when the one it was made of changes", () => {
    const errors: unknown[] = [range];
    const group = new ExceptionGroup("m", errors);
    errors.push(type);
    expect(group.exceptions).toEqual([range]);
  });

  test("needs a message and at least one error", () => {
    expect(() => new ExceptionGroup(5 as never, [range])).toThrow(TypeError);
    expect(() => new ExceptionGroup(5 as never, [range])).toThrow("the message is 5, not a string");
    expect(() => new ExceptionGroup("m", [])).toThrow(RangeError);
    expect(() => new ExceptionGroup("m", 5 as never)).toThrow(TypeError);
  });
});

describe("split and subgroup", () => {
  test("pick by class, by several classes, or by a predicate, at any depth", () => {
    const group = nested();
    expect(words(group.subgroup(RangeError))).toEqual(["outer", range]);
    expect(words(group.subgroup(TypeError))).toEqual(["outer", ["inner", type], ["empty", type]]);
    expect(words(group.subgroup([RangeError, TimeoutError]))).toEqual(["outer", range, ["inner", timeout]]);
    expect(words(group.subgroup((error) => error === timeout))).toEqual(["outer", ["inner", timeout]]);
    expect(words(group.subgroup(RuntimeError))).toBeNull();
    expect(words(group.subgroup([]))).toBeNull();
  });

  test("split gives both halves, null for an empty one", () => {
    const [matching, rest] = nested().split(TypeError);
    expect([words(matching), words(rest)]).toEqual([
      ["outer", ["inner", type], ["empty", type]],
      ["outer", range, ["inner", timeout]],
    ]);
    const group = nested();
    expect(group.split(Error)).toEqual([group, null]);
    expect(group.split(Error)[0]).toBe(group);
    expect(group.split(CancelledError).map(words)).toEqual([null, words(group)]);
  });

  test("a condition that the group itself meets takes it as a whole", () => {
    const group = nested();
    expect(group.subgroup(ExceptionGroup)).toBe(group);
    expect(group.subgroup(AggregateError)).toBe(group);
    expect(words(group.subgroup((error) => error instanceof ExceptionGroup && error.message === "inner"))).toEqual([
      "outer",
      ["inner", type, timeout],
    ]);
  });

  test("a class is told from a predicate, whatever it extends", () => {
    class NotAnError {}
    function OldError(this: unknown): void {}
    OldError.prototype = Object.create(Error.prototype) as Error;
    const odd = [new NotAnError(), new (OldError as never as new () => Error)(), [1]];
    const group = new ExceptionGroup("m", odd);
    expect(words(group.subgroup(NotAnError))).toEqual(["m", odd[0]]);
    expect(words(group.subgroup(OldError as never))).toEqual(["m", odd[1]]);
    expect(words(group.subgroup(Array))).toEqual(["m", odd[2]]);
    function isList(error: unknown): boolean {
      return Array.isArray(error);
    }
    expect(words(group.subgroup(isList))).toEqual(["m", odd[2]]);
  });

  test("the parts keep the cause and the stack", () => {
    const group = nested();
    group.cause = range;
    const part = group.subgroup(TypeError);
    expect([part?.cause, part?.stack]).toEqual([range, group.stack]);
  });

  test("the parts of a subclass are what derive makes", () => {
    class Coded extends ExceptionGroup {
      readonly code = 7;
      override derive(errors: readonly unknown[]): Coded {
        return new Coded(this.message, errors);
      }
    }
    const [matching, rest] = new Coded("m", [range, type]).split(TypeError);
    expect([matching, rest].map((part) => (part as Coded).code)).toEqual([7, 7]);
  });

  test("refuse what is no condition", () => {
    for (const bad of [5, "RangeError", null, undefined, {}])
      expect(() => nested().split(bad as never)).toThrow(
        /^Cannot split exception group: expected a class or a predicate, got/,
      );
    expect(() => nested().subgroup(5 as never)).toThrow(TypeError);
  });
});
