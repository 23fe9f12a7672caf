import { describe, expect, test } from "vitest";
import { type Coroutine, aclosing, forEach, nullContext, run, sleep, withAsync } from "wasyncio";
import { giving, throwing } from "../../support/coroutines.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";

describe("aclosing", () => {
  test("closes its thing behind the block, whatever that does", () => {
    const log = fullTrace(function* (log, loop) {
      const thing = {
        *aclose(): Coroutine<void> {
          yield* sleep(1);
          log.push(`closed at ${loop.time()}`);
        },
      };
      log.push(yield* aclosing(thing).with((given) => giving(given === thing)));
      log.push(yield* attemptAwait(withAsync(aclosing(thing), () => throwing(new RangeError("e")))));
    });
    expect(log).toEqual(["closed at 1", true, "closed at 2", "RangeError('e')"]);
  });

  test("closes async generators of JavaScript", async () => {
    const log: unknown[] = [];
    async function* numbers() {
      try {
        for (let number = 1; ; number++) yield number;
      } finally {
        await Promise.resolve();
        log.push("closed");
      }
    }
    await run(function* () {
      yield* aclosing(numbers()).with((each) =>
        forEach({ [Symbol.asyncIterator]: () => ({ next: () => each.next() }) }, (number) => {
          log.push(number);
          return number < 2;
        }),
      );
      log.push("behind");
    });
    expect(log).toEqual([1, 2, "closed", "behind"]);
  });

  test("takes iterators without return, and refuses what cannot be closed", async () => {
    const iterator = { next: () => Promise.resolve({ done: true as const, value: undefined }) };
    expect(await run(() => aclosing(iterator).with(async () => "nothing to close"))).toBe("nothing to close");
    for (const value of [5, null, sleep(1), {}, "text"])
      expect(attempt(() => aclosing(value as never))).toMatch(
        /^TypeError\('Cannot close: expected an object with aclose/,
      );
  });
});

describe("nullContext", () => {
  test("gives its value and does nothing", () => {
    const log = fullTrace(function* (log) {
      log.push(yield* nullContext(5).with((value) => giving(value + 1)));
      log.push(yield* nullContext().with(giving), yield* withAsync(nullContext("x"), giving));
      log.push(yield* attemptAwait(nullContext().with(() => throwing(new RangeError("e")))));
    });
    expect(log).toEqual([6, undefined, "x", "RangeError('e')"]);
  });
});
