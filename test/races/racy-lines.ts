// The lines that take part in the races: marked in the sources of the cases, and looked for in what a search printed.

import { readFileSync, readdirSync } from "node:fs";
import type { Race, RacingStep } from "wasyncio/testing";

const CASES = new URL("./cases/", import.meta.url);
const MARK = /\brace: ([\w-]+\.[\w-]+)/g;
const PLACE = /([\w-]+\.ts):(\d+)/;

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

/** The lines that a step of a race shows: where it went on and where it stopped, with all callers; a first step, where it was made. */
export function linesOf({ from, to, origin }: RacingStep): string[] {
  const frames = [...from, ...to].map(({ file, line }) => `${file}:${line}`);
  return [...frames, ...(from.length === 0 ? origin.slice(0, 1) : [])].flatMap((place) => {
    const [, file, line] = PLACE.exec(place) ?? [];
    return file === undefined ? [] : [`${file}:${line}`];
  });
}

/** Whether both steps of a race show one of these lines. */
export function showsLines({ first, second }: Race, lines: readonly string[]): boolean {
  return [first, second].every((step) => linesOf(step).some((line) => lines.includes(line)));
}
