// The border of lowered code: outside of loops, to the host's promises, and to its contexts.

import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import {
  ContextVar,
  type Coroutine,
  type Future,
  Runner,
  type Task,
  currentTask,
  gather,
  isFuture,
  run as runLoop,
  sleep,
  timeout,
  wrapFuture,
} from "wasyncio";
import { createTask, sleep as pause } from "wasyncio/async";
import {
  Promise as LoopPromise,
  agen,
  aiter,
  await_,
  call,
  d,
  fetch,
  queueMicrotask,
  run,
  runAs,
  yield_,
} from "wasyncio/lowered";
import { setTimeout } from "../../../src/promises/timers.ts";
import { simulate } from "wasyncio/testing";
import { fullTrace } from "../../support/stage.ts";

type Body = Generator<unknown, unknown, unknown>;
const start = (body: () => Body): Promise<unknown> => run(body() as Coroutine<unknown>);

describe("outside of a loop", () => {
  test("a lowered function gives a promise of the host's, and awaits these", async () => {
    const promise = start(function* () {
      const a = (yield* await_(Promise.resolve(1))) as number;
      const b = (yield* await_(2)) as number;
      try {
        yield* await_(Promise.reject(new RangeError("no")));
      } catch (error) {
        return [a + b, String(error)];
      }
      return "never";
    });
    expect(promise).toBeInstanceOf(Promise);
    expect(await promise).toEqual([3, "RangeError: no"]);
    await expect(
      start(function* () {
        throw new RangeError("at once");
      }),
    ).rejects.toThrow("at once");
    const failing = call(
      () => {
        throw new RangeError("default value");
      },
      null,
      [],
    );
    await expect(failing).rejects.toThrow("default value");
  });

  test("Promise is the host's, and all of a loop's are promises", async () => {
    const made = new LoopPromise<number>((resolve) => resolve(1));
    expect([made instanceof Promise, made instanceof LoopPromise]).toEqual([true, true]);
    expect(await LoopPromise.all([made, LoopPromise.resolve(2), LoopPromise.try(() => 3)])).toEqual([1, 2, 3]);
    await expect(LoopPromise.reject(new RangeError("no"))).rejects.toThrow("no");
    class Special<T> extends LoopPromise<T> {}
    expect(() => new Special(() => {})).toThrow("Cannot make a Special: there is no running loop");
  });

  test("async generators and timers go as well", async () => {
    const log: unknown[] = [];
    function* body(): Body {
      yield* yield_(Promise.resolve("a"));
      yield* yield_("b");
      return undefined;
    }
    await start(function* () {
      const it = aiter();
      try {
        while (it.going) for (const value of yield* it.step(it.begun ? null : agen(body()))) log.push(value);
      } catch (error) {
        throw it.failed(error);
      } finally {
        yield* it.close();
      }
      yield* await_(new Promise<void>((resolve) => setTimeout(() => resolve(), 1)));
    });
    queueMicrotask(() => log.push("microtask"));
    await Promise.resolve();
    expect(log).toEqual(["a", "b", "microtask"]);
  });

  test("a call that is awaited there is a promise in a loop that it begins", async () => {
    const seen: unknown[] = [];
    const self = (n: number): unknown => runAs(body(n) as Coroutine<unknown>, "self", self);
    function* body(n: number): Body {
      if (n === 0) return undefined;
      const { value } = simulate(() =>
        start(function* () {
          return self(0) instanceof LoopPromise;
        }),
      );
      seen.push(value);
      return undefined;
    }
    await start(function* () {
      d.f = self;
      yield* await_(self(1));
    });
    expect(seen).toEqual([true]);
  });

  test("a coroutine of the library has no loop", async () => {
    const failed = start(function* () {
      yield* await_(sleep(1));
    });
    await expect(failed).rejects.toThrow("no running event loop");
  });
});

describe("in a loop", () => {
  test("native code awaits lowered functions, and gives them to its own promises", async () => {
    const outcome = await runLoop(() =>
      start(function* () {
        const lowered = (n: number): Promise<unknown> =>
          start(function* () {
            yield* await_(new Promise((resolve) => globalThis.setImmediate(resolve)));
            return n;
          });
        const native = async (): Promise<number> => ((await lowered(1)) as number) + 1;
        const both = Promise.all([lowered(2), lowered(3).finally(() => {})]);
        return [yield* await_(native()), yield* await_(both)];
      }),
    );
    expect(outcome).toEqual([2, [2, 3]]);
  });

  test("what an executor keeps may settle it from outside, also when the loop is closed", async () => {
    let late: (value: string) => void = () => {};
    const value = await runLoop(() =>
      start(function* () {
        void new LoopPromise<string>((resolve) => {
          late = resolve;
        });
        return yield* await_(new LoopPromise((resolve) => globalThis.setImmediate(() => resolve("outside"))));
      }),
    );
    expect(value).toBe("outside");
    late("too late");
  });

  test("fetch is the host's, and is aborted when nobody waits for it any more", async () => {
    const texts = await runLoop(() =>
      start(function* () {
        const response = (yield* await_(fetch("data:text/plain,hello"))) as Response;
        return yield* await_(response.text());
      }),
    );
    expect(texts).toBe("hello");
    const own = globalThis.fetch;
    const signals: AbortSignal[] = [];
    globalThis.fetch = (_, init) => {
      signals.push(init?.signal as AbortSignal);
      return new Promise(() => {});
    };
    try {
      await runLoop(() =>
        start(function* () {
          const task = fetch("http://localhost/never") as Promise<unknown> & Task<unknown>;
          yield* await_(null);
          task.cancel();
          yield* await_(LoopPromise.allSettled([task]));
        }),
      );
    } finally {
      globalThis.fetch = own;
    }
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test("a class with a promise's prototype, and a then of its own, is awaited by that", async () => {
    class Cancelable {
      readonly #promise: Promise<string>;
      constructor(value: string) {
        this.#promise = new LoopPromise((resolve) => queueMicrotask(() => resolve(value)));
      }
      then(...handlers: Parameters<Promise<string>["then"]>): unknown {
        return this.#promise.then(...handlers);
      }
    }
    Object.setPrototypeOf(Cancelable.prototype, LoopPromise.prototype);
    const make = (value: string): Promise<string> => new Cancelable(value) as unknown as Promise<string>;
    expect(isFuture(make("no future"))).toBe(false);
    expect(await runLoop(() => make("main"))).toBe("main");
    const values = await runLoop(function* () {
      const awaited = yield* run(
        (function* (): Coroutine<unknown> {
          return [yield* await_(make("awaited")), make("held")];
        })(),
      ) as Promise<unknown[]> & Task<unknown[]>;
      const wrapped = yield* wrapFuture(make("wrapped"));
      return [awaited[0], yield* wrapFuture(awaited[1] as Promise<string>), wrapped, yield* gather(make("gathered"))];
    });
    expect(values).toEqual(["awaited", "held", "wrapped", ["gathered"]]);
    expect(simulate(() => make("simulated")).value).toBe("simulated");
  });

  test("a promise of the host's is refused in a simulation, by a rejection", () => {
    const { status, error } = simulate(() =>
      start(function* () {
        yield* await_(Promise.resolve(1));
      }),
    );
    expect([status, (error as Error).name]).toEqual(["error", "OutsideError"]);
  });
});

describe("called by the host", () => {
  const later = (call: () => void): unknown => globalThis.setImmediate(call);
  const work = (log: unknown[], name: string): Promise<unknown> =>
    run(
      (function* (): Coroutine<string> {
        log.push(`${name} begins`);
        yield* await_(sleep(0));
        log.push(currentTask()?.getName());
        return name;
      })(),
      name,
    );

  test("a lowered function is a task of the only loop that runs, and begins at the call", async () => {
    const log: unknown[] = [];
    const value = await runLoop(
      () =>
        new Promise((resolve, reject) =>
          later(() => {
            work(log, "listener").then(resolve, reject);
            log.push("called");
            expect(() => pause(1)).toThrow("Cannot call sleep: no loop runs here");
          }),
        ),
    );
    expect([value, ...log]).toEqual(["listener", "listener begins", "called", "listener"]);
  });

  test("its promise is no observable, for those that take both", async () => {
    await runLoop(
      () =>
        new Promise<void>((resolve) =>
          later(() => {
            const promises = [work([], "listener"), LoopPromise.resolve(1)];
            expect(promises.filter((each) => "subscribe" in each)).toEqual([]);
            resolve();
          }),
        ),
    );
  });

  test("createTask makes one that begins in the next iteration", async () => {
    const log: unknown[] = [];
    const value = await runLoop(
      () =>
        new Promise((resolve, reject) =>
          later(() => {
            const task = createTask(() => work(log, "inner"), { name: "outer" });
            log.push(task.getName());
            task.then(resolve, reject);
          }),
        ),
    );
    expect([value, ...log]).toEqual(["inner", "outer", "inner begins", "inner"]);
  });

  test("it ends with the loop, as other tasks do", async () => {
    const log: unknown[] = [];
    await runLoop(
      () =>
        new Promise<void>((resolve) =>
          later(() => {
            void run(
              (function* (): Coroutine<void> {
                try {
                  yield* await_(sleep(3600));
                } finally {
                  log.push("unwound");
                }
              })(),
            );
            resolve();
          }),
        ),
    );
    expect(log).toEqual(["unwound"]);
  });

  test("where several loops run, or none, it is the host's", async () => {
    const log: unknown[] = [];
    const outer = work(log, "none");
    await expect(outer).rejects.toThrow("no running event loop");
    await using first = new Runner();
    await using second = new Runner();
    const call = (): Promise<void> => new Promise((resolve) => later(resolve));
    const forEver = (): Promise<never> => new Promise(() => {});
    const runs = [first, second].map((runner) =>
      runner.run(function* () {
        yield* timeout(0.05).with(() => wrapFuture(forEver()));
      }),
    );
    await call();
    await expect(work(log, "several")).rejects.toThrow("no running event loop");
    expect(() => createTask(() => work(log, "several"))).toThrow("Cannot call createTask: no loop runs here");
    await Promise.allSettled(runs);
    expect(log).toEqual(["none begins", "several begins"]);
  });
});

describe("contexts", () => {
  test("context variables follow awaits, reactions, microtasks and timers", () => {
    const user = new ContextVar<string>("user");
    const log: string[] = [];
    const { status } = simulate(() =>
      start(function* () {
        const request = (name: string): Promise<unknown> =>
          start(function* () {
            user.set(name);
            yield* await_(null);
            queueMicrotask(() => log.push(`microtask ${user.get()}`));
            setTimeout(() => log.push(`timer ${user.get()}`), 1);
            void LoopPromise.resolve().then(() => log.push(`then ${user.get()}`));
            yield* await_(new LoopPromise((resolve) => setTimeout(() => resolve(null), 2)));
            log.push(`after ${user.get()}`);
          });
        yield* await_(LoopPromise.all([request("ann"), request("bob")]));
        log.push(`main ${user.get("nobody")}`);
      }),
    );
    expect(status).toBe("ok");
    expect(log).toEqual([
      "microtask ann",
      "then ann",
      "microtask bob",
      "then bob",
      "timer ann",
      "timer bob",
      "after ann",
      "after bob",
      "main nobody",
    ]);
  });

  test("AsyncLocalStorage follows as well", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    await runLoop(() =>
      start(function* () {
        const request = (): Promise<unknown> =>
          start(function* () {
            yield* await_(sleep(0));
            seen.push(storage.getStore());
            yield* await_(LoopPromise.resolve().then(() => seen.push(storage.getStore())));
          });
        yield* await_(LoopPromise.all(["ann", "bob"].map((name) => storage.run(name, request))));
        seen.push(storage.getStore());
      }),
    );
    expect(seen).toEqual(["ann", "bob", "ann", "bob", undefined]);
  });

  test("what AsyncLocalStorage enters before the first await reaches the caller, as natively", async () => {
    const seen = async (called: (storage: AsyncLocalStorage<string>) => Promise<unknown>): Promise<unknown[]> => {
      const storage = new AsyncLocalStorage<string>();
      const promise = called(storage);
      const inCaller = storage.getStore();
      return [inCaller, await promise];
    };
    const natively = await seen(async (storage) => {
      storage.enterWith("entered");
      await Promise.resolve();
      return storage.getStore();
    });
    const lowered = await runLoop(() =>
      wrapFuture(
        seen((storage) =>
          start(function* () {
            storage.enterWith("entered");
            yield* await_(null);
            return storage.getStore();
          }),
        ),
      ),
    );
    expect(natively).toEqual(["entered", "entered"]);
    expect(lowered).toEqual(natively);
  });
});

test("a promise has no methods of futures that mean something else elsewhere, until it is taken for one", () => {
  const names = ["done", "result", "exception", "cancelled"] as const;
  const { value } = simulate(() =>
    start(function* () {
      const kindsOf = (promise: object): string => names.map((name) => typeof Reflect.get(promise, name)).join(" ");
      const task = run(sleep(0, 1));
      const further = [LoopPromise.resolve(), new LoopPromise(() => {}), task.then(() => {}), LoopPromise.all([])];
      const before = [task, ...further].map(kindsOf);
      const outcome = yield* gather(task, further[0] as LoopPromise<void>);
      return [
        ...before,
        kindsOf(task),
        kindsOf(currentTask() as object),
        (task as unknown as Task<unknown>).result(),
        outcome,
      ];
    }),
  );
  const hidden = "undefined undefined undefined undefined";
  const shown = "function function function function";
  expect(value).toEqual([...Array<string>(5).fill(hidden), shown, shown, 1, [1, undefined]]);
});

test("debug mode tells of a promise where it waits, and which block it has not left", () => {
  const log = fullTrace(
    function* (log) {
      const task = start(function* forgetful() {
        timeout(9).enter();
        yield* await_(null);
      }) as Promise<unknown> & Task<unknown>;
      log.push(String(task), task.stack?.[0].name);
      yield* task;
      log.push(task.stack);
    },
    { debug: true },
  );
  expect(log).toEqual([
    expect.stringMatching(/^<Promise pending name='Task-\d+' coro=<.*> created at /),
    "forgetful",
    null,
    ["warning", expect.stringMatching(/^block was never left\nentered at:\n.*forgetful/)],
  ]);
});

test("who asks a promise to be called with it as a future gets all of one, and it can be described", () => {
  const { value } = simulate(() =>
    start(function* () {
      const task = run(sleep(0, 1));
      const promise = LoopPromise.resolve(2);
      const seen: unknown[] = [];
      const note = (future: Future<unknown>): unknown =>
        seen.push(future.done(), future.cancelled(), future.exception(), future.result());
      for (const each of [task, promise]) (each as unknown as Future<unknown>).addDoneCallback(note);
      const [text] = String(run(sleep(0))).split(" name=");
      yield* await_(sleep(1));
      return [...seen, text, (run(sleep(0)) as unknown as Task<unknown>).getStack()];
    }),
  );
  expect(value).toEqual([true, false, null, 2, true, false, null, 1, "<Promise pending", []]);
});

test("in debug mode the stack of a task ends where that has begun", () => {
  const { value } = simulate(() =>
    start(function* outer() {
      const inner = start(function* inner() {
        yield* await_(sleep(1));
      }) as unknown as Task<unknown>;
      yield* await_(null);
      return inner.getStack().map(({ name }) => name);
    }),
  );
  expect(value).toEqual(["inner"]);
});

test("a task is a promise to all who ask, and still a task", () => {
  const { value } = simulate(() =>
    start(function* () {
      const task = run(
        (function* (): Coroutine<number> {
          return 1;
        })(),
        "one",
      ) as Promise<number> & Task<number>;
      const { constructor } = task;
      return [
        constructor === LoopPromise,
        Object.prototype.toString.call(task),
        (LoopPromise.resolve(task) as unknown) === task,
        task.getName(),
        createTask(task) === task,
        task.done(),
      ];
    }),
  );
  expect(value).toEqual([true, "[object Promise]", true, "one", true, true]);
});
