// Options of queues and of jobs in them, checked where they are given.

import { QueueKeys } from "bullmq";
import { checkCount, checkNames } from "../support/checks.ts";
import { type Delay, formatSeconds, secondsOf } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { type RedisConnection, checkConnection } from "./connection.ts";

/** What can be said of all jobs of an executor, and of each. */
export interface QueuedJobDefaults {
  /** How many times a job is tried when it fails. Default: 1. */
  attempts?: number;
  /** How long it waits before it is tried again. Default: 0. */
  backoff?: Delay;
  /** Whether it waits for that each time, or twice as long each time. Default: "fixed". */
  backoffType?: "fixed" | "exponential";
  /**
   * Which jobs go first: those of 0, then those of 1, and so on up to 2,097,151; of one priority the older ones.
   * Default: 0.
   */
  priority?: number;
}

/** Options of a job. */
export interface QueuedJobOptions extends QueuedJobDefaults {
  /**
   * What the queue knows it by: a text without a colon, no integer, and no name that BullMQ uses itself, as "failed". A
   * queue has each key once: who submits a job of a key that is there gets a future for that one. Default: a new one.
   */
  key?: string;
  /** How long it waits before it can begin. Default: 0. */
  delay?: Delay;
}

/** Options of a BullMQExecutor. */
export interface BullMQExecutorOptions extends QueuedJobDefaults {
  /** The name of the queue, without a colon. */
  queue: string;
  /** Where Redis is. Default: "redis://127.0.0.1:6379". */
  connection?: RedisConnection;
  /** How long a result is kept, for those who ask for it later: a minute at least, or Infinity. Default: an hour. */
  keep?: Delay;
  /** How long a job may wait for Redis to take it, when that cannot be reached; then it fails. Default: 10 seconds. */
  patience?: Delay;
}

const JOB_DEFAULTS = ["attempts", "backoff", "backoffType", "priority"] as const;
const JOB_OPTIONS: readonly (keyof QueuedJobOptions)[] = [...JOB_DEFAULTS, "key", "delay"];
const EXECUTOR_OPTIONS: readonly (keyof BullMQExecutorOptions)[] = [
  ...JOB_DEFAULTS,
  "queue",
  "connection",
  "keep",
  "patience",
];

/** Where Redis is, by default. */
export const LOCAL = "redis://127.0.0.1:6379";

/** How many jobs a worker runs at once, by default. */
export const CONCURRENCY = 10;

/** Seconds: a result is still there when its event was missed. */
const SHORTEST_KEEP = 60;

const HIGHEST_PRIORITY = 2 ** 21 - 1;

/** How a job is tried, with times in seconds. */
export interface JobSettings {
  readonly attempts: number;
  readonly backoff: number;
  readonly backoffType: "fixed" | "exponential";
  readonly priority: number;
  readonly delay: number;
}

/** Where a queue is, with times in seconds. */
export interface QueueSettings {
  readonly queue: string;
  readonly connection: RedisConnection;
  readonly keep: number;
  readonly patience: number;
}

/** Throws TypeError or RangeError for what is no name of a queue. Returns it. */
export function checkQueue(queue: string): string {
  if (typeof queue !== "string") throw new TypeError(`Invalid queue: expected a name, got ${format(queue)}`);
  if (queue === "" || queue.includes(":"))
    throw new RangeError(`Invalid queue: expected a name without a colon, got ${format(queue)}`);
  return queue;
}

/** Throws TypeError or RangeError for what no job can be known by. Returns it. */
export function checkKey(key: string): string {
  if (typeof key !== "string") throw new TypeError(`Invalid key: expected a string, got ${format(key)}`);
  if (key === "" || key.includes(":"))
    throw new RangeError(`Invalid key: expected a text without a colon, got ${format(key)}`);
  if (/^-?\d+$/.test(key))
    throw new RangeError(`Invalid key: integers are those that BullMQ counts itself, got ${format(key)}`);
  if (Object.hasOwn(new QueueKeys().getKeys(""), key))
    // beside which jobs stand
    throw new RangeError(`Invalid key: a queue has its own of the name ${format(key)}`);
  return key;
}

/** Throws TypeError for what is no delay, and RangeError for one below `least`. Gives its seconds. */
export function secondsFrom(least: number, delay: Delay, name: string): number {
  const seconds = secondsOf(delay, name);
  if (seconds < least) throw new RangeError(`${name} must be ${formatSeconds(least)} at least: got ${seconds}`);
  return seconds;
}

/** As `secondsFrom` 0, and throws RangeError for ever. */
function finiteSeconds(delay: Delay, name: string): number {
  const seconds = secondsFrom(0, delay, name);
  if (seconds === Infinity) throw new RangeError(`${name} must be finite`);
  return seconds;
}

function checkDefaults({ attempts = 1, backoff = 0, backoffType = "fixed", priority = 0 }: QueuedJobDefaults) {
  if (backoffType !== "fixed" && backoffType !== "exponential")
    throw new RangeError(`Invalid backoffType: expected "fixed" or "exponential", got ${format(backoffType)}`);
  if (!Number.isInteger(priority) || priority < 0 || priority > HIGHEST_PRIORITY)
    throw new RangeError(`priority must be whole, from 0 to ${HIGHEST_PRIORITY}: got ${format(priority)}`);
  return {
    attempts: checkCount(attempts, "attempts"),
    backoff: finiteSeconds(backoff, "backoff"),
    backoffType,
    priority,
  };
}

/** Throws TypeError or RangeError for options that are not what they are to be. */
export function checkExecutorOptions(options: BullMQExecutorOptions): {
  readonly settings: QueueSettings;
  readonly defaults: QueuedJobDefaults;
} {
  const { queue, connection = LOCAL, keep = 3600, patience = 10, ...defaults } = checkNames(options, EXECUTOR_OPTIONS);
  return {
    settings: {
      queue: checkQueue(queue),
      connection: checkConnection(connection),
      keep: secondsFrom(SHORTEST_KEEP, keep, "keep"),
      patience: secondsFrom(0, patience, "patience"),
    },
    defaults: checkDefaults(defaults),
  };
}

/** As `checkExecutorOptions`, of a job; `defaults` are its executor's. */
export function checkJobOptions(
  options: QueuedJobOptions,
  defaults: QueuedJobDefaults,
): JobSettings & { readonly key: string | null } {
  const { key, delay = 0, ...own } = checkNames(options, JOB_OPTIONS);
  return {
    ...checkDefaults({ ...defaults, ...own }),
    delay: finiteSeconds(delay, "delay"),
    key: key === undefined ? null : checkKey(key),
  };
}
