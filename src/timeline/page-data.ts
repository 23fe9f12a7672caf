// What a page carries: the runs that it shows, with the lines of their sources.

import { frameOf } from "../introspection/places.ts";
import type { LogFrame } from "../trace/log.ts";
import { type PackedLog, packLog } from "./packed-log.ts";
import type { ShownRun } from "./run.ts";
import { sourceLines } from "./source-lines.ts";

/** A page's data. JSON keeps it whole. */
export interface PageData extends Omit<ShownRun, "log" | "passing"> {
  readonly log: PackedLog;
  readonly passing: PackedLog | null;
  /** Lines of sources, by `lineKey`. */
  readonly lines: Readonly<Record<string, string>>;
}

export function pageData({ log, passing, ...others }: ShownRun): PageData {
  const packed = packLog(log);
  const packedPassing = passing === null ? null : packLog(passing);
  const places = [packed, packedPassing].flatMap((each) => (each === null ? [] : placesIn(each)));
  const lines = sourceLines([...places, ...(others.failure?.stack ?? [])]);
  return { ...others, log: packed, passing: packedPassing, lines };
}

/** The places whose lines are shown: where tasks wait, and where things were made. */
function placesIn({ actors, stacks }: PackedLog): LogFrame[] {
  return [...stacks.flat(), ...actors.flatMap(({ origin }) => origin.slice(0, 1).map(frameOf))];
}
