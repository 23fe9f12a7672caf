// What a crawl has done so far: written by the crawler, read by the progress line and the report.

import type { Reply } from "./http.ts";

/** What became of a page. */
export type Outcome =
  | "ok"
  | "duplicate" // redirects to a page that was crawled already
  | "off-site" // redirects to another site
  | "refused" // 4xx
  | "broken" // 5xx, at every attempt
  | "timeout" // at every attempt
  | "unreachable" // no connection, or it broke, at every attempt
  | "redirect loop";

/** A page that is done with: a line of the JSON file. */
export interface Page {
  readonly url: string;
  /** Where redirects have led. */
  readonly finalUrl: string;
  readonly redirects: number;
  readonly outcome: Outcome;
  /** Of the last answer, or why there was none. */
  readonly status: Reply["status"];
  readonly bytes: number;
  /** Number of pages that it links to. */
  readonly links: number;
  /** From the first request to the last answer, retries and all. */
  readonly seconds: number;
  /** Why there was no answer, or none of this site. */
  readonly error: string | null;
}

/** The figures of a crawl, from its construction to `finish`. */
export class Tally {
  /** Pages known: done, in progress and waiting. */
  known = 0;
  /** Requests under way. */
  inFlight = 0;
  retries = 0;
  redirects = 0;
  /** Links to other sites, not followed. */
  offSiteLinks = 0;
  bytes = 0;
  /** Why the last page without an answer had none. */
  lastError: string | null = null;
  /** What ended the crawl early, if anything. */
  stoppedBy: "deadline" | "interrupt" | null = null;
  /** Pages done, by what became of them. */
  readonly outcomes = new Counter<Outcome>();
  /** Requests done, by their status or by why they got none. */
  readonly statuses = new Counter<Reply["status"]>();
  /** Seconds that each answer took. */
  readonly latencies: number[] = [];
  /** Addresses that answered well. */
  readonly goodUrls: string[] = [];
  readonly #started = performance.now();
  #finished: number | null = null;

  /** Counts a request as done. */
  addReply(reply: Reply, seconds: number): void {
    this.statuses.add(reply.status);
    this.bytes += reply.bytes;
    if (typeof reply.status === "number") this.latencies.push(seconds);
  }

  /** Counts a page as done. */
  addPage(page: Page): void {
    this.outcomes.add(page.outcome);
    this.redirects += page.redirects;
    this.lastError = page.error ?? this.lastError;
    if (page.outcome === "ok") this.goodUrls.push(page.finalUrl);
  }

  /** Stops the clock. */
  finish(): void {
    this.#finished = performance.now();
  }

  /** Seconds that the crawl has taken. */
  get elapsed(): number {
    return ((this.#finished ?? performance.now()) - this.#started) / 1000;
  }
}

/** Counts things by key. */
export class Counter<K> {
  total = 0;
  readonly #counts = new Map<K, number>();

  add(key: K): void {
    this.#counts.set(key, this.get(key) + 1);
    this.total++;
  }

  get(key: K): number {
    return this.#counts.get(key) ?? 0;
  }

  [Symbol.iterator](): Iterator<[K, number]> {
    return this.#counts.entries();
  }
}
