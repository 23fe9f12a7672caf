// Turns by timers: a millisecond each, but every host has them.

import { inMicrotask } from "./in-microtask.ts";
import type { TurnSource } from "./timer-host.ts";

export function timeouts(turn: () => void): TurnSource {
  const { setTimeout, clearTimeout } = globalThis; // as in timer-host.ts
  let pending: ReturnType<typeof setTimeout> | null = null;
  const run = inMicrotask(() => {
    pending = null;
    turn();
  });
  return {
    request: () => {
      pending = setTimeout(run, 0);
    },
    cancel: () => {
      if (pending !== null) clearTimeout(pending);
      pending = null;
    },
  };
}
