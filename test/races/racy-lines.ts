// The lines that take part in the races: marked in the sources of the cases, and looked for in what a search printed.

import { readFileSync, readdirSync } from "node:fs";
import type { Failure } from "wasyncio/testing";

const CASES = new URL("./cases/", import.meta.url);
const MARK = /\brace: ([\w-]+\.[\w-]+)/g;
const PLACE = /[\w-]+\.ts:\d+/g;

/** The marked lines by their labels, each as "file.ts:12". */
export function readRacyLines(): Map<string, string[]> {
  const lines = new Map<string, string[]>();
  for (const file of readdirSync(CASES)) {
    const source = readFileSync(new URL(file, CASES), "utf8").split("\n");
    for (const [index, line] of source.entries()) {
      for (const [, label] of line.matchAll(MARK)) {
        lines.set(label, [...(lines.get(label) ?? []), `${file}:${index + 1}`]);
      }
    }
  }
  return lines;
}

/** The places that a failure prints for its two racing steps, each as "file.ts:12"; empty when it names none. */
export function printedLines(failure: Failure<unknown>): string[][] {
  const steps = failure.explain().match(/^ {2}[12]\. .*$/gm) ?? [];
  return steps.map((step) => [...step.matchAll(PLACE)].map(([place]) => place));
}

/** Whether a failure prints one of these lines for each of its racing steps. */
export function printsLines(failure: Failure<unknown>, lines: readonly string[]): boolean {
  const printed = printedLines(failure);
  return printed.length === 2 && printed.every((step) => step.some((line) => lines.includes(line)));
}
