// The host's timers, clocks and `fetch` while a simulation runs.

import { Readable } from "node:stream";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type GlobalsOptions, OutsideError, VirtualEventLoop, explore, simulate } from "wasyncio/testing";
import {
  type Coroutine,
  DeadlockError,
  Event,
  Future,
  createTask,
  forEach,
  getRunningLoop,
  sleep,
  wrapFuture,
} from "wasyncio";
import { replaceGlobals } from "../../../src/testing/outside/globals.ts";
import { attempt } from "../../support/outcomes.ts";

/** What a program returns in a simulation. Throws what it throws. */
function run<T>(options: GlobalsOptions, main: () => Coroutine<T>): T {
  const { status, value, error } = simulate(main, { maxTime: Infinity, ...options });
  if (status !== "ok") throw error;
  return value as T;
}

/** What stands behind each name that is replaced in some mode. */
function globalsNow(): unknown[] {
  const names = [
    "setTimeout",
    "clearTimeout",
    "setInterval",
    "clearInterval",
    "setImmediate",
    "clearImmediate",
    "requestAnimationFrame",
    "requestIdleCallback",
    "queueMicrotask",
    "fetch",
    "Date",
  ];
  const owners: [object, string][] = names.map((name) => [globalThis, name]);
  owners.push([performance, "now"], [performance, "timeOrigin"], [AbortSignal, "timeout"]);
  owners.push([process, "nextTick"], [Promise.prototype, "constructor"]);
  return owners.map(([owner, name]) => Object.getOwnPropertyDescriptor(owner, name));
}

function* give<T>(body: () => T): Coroutine<T> {
  return body();
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("refused globals", () => {
  const calls: [string, () => unknown, RegExp][] = [
    ["setTimeout", () => setTimeout(() => {}, 10), /use sleep or callLater, or .*"virtual"/],
    ["setInterval", () => setInterval(() => {}, 10), /use sleep or callLater, or .*"virtual"/],
    ["setImmediate", () => setImmediate(() => {}), /use sleep or callLater, or .*"virtual"/],
    ["queueMicrotask", () => queueMicrotask(() => {}), /use callSoon$/],
    ["process.nextTick", () => process.nextTick(() => {}), /use callSoon$/],
    ["fetch", () => fetch("data:,"), /give the program something that stands in for it$/],
    ["AbortSignal.timeout", () => AbortSignal.timeout(10), /use timeout or waitFor, or .*"virtual"/],
  ];

  test.each(calls)("%s throws at the call, with the task, the place and what to do instead", (name, call, advice) => {
    function* poller(): Coroutine<void> {
      yield* sleep(1);
      call();
    }
    const error = run({}, function* (): Coroutine<unknown> {
      const task = createTask(poller(), { name: "poller" });
      yield* sleep(2);
      return task.exception();
    });
    expect(error).toBeInstanceOf(OutsideError);
    const { message } = error as Error;
    expect(message).toContain(`Task-2 'poller' called ${name} inside a simulation at `);
    expect(message).toContain("globals.test.ts");
    expect(message).toContain(": nothing outside can happen while it runs; ");
    expect(message).toMatch(advice);
  });

  test("names a task without a name by its number, callbacks and the program as such", () => {
    const call = (): unknown => attempt(() => setTimeout(() => {}));
    const found: unknown[] = [];
    const { status } = simulate(() => {
      found.push(call());
      const replaced = replaceGlobals({}); // as in a program that simulates another
      found.push(call());
      replaced.restore();
      getRunningLoop().callSoon(() => found.push(call()));
      return sleep(0);
    });
    expect(status).toBe("ok");
    const replaced = replaceGlobals({});
    found.push(call());
    replaced.restore();
    expect(found).toEqual([
      expect.stringMatching(/^OutsideError\('Task-1 called setTimeout inside/),
      expect.stringMatching(/^OutsideError\('Task-1 called setTimeout inside/),
      expect.stringMatching(/^OutsideError\('A callback called setTimeout inside/),
      expect.stringMatching(/^OutsideError\('The program called setTimeout inside/),
    ]);
  });

  test.each(["requestAnimationFrame", "requestIdleCallback"])("refuses %s, where it is there", async (name) => {
    const host = globalThis as unknown as Record<string, (callback: () => void) => unknown>;
    const call = (): unknown => attempt(() => host[name](() => {}));
    vi.stubGlobal(name, () => "real");
    vi.resetModules(); // what is there is looked at once
    const fresh = await import("../../../src/testing/outside/globals.ts");
    const answers = (["refused", "virtual", "real"] as const).map((globals) => {
      const replaced = fresh.replaceGlobals({ globals });
      const answer = call();
      replaced.restore();
      return answer;
    });
    const refused = expect.stringContaining(`The program called ${name} inside a simulation`) as unknown;
    expect(answers).toEqual([refused, refused, "real"]);
  });

  test("leaves ticks to the host's own streams", async () => {
    const chunks: string[] = [];
    function* main(): Coroutine<void> {
      const stream = new Readable({ read() {} });
      stream.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
      stream.push("text");
      yield* sleep(1);
    }
    run({}, main);
    expect(chunks).toEqual([]);
    await new Promise((resolve) => void setTimeout(resolve));
    expect(chunks).toEqual(["text"]);
  });

  test("leaves a fetch alone that a test has put there", () => {
    vi.stubGlobal("fetch", (url: string) => sleep(1, `answer of ${url}`));
    const fetchAnswer = fetch as unknown as (url: string) => Coroutine<string>;
    expect(run({}, () => fetchAnswer("x"))).toBe("answer of x");
  });

  test("leaves the clocks alone", () => {
    const before = Date.now();
    expect(run({}, () => give(() => Date.now()))).toBeGreaterThanOrEqual(before);
  });
});

describe("promises in a simulation", () => {
  test.each([
    ["a promise", () => Promise.resolve(1)],
    ["what an async function gives", async () => 1],
    ["a rejected promise, which counts as handled", () => Promise.reject(new Error("x"))],
    ["a promise of a future", () => getRunningLoop().createFuture().then()],
  ])("refuse to be awaited: %s", (_, make) => {
    function* main(): Coroutine<unknown> {
      return yield* wrapFuture<unknown>(make());
    }
    for (const globals of ["refused", "virtual", "real"] as const) {
      const text = attempt(() => run({ globals }, main));
      expect(text).toMatch(/^OutsideError\('Task-\d+ awaited a promise inside a simulation at .*globals\.test\.ts/);
      expect(text).toMatch(/await coroutines, futures and tasks with yield\*/);
    }
  });

  test("refuse to be iterated over", () => {
    async function* numbers(): AsyncGenerator<number> {
      yield 1;
    }
    const main = (): Coroutine<void> => forEach(numbers(), () => {});
    expect(attempt(() => run({}, main))).toMatch(/^OutsideError\('Task-\d+ awaited a promise/);
  });

  test("leave thenables alone that settle inside", () => {
    const eager = { then: (settle: (value: string) => void) => settle("at once") };
    const byLoop = {
      then: (settle: (value: string) => void) => void getRunningLoop().callLater(1, settle, "a second later"),
    };
    function* main(): Coroutine<string[]> {
      return [yield* wrapFuture<string>(eager as never), yield* wrapFuture<string>(byLoop as never)];
    }
    expect(run({}, main)).toEqual(["at once", "a second later"]);
  });

  test("leave futures alone", () => {
    function* main(): Coroutine<string> {
      const future = new Future<string>();
      getRunningLoop().callSoon(() => future.setResult("result"));
      return yield* wrapFuture(future);
    }
    expect(run({}, main)).toBe("result");
  });
});

describe("promises that nobody awaits in a simulation", () => {
  const promise = Promise.resolve(1);
  const calls: [string, () => unknown][] = [
    ["then", () => promise.then(() => {})],
    ["catch", () => promise.catch(() => {})],
    ["finally", () => promise.finally(() => {})],
    ["Promise.all", () => Promise.all([promise, promise])],
    ["then of a future", () => getRunningLoop().createFuture().then()],
    [
      "an async function that awaits one",
      async () => {
        await promise;
      },
    ],
    [
      "an async function that goes over an async generator",
      async () => {
        for await (const _ of pages());
      },
    ],
  ];

  async function* pages(): AsyncGenerator<number> {
    yield 1;
  }

  test.each(calls)("make the run fail, at its end, with the task and the place: %s", (_, call) => {
    let ended = false;
    function* poller(): Coroutine<void> {
      yield* sleep(1);
      void call();
      void call();
      yield* sleep(1);
      ended = true;
    }
    for (const globals of ["refused", "virtual"] as const) {
      ended = false;
      const { status, error, reports } = simulate(() => createTask(poller(), { name: "poller" }), { globals });
      expect([status, error, ended]).toEqual(["error", expect.any(OutsideError), true]);
      const { message } = error as Error;
      expect(message).toMatch(/^Task-\d 'poller' awaited a promise inside a simulation at .*globals\.test\.ts:/);
      expect(reports).toEqual([message]);
    }
    expect(simulate(poller, { globals: "real" }).status).toBe("ok");
  });

  test("are named where the program waits for what they were to do", () => {
    function* main(): Coroutine<void> {
      const loaded = new Event();
      void new Promise(() => {}).then(() => loaded.set());
      yield* loaded.wait();
    }
    const { status, error } = simulate(main);
    expect([status, error]).toEqual(["deadlock", expect.any(DeadlockError)]);
    expect((error as Error).message).toMatch(/\nTask-1 awaited a promise inside a simulation at main .*globals\.test/);
    function* beating(): Coroutine<void> {
      void createTask(main());
      for (;;) yield* sleep(60);
    }
    expect(simulate(beating, { maxTime: 600 })).toMatchObject({
      status: "timeout",
      error: { message: expect.stringMatching(/ 600 s\nTask-2 awaited a promise/) as unknown },
    });
  });

  test("are found by a search, in its first run", () => {
    const { failure, runs } = explore(function* () {
      yield* sleep(1);
      void promise.then(() => {});
    });
    expect([runs, failure?.error]).toEqual([1, expect.any(OutsideError)]);
  });

  test("are the host's own affair where it makes them", () => {
    function* main(): Coroutine<string> {
      const stream = new ReadableStream({ start: (controller) => controller.enqueue("text") });
      const request = new Request("http://localhost/", { method: "POST", body: "text" });
      const response = new Response(stream.pipeThrough(new TextEncoderStream()));
      return `${request.method} ${response.status}`;
    }
    expect(run({}, main)).toBe("POST 200");
  });

  test("do not matter when nothing is to be done by them", () => {
    function* main(): Coroutine<boolean> {
      const made = [new Promise(() => {}), Promise.resolve(1), (async () => 1)()];
      return made.every((each) => each instanceof Promise);
    }
    expect(run({}, main)).toBe(true);
  });
});

/** Runs a program with virtual globals and gives what it logged. */
function logOf(program: (log: unknown[]) => Coroutine<unknown>, options: GlobalsOptions = {}): unknown[] {
  const log: unknown[] = [];
  run({ globals: "virtual", ...options }, function* () {
    yield* program(log);
  });
  return log;
}

describe("virtual timers", () => {
  test("fire at their time, in the order of their deadlines, and with their arguments", () => {
    const log = logOf(function* (log) {
      const note = (...args: unknown[]): unknown => log.push([getRunningLoop().time(), ...args]);
      setTimeout(note, 30, "c");
      setTimeout(note, 10, "a", 1);
      setTimeout(note, 20, "b");
      yield* sleep(1);
    });
    expect(log).toEqual([
      [0.01, "a", 1],
      [0.02, "b"],
      [0.03, "c"],
    ]);
  });

  test.each([
    [undefined, 1],
    [0, 1],
    [-5, 1],
    [0.9, 1],
    [NaN, 1],
    ["soon", 1],
    ["12", 12],
    [2.7, 2],
    [2 ** 31 - 1, 2 ** 31 - 1],
    [2 ** 31, 1],
    [Infinity, 1],
  ])("with a delay of %s wait for %s ms", (delay, ms) => {
    const log = logOf(function* (log) {
      setTimeout(() => log.push(performance.now()), delay as number);
      yield* sleep(2 ** 31);
    });
    expect(log).toEqual([ms]);
  });

  test("end together when their milliseconds add up to the same", () => {
    const log = logOf(function* (log) {
      setTimeout(() => setTimeout(() => log.push("100 + 200"), 200), 100);
      setTimeout(() => log.push("300"), 300);
      yield* sleep(0.299);
      setTimeout(() => log.push("299 + 1"), 1);
      yield* sleep(1);
    });
    expect(log).toEqual(["300", "100 + 200", "299 + 1"]);
  });

  test("can be cleared: by themselves, by their number, twice, when they have fired", () => {
    const log = logOf(function* (log) {
      const note = (text: string): unknown => log.push(text);
      clearTimeout(setTimeout(note, 10, "by itself"));
      clearTimeout(+setTimeout(note, 10, "by number"));
      clearInterval(setTimeout(note, 10, "as an interval"));
      clearImmediate(setImmediate(note, "immediate"));
      const fired = setTimeout(note, 10, "fired");
      yield* sleep(1);
      clearTimeout(fired);
      clearTimeout(fired);
      clearTimeout(undefined);
      clearTimeout(123456);
      yield* sleep(1);
    });
    expect(log).toEqual(["fired"]);
  });

  test("clear a real timer that was set outside", async () => {
    let fired = false;
    const real = setTimeout(() => (fired = true), 1);
    run({ globals: "virtual" }, () => give(() => clearTimeout(real)));
    await new Promise((resolve) => void setTimeout(resolve, 5));
    expect(fired).toBe(false);
  });

  test("repeat as intervals until they are cleared, from inside too, and go on behind an error", () => {
    const reports: unknown[] = [];
    const log = logOf(function* (log) {
      getRunningLoop().setExceptionHandler((_, { message, exception }) => reports.push([message, String(exception)]));
      let count = 0;
      const interval = setInterval(
        function tick(step: number) {
          count += step;
          log.push([performance.now(), count]);
          if (count === 6) clearInterval(interval);
          throw new Error(`tick ${count}`);
        },
        100,
        2,
      );
      yield* sleep(10);
    });
    expect(log).toEqual([
      [100, 2],
      [200, 4],
      [300, 6],
    ]);
    expect(reports).toEqual([2, 4, 6].map((count) => ["Exception in callback tick()", `Error: tick ${count}`]));
  });

  test("report their errors as callbacks of the loop do", () => {
    const log = logOf(function* (log) {
      getRunningLoop().setExceptionHandler((_, { message, exception }) => log.push(message, String(exception)));
      setTimeout(function late() {
        throw new RangeError("too late");
      }, 1);
      yield* sleep(1);
    });
    expect(log).toEqual(["Exception in callback late()", "RangeError: too late"]);
  });

  test("have the methods of Node's timers", () => {
    const log = logOf(function* (log) {
      const timer = setTimeout(() => log.push(performance.now()), 100);
      log.push(timer.hasRef(), timer.unref() === timer, timer.hasRef(), timer.ref().hasRef());
      yield* sleep(0.05);
      timer.refresh();
      yield* sleep(0.06);
      log.push("not yet");
      yield* sleep(0.05);
      timer.refresh(); // it has fired
      yield* sleep(1);
      log.push(+timer === +timer, +timer === +setTimeout(() => {}, 1), typeof +timer);
      const closed = setTimeout(() => log.push("closed"), 1);
      closed[Symbol.dispose]();
      yield* sleep(1);
    });
    expect(log).toEqual([true, true, false, true, "not yet", 150, 260, true, false, "number"]);
  });

  test("have the same numbers in each run", () => {
    const numbers = (): unknown[] =>
      logOf(function* (log) {
        for (let count = 0; count < 3; count++) log.push(+setTimeout(() => {}, 1));
      });
    const first = numbers();
    expect(first).toEqual(numbers());
    expect(new Set(first).size).toBe(3);
  });

  test("run immediates in the next iteration", () => {
    const log = logOf(function* (log) {
      setImmediate((text: string) => log.push(text), "immediate");
      log.push("task");
      yield* sleep(0);
      log.push(performance.now());
    });
    expect(log).toEqual(["task", "immediate", 0]);
  });

  test.each(["setTimeout", "setInterval", "setImmediate"])("%s throws TypeError for what is no function", (name) => {
    const log = logOf(function* (log) {
      const set = (globalThis as unknown as Record<string, (callback: unknown) => void>)[name];
      log.push(attempt(() => set("code()")));
    });
    expect(log).toEqual(["TypeError('Invalid callback: expected a function, got 'code()'')"]);
  });

  test("work with code that was written for the host", () => {
    function debounce(body: () => void, ms: number): () => void {
      let timer: ReturnType<typeof setTimeout> | undefined;
      return () => {
        clearTimeout(timer);
        timer = setTimeout(body, ms);
      };
    }
    const log = logOf(function* (log) {
      const save = debounce(() => log.push(Date.now()), 250);
      for (let keys = 0; keys < 5; keys++) {
        save();
        yield* sleep(0.1);
      }
      yield* sleep(1);
    });
    expect(log).toEqual([Date.UTC(2000, 0, 1) + 650]);
  });

  test("fetch and microtasks still throw", () => {
    const globals = "virtual";
    expect(attempt(() => run({ globals }, () => give(() => fetch("data:,"))))).toMatch(/Task-1 called fetch inside/);
    const queue = (): void => queueMicrotask(() => {});
    expect(attempt(() => run({ globals }, () => give(queue)))).toMatch(/Task-1 called queueMicrotask inside/);
  });
});

describe("virtual clocks", () => {
  test("start at the epoch, 2000 by default, and go with the loop", () => {
    const log = logOf(function* (log) {
      log.push(new Date().toISOString(), Date.now(), performance.now(), performance.timeOrigin);
      yield* sleep(3600.0015);
      log.push(new Date().toISOString(), performance.now());
    });
    expect(log).toEqual([
      "2000-01-01T00:00:00.000Z",
      946684800000,
      0,
      946684800000,
      "2000-01-01T01:00:00.001Z",
      3600001.5,
    ]);
    const epoch = new Date("2024-02-29T12:00:00Z");
    const now = function* (log: unknown[]): Coroutine<void> {
      log.push(Date.now());
    };
    expect(logOf(now, { epoch })).toEqual([epoch.getTime()]);
    expect(logOf(now, { epoch: 0 })).toEqual([0]);
  });

  test("show no last bits of seconds", () => {
    const log = logOf(function* (log) {
      for (const seconds of [1.005, 0.1, 0.2, 0.7]) {
        yield* sleep(seconds);
        log.push(performance.now(), Date.now() - Date.UTC(2000, 0, 1));
      }
    });
    expect(log).toEqual([1005, 1005, 1105, 1105, 1305, 1305, 2005, 2005]);
  });

  test("make dates that are the host's own", () => {
    class Day extends Date {
      label(): string {
        return this.toISOString().slice(0, 10);
      }
    }
    const outside = new Date();
    const log = logOf(function* (log) {
      yield* sleep(86400);
      class Today extends Date {}
      const date = new Date();
      log.push(date instanceof Date, outside instanceof Date, new Today() instanceof Date);
      log.push(new Today() instanceof Today, new Today().getTime(), new Day(0).label(), typeof Date());
      log.push(new Date(5).getTime(), new Date(2001, 1, 3).getDate(), new Date("2003-01-02").getTime());
      log.push(Date.UTC(2003, 0, 2), Date.parse("2003-01-02"), Date.length, Date.name, structuredClone(date).getTime());
      log.push(Date() === new Date(Date.now()).toString(), new Date(undefined as unknown as string).getTime());
      return date;
    });
    const day = Date.UTC(2000, 0, 2);
    const third = Date.UTC(2003, 0, 2);
    expect(log).toEqual([
      true,
      true,
      true,
      true,
      day,
      "1970-01-01",
      "string",
      5,
      3,
      third,
      third,
      third,
      7,
      "Date",
      day,
      true,
      NaN,
    ]);
  });

  test("make dates that stay dates outside", () => {
    const date = run({ globals: "virtual" }, () => give(() => new Date()));
    expect(date).toBeInstanceOf(Date);
    expect(date.getTime()).toBe(Date.UTC(2000, 0, 1));
  });

  test("abort the signals of AbortSignal.timeout", () => {
    const log = logOf(function* (log) {
      const signal = AbortSignal.timeout(1500);
      signal.addEventListener("abort", () => log.push(performance.now(), (signal.reason as Error).name));
      yield* sleep(1);
      log.push(signal.aborted);
      yield* sleep(1);
      log.push(signal.aborted);
      const refused = attempt(() => AbortSignal.timeout(-1));
      log.push(refused);
    });
    expect(log).toEqual([
      false,
      1500,
      "TimeoutError",
      true,
      "TypeError('Invalid timeout: expected whole milliseconds from 0 on, got -1')",
    ]);
  });

  test("refuse an epoch that is no point of time", () => {
    const before = globalsNow();
    for (const epoch of [NaN, new Date("x"), 1e20]) {
      expect(attempt(() => run({ globals: "virtual", epoch }, () => give(() => 1)))).toMatch(
        /^RangeError\('Invalid epoch: expected a date or milliseconds since 1970, got /,
      );
    }
    expect(globalsNow()).toEqual(before);
  });
});

describe("real globals", () => {
  test("are what they are outside", () => {
    const before = globalsNow();
    expect(run({ globals: "real" }, () => give(globalsNow))).toEqual(before);
  });
});

describe("what was replaced", () => {
  const modes = ["refused", "virtual"] as const;

  test.each(modes)("is put back as it was: %s", (globals) => {
    const before = globalsNow();
    run({ globals }, () => give(() => expect(globalsNow()).not.toEqual(before)));
    expect(globalsNow()).toEqual(before);
  });

  test.each(modes)("is put back when the program throws, waits for ever or changes it itself: %s", (globals) => {
    const before = globalsNow();
    const throws = function* (): Coroutine<void> {
      yield* sleep(1);
      throw new Error("x");
    };
    const waits = function* (): Coroutine<void> {
      yield* getRunningLoop().createFuture();
    };
    const changes = (): Coroutine<void> =>
      give(() => {
        globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout;
        (globalThis as Partial<typeof globalThis>).fetch = undefined!;
      });
    expect(attempt(() => run({ globals }, throws))).toBe("Error('x')");
    expect(attempt(() => run({ globals }, waits))).toMatch(/^DeadlockError/);
    run({ globals }, changes);
    expect(globalsNow()).toEqual(before);
  });

  test("is put back in nested simulations, inside out", () => {
    const before = globalsNow();
    const outer = replaceGlobals({ globals: "virtual" });
    const loop = new VirtualEventLoop();
    outer.begin(loop);
    loop.callLater(5, () => loop.stop());
    loop.runForeverSync();
    const inOuter = globalsNow();
    const inner = replaceGlobals({ globals: "virtual", epoch: 0 });
    const other = new VirtualEventLoop();
    inner.begin(other);
    expect([Date.now(), performance.now()]).toEqual([0, 0]);
    expect(attempt(() => run({ globals: "refused" }, () => give(() => setTimeout(() => {}))))).toMatch(/Outside/);
    expect(Date.now()).toBe(0);
    inner.restore();
    expect(globalsNow()).toEqual(inOuter);
    expect([Date.now(), performance.now()]).toEqual([Date.UTC(2000, 0, 1) + 5000, 5000]);
    outer.restore();
    expect(globalsNow()).toEqual(before);
    loop.close();
    other.close();
  });

  test("is put back to the fake timers of a test", () => {
    vi.useFakeTimers();
    const before = globalsNow();
    const main = (): Coroutine<unknown> => give(() => [Date.now(), attempt(() => setTimeout(() => {}, 5))]);
    expect(run({ globals: "virtual" }, main)).toEqual([Date.UTC(2000, 0, 1), expect.anything()]);
    expect(run({}, main)).toEqual([expect.any(Number), expect.stringMatching(/^OutsideError/)]);
    expect(globalsNow()).toEqual(before);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("serves one run after the other", () => {
    const replaced = replaceGlobals({ globals: "virtual" });
    const times = [1, 2].map((seconds) => {
      const loop = new VirtualEventLoop();
      replaced.begin(loop);
      const time = loop.runUntilCompleteSync(
        (function* () {
          const number = +setTimeout(() => {}, 1);
          yield* sleep(seconds);
          return [performance.now(), number];
        })(),
      );
      loop.close();
      return time;
    });
    replaced.restore();
    expect(times).toEqual([
      [1000, 1e12],
      [2000, 1e12],
    ]);
  });

  test("is one of three modes", () => {
    expect(attempt(() => run({ globals: "fake" as never }, () => give(() => 1)))).toBe(
      `RangeError('Invalid globals: expected "refused", "virtual" or "real", got 'fake'')`,
    );
  });
});

test("with virtual globals all clocks of the host run on virtual time, and are back behind the simulation", () => {
  const { hrtime, uptime } = process;
  const { value } = simulate(
    function* () {
      const format = new Intl.DateTimeFormat("en", { timeZone: "UTC", year: "numeric" });
      const begun = process.hrtime();
      yield* sleep(1.5);
      return [
        format.format(),
        format.format(Date.UTC(1999, 5, 1)),
        [new Date()].map(format.format).join(),
        format.formatToParts()[0].value,
        process.hrtime(begun),
        process.hrtime.bigint(),
        process.uptime(),
      ];
    },
    { globals: "virtual", epoch: Date.UTC(2030, 5, 1) },
  );
  expect(value).toEqual(["2030", "1999", "2030", "2030", [1, 5e8], 1_500_000_000n, 1.5]);
  expect(process.hrtime).toBe(hrtime);
  expect(process.uptime).toBe(uptime);
  expect(new Intl.DateTimeFormat("en", { year: "numeric" }).format()).toBe(String(new Date().getFullYear()));
});
