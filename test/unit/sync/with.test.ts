// The coroutine of an `async with` is hand-written: driven by hand, it does what the generator would do that it stands
// for.

import { describe, expect, test } from "vitest";
import { type AsyncContextManager, type Coroutine, Lock, type Suspension } from "wasyncio";
import { type Ways, enterAndLeave, withManager } from "../../../src/waiting/async-with.ts";
import { attempt } from "../../support/outcomes.ts";

type Step = "next" | "throw" | "return";
const STEPS: readonly Step[] = ["next", "throw", "return"];

/** What the driven coroutines do, in the order in which they do it. */
type Log = unknown[];

const give = (value: unknown): Suspension => value as Suspension;

/** Waits in `name`, and writes down how it goes on. */
function* wait(log: Log, name: string): Coroutine<void> {
  try {
    log.push(`${name} got ${String(yield give(name))}`);
  } catch (error) {
    log.push(`${name} threw ${String(error)}`);
    throw error;
  } finally {
    log.push(`${name} over`);
  }
}

const BODIES: Readonly<Record<string, (log: Log) => (value: unknown) => Coroutine<unknown>>> = {
  returns: (log) =>
    function* (value) {
      log.push(`body of ${String(value)}`);
      yield* wait(log, "body");
      return "result";
    },
  "returns at once": () =>
    function* () {
      return "result";
    },
  throws: (log) =>
    function* () {
      yield* wait(log, "body");
      throw "body's";
    },
  catches: (log) =>
    function* () {
      try {
        yield* wait(log, "body");
      } catch {
        yield* wait(log, "catch");
      }
      return "caught";
    },
  "waits in finally": (log) =>
    function* () {
      try {
        yield* wait(log, "body");
      } finally {
        yield* wait(log, "finally");
      }
    },
  "is no coroutine": () => () => 5 as never,
  "throws at the call": () => () => {
    throw "call";
  },
};

/** Makes a coroutine take steps, and writes down what comes of each. */
function drive(steps: readonly Step[], make: (log: Log) => Coroutine<unknown>): Log {
  const log: Log = [];
  const coroutine = make(log);
  for (const [index, step] of steps.entries()) {
    try {
      const argument = `${step}${index}`;
      const { done, value } = coroutine[step](argument) as IteratorResult<unknown, unknown>;
      log.push(`${step}: ${done === true ? "done" : "yields"} ${String(value)}`);
    } catch (error) {
      log.push(`${step}: threw ${String(error)}`);
    }
  }
  return log;
}

/** All sequences of steps up to a length. */
function* sequences(length: number): Iterable<Step[]> {
  yield [];
  if (length === 0) return;
  for (const rest of sequences(length - 1)) for (const step of STEPS) yield [step, ...rest];
}

function checkBody(returned: Coroutine<unknown>): Coroutine<unknown> {
  if (typeof returned === "object") return returned;
  throw new TypeError("Cannot await what the body returned: expected a coroutine, got 5");
}

test.each(STEPS)("it does not resume itself by %s, as a generator does not, and goes on", (step) => {
  const log: Log = [];
  const coroutine: Coroutine<unknown> = new Lock().with(function* () {
    log.push(attempt(() => coroutine[step]("again")));
    yield give("body");
    return "result";
  });
  log.push(coroutine.next(), coroutine.next());
  expect(log).toEqual([
    "TypeError('Coroutine is already running')",
    { done: false, value: "body" },
    { done: true, value: "result" },
  ]);
});

test("a lock is released when the coroutine of its with is closed in the body, and only then", () => {
  const lock = new Lock();
  const coroutine = lock.with(function* () {
    yield give("body");
  });
  coroutine.next();
  expect(lock.locked()).toBe(true);
  expect(coroutine.return()).toEqual({ done: true, value: undefined });
  expect(lock.locked()).toBe(false);
  lock.with(function* () {}).return();
  expect(lock.locked()).toBe(false);
});

describe.each(Object.entries(BODIES))("a body that %s", (_, body) => {
  test.each([undefined, true])("in a manager whose aexit returns %s", (swallows) => {
    const manager = (log: Log): AsyncContextManager<unknown> => ({
      *aenter() {
        yield* wait(log, "aenter");
        return "value";
      },
      *aexit(error, failed) {
        log.push(`aexit ${String(error)} ${String(failed)}`);
        yield* wait(log, "aexit");
        return swallows;
      },
    });
    function* reference(log: Log): Coroutine<unknown> {
      const { aenter, aexit } = manager(log);
      const value = yield* aenter();
      let result: unknown;
      try {
        result = yield* checkBody(body(log)(value));
      } catch (error) {
        if ((yield* aexit(error, true)) === true) return undefined;
        throw error;
      }
      yield* aexit(undefined, false);
      return result;
    }
    for (const steps of sequences(5)) {
      expect(
        drive(steps, (log) => withManager(manager(log), body(log))),
        steps.join(),
      ).toEqual(drive(steps, reference));
    }
  });

  test("in something that is left without a coroutine", () => {
    const ways: Ways<Log> = {
      enter: (log) => wait(log, "enter"),
      gives: false,
      leave(log) {
        log.push("left");
        return null;
      },
      close: (log) => log.push("left"),
    };
    function* reference(log: Log): Coroutine<unknown> {
      yield* wait(log, "enter");
      try {
        return yield* checkBody(body(log)(undefined));
      } finally {
        log.push("left");
      }
    }
    for (const steps of sequences(5)) {
      expect(
        drive(steps, (log) => enterAndLeave(ways, log, body(log))),
        steps.join(),
      ).toEqual(drive(steps, reference));
    }
  });
});
