// The crawler: a pool of workers over a queue of addresses, in one task group.
//
// All that runs is inside the block of that group: when `crawl` returns, throws or is cancelled, no worker and no
// socket is left behind. Nothing here cleans up by hand.

import { type Coroutine, Queue, TaskGroup } from "wasyncio";
import { type FetchOptions, Fetcher } from "./fetcher.ts";
import type { Reply } from "./http.ts";
import { extractLinks, resolve } from "./links.ts";
import type { Outcome, Page, Tally } from "./tally.ts";

/** How to crawl. */
export interface CrawlOptions extends FetchOptions {
  /** Pages to visit at most. */
  readonly maxPages: number;
}

/** Redirects in a row until they count as a loop. */
const MOST_REDIRECTS = 10;

/** An address, and where it has led to. */
interface Visit {
  readonly url: string;
  readonly finalUrl: string;
  readonly redirects: number;
  readonly reply: Reply;
}

/**
 * Crawls a site from one of its pages on, and calls `onPage` for each page that is done with. Leaves other sites alone.
 */
export function* crawl(
  start: string,
  options: CrawlOptions,
  tally: Tally,
  onPage: (page: Page) => void,
): Coroutine<void> {
  const { origin } = new URL(start);
  const fetcher = new Fetcher(options, tally);
  const queue = new Queue<string>();
  const known = new Set<string>();

  discover(start);
  yield* new TaskGroup().with(function* (group) {
    // More workers than permits for requests: those that wait for a retry leave theirs to others.
    const workers = Array.from({ length: 2 * options.concurrency }, () => group.createTask(work()));
    yield* queue.join();
    for (const worker of workers) worker.cancel();
  });

  function* work(): Coroutine<never> {
    for (;;) {
      const url = yield* queue.get();
      const started = performance.now();
      const visit = yield* follow(url);
      const page = conclude(visit, Math.round(performance.now() - started) / 1000);
      tally.addPage(page);
      onPage(page);
      queue.taskDone();
    }
  }

  /** Fetches a page. Follows redirects by hand: so that a loop is found, and another site is not entered. */
  function* follow(url: string): Coroutine<Visit> {
    let finalUrl = url;
    for (let redirects = 0; ; redirects++) {
      const reply = yield* fetcher.fetch(finalUrl);
      const target = reply.location === null ? null : resolve(reply.location, finalUrl);
      const goesOn = target !== null && !isOffSite(target) && redirects < MOST_REDIRECTS;
      if (!goesOn) return { url, finalUrl, redirects, reply };
      finalUrl = target;
    }
  }

  /** Says what became of a page, and discovers the pages that a good one links to. */
  function conclude(visit: Visit, seconds: number): Page {
    const { reply, ...addresses } = visit;
    const { status, bytes } = reply;
    const outcome = judge(visit);
    const error = outcome === "off-site" ? `it redirects to ${reply.location}` : reply.error;
    const links = outcome === "ok" ? extractLinks(reply.html, visit.finalUrl) : new Set<string>();
    if (outcome === "ok") known.add(visit.finalUrl);
    for (const link of links) discover(link);
    return { ...addresses, outcome, status, bytes, links: links.size, seconds, error };
  }

  function judge({ url, finalUrl, redirects, reply: { status, location } }: Visit): Outcome {
    if (typeof status === "string") return status;
    if (status >= 500) return "broken";
    if (location !== null && redirects === MOST_REDIRECTS) return "redirect loop";
    if (location !== null) return "off-site";
    if (status >= 300) return "refused";
    return finalUrl !== url && known.has(finalUrl) ? "duplicate" : "ok";
  }

  /** Puts a page into the queue, unless it was there before. */
  function discover(url: string): void {
    if (isOffSite(url)) tally.offSiteLinks++;
    else if (!known.has(url) && tally.known < options.maxPages) {
      known.add(url);
      tally.known++;
      queue.putNowait(url);
    }
  }

  function isOffSite(url: string): boolean {
    return new URL(url).origin !== origin;
  }
}
