import { describe, expect, test } from "vitest";
import * as abi from "../../../src/core/abi.ts";
import { check, errorOf } from "../../../src/core/codes.ts";
import { InternalError, MemoryError, RuntimeError } from "../../../src/errors/base.ts";

/** The error that each code becomes: what a program can cause, and else a bug of ours. */
const errors: Record<string, new (...args: never[]) => Error> = {
  E_NO_MEMORY: MemoryError,
  E_NOT_A_NUMBER: TypeError,
  E_NO_TASK: RuntimeError,
  E_TRANSITION: RuntimeError,
  E_STALE: InternalError,
  E_KIND: InternalError,
  E_COMPARE: InternalError,
  E_FULL: InternalError,
  E_EMPTY: InternalError,
};

describe("codes of the core", () => {
  const codes = Object.entries(abi).filter(([name]) => name.startsWith("E_"));

  test("are all known here", () => {
    expect(codes.map(([name]) => name).sort()).toEqual(Object.keys(errors).sort());
  });

  test.each(codes)("%s becomes an error of its kind", (name, code) => {
    expect(code).toBeLessThan(0);
    expect(errorOf(code).constructor).toBe(errors[name]);
    expect(errorOf(code).message).toMatch(/^Cannot .+: .+/);
    expect(() => check(code)).toThrow(errors[name]);
  });

  test("a code that nobody knows asks for a report, and names it", () => {
    expect(errorOf(-99)).toBeInstanceOf(InternalError);
    expect(errorOf(-99).message).toContain("-99");
  });

  test("what is not negative is a result", () => {
    expect([check(0), check(7)]).toEqual([0, 7]);
  });
});
