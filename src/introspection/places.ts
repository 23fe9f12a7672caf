// Places in a program's source: read from the lines that engines write, and shown in as few characters as tell them
// apart.

import type { LogFrame } from "../trace/log.ts";

/** V8: "name (file:line:column)". */
const NAMED = /^(.*?) \((.+):(\d+):(\d+)\)$/;
/** V8 without a name: "file:line:column"; other engines: "name@file:line:column". */
const OTHER = /^(?:(.*?)@(?=\/|[a-z]+:))?(.+):(\d+):(\d+)$/i;

/** The place that a line of an origin tells of: "name (file:line:column)" and what other engines make of it. */
export function frameOf(line: string): LogFrame {
  const match = NAMED.exec(line) ?? OTHER.exec(line);
  if (match === null) return { name: line, file: "", line: 0, column: 0 };
  const [, name = "", file = "", lineNumber, column] = match;
  return { name: name === "" ? "(anonymous)" : name, file, line: Number(lineNumber), column: Number(column) };
}

/** Makes the texts of places in one message: "orders.ts:12", with as much of the path as tells its files apart. */
export class PlaceNames {
  readonly #folder: string;

  /** @param frames all places of the message; null for those that are not known */
  constructor(frames: Iterable<LogFrame | null>) {
    let folder: string | null = null;
    for (const frame of frames) if (frame !== null) folder = sharedFolder(folder, pathOf(frame));
    this.#folder = folder === null || folder === "/" ? "" : folder;
  }

  /** The text of a place: file and line. */
  nameOf(frame: LogFrame): string {
    const path = pathOf(frame);
    return `${path.startsWith(this.#folder) ? path.slice(this.#folder.length) : path}:${frame.line}`;
  }
}

function pathOf({ file }: LogFrame): string {
  return file.replace(/^file:\/\//, "");
}

/** The folder that `folder` and the folder of `path` both are in, with its slash, or "". */
function sharedFolder(folder: string | null, path: string): string {
  const own = path.slice(0, lastSlash(path, path.length) + 1);
  if (folder === null) return own;
  let shared = folder;
  while (!own.startsWith(shared)) shared = shared.slice(0, lastSlash(shared, shared.length - 2) + 1);
  return shared;
}

function lastSlash(path: string, from: number): number {
  return from < 0 ? -1 : Math.max(path.lastIndexOf("/", from), path.lastIndexOf("\\", from));
}
