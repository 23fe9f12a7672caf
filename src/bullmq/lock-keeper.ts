// Renews the locks of the jobs that a worker runs, in a thread: there a job that computes and does not give way keeps
// its lock. It would seem lost else, and another worker would run it a second time.

import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { format } from "../support/format.ts";
import { isCloneable } from "../executors/remote-error.ts";
import type { RedisConnection } from "./connection.ts";

/** What the thread is started with. */
export interface LockSettings {
  readonly queue: string;
  readonly connection: RedisConnection;
  /** How long a lock holds, in milliseconds. */
  readonly duration: number;
}

/** To the thread: the job whose lock is to be kept, by the token that it is taken by; null: none any longer. */
export interface LockOrder {
  readonly token: string;
  readonly id: string | null;
}

export class LockKeeper {
  readonly #thread: Worker;

  constructor(settings: LockSettings) {
    const script = createRequire(import.meta.url).resolve("#lock-thread");
    const workerData = { ...settings, connection: withoutFunctions(settings.connection) };
    this.#thread = new Worker(script, { name: "locks", workerData, execArgv: [] });
    this.#thread.unref();
  }

  keep(token: string, id: string): void {
    this.#thread.postMessage({ token, id } satisfies LockOrder);
  }

  release(token: string): void {
    this.#thread.postMessage({ token, id: null } satisfies LockOrder);
  }

  close(): void {
    void this.#thread.terminate();
  }
}

/** Throws TypeError for a connection that a thread cannot be given. Returns it. */
export function checkForThread(connection: RedisConnection): RedisConnection {
  const [name, value] = Object.entries(withoutFunctions(connection)).find(([, each]) => !isCloneable(each)) ?? [];
  if (name === undefined) return connection;
  throw new TypeError(`Invalid connection: locks are renewed in a thread, which cannot get ${name}: ${format(value)}`);
}

/** What of a connection a thread can be given. */
function withoutFunctions(connection: RedisConnection): RedisConnection {
  if (typeof connection === "string") return connection;
  return Object.fromEntries(Object.entries(connection).filter(([, value]) => typeof value !== "function"));
}
