import { expect, test } from "vitest";
import { type Coroutine, RuntimeError } from "wasyncio";
import { FlowControlMixin } from "wasyncio/streams";
import { VirtualEventLoop } from "wasyncio/testing";
import { spin } from "../../support/coroutines.ts";
import { iteration } from "../../support/counters.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { trace } from "../../support/stage.ts";

test("it needs a loop", () => {
  expect(() => new FlowControlMixin()).toThrow(RuntimeError);
  const loop = new VirtualEventLoop();
  expect(attempt(() => new FlowControlMixin(loop))).toBeInstanceOf(FlowControlMixin);
  loop.close();
});

test("pausing twice, and resuming what is not paused, are errors", () => {
  trace(function* (_, loop) {
    const protocol = new FlowControlMixin(loop);
    expect(attempt(() => protocol.resumeWriting())).toBe("AssertionError()");
    protocol.pauseWriting();
    expect(attempt(() => protocol.pauseWriting())).toBe("AssertionError()");
    protocol.resumeWriting();
    expect(attempt(() => protocol.resumeWriting())).toBe("AssertionError()");
  });
});

test("those who wait are released in the iteration behind resumeWriting, in order of arrival", () => {
  const log = trace(function* (log, loop) {
    const protocol = new FlowControlMixin();
    protocol.pauseWriting();
    let resumed = 0;
    function* wait(name: string): Coroutine<void> {
      yield* protocol._drainHelper();
      log.push([name, iteration(loop) - resumed]);
    }
    const tasks = ["a", "b", "c"].map((name) => loop.createTask(wait(name)));
    yield* spin(2);
    tasks[1].cancel();
    resumed = iteration(loop);
    protocol.resumeWriting();
    for (const task of tasks) yield* attemptAwait(task);
  });
  expect(log).toEqual([
    ["a", 1],
    ["c", 1],
  ]);
});

test("a lost connection releases those who wait, with its error if it has one, and stops those who come", () => {
  for (const [exc, outcome] of [
    [null, undefined],
    [new RangeError("gone"), "RangeError('gone')"],
  ] as const) {
    trace(function* (log, loop) {
      const protocol = new FlowControlMixin();
      protocol.pauseWriting();
      const tasks = [loop.createTask(protocol._drainHelper()), loop.createTask(protocol._drainHelper())];
      yield* spin(1);
      protocol.connectionLost(exc);
      for (const task of tasks) expect(yield* attemptAwait(task)).toBe(outcome);
      expect(yield* attemptAwait(protocol._drainHelper())).toBe("ConnectionResetError('Connection lost')");
      expect(log).toEqual([]);
    });
  }
});

test("connectionLost takes errors only, and changes nothing else", () => {
  trace(function* () {
    const protocol = new FlowControlMixin();
    expect(attempt(() => protocol.connectionLost("x" as never))).toMatch(/^TypeError/);
    expect(yield* attemptAwait(protocol._drainHelper())).toBe(undefined);
  });
});

test("what waitClosed waits for is its subclasses'", () => {
  trace(function* () {
    expect(attempt(() => new FlowControlMixin()._getCloseWaiter(null))).toBe("NotImplementedError()");
  });
});

test("debug mode tells of pauses", () => {
  const log = trace(
    function* () {
      const protocol = new FlowControlMixin();
      protocol.pauseWriting();
      protocol.resumeWriting();
    },
    { debug: true },
  );
  expect(log).toEqual([
    ["debug", "<FlowControlMixin> pauses writing"],
    ["debug", "<FlowControlMixin> resumes writing"],
  ]);
});

test("a log that throws keeps nobody waiting", () => {
  trace(
    function* (_, loop) {
      const protocol = new FlowControlMixin();
      loop.host.report = () => {
        throw new RangeError("log");
      };
      protocol.pauseWriting();
      const waiting = loop.createTask(protocol._drainHelper());
      yield* spin(1);
      protocol.resumeWriting();
      yield* waiting;
    },
    { debug: true },
  );
});
