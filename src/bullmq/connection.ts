// How Redis is reached.

import { Redis, type RedisOptions } from "ioredis";
import { format } from "../support/format.ts";

/** Where Redis is: "redis://user:password@host:6379/0", or the options of ioredis. Default: this machine, port 6379. */
export type RedisConnection = string | RedisOptions;

/** Milliseconds after which a connection is tried again: the first time, and at most. */
const FIRST_RETRY = 50;
const LAST_RETRY = 1000;

/** Throws TypeError for what is no connection. Returns it. */
export function checkConnection(connection: RedisConnection): RedisConnection {
  if (typeof connection === "object" && connection !== null) return connection;
  if (typeof connection !== "string")
    throw new TypeError(`Invalid connection: expected a URL, or options of ioredis, got ${format(connection)}`);
  if (!URL.canParse(connection) || !/^rediss?:$/.test(new URL(connection).protocol))
    throw new TypeError(`Invalid connection: expected a URL such as redis://127.0.0.1:6379, got ${format(connection)}`);
  return connection;
}

/**
 * A client that connects at once, and again and again until it is disconnected. Commands wait meanwhile, and are sent
 * again when the connection broke before their answer: all of ours may be made twice. So do those that BullMQ
 * duplicates of it, until `isClosed` says that nobody needs them.
 */
export function createClient(connection: RedisConnection, isClosed: () => boolean): Redis {
  const options = {
    ...(typeof connection === "string" ? {} : connection),
    maxRetriesPerRequest: null,
    replyMapping: "legacy" as const, // BullMQ's
    retryStrategy: (times: number) => (isClosed() ? null : Math.min(LAST_RETRY, FIRST_RETRY * times)),
  };
  return typeof connection === "string" ? new Redis(connection, options) : new Redis(options);
}

/** Where a client connects to, for messages: without its password. */
export function addressOf({ options }: Redis): string {
  return options.path ?? `${options.host ?? "localhost"}:${options.port ?? 6379}`;
}

/** Why Redis cannot be reached, for messages: errors of several addresses have none. */
export const reasonOf = (fault: NodeJS.ErrnoException | null): string =>
  fault === null ? "no answer" : fault.message || (fault.code ?? fault.name);
