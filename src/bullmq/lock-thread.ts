// The script of the thread that renews locks.

import { parentPort, workerData } from "node:worker_threads";
import { Queue } from "bullmq";
import { createClient } from "./connection.ts";
import type { LockOrder, LockSettings } from "./lock-keeper.ts";

/** How often a lock is renewed while it holds. */
const RENEWALS = 4;

const { queue: name, connection, duration } = workerData as LockSettings;
const client = createClient(connection, () => false);
const queue = new Queue(name, { connection: client });
for (const each of [client, queue]) each.on("error", ignore); // the worker tells of it

/** Jobs by token. */
const jobs = new Map<string, string>();
let isRenewing = false;

parentPort?.on("message", ({ token, id }: LockOrder) => {
  if (id === null) jobs.delete(token);
  else jobs.set(token, id);
});

setInterval(() => void renew(), duration / RENEWALS);

async function renew(): Promise<void> {
  if (jobs.size === 0 || isRenewing || client.status !== "ready") return;
  isRenewing = true;
  await queue
    .getBackend()
    .extendLocks([...jobs.values()], [...jobs.keys()], duration)
    .catch(ignore);
  isRenewing = false;
}

function ignore(): void {}
