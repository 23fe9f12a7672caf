import { describe, expect, test, vi } from "vitest";
import {
  ContextVar,
  type Coroutine,
  EventLoop,
  type ExceptionContext,
  type Future,
  type Host,
  createTask,
  run,
  sleep,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { ManualHost } from "../../support/manual-host.ts";
import { throwing } from "../../support/coroutines.ts";
import { attempt, describeError } from "../../support/outcomes.ts";
import { type Trace, dispose, newLoop, runOnce } from "../../support/stage.ts";

/** A loop without exception handler, which writes what it tells the developer to `reports`. */
function newReportingLoop(): { loop: VirtualEventLoop; reports: unknown[] } {
  const loop = new VirtualEventLoop();
  const reports: unknown[] = [];
  loop.host.report = (...report) => reports.push(report);
  return { loop, reports };
}

describe("the default handler", () => {
  test("leaves out what is undefined", () => {
    const { loop, reports } = newReportingLoop();
    loop.callExceptionHandler({ message: "hello", a: 1, none: undefined });
    expect(reports).toEqual([["error", "hello\na: 1", undefined]]);
    dispose(loop);
  });

  test("takes an empty message for none", () => {
    const { loop, reports } = newReportingLoop();
    loop.callExceptionHandler({ message: "" });
    expect(reports).toEqual([["error", "Unhandled exception in event loop", undefined]]);
    dispose(loop);
  });

  test("tells which callback failed", () => {
    const { loop, reports } = newReportingLoop();
    const error = new RangeError("x");
    loop.callSoon(function bad() {
      throw error;
    });
    runOnce(loop);
    expect(reports).toEqual([["error", "Exception in callback bad()\nhandle: <Handle bad()>", error]]);
    dispose(loop);
  });

  test("a subclass may replace it, and may throw", () => {
    const seen: unknown[] = [];
    class Loop extends EventLoop {
      override defaultExceptionHandler(context: ExceptionContext): void {
        seen.push(context.message);
        throw new RangeError("in the handler");
      }
    }
    const host = new ManualHost();
    const loop = new Loop(host);
    loop.callExceptionHandler({ message: "m" });
    expect(seen).toEqual(["m"]);
    expect(host.reports).toEqual([
      ["error", "Exception in default exception handler", new RangeError("in the handler")],
    ]);
    loop.close();
  });

  test("shows values that cannot be shown", () => {
    const { loop, reports } = newReportingLoop();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    loop.callExceptionHandler({ message: "m", value: proxy });
    expect(reports).toEqual([["error", "m\nvalue: [object]", undefined]]);
    dispose(loop);
  });
});

describe("a handler of the program", () => {
  test("must be a function or null", () => {
    const loop = newLoop();
    const before = loop.getExceptionHandler();
    for (const bad of [5, "f", {}, undefined])
      expect(() => loop.setExceptionHandler(bad as never)).toThrow(/^A callable object or null is expected, got /);
    expect(() => loop.setExceptionHandler(5 as never)).toThrow(TypeError);
    expect(loop.getExceptionHandler()).toBe(before);
    loop.setExceptionHandler(null);
    expect(loop.getExceptionHandler()).toBeNull();
    expect(new VirtualEventLoop().getExceptionHandler()).toBeNull();
    dispose(loop);
  });

  test("that throws is reported with what it was called for", () => {
    const { loop, reports } = newReportingLoop();
    loop.setExceptionHandler(() => {
      throw new RangeError("in the handler");
    });
    expect(attempt(() => loop.callExceptionHandler({ message: "original" }))).toBeUndefined();
    expect(reports).toEqual([
      [
        "error",
        `Unhandled error in exception handler\ncontext: {"message":"original"}`,
        new RangeError("in the handler"),
      ],
    ]);
    dispose(loop);
  });

  test("is called in the context of the task, else the future, else the handle", () => {
    const variable = new ContextVar("variable", { default: "none" });
    const log: Trace = [];
    const loop = new VirtualEventLoop();
    loop.setExceptionHandler((caller, { message }) =>
      log.push([caller === loop, message?.split(" ")[0], variable.get()]),
    );
    loop.createTask(
      (function* () {
        variable.set("of the task");
        throw new RangeError();
      })(),
    );
    loop.callSoon(() => {
      variable.set("of the handle");
      throw new RangeError();
    });
    runOnce(loop);
    loop.callExceptionHandler({ message: "plain" });
    loop.callExceptionHandler({ message: "future", future: loop.createFuture() });
    dispose(loop);
    expect(log).toEqual([
      [true, "Exception", "of the handle"],
      [true, "plain", "none"],
      [true, "future", "none"],
      [true, "Task", "of the task"],
    ]);
    expect(variable.get()).toBe("none");
  });

  test("may schedule, and may replace itself", () => {
    const log: Trace = [];
    const loop = newLoop();
    loop.setExceptionHandler((_, { message }) => {
      log.push(message);
      loop.setExceptionHandler(null);
      loop.callSoon(() => log.push("scheduled"));
    });
    loop.callExceptionHandler({ message: "m" });
    expect(loop.getExceptionHandler()).toBeNull();
    runOnce(loop);
    expect(log).toEqual(["m", "scheduled"]);
    dispose(loop);
  });
});

describe("errors that nobody looked at", () => {
  const makeFailed = (loop: EventLoop): Future<void> => {
    const future = loop.createFuture();
    future.setException(new RangeError("v"));
    return future;
  };

  test("are reported at the latest when the loop is closed, with the future", () => {
    const contexts: ExceptionContext[] = [];
    const loop = new VirtualEventLoop();
    loop.setExceptionHandler((_, context) => contexts.push(context));
    const future = makeFailed(loop);
    const task = loop.createTask(throwing(new TypeError("t")));
    runOnce(loop);
    expect(contexts).toEqual([]);
    loop.close();
    loop.close();
    expect(contexts.map(({ message, exception }) => [message, describeError(exception)])).toEqual([
      ["Future exception was never retrieved", "RangeError('v')"],
      ["Task exception was never retrieved", "TypeError('t')"],
    ]);
    expect(contexts.map((context) => Object.keys(context).sort())).toEqual([
      ["exception", "future", "message"],
      ["exception", "future", "message"],
    ]);
    expect([contexts[0]?.future === future, contexts[1]?.future === task]).toEqual([true, true]);
  });

  const looks: [string, (future: Future<void>) => unknown][] = [
    ["result()", (future) => attempt(() => future.result())],
    ["exception()", (future) => future.exception()],
    ["cancel()", (future) => future.cancel()],
    ["then()", (future) => future.then(undefined, () => {})],
    [
      "yield*",
      (future) =>
        future.getLoop().createTask(
          (function* (): Coroutine<void> {
            try {
              yield* future;
            } catch {
              // this is the look
            }
          })(),
        ),
    ],
  ];
  test.each(looks)("%s counts as a look", (_, look) => {
    const log: Trace = [];
    const loop = newLoop(log);
    look(makeFailed(loop));
    runOnce(loop);
    dispose(loop);
    expect(log).toEqual([]);
  });

  test("done, cancelled and a callback that looks at nothing are no look", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    const future = makeFailed(loop);
    future.addDoneCallback(() => {});
    log.push(future.done(), future.cancelled(), String(future));
    runOnce(loop);
    dispose(loop);
    expect(log.slice(3)).toEqual([["EH", "Future exception was never retrieved", "RangeError('v')"]]);
  });

  test("a cancelled task is no error, nor is a future that is never settled", () => {
    const log: Trace = [];
    const loop = newLoop(log);
    loop.createTask(throwing(new RangeError())).cancel();
    loop.createFuture();
    runOnce(loop);
    dispose(loop);
    expect(log).toEqual([]);
  });

  test("are reported when the future is collected, where the host tells", () => {
    let collect = (): void => {};
    const stopped = vi.fn();
    const host: ManualHost & Pick<Host, "onCollected"> = new ManualHost();
    host.onCollected = (_target: object, notify: () => void) => {
      collect = notify;
      return stopped;
    };
    const loop = new EventLoop(host);
    const contexts: ExceptionContext[] = [];
    loop.setExceptionHandler((_, context) => contexts.push(context));
    makeFailed(loop);
    expect(contexts).toEqual([]);
    collect();
    expect(contexts.map((context) => context.message)).toEqual(["Future exception was never retrieved"]);
    expect(contexts[0].exception).toBeInstanceOf(Error);
    loop.close();
    expect(contexts.length).toBe(1);

    const seen = makeFailed(new EventLoop(host));
    stopped.mockClear();
    seen.exception();
    expect(stopped).toHaveBeenCalledTimes(1);
  });
});

test("a task that fails with what no question can be put to fails, and nothing else does", async () => {
  const { proxy, revoke } = Proxy.revocable(new Error("m"), {});
  revoke();
  const failed = await run(function* () {
    const task = createTask(throwing(proxy));
    yield* sleep(0.01); // behind the turn: the host looks at errors that nobody has looked at
    return task.exception() === proxy;
  });
  expect(failed).toBe(true);
});
