// Threads by node:worker_threads: Node's, and Bun's.

import type { ParentEnd, WorkerEnd, WorkerEvents } from "../../drivers/workers.ts";
import { format } from "../../support/format.ts";
import { builtin } from "./builtins.ts";
import type { NodeWorker, WorkerThreadsModule } from "./node-types.ts";
import { workerFlags, workerScript } from "./worker-script.ts";

const threads = (): WorkerThreadsModule => builtin("worker_threads") as WorkerThreadsModule;

export function spawnThread(name: string, events: WorkerEvents): WorkerEnd {
  const { Worker } = threads();
  return endOf(new Worker(workerScript(), { name, ...workerFlags() }), events);
}

/** Throws TypeError for what is no Worker of node:worker_threads. */
export function adoptThread(worker: unknown, events: WorkerEvents): WorkerEnd {
  if (worker instanceof threads().Worker) return endOf(worker, events);
  throw new TypeError(`Invalid worker: expected a Worker of node:worker_threads, got ${format(worker)}`);
}

function endOf(worker: NodeWorker, events: WorkerEvents): WorkerEnd {
  let reason: string | null = null;
  worker.on("message", (message) => events.message(message));
  worker.on("messageerror", (error) => {
    reason = `a message of it cannot be read: ${error.message}`;
    void worker.terminate();
  });
  worker.on("error", (error) => {
    reason = String((error as Error | null)?.message ?? error);
  });
  worker.on("exit", (code) => events.ended(reason ?? `it ended with code ${code}`, code));
  worker.unref();
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    stop: () => void worker.terminate(),
  };
}

/** The next message of a port that has come, or undefined. */
export function receiveMessage(port: object): { readonly message: unknown } | undefined {
  return threads().receiveMessageOnPort(port);
}

/** Whoever has started this thread, or null in the main one. */
export function parentThread(): ParentEnd | null {
  const { parentPort } = threads();
  if (parentPort === null) return null;
  return {
    start: (receive) => parentPort.on("message", receive),
    post: (message, transfer) => parentPort.postMessage(message, transfer),
    exit: () => exitProcess(),
  };
}

/** Ends this thread, or this process: in order, so that whoever listens to "exit" is told. */
export function exitProcess(): void {
  (globalThis as unknown as { process: { exit(code: number): never } }).process.exit(0);
}
