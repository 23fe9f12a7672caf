// The parts of a host that has Node's `process`: Node itself, and Bun.

import { builtin } from "./builtins.ts";
import { asyncLocalStorages } from "./async-local-storage.ts";
import { createExhaustion } from "./exhaustion.ts";
import { createInterrupts } from "./interrupts.ts";
import { Lifetime } from "./lifetime.ts";
import { LoopSignals } from "./loop-signals.ts";
import { ProcessSignals } from "./signals.ts";
import type { HostParts } from "./timer-host.ts";

/** What the library uses of it: signals, that nothing keeps the process alive any more, the environment. */
interface ProcessLike {
  readonly env: Record<string, string | undefined>;
  readonly pid: number;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
  kill(pid: number, signal: "SIGINT"): unknown;
}

const { process } = globalThis as unknown as { process: ProcessLike };

const signals = new ProcessSignals({
  listen: (name, handle) => process.on(name, handle),
  unlisten: (name, handle) => process.off(name, handle),
});

const watchInterrupts = createInterrupts(signals, () => process.kill(process.pid, "SIGINT"));

const exhaustion = createExhaustion((notify) => ({
  listen: () => process.on("beforeExit", notify),
  unlisten: () => process.off("beforeExit", notify),
}));

const environment = (name: string): string | undefined => process.env[name];

/** In a worker thread one can listen, and nothing ever comes. Asked late: it takes Node 2 ms to find out. */
const isMainThread = (): boolean => builtin("worker_threads")?.isMainThread !== false;

/** The parts for one loop. */
export function processParts() {
  const loopSignals = new LoopSignals(signals, watchInterrupts);
  const lifetime = new Lifetime(exhaustion);
  return {
    signals: () => (isMainThread() ? loopSignals : "signals come to the main thread only"),
    onInterrupt: (interrupt) => loopSignals.onInterrupt(interrupt),
    release: () => loopSignals.close(),
    exhaustion: lifetime,
    keepAlive: (expecting) => lifetime.keepAlive(expecting),
    environment,
    contexts: asyncLocalStorages,
  } satisfies Partial<HostParts>;
}
