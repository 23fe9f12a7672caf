// Turns by immediates, where there are some: Node, Deno, Bun. An immediate runs after the I/O that is ready. A message
// port would not do: Node serves up to 1,000 messages before anything else.

import { inMicrotask } from "./in-microtask.ts";
import type { TurnSource } from "./timer-host.ts";

const { setImmediate, clearImmediate } = globalThis as unknown as {
  setImmediate: (callback: () => void) => object;
  clearImmediate: (immediate: object) => void;
};

export function immediates(turn: () => void): TurnSource {
  let pending: object | null = null;
  const run = inMicrotask(() => {
    pending = null;
    turn();
  });
  return {
    request: () => {
      pending = setImmediate(run);
    },
    cancel: () => {
      if (pending !== null) clearImmediate(pending);
      pending = null;
    },
  };
}
