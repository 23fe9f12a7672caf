// Deno's host over a Deno in the hands of the test: what it may ask, and how it ends. test/hosts runs it in the real
// one.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Host } from "wasyncio";

const granted = new Set<string>();
let listeners: Set<() => void>;
const deno = {
  pid: 4711,
  env: { get: vi.fn((name: string) => `value of ${name}`) },
  permissions: {
    querySync: ({ name, variable }: { name: string; variable?: string }) => ({
      state: granted.has(variable === undefined ? name : `${name} ${variable}`) ? "granted" : "prompt",
    }),
  },
  addSignalListener: (_: "SIGINT", listener: () => void) => listeners.add(listener),
  removeSignalListener: (_: "SIGINT", listener: () => void) => listeners.delete(listener),
  kill: vi.fn(),
  exit: vi.fn(),
};

let createHost: () => Host;
let host: Host;
beforeEach(async () => {
  granted.clear();
  listeners = new Set();
  vi.stubGlobal("Deno", deno);
  vi.resetModules(); // it takes Deno when it is loaded
  ({ createHost } = await import("../../../src/hosts/deno/clock.ts"));
  host = createHost();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.clearAllMocks();
  vi.restoreAllMocks();
});

describe("the environment", () => {
  test("is read where that is allowed", () => {
    granted.add("env WASYNCIO_DEBUG");
    expect(host.environment?.("WASYNCIO_DEBUG")).toBe("value of WASYNCIO_DEBUG");
  });

  test("is left alone where Deno would ask", () => {
    expect(host.environment?.("WASYNCIO_DEBUG")).toBeUndefined();
    expect(deno.env.get).not.toHaveBeenCalled();
  });
});

describe("a second Ctrl-C", () => {
  const interruptTwice = (): void => {
    const now = vi.spyOn(performance, "now").mockReturnValue(1000);
    const interrupt = vi.fn();
    host.onInterrupt?.(interrupt);
    const [signal] = listeners;
    signal?.();
    now.mockReturnValue(2000);
    signal?.();
    expect(interrupt).toHaveBeenCalledTimes(1);
    expect(listeners.size).toBe(0);
  };

  test("is sent on where that is allowed", () => {
    granted.add("run");
    interruptTwice();
    expect([deno.kill.mock.calls, deno.exit.mock.calls]).toEqual([[[4711, "SIGINT"]], []]);
  });

  test("becomes its exit code where Deno would ask", () => {
    interruptTwice();
    expect([deno.kill.mock.calls, deno.exit.mock.calls]).toEqual([[], [[130]]]);
  });
});

test("loops that nothing can wake are told, and what they start then is waited for", () => {
  const target = new EventTarget();
  vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
  vi.stubGlobal("removeEventListener", target.removeEventListener.bind(target));
  const end = (): boolean => !target.dispatchEvent(new Event("beforeunload", { cancelable: true }));
  const exhausted = vi.fn(() => host.stop());
  expect(end()).toBe(false);
  host.start({ turn() {}, exhausted });
  expect(end()).toBe(true);
  expect(exhausted).toHaveBeenCalledTimes(1);
  expect(end()).toBe(false);
});

test("of several loops that nothing can wake one is told at a time, in the order in which they were started", () => {
  const target = new EventTarget();
  vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
  vi.stubGlobal("removeEventListener", target.removeEventListener.bind(target));
  const end = (): boolean => !target.dispatchEvent(new Event("beforeunload", { cancelable: true }));
  const told: number[] = [];
  for (const number of [0, 1, 2]) {
    const each = createHost();
    const exhausted = (): void => {
      told.push(number);
      each.stop();
    };
    each.start({ turn() {}, exhausted });
  }
  for (const seen of [[0], [0, 1], [0, 1, 2]]) {
    expect(end()).toBe(true);
    expect(told).toEqual(seen);
  }
  expect(end()).toBe(false);
});
