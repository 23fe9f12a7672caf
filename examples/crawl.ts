// A crawler: the main job of `npm start`.
//
// It crawls a web site with a hundred requests at a time: `npm start -- --url http://localhost:8080/`, or without
// arguments a site of its own that answers slowly, fails, hangs and goes round in circles. What to look at: every
// timeout, every worker and the progress line are blocks inside blocks, so Ctrl-C or a deadline needs no code of its
// own to stop them all.
//
//   crawl/crawler.ts   workers, queue, redirects          crawl/options.ts    the command line
//   crawl/fetcher.ts   permits, deadlines, retries        crawl/progress.ts   while it runs
//   crawl/http.ts      one request over `fetch`           crawl/report.ts     when it is over
//   crawl/links.ts     addresses on a page                crawl/site.ts       the embedded site

import { writeSync } from "node:fs";
import {
  CancelledError,
  type Coroutine,
  KeyboardInterrupt,
  TaskGroup,
  TimeoutError,
  run,
  timeout,
  withAsync,
} from "wasyncio";
import { crawl } from "./crawl/crawler.ts";
import { Fetcher } from "./crawl/fetcher.ts";
import { type Settings, parseArguments } from "./crawl/options.ts";
import { showProgress } from "./crawl/progress.ts";
import { type Pace, formatReport, formatSpeedUp } from "./crawl/report.ts";
import { Site } from "./crawl/site.ts";
import { type Page, Tally } from "./crawl/tally.ts";

function* main(settings: Settings): Coroutine<void> {
  if (settings.url !== null) yield* crawlAndReport(settings.url, settings);
  else yield* withAsync(new Site(settings.pages, settings.seed), (home) => crawlAndReport(home, settings));
}

/** Crawls a site, prints the report, whatever happens, and compares with one request at a time. */
function* crawlAndReport(start: string, settings: Settings): Coroutine<void> {
  console.log(`Crawling ${start}, ${settings.concurrency} requests at a time`);
  const tally = new Tally();
  try {
    yield* crawlWithProgress(start, settings, tally);
  } finally {
    tally.finish();
    console.log(`\n${formatReport(tally)}\n`);
  }
  if (tally.goodUrls.length === 0) fail(tally.lastError ?? "no page answered well");
  else if (settings.sample > 0) yield* compare(tally, settings);
}

/** Crawls within the deadline, while a second task shows the progress. */
function* crawlWithProgress(start: string, settings: Settings, tally: Tally): Coroutine<void> {
  try {
    yield* timeout(settings.deadline).with(() =>
      new TaskGroup().with(function* (group) {
        const progress = group.createTask(showProgress(tally));
        yield* crawl(start, settings, tally, (page) => report(page, settings));
        progress.cancel();
      }),
    );
  } catch (error) {
    if (error instanceof CancelledError) tally.stoppedBy = "interrupt";
    if (!(error instanceof TimeoutError)) throw error;
    tally.stoppedBy = "deadline";
  }
}

/** Writes a page's line of JSON. */
function report(page: Page, { json }: Settings): void {
  if (json !== null) writeSync(json, `${JSON.stringify(page)}\n`);
}

/** Fetches a sample of the pages that answered once more, one after the other, and prints how much slower that is. */
function* compare(tally: Tally, settings: Settings): Coroutine<void> {
  const stride = Math.max(1, Math.floor(tally.goodUrls.length / settings.sample));
  const sample = tally.goodUrls.filter((_, index) => index % stride === 0).slice(0, settings.sample);
  console.log(`Fetching ${sample.length} of the pages again, one request at a time\n`);
  const again = new Tally();
  const fetcher = new Fetcher({ ...settings, concurrency: 1 }, again);
  for (const url of sample) yield* fetcher.fetch(url);
  again.finish();
  console.log(
    formatSpeedUp(paceOf(again, sample.length, 1), paceOf(tally, tally.goodUrls.length, settings.concurrency)),
  );
}

function fail(reason: string): void {
  console.error(`Cannot crawl: ${reason}`);
  process.exitCode = 1;
}

function paceOf(tally: Tally, pages: number, concurrency: number): Pace {
  return { pages, concurrency, seconds: tally.elapsed };
}

try {
  await run(main(parseArguments(process.argv)));
} catch (error) {
  if (!(error instanceof KeyboardInterrupt)) throw error;
  process.exitCode = 130; // as the shell says of a program that Ctrl-C has ended
}
