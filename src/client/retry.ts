// Whether a request is made once more, and when.

import { checkCount, checkNames } from "../support/checks.ts";
import { type Delay, secondsFrom0 } from "../support/delay.ts";
import { format } from "../support/format.ts";
import type { ClientResponse } from "./client-response.ts";
import { ClientConnectionError } from "./errors.ts";

/** How requests are made again that have failed by their connection, or were answered with certain statuses. */
export interface Retry {
  /** How often a request is made at most, the first time included. Default: 3. */
  attempts?: number;
  /** How long to wait before the second time; twice as long before each further one. Default: 0.1 s. */
  delay?: Delay;
  /** The longest wait; an answer with a later Retry-After is taken as it is. Default: 10 s. */
  maxDelay?: Delay;
  /** Answers that are asked for again. Default: 429, 502, 503, 504. */
  statuses?: readonly number[];
  /** What may be done twice. Default: GET, HEAD, OPTIONS, TRACE, PUT, DELETE. */
  methods?: readonly string[];
}

const NAMES: readonly (keyof Retry)[] = ["attempts", "delay", "maxDelay", "statuses", "methods"];
/** What may be done twice, by its own definition. */
export const IDEMPOTENT = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"];

/** A `Retry`, checked. */
export class RetryPolicy {
  readonly #attempts: number;
  readonly #delay: number;
  readonly #maxDelay: number;
  readonly #statuses: readonly number[];
  readonly #methods: readonly string[];

  /** Throws TypeError or RangeError for what is none. */
  constructor(retry: Retry) {
    const {
      attempts = 3,
      delay = 0.1,
      maxDelay = 10,
      statuses = [429, 502, 503, 504],
      methods = IDEMPOTENT,
    } = checkNames(retry, NAMES, "retry");
    this.#attempts = checkCount(attempts, "retry.attempts");
    this.#delay = secondsFrom0(delay, "retry.delay");
    this.#maxDelay = secondsFrom0(maxDelay, "retry.maxDelay");
    checkList(statuses, "number", "retry.statuses");
    checkList(methods, "string", "retry.methods");
    this.#statuses = statuses;
    this.#methods = methods.map((method) => method.toUpperCase());
  }

  /** Seconds to wait before a request is made again that has failed; null: it is not. */
  afterError(error: unknown, method: string, attempt: number): number | null {
    return error instanceof ClientConnectionError ? this.#delayOf(method, attempt) : null;
  }

  /** The same for an answer. */
  afterAnswer({ status, headers }: ClientResponse, method: string, attempt: number): number | null {
    if (!this.#statuses.includes(status)) return null;
    const delay = this.#delayOf(method, attempt);
    const retryAfter = headers.get("retry-after") ?? "";
    const asked = /^\d+$/.test(retryAfter) ? Number(retryAfter) : 0;
    return delay === null || asked > this.#maxDelay ? null : Math.max(delay, asked);
  }

  #delayOf(method: string, attempt: number): number | null {
    if (attempt >= this.#attempts || !this.#methods.includes(method)) return null;
    return Math.min(this.#delay * 2 ** (attempt - 1), this.#maxDelay);
  }
}

function checkList(list: readonly unknown[], type: "number" | "string", name: string): void {
  if (Array.isArray(list) && list.every((each) => typeof each === type)) return;
  throw new TypeError(`Invalid ${name}: expected an array of ${type}s, got ${format(list)}`);
}
