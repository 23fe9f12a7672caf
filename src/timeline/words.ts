// How a log reads: times, and what a step did.

import type { LogFrame, LogStep } from "../trace/log.ts";

/**
 * A virtual time or a duration, from seconds: "250 ms", "1.5 s", "2 h 0 min 3 s". Digits that only rounding made are
 * left out.
 */
export function formatTime(seconds: number): string {
  if (seconds < 0) return `-${formatTime(-seconds)}`;
  if (seconds === 0) return "0 s";
  if (seconds < 0.001) return `${trim(seconds * 1e6)} µs`;
  if (seconds < 1) return `${trim(seconds * 1000)} ms`;
  if (seconds < 60) return `${trim(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = `${trim(seconds - 60 * minutes, 6)} s`;
  if (minutes < 60) return `${minutes} min ${rest}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min ${rest}`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h ${minutes % 60} min ${rest}`;
}

function trim(value: number, digits = 9): string {
  return String(Number(value.toPrecision(digits)));
}

/** What a step began with. */
export function describeBegin({ begin }: LogStep): string {
  switch (begin) {
    case "resume":
      return "resumed";
    case "throw":
      return "resumed by an error thrown into it";
    case "call":
      return "called";
  }
}

/** A place in the source: "/app/orders.ts:12:3". */
export function formatPlace({ file, line, column }: LogFrame): string {
  if (line === 0) return file;
  return column === 0 ? `${file}:${line}` : `${file}:${line}:${column}`;
}

/** A frame of a stack: "reserve (/app/orders.ts:12:3)". */
export function formatFrame(frame: LogFrame): string {
  return `${frame.name} (${formatPlace(frame)})`;
}

/** A number of things: "1 step", "3 steps". */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
