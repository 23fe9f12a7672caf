// Fetching a page for good: so many requests at a time, a deadline for each one, and further attempts where they may
// help.

import { type Coroutine, Semaphore, TimeoutError, sleep, timeout } from "wasyncio";
import { ConnectionError, type Reply, get, noReply } from "./http.ts";
import type { Tally } from "./tally.ts";

/** How to fetch. */
export interface FetchOptions {
  /** Requests at a time. */
  readonly concurrency: number;
  /** Deadline of each request, in seconds. */
  readonly timeout: number;
  /** Further attempts after a timeout, a broken connection or a 5xx. */
  readonly retries: number;
}

/** Seconds before the first retry; each further one waits twice as long. */
const FIRST_BACKOFF = 0.1;

export class Fetcher {
  readonly #options: FetchOptions;
  readonly #tally: Tally;
  readonly #permits: Semaphore;

  constructor(options: FetchOptions, tally: Tally) {
    this.#options = options;
    this.#tally = tally;
    this.#permits = new Semaphore(options.concurrency);
  }

  /** Fetches a page, with retries. While it waits for one, its permit is free for others. */
  *fetch(url: string): Coroutine<Reply> {
    for (let attempt = 0; ; attempt++) {
      const reply = yield* this.#permits.with(() => this.#measure(url));
      if (!mayRecover(reply) || attempt === this.#options.retries) return reply;
      this.#tally.retries++;
      yield* sleep(FIRST_BACKOFF * 2 ** attempt);
    }
  }

  *#measure(url: string): Coroutine<Reply> {
    const started = performance.now();
    this.#tally.inFlight++;
    try {
      const reply = yield* this.#request(url);
      this.#tally.addReply(reply, (performance.now() - started) / 1000);
      return reply;
    } finally {
      this.#tally.inFlight--;
    }
  }

  *#request(url: string): Coroutine<Reply> {
    try {
      return yield* timeout(this.#options.timeout).with(() => get(url));
    } catch (error) {
      if (error instanceof TimeoutError) return noReply("timeout", `no answer in ${this.#options.timeout} s`);
      if (error instanceof ConnectionError) return noReply("unreachable", error.message);
      throw error;
    }
  }
}

function mayRecover({ status }: Reply): boolean {
  return typeof status === "string" || status >= 500;
}
