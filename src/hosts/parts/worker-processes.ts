// Processes by node:child_process, with messages that are copied as between threads.

import type { ParentEnd, WorkerEnd, WorkerEvents } from "../../drivers/workers.ts";
import { builtin } from "./builtins.ts";
import type { ChildProcessModule, ForkedProcess } from "./node-types.ts";
import { exitProcess } from "./worker-threads.ts";
import { workerFlags, workerScript } from "./worker-script.ts";

/** By which a process knows that it serves jobs: it may have been forked for something else. */
const MARK = "WASYNCIO_WORKER";

/** Throws for a message that cannot be copied, where sending does not. */
type Check = (message: unknown) => unknown;

interface ProcessLike extends Partial<Pick<ForkedProcess, "send">> {
  readonly env: Record<string, string | undefined>;
  on(event: "message", listener: (message: unknown) => void): unknown;
  on(event: "disconnect" | "SIGINT", listener: () => void): unknown;
}

const { process } = globalThis as unknown as { process: ProcessLike };

export function spawnProcess(name: string, events: WorkerEvents, check: Check): WorkerEnd {
  const { fork } = builtin("child_process") as ChildProcessModule;
  const child = fork(workerScript(), [], {
    serialization: "advanced",
    env: { ...process.env, [MARK]: name },
    ...workerFlags(),
  });
  let reason: string | null = null;
  let isOver = false;
  const end = (text: string, exitCode: number | null): void => {
    if (!isOver) events.ended(text, exitCode);
    isOver = true;
  };
  child.on("message", (message) => {
    if (!isOver) events.message(message);
  });
  child.on("error", (error) => {
    reason = error.message;
    if (child.pid === undefined) end(reason, null); // it has not been started
  });
  // behind all its messages
  child.on("close", (code, signal) => {
    const signals = builtin("os")?.constants.signals;
    end(reason ?? `it ended with ${signal ?? `code ${code}`}`, signal === null ? code : -(signals?.[signal] ?? 0));
  });
  child.unref();
  child.channel?.unref?.();
  return {
    pid: child.pid,
    post: (message) => {
      check(message);
      child.send(message, ignore);
    },
    stop: () => {
      child.kill("SIGKILL");
    },
  };
}

/** A message to a process that has ended is lost with it, which `ended` tells. */
function ignore(): void {}

/** Whoever has started this process for jobs, or null. */
export function parentProcess(check: Check): ParentEnd | null {
  const { send, env } = process;
  if (send === undefined || env[MARK] === undefined) return null;
  delete env[MARK];
  return {
    start: (receive) => {
      process.on("message", receive);
      process.on("disconnect", exitProcess);
      process.on("SIGINT", ignore); // Ctrl-C is meant for the program, which ends this process when it has ended
    },
    post: (message) => {
      check(message);
      send.call(process, message, ignore);
    },
    exit: exitProcess,
  };
}
