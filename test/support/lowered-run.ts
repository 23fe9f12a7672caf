// A lowered program in a simulation, to be held against the same on the engine's promises (`native-run.ts`).

import { simulate } from "wasyncio/testing";
import { type TimedLog, timedLog } from "./timed-log.ts";

/** Starts a program that was lowered. */
export type Start = (log: TimedLog["log"]) => Promise<unknown>;

/** Runs it. Returns what it has logged, each line with the milliseconds that had passed, and the loop's digest. */
export function runLowered(start: Start): { lines: readonly string[]; digest: string } {
  const { lines, log } = timedLog(() => performance.now());
  const { status, error, digest } = simulate(() => start(log), { globals: "virtual", debug: false });
  if (status !== "ok") lines.push(`${status}: ${String(error)}`);
  return { lines, digest };
}
