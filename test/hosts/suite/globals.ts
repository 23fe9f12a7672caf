// The host's timers, clocks and `fetch` inside simulations: virtual, refused, and as they were afterwards.

import { type Coroutine, Event, createTask, getRunningLoop, sleep, wrapFuture } from "wasyncio";
import { type Program, type SimulateOptions, simulate } from "wasyncio/testing";
import { type Report, check, same } from "./report.ts";

/** What a program returns, or the error that it ends with. */
function outcomeOf(main: Program<unknown>, options: SimulateOptions): unknown {
  const { status, value, error } = simulate(main, options);
  return status === "ok" ? value : error;
}

const host = globalThis as unknown as Record<string, (...args: unknown[]) => unknown>;

/** What stands behind the names that are replaced, where the host has them. */
function globalsNow(): unknown[] {
  const names = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate"];
  const owned: [object, string][] = [...names, "fetch", "queueMicrotask", "Date"].map((name) => [globalThis, name]);
  owned.push([performance, "now"], [performance, "timeOrigin"], [AbortSignal, "timeout"]);
  owned.push([Promise.prototype, "constructor"]);
  return owned.flatMap(([owner, name]) => {
    const { value, get, set, ...flags } = Object.getOwnPropertyDescriptor(owner, name) ?? {};
    return [name, value, get, set, JSON.stringify(flags), name in owner];
  });
}

const isSame = (left: readonly unknown[], right: readonly unknown[]): boolean =>
  left.length === right.length && left.every((item, index) => Object.is(item, right[index]));

const TESTS: Record<string, () => void> = {
  "timers and clocks run on virtual time": () => {
    function* main(): Coroutine<unknown[]> {
      const log: unknown[] = [];
      const note = (text: string): void => void log.push([text, Date.now() - Date.UTC(2000, 0, 1), performance.now()]);
      const interval = setInterval(note, 700, "interval");
      setTimeout(note, 1500, "timeout");
      const unset = setTimeout(note, 1400, "cleared");
      AbortSignal.timeout(1600).addEventListener("abort", () => note("aborted"));
      if ("setImmediate" in host) host["setImmediate"](note, "immediate");
      else getRunningLoop().callSoon(note, "immediate");
      yield* sleep(1);
      clearTimeout(unset);
      yield* sleep(1);
      clearInterval(interval);
      yield* sleep(60);
      log.push(new Date().toISOString(), new Date() instanceof Date, performance.timeOrigin);
      return log;
    }
    same(outcomeOf(main, { globals: "virtual" }), [
      ["immediate", 0, 0],
      ["interval", 700, 700],
      ["interval", 1400, 1400],
      ["timeout", 1500, 1500],
      ["aborted", 1600, 1600],
      "2000-01-01T00:01:02.000Z",
      true,
      946_684_800_000,
    ]);
  },

  "reaching for the outside throws at the call, and names the task": () => {
    const reaching: Record<string, () => unknown> = {
      setTimeout: () => setTimeout(() => {}, 1),
      setInterval: () => setInterval(() => {}, 1),
      fetch: () => fetch("data:,"),
      queueMicrotask: () => queueMicrotask(() => {}),
      "AbortSignal.timeout": () => AbortSignal.timeout(1),
    };
    if ("setImmediate" in host) reaching["setImmediate"] = () => host["setImmediate"](() => {});
    if ("requestAnimationFrame" in host) reaching["requestAnimationFrame"] = () => requestAnimationFrame(() => {});
    for (const [name, reach] of Object.entries(reaching)) {
      function* poller(): Coroutine<void> {
        yield* sleep(1);
        reach();
      }
      const error = outcomeOf(() => createTask(poller(), { name: "poller" }), {}) as Error;
      check(error.name === "OutsideError", String(error));
      check(error.message.startsWith(`Task-2 'poller' called ${name} inside a simulation`), error.message);
    }
  },

  "awaiting a promise throws": () => {
    function* main(): Coroutine<unknown> {
      return yield* wrapFuture(Promise.resolve(1));
    }
    const error = outcomeOf(main, {}) as Error;
    check(error.message.startsWith("Task-1 awaited a promise inside a simulation"), error.message);
  },

  "promises that nobody awaits make the run fail, and the task is named": () => {
    const promise = Promise.resolve(1);
    const reaching: Record<string, () => unknown> = {
      then: () => promise.then(() => {}),
      catch: () => promise.catch(() => {}),
      finally: () => promise.finally(() => {}),
      "Promise.all": () => Promise.all([promise, promise]),
      await: async () => {
        await promise;
      },
    };
    for (const [name, reach] of Object.entries(reaching)) {
      function* poller(): Coroutine<void> {
        yield* sleep(1);
        void reach();
        yield* sleep(1);
      }
      const error = outcomeOf(() => createTask(poller(), { name: "poller" }), {}) as Error;
      check(error.name === "OutsideError", `${name}: ${String(error)}`);
      check(error.message.startsWith("Task-2 'poller' awaited a promise inside a simulation"), error.message);
    }
  },

  "promises that the host makes for itself are its own affair": () => {
    function* main(): Coroutine<string> {
      const stream = new ReadableStream({ start: (controller) => controller.enqueue("text") });
      const request = new Request("http://localhost/", { method: "POST", body: "text" });
      const response = new Response(stream.pipeThrough(new TextEncoderStream()));
      yield* sleep(1);
      return `${request.method} ${response.status}`;
    }
    same(outcomeOf(main, {}), "POST 200");
  },

  "afterwards all is as it was": () => {
    const before = globalsNow();
    function* main(): Coroutine<boolean> {
      return isSame(before, globalsNow());
    }
    function* failing(): Coroutine<void> {
      yield* new Event().wait();
    }
    for (const [globals, unchanged] of [
      ["refused", false],
      ["virtual", false],
      ["real", true],
    ] as const) {
      same(outcomeOf(main, { globals }), unchanged);
      check(isSame(before, globalsNow()), globals);
      check(outcomeOf(failing, { globals }) instanceof Error, globals);
      check(isSame(before, globalsNow()), globals);
    }
  },
};

export async function testGlobals(report: Report): Promise<void> {
  for (const [name, body] of Object.entries(TESTS)) await report.test(`globals: ${name}`, body);
}
