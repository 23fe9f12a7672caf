// The lines of the program's source that stand behind the places in a log, read when a page is made: the page itself
// asks for nothing. Where files cannot be read, as in browsers, places alone are shown.

import type { LogFrame } from "../trace/log.ts";

/** What is used of the host. */
interface Host {
  readonly process?: { getBuiltinModule?(name: "node:fs"): FileSystem | undefined };
  /** Deno would ask the user. */
  readonly Deno?: { readonly permissions: { querySync(what: object): { readonly state: string } } };
}

interface FileSystem {
  readFileSync(path: string | URL, encoding: "utf8"): string;
}

/** A log may come from anywhere, and name any file: nothing but programs is read. */
const PROGRAM = /^(?:file:\/\/|\/|[A-Z]:[\\/]).*\.[cm]?[jt]sx?(?:\?[^/]*)?$/i;
const LONGEST_LINE = 200;

/** What a line is called among the lines. */
export function lineKey({ file, line }: LogFrame): string {
  return `${file}:${line}`;
}

/** The lines of places, by their keys; none where they cannot be read. */
export function sourceLines(places: Iterable<LogFrame>): Record<string, string> {
  const sources = new Map<string, readonly string[]>();
  const lines = new Map<string, string>();
  for (const place of places) {
    const known = sources.get(place.file);
    const source = known ?? readLines(place.file);
    if (known === undefined) sources.set(place.file, source);
    const line = source[place.line - 1]?.trim() ?? "";
    if (line !== "") lines.set(lineKey(place), line.slice(0, LONGEST_LINE));
  }
  return Object.fromEntries(lines);
}

function readLines(file: string): readonly string[] {
  const { process, Deno } = globalThis as Host;
  if (!PROGRAM.test(file)) return [];
  try {
    const path = /^file:/i.test(file) ? new URL(file) : file.replace(/\?.*$/, "");
    if (Deno !== undefined && Deno.permissions.querySync({ name: "read", path }).state !== "granted") return [];
    return process?.getBuiltinModule?.("node:fs")?.readFileSync(path, "utf8").split("\n") ?? [];
  } catch {
    return []; // the file is gone, or not to be read: its places have no lines
  }
}
