import { describe, expect, test } from "vitest";
import * as asyncio from "../../../src/errors/asyncio.ts";
import * as base from "../../../src/errors/base.ts";
import { osError } from "../../../src/errors/os.ts";
import * as testing from "../../../src/errors/testing.ts";

const errors = { ...base, ...asyncio, ...testing };

const { IncompleteReadError, InternalError, LimitOverrunError, NotAvailableError, ...plain } = errors;

describe("errors", () => {
  test.each(Object.entries(plain))("%s is an Error with its own name, a message and a cause", (name, type) => {
    const cause = new Error("cause");
    const error = new type("message", { cause });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.message, error.cause]).toEqual([name, "message", cause]);
    expect(String(error)).toBe(`${name}: message`);
    expect(Object.keys(error)).toEqual([]);
  });

  test("kinds of RuntimeError can be caught as one", () => {
    const { BrokenBarrierError, DeadlockError, MemoryError, RuntimeError } = plain;
    for (const error of [
      new BrokenBarrierError(),
      new DeadlockError(),
      new MemoryError(),
      new NotAvailableError("x"),
    ]) {
      expect(error).toBeInstanceOf(RuntimeError);
    }
  });

  test("a timeout is what the system refuses, by Python's reckoning", () => {
    expect(new asyncio.TimeoutError("late")).toMatchObject({ code: null, errno: null, syscall: null });
    expect(new asyncio.TimeoutError("late")).toBeInstanceOf(base.OSError);
    const fault = { message: "connect ETIMEDOUT 192.0.2.1:80", code: "ETIMEDOUT", errno: -110, syscall: "connect" };
    const error = osError(fault);
    expect(error).toBeInstanceOf(asyncio.TimeoutError);
    expect(error).toMatchObject({ message: fault.message, code: "ETIMEDOUT", errno: 110, syscall: "connect" });
    expect(Object.keys(error)).toEqual(["code", "errno", "syscall"]);
  });

  test("those with facts of their own say them", () => {
    const partial = new Uint8Array([1, 2, 3]);
    const incomplete = new IncompleteReadError(partial, 5);
    expect(incomplete.message).toBe("3 bytes read on a total of 5 expected bytes");
    expect([incomplete.partial, incomplete.expected]).toEqual([partial, 5]);
    expect(new IncompleteReadError(partial, null).message).toBe("3 bytes read on a total of undefined expected bytes");
    expect(new LimitOverrunError("too long", 7).consumed).toBe(7);
    expect(new NotAvailableError("toThread").message).toBe("Cannot use toThread: it is not available yet");
    expect(new InternalError("Cannot go on").message).toMatch(/^Cannot go on\. .*report/);
  });
});
