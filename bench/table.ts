// The table: a row for each case; in it our median, and each peer's with its ratio to ours; below, from fastest to slowest.

import type { Summary } from "./statistics.ts";

export interface Row {
  title: string;
  /** Of each column; null where the side has no program for the case, or failed. */
  summaries: readonly (Summary | null)[];
}

/** @param columns headings; the first is the side that the others are compared with */
export function formatTable(columns: readonly string[], rows: readonly Row[]): string {
  const lines = [["ns per operation", ...columns]];
  for (const { title, summaries } of rows) {
    const own = summaries[0];
    lines.push([title, ...summaries.map((summary, column) => formatCell(summary, column === 0 ? null : own))]);
    lines.push(["", ...summaries.map(formatRange)]);
  }
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]);
  return lines.map((line) => line.map(pad).join("   ").trimEnd()).join("\n");
}

function formatCell(summary: Summary | null | undefined, own: Summary | null | undefined): string {
  if (!summary) return "-";
  const figure = formatFigure(summary.median);
  return own ? `${figure} ${formatRatio(summary.median / own.median)}` : figure;
}

function formatRange(summary: Summary | null): string {
  return summary ? `${formatFigure(summary.min)}..${formatFigure(summary.max)}` : "";
}

/** Two or more digits that count. */
function formatFigure(nanoseconds: number): string {
  return nanoseconds < 10 ? nanoseconds.toFixed(1) : Math.round(nanoseconds).toLocaleString("en-US");
}

function formatRatio(ratio: number): string {
  return `${ratio < 1 ? ratio.toFixed(2) : ratio < 100 ? ratio.toFixed(1) : ratio.toFixed(0)}x`.padStart(5);
}
