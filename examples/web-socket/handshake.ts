// How a connection becomes a WebSocket (RFC 6455, chapter 4): a request of HTTP, and its answer.

import { createHash, randomBytes } from "node:crypto";
import { type Coroutine, LimitOverrunError } from "wasyncio";
import type { StreamReader, StreamWriter } from "wasyncio/streams";

/** What every server puts behind the client's key, so that its hash says that it has understood. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const VERSION = "13";

const acceptOf = (key: string): string =>
  createHash("sha1")
    .update(key + GUID)
    .digest("base64");

/** A head of HTTP. */
interface Head {
  readonly line: string;
  /** By their names in lower case; those that stand there twice with a comma between them. */
  readonly fields: ReadonlyMap<string, string>;
}

function* readHead(reader: StreamReader): Coroutine<Head> {
  const text = new TextDecoder().decode(yield* reader.readuntil("\r\n\r\n"));
  const [line, ...rest] = text.trimEnd().split("\r\n") as [string, ...string[]];
  const fields = new Map<string, string>();
  for (const field of rest) {
    const colon = field.indexOf(":");
    const name = field.slice(0, colon).toLowerCase();
    const value = field.slice(colon + 1).trim();
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { line, fields };
}

/** Whether a word is in a list of words. */
const has = (list: string | undefined, word: string): boolean =>
  list?.split(",").some((each) => each.trim().toLowerCase() === word) === true;

/**
 * Answers a client that asks for a WebSocket. Returns whether it is one now: else the client was told why not.
 * @throws IncompleteReadError when the client has gone
 */
export function* accept(reader: StreamReader, writer: StreamWriter): Coroutine<boolean> {
  let head: Head;
  try {
    head = yield* readHead(reader);
  } catch (error) {
    if (!(error instanceof LimitOverrunError)) throw error;
    answer(writer, "431 Request Header Fields Too Large");
    return false;
  }
  const { line, fields } = head;
  const key = fields.get("sec-websocket-key") ?? "";
  const asks = has(fields.get("upgrade"), "websocket") && has(fields.get("connection"), "upgrade");
  if (!/^GET \S+ HTTP\/1\.1$/.test(line) || !asks || !/^[\w+/]{22}==$/.test(key)) {
    answer(writer, "400 Bad Request");
  } else if (fields.get("sec-websocket-version") !== VERSION) {
    answer(writer, "426 Upgrade Required", `Sec-WebSocket-Version: ${VERSION}`);
  } else {
    const granted = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${acceptOf(key)}`];
    write(writer, "HTTP/1.1 101 Switching Protocols", ...granted);
    return true;
  }
  return false;
}

const answer = (writer: StreamWriter, status: string, ...fields: string[]): void =>
  write(writer, `HTTP/1.1 ${status}`, ...fields, "Content-Length: 0", "Connection: close");

const write = (writer: StreamWriter, ...lines: string[]): void =>
  writer.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`));

/**
 * Asks a server for a WebSocket.
 * @throws Error when it refuses
 */
export function* ask(reader: StreamReader, writer: StreamWriter, { host, pathname, search }: URL): Coroutine<void> {
  const key = randomBytes(16).toString("base64");
  const asked = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Key: ${key}`];
  write(writer, `GET ${pathname}${search} HTTP/1.1`, `Host: ${host}`, ...asked, `Sec-WebSocket-Version: ${VERSION}`);
  const { line, fields } = yield* readHead(reader);
  if (!line.startsWith("HTTP/1.1 101 ")) throw new Error(`no WebSocket at ${host}: ${line}`);
  if (!has(fields.get("upgrade"), "websocket") || fields.get("sec-websocket-accept") !== acceptOf(key))
    throw new Error(`no WebSocket at ${host}: it has not understood`);
}
