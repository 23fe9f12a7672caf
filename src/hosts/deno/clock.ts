// Deno, which asks before it lets a program touch its process: nothing here may make it ask.

import type { Host } from "../../drivers/clock.ts";
import { asyncLocalStorages } from "../parts/async-local-storage.ts";
import { onCollected } from "../parts/collections.ts";
import { createExhaustion } from "../parts/exhaustion.ts";
import { immediates } from "../parts/immediates.ts";
import { inMicrotask } from "../parts/in-microtask.ts";
import { bareError } from "../parts/bare-error.ts";
import { createInterrupts } from "../parts/interrupts.ts";
import { Lifetime } from "../parts/lifetime.ts";
import { microtasks } from "../parts/microtasks.ts";
import { LoopSignals } from "../parts/loop-signals.ts";
import { ProcessSignals } from "../parts/signals.ts";
import { type TurnSource, createTimerHost } from "../parts/timer-host.ts";

interface DenoLike {
  readonly pid: number;
  readonly env: { get(name: string): string | undefined };
  readonly permissions: {
    querySync(wanted: { name: "env"; variable: string } | { name: "run" }): { state: "granted" | "prompt" | "denied" };
  };
  addSignalListener(signal: string, handle: () => void): void;
  removeSignalListener(signal: string, handle: () => void): void;
  kill(pid: number, signal: "SIGINT"): void;
  exit(code: number): never;
}

const { Deno } = globalThis as unknown as { Deno: DenoLike };

/** Exit code of a process that Ctrl-C has ended. */
const INTERRUPTED = 130;

const isGranted = (...[wanted]: Parameters<DenoLike["permissions"]["querySync"]>): boolean =>
  Deno.permissions.querySync(wanted).state === "granted";

const signals = new ProcessSignals({
  listen: (name, handle) => Deno.addSignalListener(name, handle),
  unlisten: (name, handle) => Deno.removeSignalListener(name, handle),
});

const watchInterrupts = createInterrupts(signals, () => {
  if (isGranted({ name: "run" })) Deno.kill(Deno.pid, "SIGINT");
  else Deno.exit(INTERRUPTED);
});

/**
 * What is started by those that are told would be lost with the process, unless it is kept: it is asked again after
 * that.
 */
const exhaustion = createExhaustion((notify) => {
  const handle = (event: Event): void => {
    event.preventDefault();
    notify();
  };
  return {
    listen: () => globalThis.addEventListener("beforeunload", handle),
    unlisten: () => globalThis.removeEventListener("beforeunload", handle),
  };
});

const environment = (name: string): string | undefined =>
  isGranted({ name: "env", variable: name }) ? Deno.env.get(name) : undefined;

/**
 * Deno runs 61 immediates before it looks at its sockets again, but looks at them before each timer: of the turns of a
 * loop that has more to do every other comes by one. For a loop that was waiting that would be a millisecond lost.
 */
function alternating(turn: () => void): TurnSource {
  const { setTimeout, clearTimeout } = globalThis; // as in timer-host.ts
  const immediate = immediates(turn);
  const run = inMicrotask(turn);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let byTimer = true;
  return {
    request: () => {
      byTimer = !byTimer;
      if (byTimer) timer = setTimeout(run, 0);
      else immediate.request();
    },
    cancel: () => {
      clearTimeout(timer);
      immediate.cancel();
    },
  };
}

/** The host that the program runs on. */
export function createHost(): Host {
  const loopSignals = new LoopSignals(signals, watchInterrupts);
  const lifetime = new Lifetime(exhaustion);
  return createTimerHost({
    waking: microtasks,
    yielding: alternating,
    sharedByRequests: true,
    requestSignalsTakeLong: true,
    bareError,
    onCollected,
    exhaustion: lifetime,
    keepAlive: (expecting) => lifetime.keepAlive(expecting),
    environment,
    signals: () => loopSignals,
    onInterrupt: (interrupt) => loopSignals.onInterrupt(interrupt),
    release: () => loopSignals.close(),
    contexts: asyncLocalStorages,
    contextsTakeLong: true,
  });
}
