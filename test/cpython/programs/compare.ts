// Whether two traces tell the same story, and where they part.

import type { Trace } from "./program.ts";

/** A difference that is meant: what it looks like in a line, what stands for it in both worlds, and why. */
interface Normalisation {
  pattern: RegExp;
  replacement: string;
  reason: string;
}

const NORMALISATIONS: readonly Normalisation[] = [
  {
    pattern:
      /<Token (used )?var=<ContextVar [^>]*> at \w+> (was created (in|by) a different \w+|has already been used once)/g,
    replacement: "token",
    reason: "Python's message is the text of the token with its address",
  },
  {
    pattern: /Cannot reset context variable '\w+': the token was (used already|made in another context)/g,
    replacement: "token",
    reason: "our message for the same",
  },
  {
    pattern: /Cannot reset context variable '\w+': the token is of '\w+'/g,
    replacement: "token",
    reason: "our message for the same",
  },
  {
    pattern: /( from TimeoutError\(\))+(?= from CancelledError)/g,
    replacement: "",
    reason: "a timeout splices its TimeoutError into Python's __context__, which is not traced, and into our cause",
  },
  {
    pattern: /(Task does not support set|\btask)_?[eErRdD](xception|esult|one)/g,
    replacement: "$1 $2",
    reason: "our names are in camelCase",
  },
];

/**
 * A trace without the differences that are meant. The reports at its end have no order: CPython makes them as it frees
 * memory.
 */
export function normalise(trace: Trace): Trace {
  const lines = trace.map((line) =>
    NORMALISATIONS.reduce((text, { pattern, replacement }) => text.replace(pattern, replacement), line),
  );
  const reports = lines.filter((line) => line.startsWith("unseen "));
  return [...lines.slice(0, lines.length - reports.length), ...reports.sort()];
}

/** Index of the first line that differs in normalised traces, or -1. */
export function firstDifference(theirs: readonly string[], ours: readonly string[]): number {
  const length = Math.max(theirs.length, ours.length);
  for (let index = 0; index < length; index++) {
    if (theirs[index] !== ours[index]) return index;
  }
  return -1;
}

/** Both traces side by side, from a little before the first difference on, which is marked. */
export function sideBySide(
  theirs: readonly string[],
  ours: readonly string[],
  { peer = "CPython", before = 12, after = 8, width = 76 } = {},
): string {
  const at = firstDifference(theirs, ours);
  const cut = (line = "") => (line.length > width ? `${line.slice(0, width - 1)}…` : line).padEnd(width);
  const rows = [`  ${cut(peer)} │ wasyncio`];
  const last = Math.min(Math.max(theirs.length, ours.length), at + after + 1);
  for (let index = Math.max(0, at - before); index < last; index++) {
    rows.push(`${index === at ? "▶" : " "} ${cut(theirs[index])} │ ${cut(ours[index]).trimEnd()}`);
  }
  return rows.join("\n");
}
