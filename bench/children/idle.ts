// `idle.mjs DOORS WHAT`: what a loop that waits for a timer asks of its host in a second, and the processor's time in
// it; WHAT is "loop", or "nothing" for a process without one.

import type { Library } from "./library.ts";

export interface Idle {
  /** Timers that the loop had armed when it fell asleep, and what it asked for in the second after. */
  armed: number;
  timers: number;
  immediates: number;
  cpuMs: number;
}

const SECOND = 1000;
/** Milliseconds in which the process comes to rest. */
const REST = 300;

const [doors, what] = process.argv.slice(2) as [string, "loop" | "nothing"];
const { setTimeout: wait } = globalThis;
const asked = { timers: 0, immediates: 0 };
countCalls("setTimeout", "timers");
countCalls("setImmediate", "immediates");
// Only now: the library keeps what it finds when it is loaded.
const { loadLibrary } = await import("./library.ts");
const library: Library = await loadLibrary(doors);
const before = { ...asked };
if (what === "loop") {
  void library.run(function* () {
    yield* library.sleep(1000);
  });
}
await pause(REST);
const armed = asked.timers - before.timers;
const atRest = { ...asked };
const cpu = process.cpuUsage();
await pause(SECOND);
const { user, system } = process.cpuUsage(cpu);
const figures: Idle = {
  armed,
  timers: asked.timers - atRest.timers,
  immediates: asked.immediates - atRest.immediates,
  cpuMs: (user + system) / 1000,
};
console.log(JSON.stringify(figures));
process.exit(0);

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void wait(resolve, ms));
}

function countCalls(name: "setTimeout" | "setImmediate", key: keyof typeof asked): void {
  const original = globalThis[name] as (...args: unknown[]) => unknown;
  (globalThis as Record<string, unknown>)[name] = (...args: unknown[]) => {
    asked[key]++;
    return original(...args);
  };
}
