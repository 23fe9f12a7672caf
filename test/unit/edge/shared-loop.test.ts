// One loop for all requests: what they share, and what they do not.

import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  Context,
  type Coroutine,
  type EventLoop,
  Event,
  Lock,
  Queue,
  Semaphore,
  type Task,
  allTasks,
  createTask,
  eagerTaskFactory,
  gather,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
  wrapFuture,
} from "wasyncio";
import { type HandlerOptions, type RequestHandler, background, handler, streamOf } from "wasyncio/edge";
import { slotsInUse } from "../../support/counters.ts";
import { get, textOf } from "../../support/requests.ts";
import { until } from "../../support/until.ts";

afterEach(() => void vi.restoreAllMocks());

/** A handler whose loop is seen, and which finds in it only what is of its requests. */
function serve(fn: RequestHandler, options: HandlerOptions = {}) {
  const loops: EventLoop[] = [];
  const loopFactory = (): EventLoop => {
    const loop = newEventLoop();
    loops.push(loop);
    return loop;
  };
  return {
    fetch: handler(fn, { loop: "shared", loopFactory, ...options }) as (r: Request) => Promise<Response>,
    loops,
  };
}

const to = (path: string, init: RequestInit = {}): Request => new Request(`http://localhost/${path}`, init);
const pathOf = (request: Request): string => new URL(request.url).pathname.slice(1);
const statuses = async (responses: readonly Promise<Response>[]): Promise<number[]> =>
  (await Promise.all(responses)).map(({ status }) => status);

function* forever(): Coroutine<void> {
  yield* new Event().wait();
}

describe("what belongs to a module", () => {
  test("lets two of five requests in at once, and serves all", async () => {
    const semaphore = new Semaphore(2);
    let inside = 0;
    let most = 0;
    const fetch = handler(function* () {
      return yield* semaphore.with(function* () {
        most = Math.max(most, ++inside);
        yield* sleep(0.001);
        inside--;
        return new Response("ok");
      });
    });
    expect(await statuses([1, 2, 3, 4, 5].map(() => fetch(get())))).toEqual([200, 200, 200, 200, 200]);
    expect(most).toBe(2);
  });

  test("is shared by all handlers of the process", async () => {
    const queue = new Queue<string>();
    const put = handler(function* (request) {
      yield* queue.put(pathOf(request));
      return new Response("put");
    });
    const take = handler(function* () {
      return new Response(yield* queue.get());
    });
    const taken = take(get());
    await put(to("item"));
    expect(await textOf(await taken)).toBe("200 item");
  });

  test("is used in the order of the requests", async () => {
    const lock = new Lock();
    const order: string[] = [];
    const { fetch } = serve(function* (request) {
      yield* lock.with(function* () {
        order.push(pathOf(request));
        yield* sleep(0);
      });
      return new Response("ok");
    });
    await Promise.all(["a", "b", "c", "d"].map((path) => fetch(to(path))));
    expect(order).toEqual(["a", "b", "c", "d"]);
  });

  test("may be a task in a context of its own, which no request ends", async () => {
    const queue = new Queue<[string, (text: string) => void]>();
    let worker: Task<void> | null = null;
    function* work(): Coroutine<void> {
      for (;;) {
        const [text, answer] = yield* queue.get();
        answer(text.toUpperCase());
      }
    }
    const { fetch, loops } = serve(function* (request) {
      worker ??= createTask(work(), { context: new Context() });
      const answered = getRunningLoop().createFuture<string>();
      yield* queue.put([pathOf(request), (text) => answered.setResult(text)]);
      return new Response(yield* answered);
    });
    expect(await textOf(await fetch(to("a")))).toBe("200 A");
    expect(await textOf(await fetch(to("b")))).toBe("200 B");
    expect([...allTasks(loops[0])].map((task) => task === worker)).toEqual([true]);
  });
});

describe("what belongs to a request", () => {
  test("ends with it, and not with another one", async () => {
    const log: string[] = [];
    function* worker(name: string): Coroutine<void> {
      try {
        yield* forever();
      } finally {
        log.push(`${name} ended`);
      }
    }
    const go = new Event();
    const { fetch, loops } = serve(function* (request) {
      const path = pathOf(request);
      createTask(worker(path));
      if (path === "slow") yield* go.wait();
      else yield* sleep(0);
      log.push(`${path} answers`);
      if (path === "last") go.set();
      return new Response(path);
    });
    const slow = fetch(to("slow"));
    await fetch(to("quick"));
    await until(() => log.length === 2);
    await fetch(to("last"));
    await slow;
    await until(() => allTasks(loops[0]).size === 0);
    expect(log.slice(0, 3)).toEqual(["quick answers", "quick ended", "last answers"]);
    expect(log.slice(3).sort()).toEqual(["last ended", "slow answers", "slow ended"]);
    expect(slotsInUse(loops[0])).toBe(0);
  });

  test("fails for itself: onError gets the errors of its own request", async () => {
    const errors: string[] = [];
    const onError = (error: unknown, request: Request): void =>
      void errors.push(`${pathOf(request)}: ${String(error)}`);
    const fine = handler(
      function* () {
        yield* sleep(0.002);
        return new Response("fine");
      },
      { onError: () => errors.push("of another one") as never },
    );
    const failing = handler(
      function* (request) {
        const path = pathOf(request);
        if (path === "callback") {
          getRunningLoop().callSoon(() => {
            throw new Error("in a callback");
          });
        } else if (path === "background") {
          background(
            (function* (): Coroutine<void> {
              yield* sleep(0);
              throw new Error("in the background");
            })(),
          );
        } else if (path === "task") {
          createTask(
            (function* (): Coroutine<void> {
              throw new Error("in a task");
            })(),
          );
        } else throw new Error("in the handler");
        yield* sleep(0);
        yield* sleep(0);
        return new Response("ok");
      },
      { onError },
    );
    const answers = [fine(get()), ...["handler", "callback", "background", "task"].map((path) => failing(to(path)))];
    expect(await statuses(answers)).toEqual([200, 500, 200, 200, 200]);
    await until(() => errors.length === 4);
    expect(errors.sort()).toEqual([
      "background: Error: in the background",
      "callback: Error: in a callback",
      "handler: Error: in the handler",
      "task: Error: in a task",
    ]);
  });

  test("is too late for itself, and is given up by its own client", async () => {
    const controller = new AbortController();
    const cancelled: string[] = [];
    const main = function* (request: Request): Coroutine<Response> {
      const path = pathOf(request);
      try {
        if (path === "fine") yield* sleep(0.02);
        else yield* forever();
      } catch (error) {
        cancelled.push(`${path}: ${String(error)}`);
        throw error;
      }
      return new Response(path);
    };
    const late = handler(main, { deadline: 0.005 });
    const patient = handler(main);
    const answers = [patient(to("fine")), late(to("late")), patient(to("gone", { signal: controller.signal }))];
    setTimeout(() => controller.abort(), 2);
    expect(await statuses(answers)).toEqual([200, 504, 499]);
    expect(cancelled.sort()).toEqual([
      "gone: CancelledError: the request was aborted",
      "late: CancelledError: the deadline passed",
    ]);
  });

  test("may wait for what another request does", async () => {
    const event = new Event();
    const fetch = handler(function* (request) {
      if (pathOf(request) === "wait") yield* event.wait();
      else event.set();
      return new Response("ok");
    });
    const waiting = fetch(to("wait"));
    await new Promise((resolve) => setTimeout(resolve, 5));
    await fetch(to("set"));
    expect((await waiting).status).toBe(200);
  });

  test("goes on after its answer: bodies and background tasks, each for itself", async () => {
    const log: string[] = [];
    const { fetch, loops } = serve(function* (request) {
      const path = pathOf(request);
      background(
        (function* (): Coroutine<void> {
          yield* sleep(0.003);
          log.push(path);
        })(),
      );
      return new Response(
        streamOf(function* (write) {
          for (let i = 0; i < 3; i++) {
            yield* write(`${path}${i} `);
            yield* sleep(0);
          }
        }),
      );
    });
    const texts = ["a", "b", "c"].map(async (path) => textOf(await fetch(to(path))));
    expect(await Promise.all(texts)).toEqual(["200 a0 a1 a2 ", "200 b0 b1 b2 ", "200 c0 c1 c2 "]);
    await until(() => slotsInUse(loops[0]) === 0);
    expect(log).toEqual(["a", "b", "c"]);
  });

  test("is told to waitUntil, and is over before other requests are", async () => {
    const waiting: Promise<unknown>[] = [];
    const { fetch } = serve(
      function* (request) {
        if (pathOf(request) === "long") yield* sleep(0.02);
        return new Response("ok");
      },
      { waitUntil: (promise) => waiting.push(promise) },
    );
    const long = fetch(to("long"));
    await fetch(to("short"));
    expect(waiting.length).toBe(2);
    await waiting[1];
    const first = await Promise.race([waiting[0].then(() => "over"), Promise.resolve("goes on")]);
    expect(first).toBe("goes on");
    await long;
    await waiting[0];
  });

  test("leaves nothing, a thousand at once, each with tasks of its own", async () => {
    let cleanedUp = 0;
    const { fetch, loops } = serve(
      function* (request) {
        const left = function* (): Coroutine<void> {
          try {
            yield* forever();
          } finally {
            cleanedUp++;
          }
        };
        createTask(left());
        const parts = yield* gather(sleep(0.001, 1), sleep(0.002, 2), wrapFuture(Promise.resolve(3)));
        for (let i = 0; i < 50; i++) yield* createTask(sleep(0)); // more than are written down at first
        return new Response(`${pathOf(request)}: ${parts.join(" ")}`);
      },
      { deadline: 60 },
    );
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, id) => fetch(to(String(id)))));
    const texts = await Promise.all(answers.map((response) => response.text()));
    expect(texts).toEqual(Array.from({ length: 1000 }, (_, id) => `${id}: 1 2 3`));
    await until(() => slotsInUse(loops[0]) === 0);
    expect([loops.length, cleanedUp, allTasks(loops[0]).size]).toEqual([1, 1000, 0]);
  });
});

describe("the loop", () => {
  test("answers 500 to all that goes on when its host fails, and the next request gets a new one", async () => {
    const errors: unknown[] = [];
    const { fetch, loops } = serve(
      function* (request) {
        if (pathOf(request) === "wait") yield* forever();
        return new Response("ok");
      },
      { onError: (error) => void errors.push(error) },
    );
    const waiting = [fetch(to("wait")), fetch(to("wait"))];
    await fetch(to("quick"));
    vi.spyOn(loops[0].host, "now").mockImplementation(() => {
      throw new Error("no clock");
    });
    const last = fetch(to("quick"));
    expect(await statuses([...waiting, last])).toEqual([500, 500, 500]);
    expect(errors.map(String)).toEqual(Array(3).fill("Error: no clock"));
    expect(await statuses([fetch(to("quick"))])).toEqual([200]);
    expect(loops.map((loop) => loop.isClosed())).toEqual([true, false]);
  });

  test("goes on when a program has stopped it", async () => {
    const { fetch, loops } = serve(function* (request) {
      if (pathOf(request) === "stop") getRunningLoop().stop();
      yield* sleep(0.001);
      return new Response("ok");
    });
    expect(await statuses(["a", "stop", "b"].map((path) => fetch(to(path))))).toEqual([200, 200, 200]);
    expect(loops.length).toBe(1);
  });

  test("is that of the program in which the handler was made", async () => {
    const queue = new Queue<string>();
    const seen: boolean[] = [];
    let fetch: ((request: Request) => Promise<Response>) | null = null;
    await run(function* () {
      const loop = getRunningLoop();
      fetch = handler(function* (request) {
        seen.push(getRunningLoop() === loop);
        createTask(forever());
        yield* queue.put(pathOf(request));
        return new Response("put");
      });
      const answered = fetch(to("item"));
      expect(yield* queue.get()).toBe("item"); // by a task of the program
      expect(yield* wrapFuture(answered.then(textOf))).toBe("200 put");
      yield* sleep(0);
      expect(allTasks().size).toBe(1); // what the request has left is gone
    });
    expect(seen).toEqual([true]);
    const log = vi.spyOn(console, "error").mockReturnValue();
    expect((await (fetch as unknown as (request: Request) => Promise<Response>)(get())).status).toBe(500);
    expect(log.mock.calls.flat().map(String).join(" ")).toContain("Event loop is closed");
  });

  test("is not that of a request in which the handler was made, which ends before", async () => {
    const inner: ((request: Request) => Promise<Response>)[] = [];
    for (const loop of ["shared", "request"] as const) {
      const outer = handler(
        function* () {
          const make = (): Promise<Response> => {
            inner.push(
              handler(function* () {
                yield* sleep(0);
                return new Response("inner");
              }),
            );
            return inner[inner.length - 1](get());
          };
          const response = yield* wrapFuture(new Context().run(make));
          return new Response(`outer ${yield* wrapFuture(response.text())}`);
        },
        { loop },
      );
      expect(await textOf(await outer(get()))).toBe("200 outer inner");
    }
    expect(await statuses(inner.map((fetch) => fetch(get())))).toEqual([200, 200]);
  });

  test("of a program that ends answers what it has not answered", async () => {
    const errors: unknown[] = [];
    let answered: Promise<Response> | null = null;
    await run(function* () {
      const fetch = handler(forever as never, { onError: (error) => void errors.push(error) });
      answered = fetch(get());
      yield* sleep(0.001);
    });
    expect((await (answered as unknown as Promise<Response>)).status).toBe(500);
    expect(errors.map(String)).toEqual(["CancelledError"]);
  });

  test("ends the tasks of a request with eager tasks, too, whose first steps come before they are known", async () => {
    const log: unknown[] = [];
    const fetch = handler(
      function* () {
        createTask(
          (function* () {
            try {
              yield* sleep(60);
            } catch (error) {
              log.push(String(error));
              throw error;
            }
          })(),
        );
        yield* sleep(0);
        return new Response("ok");
      },
      {
        loop: "shared",
        loopFactory() {
          const loop = newEventLoop();
          loop.setTaskFactory(eagerTaskFactory);
          return loop;
        },
      },
    );
    for (let i = 0; i < 3; i++) expect(await textOf(await fetch(get()))).toBe("200 ok");
    await until(() => log.length === 3);
    expect(log).toEqual(Array(3).fill("CancelledError"));
  });

  test("is begun in no request's context of the host, and reports each error in that of its own", async () => {
    const requests = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { fetch, loops } = serve(forever as never, { onError: () => void seen.push(requests.getStore()) });
    const answered = ["first", "second"].map((name) => requests.run(name, () => fetch(get())));
    await until(() => loops.length === 1 && loops[0].isRunning());
    vi.spyOn(loops[0].host, "now").mockImplementation(() => {
      seen.push(requests.getStore());
      throw new Error("no clock");
    });
    const last = requests.run("third", () => fetch(get()));
    expect(await statuses([...answered, last])).toEqual([500, 500, 500]);
    expect(seen.slice(-3)).toEqual(["first", "second", "third"]);
    expect(new Set(seen.slice(0, -3))).toEqual(new Set([undefined]));
  });

  test("is chosen by the option", () => {
    const main = function* (): Coroutine<Response> {
      return new Response("ok");
    };
    for (const loop of ["shared", "request"] as const) expect(() => handler(main, { loop })).not.toThrow();
    expect(() => handler(main, { loop: "process" as never })).toThrow(
      new TypeError("Invalid loop: expected 'shared' or 'request', got 'process'"),
    );
  });
});
