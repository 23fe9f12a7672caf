import { describe, expect, test } from "vitest";
import { Context } from "wasyncio";
import { checkCallable, takeContext } from "../../../src/runtime/callback.ts";

describe("the context behind the arguments of a callback", () => {
  const context = new Context();

  test("is in an object with nothing else", () => {
    const args = [1, "two", { context }];
    expect(takeContext(args)).toBe(context);
    expect(args).toEqual([1, "two"]); // taken off
    expect(takeContext([{ context }])).toBe(context);
  });

  test("is not there when the last argument is anything else", () => {
    for (const last of [{ context, more: 1 }, { context: 5 }, {}, null, undefined, context, [context], "context"]) {
      const args = [1, last];
      expect(takeContext(args)).toBeUndefined();
      expect(args).toEqual([1, last]);
    }
    expect(takeContext([])).toBeUndefined();
  });
});

describe("debug mode's look at a callback", () => {
  test("refuses coroutines, coroutine functions and what cannot be called, by name of the method", () => {
    function* coroutine() {}
    expect(() => checkCallable(coroutine, "callSoon")).toThrow(
      new TypeError("coroutines cannot be used with callSoon()"),
    );
    expect(() => checkCallable(coroutine(), "callAt")).toThrow(
      new TypeError("coroutines cannot be used with callAt()"),
    );
    expect(() => checkCallable(5, "callSoon")).toThrow(
      new TypeError("a callable object was expected by callSoon(), got 5"),
    );
    checkCallable(() => {}, "callSoon");
  });
});
