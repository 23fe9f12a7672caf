// The report at the end, on standard output.

import type { Tally } from "./tally.ts";

type Row = readonly [label: string, value: string];

/** The table of what a crawl has found and done. */
export function formatReport(tally: Tally): string {
  return formatTable([
    ["pages", count(tally.outcomes.total)],
    ...[...tally.outcomes].sort(byCount).map(countRow),
    ["requests", count(tally.statuses.total)],
    ...[...tally.statuses].sort(byCount).map(countRow),
    ["retries", count(tally.retries)],
    ["timeouts", count(tally.statuses.get("timeout"))],
    ["redirects", count(tally.redirects)],
    ["off-site links", count(tally.offSiteLinks)],
    ["bytes", count(tally.bytes)],
    ["latency p50", milliseconds(percentile(tally.latencies, 50))],
    ["latency p99", milliseconds(percentile(tally.latencies, 99))],
    ["elapsed", `${tally.elapsed.toFixed(2)} s`],
    ...(tally.stoppedBy === null ? [] : [["stopped by", tally.stoppedBy] as const]),
  ]);
}

/** How fast a number of pages was fetched. */
export interface Pace {
  readonly concurrency: number;
  readonly pages: number;
  readonly seconds: number;
}

/** Two paces below each other, and how many times faster the second one is. */
export function formatSpeedUp(slow: Pace, fast: Pace): string {
  const factor = fast.pages / fast.seconds / (slow.pages / slow.seconds);
  return `${formatPace(slow)}\n${formatPace(fast)}, ${factor.toFixed(0)} times as fast`;
}

function formatPace({ concurrency, pages, seconds }: Pace): string {
  const label = `${concurrency === 1 ? "one" : concurrency} at a time`;
  const pace = (pages / seconds).toFixed(1);
  return `  ${label.padEnd(14)}${count(pages).padStart(6)} pages in ${seconds.toFixed(2).padStart(6)} s ${pace.padStart(7)} pages/s`;
}

function formatTable(rows: readonly Row[]): string {
  const labelWidth = Math.max(...rows.map(([label]) => label.length));
  const valueWidth = Math.max(...rows.map(([, value]) => value.length));
  return rows.map(([label, value]) => `  ${label.padEnd(labelWidth)}  ${value.padStart(valueWidth)}`).join("\n");
}

function byCount(left: readonly [unknown, number], right: readonly [unknown, number]): number {
  return right[1] - left[1] || (String(left[0]) < String(right[0]) ? -1 : 1);
}

function countRow([key, number]: readonly [unknown, number]): Row {
  return [`  ${String(key)}`, count(number)];
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}

function milliseconds(seconds: number | null): string {
  return seconds === null ? "none" : `${(seconds * 1000).toFixed(0)} ms`;
}

/** The smallest value that so many per cent of all do not exceed; null when there are none. */
function percentile(values: readonly number[], percent: number): number | null {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? null;
}
