import { expect, test } from "vitest";
import { type AsyncContextManager, type Coroutine, createTask } from "wasyncio";
import { withManager } from "../../../src/waiting/async-with.ts";
import { spin } from "../../support/coroutines.ts";
import { attemptAwait } from "../../support/outcomes.ts";
import { tidyTrace } from "../../support/stage.ts";

/** A manager that writes down what happens to it. */
function manager(log: unknown[], swallows: boolean | void): AsyncContextManager<string> {
  return {
    *aenter() {
      yield* spin(1);
      log.push("enter");
      return "value";
    },
    *aexit(error, failed) {
      yield* spin(1);
      log.push(["exit", error, failed]);
      return swallows;
    },
  };
}

const failing = new RangeError("body");
function* fail(): Coroutine<number> {
  throw failing;
}

test("the body gets what aenter gives, and its result comes out behind aexit", () => {
  const log = tidyTrace(function* (log) {
    const result = yield* withManager(manager(log, undefined), function* (value) {
      yield* spin(1);
      log.push(value);
      return 42;
    });
    log.push(result);
  });
  expect(log).toEqual(["enter", "value", ["exit", undefined, false], 42]);
});

test.each([undefined, false])(
  "an error of the body is told to aexit, and comes out when that returns %s",
  (swallows) => {
    const log = tidyTrace(function* (log) {
      log.push(yield* attemptAwait(withManager(manager(log, swallows), fail) as Coroutine<number>));
    });
    expect(log).toEqual(["enter", ["exit", failing, true], "RangeError('body')"]);
  },
);

test("an error that aexit swallows leaves undefined", () => {
  const log = tidyTrace(function* (log) {
    log.push(yield* withManager(manager(log, true), fail));
  });
  expect(log).toEqual(["enter", ["exit", failing, true], undefined]);
});

test("even undefined, when the body throws it, is an error", () => {
  const log = tidyTrace(function* (log) {
    yield* withManager(manager(log, true), function* () {
      throw undefined;
    });
  });
  expect(log).toEqual(["enter", ["exit", undefined, true]]);
});

test("an error of aenter comes out, and neither body nor aexit runs", () => {
  const log = tidyTrace(function* (log) {
    const broken: AsyncContextManager<void> = {
      *aenter() {
        throw failing;
      },
      *aexit() {
        log.push("never");
      },
    };
    log.push(yield* attemptAwait(withManager(broken, fail) as Coroutine<number>));
  });
  expect(log).toEqual(["RangeError('body')"]);
});

test("an error of aexit takes the place of the body's", () => {
  const log = tidyTrace(function* (log) {
    const broken: AsyncContextManager<void> = {
      *aenter() {},
      *aexit() {
        throw new TypeError("aexit");
      },
    };
    log.push(yield* attemptAwait(withManager(broken, fail) as Coroutine<number>));
  });
  expect(log).toEqual(["TypeError('aexit')"]);
});

test("a cancellation of the body is an error like others", () => {
  const log = tidyTrace(function* (log) {
    const task = createTask(
      withManager(manager(log, undefined), function* () {
        yield* spin(9);
      }) as Coroutine<void>,
    );
    yield* spin(3);
    task.cancel("enough");
    log.push(yield* attemptAwait(task));
  });
  expect(log).toEqual([
    "enter",
    ["exit", expect.objectContaining({ name: "CancelledError" }), true],
    "CancelledError('enough')",
  ]);
});
