// handler: the answer in each case, and that nothing is left behind.

import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  type Coroutine,
  EventLoop,
  type Handle,
  Lock,
  TaskGroup,
  TimeoutError,
  abortable,
  allTasks,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  shield,
  sleep,
  timeout,
  wrapFuture,
} from "wasyncio";
import { type RequestHandler, background, handler, streamOf } from "wasyncio/edge";
import { LOOPS, Traces, answer, get, textOf } from "../../support/requests.ts";
import { until } from "../../support/until.ts";

const ok = (): Response => new Response("ok");

afterEach(() => void vi.restoreAllMocks());

describe.each(LOOPS)("with a loop that is '%s'", (kind) => {
  describe("a handler that returns a response", () => {
    test("gives that very response", async () => {
      const traces = new Traces(kind);
      const response = new Response("hello", { status: 201, headers: { "x-test": "1" } });
      const given = await answer(
        function* () {
          yield* sleep(10);
          return response;
        },
        { traces },
      );
      expect(given).toBe(response);
      await traces.ended();
      expect([traces.made, traces.errors]).toEqual([1, []]);
    });

    test("gets all arguments of the host", async () => {
      const seen: unknown[] = [];
      const fetch = handler(function* (...args: [request: Request, ...rest: unknown[]]) {
        seen.push(...args);
        return ok();
      });
      const args = [get(), { KEY: "1" }, { waitUntil() {} }] as const;
      await fetch(...args);
      expect(seen).toEqual(args);
      expect(fetch.length).toBe(3); // Deno counts
    });

    test("may be a function that returns anything that can be awaited", async () => {
      const future = function () {
        return getRunningLoop().createTask(
          (function* () {
            return ok();
          })(),
        );
      };
      expect(await textOf(await answer(future))).toBe("200 ok");
      const real = { loopFactory: () => new EventLoop() };
      expect(await textOf(await answer(async () => ok(), real))).toBe("200 ok");
    });

    test("has a loop of its own or shares one, and no loop is the current one between the turns", async () => {
      const loops = new Set<EventLoop>();
      const fetch = handler(
        function* () {
          loops.add(getRunningLoop());
          yield* sleep(0);
          return ok();
        },
        { loop: kind },
      );
      await Promise.all([1, 2, 3].map(() => fetch(get())));
      expect(loops.size).toBe(kind === "request" ? 3 : 1);
      expect(() => getRunningLoop()).toThrow("no running event loop");
    });

    test("sees of its loop only its own tasks, and may cancel all others", async () => {
      const traces = new Traces(kind);
      const response = await answer(
        function* () {
          expect([...allTasks()].map((task) => task === currentTask())).toEqual([true]);
          createTask(sleep(1000));
          for (const task of allTasks()) if (task !== currentTask()) task.cancel();
          yield* sleep(1);
          return ok();
        },
        { traces },
      );
      expect(await textOf(response)).toBe("200 ok");
      await traces.ended();
    });

    test("may call another handler", async () => {
      const traces = new Traces(kind);
      const options = { traces, loopFactory: traces.realLoop };
      const inner: RequestHandler<undefined, Traces["ctx"]> = function* () {
        yield* sleep(0);
        return new Response("inner");
      };
      const outer = answer(function* () {
        const response = yield* wrapFuture(answer(inner, options));
        return new Response(`outer ${yield* wrapFuture(response.text())}`);
      }, options);
      expect(await textOf(await outer)).toBe("200 outer inner");
      await traces.ended();
      expect(traces.made).toBe(2);
    });

    test("may stop its loop, which goes on", async () => {
      const traces = new Traces(kind);
      const response = await answer(
        function* () {
          getRunningLoop().stop();
          yield* sleep(1);
          return ok();
        },
        { traces },
      );
      expect(await textOf(response)).toBe("200 ok");
      await traces.ended();
    });
  });

  describe("what the handler leaves behind", () => {
    test("is cancelled once, and waited for, behind the answer", async () => {
      const traces = new Traces(kind);
      const log: string[] = [];
      function* worker(name: string): Coroutine<void> {
        try {
          yield* sleep(1000);
        } finally {
          yield* sleep(5);
          log.push(`${name} cleaned up at ${getRunningLoop().time()}`);
        }
      }
      const response = await answer(
        function* () {
          createTask(worker("a"));
          createTask(worker("b"));
          yield* sleep(1);
          return ok();
        },
        { traces },
      );
      expect(await textOf(response)).toBe("200 ok");
      await traces.ended();
      expect(log).toEqual(["a cleaned up at 6", "b cleaned up at 6"]);
    });

    test("goes on with `background`, with the tasks that it has made, and with those only", async () => {
      const traces = new Traces(kind);
      const log: string[] = [];
      function* note(text: string, delay: number): Coroutine<void> {
        yield* sleep(delay);
        log.push(text);
      }
      const response = await answer(
        function* () {
          createTask(note("left", 2));
          background(
            (function* () {
              createTask(note("left by the background task", 100));
              yield* gather(note("gathered 1", 5), note("gathered 2", 6));
              background(note("from the background", 10));
            })(),
            { name: "log" },
          );
          yield* sleep(1);
          return ok();
        },
        { traces },
      );
      expect(await textOf(response)).toBe("200 ok");
      await traces.ended();
      expect(log).toEqual(["gathered 1", "gathered 2", "from the background"]);
      expect(traces.errors).toEqual([]);
    });

    test("is given to waitUntil before the handler begins", async () => {
      const traces = new Traces(kind);
      let told = 0;
      await answer(
        function* () {
          told = traces.waiting.length;
          return ok();
        },
        { traces },
      );
      expect(told).toBe(1);
      const promises: Promise<unknown>[] = [];
      const other = new Traces(kind);
      await answer(
        function* () {
          return ok();
        },
        { traces: other, waitUntil: (promise) => promises.push(promise) },
      );
      expect([promises.length, other.waiting.length]).toEqual([1, 0]);
      await Promise.all(promises);
      await other.ended();
    });

    test("goes on where waitUntil refuses it, which is reported", async () => {
      const traces = new Traces(kind);
      const waitUntil = (): never => {
        throw new Error("too late");
      };
      let isDone = false;
      const work = function* (): Coroutine<void> {
        yield* sleep(1);
        isDone = true;
      };
      const response = await answer(
        function* () {
          background(work());
          return ok();
        },
        { traces, waitUntil },
      );
      expect(response.status).toBe(200);
      await until(() => traces.isOver());
      expect([isDone, traces.errors.map(String)]).toEqual([true, ["Error: too late"]]);
    });

    test("is reported when it fails in its clean-up", async () => {
      const traces = new Traces(kind);
      await answer(
        function* () {
          createTask(
            (function* () {
              try {
                yield* sleep(100);
              } finally {
                // oxlint-disable-next-line no-unsafe-finally
                throw new Error("in clean-up");
              }
            })(),
          );
          yield* sleep(0);
          return ok();
        },
        { traces },
      );
      await traces.ended();
      expect(traces.errors.map(String)).toEqual(["Error: in clean-up"]);
    });

    test("may begin background tasks in its clean-up", async () => {
      const traces = new Traces(kind);
      const log: string[] = [];
      await answer(
        function* () {
          createTask(
            (function* () {
              try {
                yield* sleep(100);
              } finally {
                background(
                  (function* () {
                    yield* sleep(1);
                    log.push("background");
                  })(),
                );
                yield* sleep(10);
                log.push("cleaned up");
              }
            })(),
          );
          yield* sleep(0);
          return ok();
        },
        { traces },
      );
      await traces.ended();
      expect(log).toEqual(["background", "cleaned up"]);
    });
  });

  describe("a handler that fails", () => {
    test("is answered with 500, without a word of the error", async () => {
      const traces = new Traces(kind);
      const failure = new Error("secret");
      const response = await answer(
        function* () {
          yield* sleep(1);
          throw failure;
        },
        { traces },
      );
      expect(await textOf(response)).toBe("500 Internal Server Error");
      expect(traces.errors).toEqual([failure]);
      await traces.ended();
    });

    test("is answered with what onError returns", async () => {
      const response = await answer(
        function* () {
          throw new RangeError("no such page");
        },
        { onError: (error, request) => new Response(`${(error as Error).name} ${request.method}`, { status: 404 }) },
      );
      expect(await textOf(response)).toBe("404 RangeError GET");
    });

    test("is reported to the host's log without an onError", async () => {
      const log = vi.spyOn(console, "error").mockReturnValue();
      const failure = new Error("for the log");
      const fetch = handler(function* () {
        throw failure;
      });
      expect((await fetch(get())).status).toBe(500);
      expect(log.mock.calls).toEqual([["Unhandled error in request handler"], [failure]]);
    });

    test.each<[string, unknown, string]>([
      ["nothing", undefined, "undefined"],
      ["a text", "text", "'text'"],
      ["an object", { status: 200 }, '{"status":200}'],
    ])("counts as one when it returns %s", async (_, value, text) => {
      const traces = new Traces(kind);
      const response = await answer(
        function* () {
          return value as Response;
        },
        { traces },
      );
      expect(response.status).toBe(500);
      expect(traces.errors.map(String)).toEqual([
        `TypeError: Cannot answer: expected a Response from the handler, got ${text}`,
      ]);
    });

    test("counts as one when it is no coroutine function", async () => {
      const traces = new Traces(kind);
      expect((await answer(() => ok() as never, { traces })).status).toBe(500);
      expect(traces.errors.map(String)).toEqual([
        "TypeError: A Future, a coroutine or an awaitable is required, got [object Response]",
      ]);
    });

    test("counts as one when it has cancelled itself", async () => {
      const traces = new Traces(kind);
      const response = await answer(
        function* () {
          currentTask()?.cancel();
          yield* sleep(1);
          return ok();
        },
        { traces },
      );
      expect(response.status).toBe(500);
      expect(traces.errors.map(String)).toEqual(["CancelledError"]);
    });

    test("does so when a timeout of its own has passed", async () => {
      const traces = new Traces(kind);
      const response = await answer(
        function* () {
          yield* timeout(1).with(() => sleep(2));
          return ok();
        },
        { traces, deadline: 10 },
      );
      expect(response.status).toBe(500);
      expect(traces.errors[0]).toBeInstanceOf(TimeoutError);
    });

    test("does so in the host's log when onError fails, too", async () => {
      const log = vi.spyOn(console, "error").mockReturnValue();
      const failing = function* (): Coroutine<Response> {
        throw new Error("first");
      };
      const onError = (): never => {
        throw new Error("second");
      };
      expect((await answer(failing, { onError })).status).toBe(500);
      expect(log.mock.calls.flat().map(String).join(" ")).toMatch(
        /Error: first.*Unhandled error in onError.*Error: second/s,
      );

      log.mockClear();
      expect((await answer(failing, { onError: (() => "text") as never })).status).toBe(500);
      expect(log.mock.calls.flat().map(String).join(" ")).toMatch(
        /first.*TypeError: Cannot answer: expected a Response from onError, got 'text'/s,
      );
    });

    test("is not the same as a background task or callback that fails: that is only reported", async () => {
      const traces = new Traces(kind);
      const response = await answer(
        function* () {
          background(
            (function* () {
              yield* sleep(1);
              throw new Error("background");
            })(),
          );
          getRunningLoop().callSoon(() => {
            throw new Error("callback");
          });
          yield* sleep(0);
          return ok();
        },
        {
          traces,
          onError: (error) => {
            traces.errors.push(error);
            return new Response("not for this");
          },
        },
      );
      expect(await textOf(response)).toBe("200 ok");
      await traces.ended();
      expect(traces.errors.map(String)).toEqual(["Error: callback", "Error: background"]);
    });

    test("is answered with 500 when nothing can ever wake it", async () => {
      const traces = new Traces(kind);
      const response = await answer(
        function* () {
          const lock = new Lock();
          yield* lock.acquire();
          yield* lock.acquire();
          return ok();
        },
        { traces },
      );
      expect(response.status).toBe(500);
      expect(String(traces.errors[0])).toMatch(/^DeadlockError: Cannot go on: .*Task 'GET \/' is waiting for <Lock /s);
      await Promise.all(traces.waiting);
      if (kind === "request") expect(traces.closed).toBe(1);
      else await traces.ended();
    });
  });

  describe("a deadline", () => {
    function* late(log: string[] = []): Coroutine<Response> {
      try {
        yield* sleep(100);
      } catch (error) {
        log.push(String(error));
        throw error;
      } finally {
        yield* sleep(20);
        log.push(`cleaned up at ${getRunningLoop().time()}`);
      }
      return ok();
    }

    test("is answered with 504, and the handler is cancelled", async () => {
      const traces = new Traces(kind);
      const log: string[] = [];
      expect(await textOf(await answer(() => late(log), { traces, deadline: 5 }))).toBe("504 Gateway Timeout");
      await traces.ended();
      expect(log).toEqual(["CancelledError: the deadline passed", "cleaned up at 25"]);
      expect(traces.errors).toEqual([]);
    });

    test("is answered at once for an async function too, which cannot be stopped; abortable tells it", async () => {
      const traces = new Traces(kind);
      const log: string[] = [];
      let end = (): void => {};
      const work = async (signal?: AbortSignal): Promise<Response> => {
        await new Promise<void>((resolve) => (end = resolve));
        log.push(`goes on, ${signal === undefined ? "and knows nothing" : `aborted: ${signal.aborted}`}`);
        return new Response("late");
      };
      const options = { traces, deadline: 0.005, loopFactory: traces.realLoop };
      for (const program of [() => work(), () => abortable(work)]) {
        expect((await answer(program, options)).status).toBe(504);
        end();
        await traces.ended();
      }
      expect(log).toEqual(["goes on, and knows nothing", "goes on, aborted: true"]);
      expect(traces.errors).toEqual([]);
    });

    test("is answered at once, whatever the handler does then", async () => {
      const traces = new Traces(kind);
      let answeredAt = NaN;
      const response = await answer(
        function* () {
          try {
            yield* sleep(100);
          } catch {
            yield* sleep(50); // takes no notice
          }
          return new Response("late");
        },
        {
          traces,
          deadline: { seconds: 5 },
          onDeadline: (request) => {
            answeredAt = getRunningLoop().time();
            return new Response(`too late for ${request.url}`, { status: 503 });
          },
        },
      );
      expect(await textOf(response)).toBe("503 too late for http://localhost/");
      expect(answeredAt).toBe(5);
      await traces.ended();
    });

    test("is kept by a handler in time, and by one without a deadline", async () => {
      for (const deadline of [101, Infinity, null]) {
        const response = await answer(
          function* () {
            yield* sleep(100);
            return ok();
          },
          { deadline },
        );
        expect(response.status).toBe(200);
      }
    });

    test("may have passed from the start: a handler that does not wait is in time all the same", async () => {
      const traces = new Traces(kind);
      expect((await answer(() => late(), { traces, deadline: 0 })).status).toBe(504);
      const atOnce = function* (): Coroutine<Response> {
        return ok();
      };
      expect((await answer(atOnce, { traces, deadline: -1 })).status).toBe(200);
      await traces.ended();
    });

    test("does not end background tasks", async () => {
      const traces = new Traces(kind);
      const log: string[] = [];
      const response = await answer(
        function* () {
          background(
            (function* () {
              yield* sleep(30);
              log.push("done");
            })(),
          );
          return yield* late();
        },
        { traces, deadline: 5 },
      );
      expect(response.status).toBe(504);
      await traces.ended();
      expect(log).toEqual(["done"]);
    });

    test("reports what a cancelled handler fails with instead", async () => {
      const traces = new Traces(kind);
      const response = await answer(
        function* () {
          try {
            yield* sleep(100);
          } catch {
            throw new Error("in clean-up");
          }
          return ok();
        },
        { traces, deadline: 5 },
      );
      expect(response.status).toBe(504);
      await traces.ended();
      expect(traces.errors.map(String)).toEqual(["Error: in clean-up"]);
    });

    test.each<[string, () => Response, string]>([
      ["throws", () => Promise.reject.call(null) as never, "TypeError"],
      [
        "gives no response",
        () => "text" as never,
        "TypeError: Cannot answer: expected a Response from onDeadline, got 'text'",
      ],
    ])("is answered with 504 when onDeadline %s", async (_, onDeadline, text) => {
      const traces = new Traces(kind);
      expect((await answer(() => late(), { traces, deadline: 5, onDeadline })).status).toBe(504);
      expect(String(traces.errors[0])).toContain(text);
      await traces.ended();
    });

    test("is kept or not at each point of the handler's life, and nothing is left", async () => {
      const outcomes: string[] = [];
      for (let deadline = 0; deadline <= 7; deadline += 0.5) {
        const traces = new Traces(kind);
        const log: string[] = [];
        const response = await answer(() => program(log), { traces, deadline });
        await traces.ended();
        expect(traces.errors).toEqual([]);
        expect(log.filter((entry) => entry === "entered").length).toBe(log.filter((entry) => entry === "left").length);
        outcomes.push(String(response.status));
      }
      expect(outcomes).toEqual([...Array(13).fill("504"), "200", "200"]);
    });
  });

  /** A handler that waits in many ways, for a bit more than 6 seconds in all. */
  function* program(log: string[]): Coroutine<Response> {
    log.push("entered");
    try {
      const lock = new Lock();
      yield* lock.with(() => sleep(1));
      yield* gather(sleep(1), sleep(1));
      yield* new TaskGroup().with(function* (group) {
        group.createTask(sleep(1));
        yield* sleep(0.5);
      });
      yield* timeout(10).with(() => sleep(1));
      yield* shield(sleep(1));
      yield* createTask(sleep(1));
      return ok();
    } finally {
      try {
        yield* sleep(0.25);
      } finally {
        log.push("left");
      }
    }
  }

  describe("a client that goes away", () => {
    test("before the handler begins keeps it from beginning", async () => {
      const traces = new Traces(kind);
      let begun = false;
      const response = await answer(
        function* () {
          begun = true;
          return ok();
        },
        { traces, request: get({ signal: AbortSignal.abort() }) },
      );
      expect([response.status, begun]).toEqual([499, false]);
      await traces.ended();

      const controller = new AbortController();
      const promise = answer(
        function* () {
          begun = true;
          return ok();
        },
        { traces, request: get({ signal: controller.signal }) },
      );
      controller.abort();
      expect([(await promise).status, begun]).toEqual([499, false]);
      await traces.ended();
    });

    test("cancels the handler, which may clean up", async () => {
      const traces = new Traces(kind);
      const controller = new AbortController();
      const log: string[] = [];
      const response = await answer(
        function* () {
          getRunningLoop().callLater(3, () => controller.abort());
          try {
            yield* sleep(1000);
          } catch (error) {
            log.push(`${String(error)} at ${getRunningLoop().time()}`);
            throw error;
          } finally {
            yield* sleep(2);
            log.push(`cleaned up at ${getRunningLoop().time()}`);
          }
          return ok();
        },
        { traces, request: get({ signal: controller.signal }) },
      );
      expect(await textOf(response)).toBe("499 ");
      await traces.ended();
      expect(log).toEqual(["CancelledError: the request was aborted at 3", "cleaned up at 5"]);
      expect(traces.errors).toEqual([]);
    });

    test("does not end background tasks, nor is it of interest behind the answer", async () => {
      const traces = new Traces(kind);
      const controller = new AbortController();
      const log: string[] = [];
      const response = await answer(
        function* () {
          background(
            (function* () {
              yield* sleep(1);
              controller.abort();
              yield* sleep(1);
              log.push("done");
            })(),
          );
          return ok();
        },
        { traces, request: get({ signal: controller.signal }) },
      );
      expect(await textOf(response)).toBe("200 ok");
      await traces.ended();
      expect(log).toEqual(["done"]);
    });

    test("behind the deadline does not disturb the clean-up", async () => {
      const traces = new Traces(kind);
      const controller = new AbortController();
      const log: string[] = [];
      const response = await answer(
        function* () {
          getRunningLoop().callLater(6, () => controller.abort());
          try {
            yield* sleep(1000);
          } finally {
            yield* sleep(2);
            log.push("cleaned up");
          }
          return ok();
        },
        { traces, deadline: 5, request: get({ signal: controller.signal }) },
      );
      expect(response.status).toBe(504);
      await traces.ended();
      expect(log).toEqual(["cleaned up"]);
    });

    test("at any iteration leaves nothing behind", async () => {
      const statuses: number[] = [];
      for (let moment = 0; statuses.at(-1) !== 200; moment++) {
        const traces = new Traces(kind);
        const log: string[] = [];
        const controller = new AbortController();
        const response = await answer(
          function* () {
            const loop = getRunningLoop();
            let iteration = 0;
            let timer: Handle = loop.callSoon(() => {});
            const count = (): void => {
              if (iteration++ === moment) controller.abort();
              else timer = loop.callLater(0.1, count);
            };
            count();
            try {
              return yield* program(log);
            } finally {
              timer.cancel();
            }
          },
          { traces, request: get({ signal: controller.signal }) },
        );
        await traces.ended();
        expect(traces.errors).toEqual([]);
        expect(log).toEqual(["entered", "left"]);
        statuses.push(response.status);
      }
      expect(statuses.slice(0, -1).every((status) => status === 499)).toBe(true);
      expect(statuses.length).toBeGreaterThan(50);
    });

    test("lets a signal that lives on go", async () => {
      const traces = new Traces(kind);
      const { signal } = new AbortController();
      const [add, remove] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
      const request = { method: "GET", url: "http://localhost/", signal } as Request;
      await answer(
        function* () {
          return ok();
        },
        { traces, request },
      );
      await traces.ended();
      expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(add.mock.calls.map(([, listener]) => listener));
      expect(add).toHaveBeenCalledTimes(1);
    });
  });

  describe("debug mode", () => {
    test("is the option's to say", async () => {
      for (const debug of [true, false]) {
        let seen: boolean | null = null;
        const traces = new Traces(kind);
        const loopFactory = () => {
          const loop = traces.virtualLoop();
          loop.host.report = () => {};
          return loop;
        };
        await answer(
          function* () {
            seen = getRunningLoop().getDebug();
            return ok();
          },
          { debug, loopFactory },
        );
        expect(seen).toBe(debug);
      }
    });
  });

  describe("wrong arguments are refused", () => {
    const fine = function* (): Coroutine<Response> {
      return ok();
    };

    test.each<[string, () => unknown, string]>([
      ["no function", () => handler("x" as never), "Cannot handle requests: expected a function, got 'x'"],
      ["no options", () => handler(fine, null as never), "Invalid options: expected an object, got null"],
      [
        "an option that there is not",
        () => handler(fine, { timeout: 5 } as never),
        "Invalid options: there is no 'timeout', only deadline, onDeadline, onError, waitUntil, loop, debug, loopFactory",
      ],
      ["no deadline", () => handler(fine, { deadline: NaN }), "Invalid deadline: NaN (not a number)"],
      [
        "a text as a deadline",
        () => handler(fine, { deadline: "1" as never }),
        "Invalid deadline: expected seconds or a duration, got string",
      ],
      [
        "no onDeadline",
        () => handler(fine, { onDeadline: 1 as never }),
        "Invalid onDeadline: expected a function, got 1",
      ],
      [
        "no onError",
        () => handler(fine, { onError: {} as never }),
        "Invalid onError: expected a function, got [object Object]",
      ],
      [
        "no waitUntil",
        () => handler(fine, { waitUntil: true as never }),
        "Invalid waitUntil: expected a function, got true",
      ],
      [
        "no loopFactory",
        () => handler(fine, { loopFactory: null as never }),
        "Invalid loopFactory: expected a function, got null",
      ],
    ])("%s", (_, call, message) => {
      expect(call).toThrow(new TypeError(message));
    });

    test("a request that is none, and a loopFactory that gives no loop, when a request comes", async () => {
      await expect(handler(fine)("http://x/" as never)).rejects.toThrow(
        new TypeError("Cannot handle request: expected a Request, got 'http://x/'"),
      );
      await expect(handler(fine, { loopFactory: () => 1 as never })(get())).rejects.toThrow(
        new TypeError("Cannot handle request: an EventLoop was expected of loopFactory, got 1"),
      );
    });

    test("a background task that is no coroutine, or of no request", async () => {
      const traces = new Traces(kind);
      await answer(
        function* () {
          expect(() => background(1 as never)).toThrow(new TypeError("a coroutine was expected, got 1"));
          expect(() => background(sleep(1), null as never)).toThrow(TypeError);
          expect(() => background(sleep(1), { nmae: "x" } as never)).toThrow(TypeError);
          expect(background(sleep(1), { name: "nap" }).getName()).toBe("nap");
          return ok();
        },
        { traces },
      );
      expect(() => background(sleep(1))).toThrow("Cannot use background: no request is being handled");
      await traces.ended();
      expect(traces.errors).toEqual([]);
    });
  });
});

test("requests keep the context of the middleware that calls the handler, whoever wakes them", async () => {
  const requests = new AsyncLocalStorage<string>();
  let release!: () => void;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const seen: string[] = [];
  const see = (where: string): void => void seen.push(`${where}: ${requests.getStore()}`);
  const fetch = handler(function* (request: Request) {
    const name = new URL(request.url).pathname;
    see(`${name} begins`);
    if (name === "/1") {
      yield* wrapFuture(released); // another request settles it
    } else {
      getRunningLoop().callLater(0, () => {
        see(`${name} settles`);
        release();
      });
      yield* sleep(0.001);
    }
    see(`${name} goes on`);
    return new Response(
      streamOf(function* (write) {
        yield* write(`${name} has ${requests.getStore()}`);
      }),
    );
  });
  const middleware = (name: string): Promise<Response> =>
    requests.run(name, () => fetch(new Request(`http://localhost${name}`)));
  const responses = await Promise.all(["/1", "/2"].map(middleware));
  const texts = await requests.run("who reads", () => Promise.all(responses.map(textOf)));
  expect(texts).toEqual(["200 /1 has /1", "200 /2 has /2"]);
  expect(seen.filter((line) => !/^(\/\d) \w+( on)?: \1$/.test(line))).toEqual([]);
  expect(seen).toHaveLength(5);
});
