// What the library uses of Node's `process`, which Deno and Bun have too, and browsers have not.

/** The events that are listened to: Ctrl-C, and that nothing keeps the process alive any more. */
type ProcessEvent = "SIGINT" | "beforeExit";

interface ProcessLike {
  readonly env: Record<string, string | undefined>;
  readonly pid: number;
  on(event: ProcessEvent, listener: () => void): unknown;
  off(event: ProcessEvent, listener: () => void): unknown;
  kill(pid: number, signal: "SIGINT"): unknown;
}

const candidate = (globalThis as { process?: ProcessLike }).process;

/** Absent too where a bundler has put a `process` that only has an environment. */
export const process = typeof candidate?.on === "function" ? candidate : undefined;
