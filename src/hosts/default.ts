// The host that a program runs on, through what Node, Deno, Bun and browsers have in common: a macrotask, a timer, a clock.
//
// On Node the process lives exactly as long as the loop has something to wait for: a pending turn and an armed timer keep it
// alive, a loop that only waits for the outside world does not, and is told when nothing of that is left.

import type { Host, HostEvents } from "../runtime/host.ts";
import { onInterrupt } from "./interrupts.ts";
import { process } from "./process.ts";
import { reportToConsole } from "./report.ts";

const { setImmediate, clearImmediate } = globalThis as unknown as {
  setImmediate?: (callback: () => void) => object;
  clearImmediate?: (immediate: object) => void;
};

/** asyncio's MAXIMUM_SELECT_TIMEOUT, a day: longer waits are armed again. */
const LONGEST_TIMER_MS = 86_400_000;

/** How a turn is asked for: after the host has done what waits already. */
interface Macrotask {
  request(): void;
  cancel(): void;
}

/** The host that the program runs on. */
export function createHost(): Host {
  return new DefaultHost();
}

class DefaultHost implements Host {
  readonly resolution = 1e-6;
  readonly slice = 0.004;
  readonly report = reportToConsole;
  #events: HostEvents | null = null;
  readonly #macrotask: Macrotask;
  #requested = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #armedFor = Infinity;
  readonly #turn = (): void => {
    this.#requested = false;
    this.#events?.turn();
  };

  constructor() {
    this.#macrotask = setImmediate === undefined ? messages(this.#turn) : immediates(this.#turn);
  }

  now(): number {
    return performance.now() / 1000;
  }

  start(events: HostEvents): void {
    this.#events = events;
    exhaustible.add(events);
    if (exhaustible.size === 1) process?.on("beforeExit", reportExhausted);
  }

  wakeSoon(): void {
    if (this.#requested) return;
    this.#requested = true;
    this.#macrotask.request();
  }

  wakeAt(deadline: number): void {
    if (deadline === this.#armedFor) return;
    this.#disarm();
    if (deadline === Infinity) return;
    this.#armedFor = deadline;
    const delayMs = Math.min(Math.max(0, Math.ceil((deadline - this.now()) * 1000)), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => {
      this.#armedFor = Infinity;
      this.#timer = null;
      this.#events?.turn();
    }, delayMs);
  }

  stop(): void {
    if (this.#events !== null) exhaustible.delete(this.#events);
    if (exhaustible.size === 0) process?.off("beforeExit", reportExhausted);
    this.#events = null;
    this.#disarm();
    this.#macrotask.cancel();
    this.#requested = false;
  }

  close(): void {
    this.stop();
  }

  onInterrupt(interrupt: () => void): () => void {
    return onInterrupt(interrupt);
  }

  onCollected(target: object, notify: () => void): () => void {
    const key = {};
    collected.register(target, notify, key);
    return () => collected.unregister(key);
  }

  environment(name: string): string | undefined {
    try {
      return process?.env[name];
    } catch {
      return undefined; // Deno without permission to read the environment
    }
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#armedFor = Infinity;
  }
}

/** Loops that run: one listener tells all of them, because Node warns from the eleventh on. */
const exhaustible = new Set<HostEvents>();

function reportExhausted(): void {
  const all = [...exhaustible]; // it may be changed meanwhile
  for (const events of all) events.exhausted();
}

let registry: FinalizationRegistry<() => void> | undefined;

/** One registry for all loops, made on first use. */
const collected = {
  register(target: object, notify: () => void, key: object): void {
    registry ??= new FinalizationRegistry((call) => call());
    registry.register(target, notify, key);
  },
  unregister(key: object): void {
    registry?.unregister(key);
  },
};

/** Node, Deno, Bun: an immediate runs after the I/O that is ready. A message port would not do: Node serves up to 1,000 messages before anything else. */
function immediates(turn: () => void): Macrotask {
  let pending: object | null = null;
  const run = (): void => {
    pending = null;
    turn();
  };
  return {
    request: () => {
      pending = setImmediate?.(run) ?? null;
    },
    cancel: () => {
      if (pending !== null) clearImmediate?.(pending);
      pending = null;
    },
  };
}

/** Browsers: a message is the cheapest macrotask; timers are clamped to 4 ms there. */
function messages(turn: () => void): Macrotask {
  let channel: MessageChannel | null = null;
  return {
    request: () => {
      if (channel === null) {
        channel = new MessageChannel();
        channel.port1.onmessage = turn;
      }
      channel.port2.postMessage(null);
    },
    cancel: () => {
      channel?.port1.close();
      channel = null;
    },
  };
}
