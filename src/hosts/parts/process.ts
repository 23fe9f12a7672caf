// The parts of a host that has Node's `process`: Node itself, and Bun.

import { asyncLocalStorages } from "./async-local-storage.ts";
import { createExhaustion } from "./exhaustion.ts";
import { createInterrupts } from "./interrupts.ts";
import type { HostParts } from "./timer-host.ts";

/** What the library uses of it: Ctrl-C, that nothing keeps the process alive any more, the environment. */
interface ProcessLike {
  readonly env: Record<string, string | undefined>;
  readonly pid: number;
  on(event: "SIGINT" | "beforeExit", listener: () => void): unknown;
  off(event: "SIGINT" | "beforeExit", listener: () => void): unknown;
  kill(pid: number, signal: "SIGINT"): unknown;
}

const { process } = globalThis as unknown as { process: ProcessLike };

export const processParts = {
  onInterrupt: createInterrupts({
    listen: (handle) => process.on("SIGINT", handle),
    unlisten: (handle) => process.off("SIGINT", handle),
    end: () => process.kill(process.pid, "SIGINT"),
  }),
  exhaustion: createExhaustion((tell) => ({
    listen: () => process.on("beforeExit", tell),
    unlisten: () => process.off("beforeExit", tell),
  })),
  environment: (name) => process.env[name],
  contexts: asyncLocalStorages,
} satisfies Partial<HostParts>;
