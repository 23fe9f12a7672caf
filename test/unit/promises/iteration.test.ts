// Async iteration of lowered code, where random programs do not come: what is looked up, closed, and left as it is.

import { describe, expect, test } from "vitest";
import type { Coroutine } from "wasyncio";
import { agen, aiter, await_, run, yieldStar, yield_ } from "wasyncio/lowered";
import { simulate } from "wasyncio/testing";

type Body = Generator<unknown, unknown, unknown>;

function play(body: () => Body): unknown {
  const main = (): Promise<unknown> => run(body() as Coroutine<unknown>, "main");
  const { status, value, error } = simulate(main, { debug: false });
  return status === "ok" ? value : String(error);
}

/** What a `for await` is lowered to. */
function* forAwait(iterable: unknown, body: (value: unknown) => void): Body {
  const it = aiter();
  try {
    while (it.going) for (const value of yield* it.step(it.begun ? undefined : iterable)) body(value);
  } catch (error) {
    throw it.failed(error);
  } finally {
    yield* it.close();
  }
  return undefined;
}

describe("for await", () => {
  test("takes generators among the values as values", () => {
    function* generator(): Generator<number> {
      yield 1;
    }
    const made = generator();
    const seen: unknown[] = [];
    play(() => forAwait([made, Promise], (value) => seen.push(value)));
    expect([seen.length, seen[0] === made, seen[1] === Promise]).toEqual([2, true, true]);
  });

  test("leaves a generator that waits to others, when it is closed by hand", () => {
    const value = play(function* () {
      const generator = agen(
        (function* (): Body {
          yield* await_(null);
          yield* yield_(1);
          return undefined;
        })(),
      );
      const loop = forAwait(generator, () => {});
      loop.next();
      loop.return(undefined);
      return yield* await_(generator.next());
    });
    expect(value).toEqual({ value: 1, done: false });
  });

  test("looks up the one iterator that it uses", () => {
    const log: string[] = [];
    const iterable = {
      get [Symbol.asyncIterator]() {
        log.push("async");
        return () => ({ next: () => ({ done: true }) });
      },
      get [Symbol.iterator]() {
        log.push("sync");
        return undefined;
      },
    };
    play(() => forAwait(iterable, () => {}));
    expect(log).toEqual(["async"]);
    expect(play(() => forAwait({ [Symbol.asyncIterator]: 1 }, () => {}))).toMatch(/^TypeError: .* not async iterable/);
    expect(play(() => forAwait({ [Symbol.asyncIterator]: () => 1 }, () => {}))).toMatch(/^TypeError/);
  });

  test("throws the loop's error, whatever closing throws", () => {
    const source = (close: () => unknown): unknown => ({
      [Symbol.asyncIterator]() {
        return this;
      },
      next: () => ({ done: false, value: 1 }),
      get return() {
        return close();
      },
    });
    const failing = (close: () => unknown): unknown =>
      play(() =>
        forAwait(source(close), () => {
          throw new RangeError("loop");
        }),
      );
    expect(
      failing(() => {
        throw new TypeError("close");
      }),
    ).toBe("RangeError: loop");
    expect(failing(() => () => Promise.reject)).toBe("RangeError: loop");
  });
});

describe("an async generator", () => {
  test("queues its requests, and answers them in order", () => {
    const value = play(function* () {
      const generator = agen(
        (function* (): Body {
          const sent = yield* yield_("a");
          yield* yield_(sent);
          return "end";
        })(),
      );
      const answers = [generator.next("ignored"), generator.next("sent"), generator.next(), generator.next()];
      const given: unknown[] = [];
      for (const answer of answers) given.push(yield* await_(answer));
      return given;
    });
    expect(value).toEqual([
      { value: "a", done: false },
      { value: "sent", done: false },
      { value: "end", done: true },
      { value: undefined, done: true },
    ]);
  });

  test("is closed where it stands, through what it delegates to, past every catch", () => {
    const log: string[] = [];
    function* inner(): Body {
      try {
        yield* yield_(1);
      } catch {
        log.push("inner caught");
      } finally {
        yield* await_(null);
        log.push("inner closed");
      }
      return undefined;
    }
    function* outer(): Body {
      try {
        yield* yieldStar(agen(inner()));
      } catch {
        log.push("outer caught");
      } finally {
        log.push("outer closed");
      }
      log.push("never");
      return undefined;
    }
    const value = play(function* () {
      const generator = agen(outer());
      yield* await_(generator.next());
      return yield* await_(generator.return("value"));
    });
    expect(value).toEqual({ value: "value", done: true });
    expect(log).toEqual(["inner closed", "outer closed"]);
  });

  test("is thrown into, and ended by what it throws", () => {
    const value = play(function* () {
      const generator = agen(
        (function* (): Body {
          try {
            yield* yield_(1);
          } catch (error) {
            yield* yield_(String(error));
          }
          throw new RangeError("end");
        })(),
      );
      const given: unknown[] = [yield* await_(generator.next())];
      given.push(yield* await_(generator.throw(new TypeError("thrown"))));
      try {
        yield* await_(generator.next());
      } catch (error) {
        given.push(String(error));
      }
      given.push(yield* await_(generator.next()));
      return given;
    });
    expect(value).toEqual([
      { value: 1, done: false },
      { value: "TypeError: thrown", done: false },
      "RangeError: end",
      { value: undefined, done: true },
    ]);
  });
});
