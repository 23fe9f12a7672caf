// eventStream: server-sent events that a coroutine sends.

import { checkFunction } from "../support/checks.ts";
import { format } from "../support/format.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { streamOf } from "./stream-of.ts";

/** An event as EventSource has it. */
export interface ServerSentEvent {
  /** Its text, of any number of lines. */
  data: string;
  /** Its type. Default: "message". */
  event?: string;
  /** What a client that connects again says that it has seen last. */
  id?: string;
  /** Milliseconds that a client waits before it connects again. */
  retry?: number;
}

/** Sends an event, or one that has nothing but a text: waits until somebody reads. */
export type SendEvent = (event: ServerSentEvent | string) => Coroutine<void>;

/**
 * A response of server-sent events that a coroutine sends, at the pace at which they are read. As with `streamOf`, the
 * coroutine begins with the first read, and is cancelled when the client goes away.
 * @param init status and headers of the response, beside those of an event stream
 * @throws TypeError when `body` is not a function, and from `send` for what is no event
 * @throws RuntimeError outside the handling of a request
 *
 * @example
 * return eventStream(function* (send) {
 *   for (;;) yield* send({ event: "price", data: JSON.stringify(yield* prices.get()) });
 * });
 */
export function eventStream(body: (send: SendEvent) => Coroutine<unknown>, init: ResponseInit = {}): Response {
  checkFunction(body, "body");
  const headers = new Headers(init.headers);
  if (!headers.has("content-type")) headers.set("content-type", "text/event-stream");
  if (!headers.has("cache-control")) headers.set("cache-control", "no-cache");
  const events = streamOf((write) => body((event) => write(formatEvent(event))));
  return new Response(events, { ...init, headers });
}

function formatEvent(event: ServerSentEvent | string): string {
  const { data, event: type, id, retry } = typeof event === "string" ? { data: event } : event;
  if (typeof data !== "string") throw new TypeError(`Cannot send event: expected a text as data, got ${format(data)}`);
  if (retry !== undefined && !(Number.isInteger(retry) && retry >= 0))
    throw new TypeError(`Cannot send event: expected whole milliseconds for retry, got ${format(retry)}`);
  const lines = [
    ...(type === undefined ? [] : [`event: ${checkLine(type, "event")}`]),
    ...(id === undefined ? [] : [`id: ${checkLine(id, "id")}`]),
    ...(retry === undefined ? [] : [`retry: ${retry}`]),
    ...data.split(/\r\n|\r|\n/).map((line) => `data: ${line}`),
  ];
  return `${lines.join("\n")}\n\n`;
}

/** Throws TypeError for a field that would end before its end. */
function checkLine(value: string, name: string): string {
  if (typeof value === "string" && !/[\r\n\0]/.test(value)) return value;
  throw new TypeError(`Cannot send event: expected one line for ${name}, got ${format(value)}`);
}
