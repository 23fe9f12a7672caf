// The access log: a line for each request, in the common log format, with the seconds that it took at the end.

import type { IncomingMessage, ServerResponse } from "node:http";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Where the lines go. */
export interface AccessLog {
  write(line: string): void;
  /** Writes what was gathered. */
  flush(): void;
}

/** Writes a line when an answer has ended. */
export function logAccess(incoming: IncomingMessage, outgoing: ServerResponse, log: AccessLog): void {
  const begun = performance.now();
  const address = incoming.socket.remoteAddress ?? "-"; // not known any more when the client has gone
  let bytes = 0;
  // What is sent is counted on its way: the socket counts the head and the chunks' lengths, too.
  for (const method of ["write", "end"] as const) {
    const send = outgoing[method] as (...args: unknown[]) => unknown;
    outgoing[method] = function (this: ServerResponse, ...args: unknown[]): never {
      const [chunk] = args;
      if (typeof chunk === "string" || chunk instanceof Uint8Array) bytes += Buffer.byteLength(chunk);
      return send.apply(this, args) as never;
    };
  }
  outgoing.once("close", () => {
    const request = `${incoming.method} ${escapeText(incoming.url ?? "")} HTTP/${incoming.httpVersion}`;
    const status = outgoing.writableFinished ? outgoing.statusCode : 499; // nginx's: the client was gone before
    const seconds = ((performance.now() - begun) / 1000).toFixed(3);
    log.write(`${address} - - [${formatDate(new Date())}] "${request}" ${status} ${bytes || "-"} ${seconds}\n`);
  });
}

/** "10/Oct/2000:13:55:36 +0000" */
function formatDate(date: Date): string {
  const [day, time] = date.toISOString().split("T");
  const [year, month, dayOfMonth] = day.split("-");
  return `${dayOfMonth}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}

/** So that nobody can write a line of his own, or end the quotes. */
function escapeText(text: string): string {
  return text.replace(/["\\]|[^ -~]/g, (c) => `\\x${(c.codePointAt(0) as number).toString(16).padStart(2, "0")}`);
}

/** Writes lines together, those of one turn of the host at once: each call may be one of the system's. */
export function gatherLines(write: (text: string) => void): AccessLog {
  let lines = "";
  const flush = (): void => {
    const text = lines;
    lines = "";
    if (text !== "") write(text);
  };
  return {
    write(line) {
      if (lines === "") setImmediate(flush);
      lines += line;
    },
    flush,
  };
}
