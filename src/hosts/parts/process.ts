// The parts of a host that has Node's `process`: Node itself, and Bun.

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
  exhaustion: createExhaustion((notify) => ({
    listen: () => process.on("beforeExit", notify),
    unlisten: () => process.off("beforeExit", notify),
  })),
  environment: (name) => process.env[name],
} satisfies Partial<HostParts>;
