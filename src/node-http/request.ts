// What node:http has received, as a Request.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { TLSSocket } from "node:tls";

const WITHOUT_BODY = ["GET", "HEAD"];
/** What would end the host's part of a URL. */
const NOT_IN_HOST = /[\s/?#@\\]/;

/**
 * The request of a message; its body can be read until the answer is sent. Throws TypeError for what is none by the
 * rules of fetch.
 */
export function toRequest(incoming: IncomingMessage, outgoing: ServerResponse, signal: AbortSignal): Request {
  const head = headOf(incoming);
  if (WITHOUT_BODY.includes(head.method)) return new Request(head.url, { ...head, signal });
  const body = { body: bodyOf(incoming, outgoing), duplex: "half" }; // the DOM's types do not know `duplex` yet
  return new Request(head.url, { ...head, signal, ...body });
}

/** All of a request but its body. Throws TypeError likewise. */
export function headOf(incoming: IncomingMessage): { url: string; method: string; headers: Headers } {
  const { method = "GET", rawHeaders } = incoming;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (!name.startsWith(":")) headers.append(name, rawHeaders[i + 1]); // HTTP/2 has ":path" and the like among them
  }
  return { url: urlOf(incoming), method, headers };
}

function urlOf(incoming: IncomingMessage): string {
  const { url = "/", socket, headers } = incoming;
  const authority = headers[":authority"];
  const host = headers.host ?? (typeof authority === "string" ? authority : "localhost");
  if (NOT_IN_HOST.test(host)) throw new TypeError(`Invalid host: ${host}`);
  const origin = `${(socket as Partial<TLSSocket>).encrypted === true ? "https" : "http"}://${host}`;
  // Not as relative to the origin: a path may begin with two slashes. What does not begin with one is a whole URL, or
  // "*".
  return url.startsWith("/") ? origin + url : new URL(url, origin).href;
}

/**
 * The body as it comes. Not by Readable.toWeb: where a body is not read to its end, the next request on the connection
 * would never be looked at. Here the rest is thrown away when the answer is sent, as Node does with what nobody reads.
 */
function bodyOf(incoming: IncomingMessage, outgoing: ServerResponse): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Buffer> = incoming.iterator({ destroyOnReturn: false });
  let isOpen = true;
  const throwAway = (): void => {
    isOpen = false;
    chunks.return?.().then(
      () => incoming.resume(),
      () => {}, // the client has gone away
    );
  };
  return new ReadableStream(
    {
      start(controller) {
        outgoing.once("finish", () => {
          if (!isOpen) return;
          throwAway();
          controller.error(new TypeError("Cannot read the body of a request after its answer"));
        });
      },
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (!isOpen) return;
        if (done !== true) {
          controller.enqueue(new Uint8Array(value.buffer, value.byteOffset, value.length));
          return;
        }
        isOpen = false;
        controller.close();
      },
      cancel: throwAway,
    },
    { highWaterMark: 0 },
  );
}
