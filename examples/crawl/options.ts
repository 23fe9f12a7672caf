// The command line of the crawler.

import { openSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import type { CrawlOptions } from "./crawler.ts";
import { resolve } from "./links.ts";
import { SMALLEST_SITE } from "./site-map.ts";

/** What to do. */
export interface Settings extends CrawlOptions {
  /** Where to start; null: at the embedded site. */
  readonly url: string | null;
  /** Deadline of the whole crawl, in seconds. */
  readonly deadline: number;
  /** Descriptor of the file for the JSON lines, or null. */
  readonly json: number | null;
  /** Pages to fetch once more, one at a time. */
  readonly sample: number;
  /** Pages of the embedded site. */
  readonly pages: number;
  /** Seed of the embedded site. */
  readonly seed: number;
}

/** What differs by where the crawl goes: the embedded site is quick, and nobody else's. */
const EMBEDDED = { url: null, timeout: 1, maxPages: Infinity, sample: 20 };
const ELSEWHERE = { timeout: 10, maxPages: 1000, sample: 0 };

/**
 * Reads the command line. For bad arguments it prints what is wrong and the usage, and ends the process with code 2.
 */
export function parseArguments(argv: readonly string[]): Settings {
  const program = defineCommand().parse(argv);
  const { json, ...values } = program.opts<Omit<Settings, "json"> & { json?: string }>();
  return {
    ...(values.url === undefined ? EMBEDDED : ELSEWHERE),
    ...values,
    json: json === undefined ? null : openForWriting(json, program),
  };
}

function defineCommand(): Command {
  const command = new Command("npm start --")
    .description("Crawls a web site with many requests at a time. Without --url: a site of its own, on this machine.")
    .option("--url <url>", "page to start from; only its site is crawled", parseUrl)
    .option("--concurrency <n>", "requests at a time", wholeNumber(1, 10_000), 100)
    .option("--max-pages <n>", "pages to visit at most (default: 1000 with --url, else all)", wholeNumber(1))
    .option("--timeout <seconds>", "deadline of each request (default: 10 with --url, else 1)", seconds)
    .option("--deadline <seconds>", "deadline of the whole crawl", seconds, 60)
    .option("--retries <n>", "further attempts after a timeout, a broken connection or a 5xx", wholeNumber(0, 20), 2)
    .option("--json <file>", "file to write a line of JSON to for each page")
    .option("--sample <n>", "pages to fetch again, one at a time (default: 0 with --url, else 20)", wholeNumber(0))
    .addOption(embedded("--pages <n>", "pages of the embedded site", wholeNumber(SMALLEST_SITE, 1_000_000), 1000))
    .addOption(embedded("--seed <n>", "seed of the embedded site", wholeNumber(0), 1))
    .showHelpAfterError();
  return command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}

function embedded(flags: string, description: string, parse: (text: string) => number, value: number): Option {
  return new Option(flags, description).argParser(parse).default(value).conflicts("url");
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? resolve(text, text) : null;
  if (url === null) throw new InvalidArgumentError("Expected an address that begins with http:// or https://.");
  return url;
}

function seconds(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("Expected seconds, more than 0.");
  return value;
}

function wholeNumber(least: number, most = 1e9): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

function openForWriting(path: string, program: Command): number {
  try {
    return openSync(path, "w");
  } catch (error) {
    return program.error(`error: cannot write to '${path}': ${(error as Error).message}`);
  }
}
