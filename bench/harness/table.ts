// Tables: columns that line up; and the table of cases: our median, each peer's with its ratio to ours, the ranges
// below.

import type { Summary } from "./statistics.ts";

export interface Row {
  title: string;
  /** Of each column; null where the side has no program for the case, or failed. */
  summaries: readonly (Summary | null)[];
}

/** Lines of cells as text: the first column to the left, the others to the right. */
export function alignTable(lines: readonly (readonly string[])[]): string {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]);
  return lines.map((line) => line.map(pad).join("   ").trimEnd()).join("\n");
}

/** @param columns headings; the first is the side that the others are compared with */
export function formatTable(columns: readonly string[], rows: readonly Row[]): string {
  const lines = [["ns per operation", ...columns]];
  for (const { title, summaries } of rows) {
    const own = summaries[0];
    lines.push([title, ...summaries.map((summary, column) => formatCell(summary, column === 0 ? null : own))]);
    lines.push(["", ...summaries.map(formatRange)]);
  }
  return alignTable(lines);
}

/** A median, with its ratio to another one behind it. */
export function formatCell(summary: Summary | null | undefined, other: Summary | null | undefined): string {
  if (!summary) return "-";
  const figure = formatFigure(summary.median);
  return other && other.median > 0 ? `${figure} ${formatRatio(summary.median / other.median)}` : figure;
}

export function formatRange(summary: Summary | null | undefined): string {
  return summary ? `${formatFigure(summary.min)}..${formatFigure(summary.max)}` : "";
}

/** Two or more digits that count. */
export function formatFigure(figure: number): string {
  return Math.abs(figure) < 10 ? figure.toFixed(1) : Math.round(figure).toLocaleString("en-US");
}

export function formatRatio(ratio: number): string {
  return `${ratio < 1 ? ratio.toFixed(2) : ratio < 100 ? ratio.toFixed(1) : ratio.toFixed(0)}x`.padStart(5);
}
