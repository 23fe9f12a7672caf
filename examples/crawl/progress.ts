// Progress while the crawl runs, on standard error: a line that is rewritten in place on a terminal, a line a second
// elsewhere.

import { type Coroutine, sleep } from "wasyncio";
import type { Tally } from "./tally.ts";

/** Where to show it: what is needed of `process.stderr`. */
export interface Output {
  readonly isTTY: boolean;
  /** Characters in a line, or 0 when it is not known. */
  readonly columns: number;
  write(text: string): unknown;
}

const ERASE_TO_END = "\x1b[K";

/** Shows the progress until it is cancelled. */
export function showProgress(tally: Tally, output: Output = process.stderr): Coroutine<never> {
  return output.isTTY ? rewriteLine(tally, output) : writeLines(tally, output);
}

function* rewriteLine(tally: Tally, output: Output): Coroutine<never> {
  try {
    for (;;) {
      // The width is asked each time, because the window may change. A full line would wrap, so it stays one short of
      // that.
      const line = describe(tally).slice(0, (output.columns || 80) - 1);
      output.write(`\r${line}${ERASE_TO_END}`);
      yield* sleep(0.1);
    }
  } finally {
    output.write(`\r${ERASE_TO_END}`);
  }
}

function* writeLines(tally: Tally, output: Output): Coroutine<never> {
  for (;;) {
    yield* sleep(1);
    output.write(`${describe(tally)}\n`);
  }
}

function describe(tally: Tally): string {
  const done = tally.outcomes.total;
  return [
    `${tally.elapsed.toFixed(1)} s`,
    `${done} of ${tally.known} pages`,
    `${(done / tally.elapsed).toFixed(0)} pages/s`,
    `${tally.inFlight} in flight`,
    `${tally.retries} retries`,
    `${tally.statuses.get("timeout")} timeouts`,
  ].join(", ");
}
