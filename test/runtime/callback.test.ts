import { describe, expect, test } from "vitest";
import { checkCallable, splitOptions } from "../../src/runtime/callback.ts";
import { Context } from "../../src/runtime/context.ts";

describe("options behind the arguments of a callback", () => {
  test("are an object with a context and nothing else", () => {
    const context = new Context();
    expect(splitOptions([1, "two", { context }])).toEqual([[1, "two"], context]);
    expect(splitOptions([{ context }])[1]).toBe(context);
  });

  test("leave every other last argument where it is", () => {
    const context = new Context();
    for (const last of [{ context, more: 1 }, { context: 5 }, {}, null, undefined, context, [context], "context"]) {
      expect(splitOptions([1, last])[0]).toEqual([1, last]);
    }
    expect(splitOptions([])[0]).toEqual([]);
  });

  test("are not there for most", () => {
    expect(splitOptions([])[1]).toBeUndefined();
    expect(splitOptions([1, "two"])[1]).toBeUndefined();
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
