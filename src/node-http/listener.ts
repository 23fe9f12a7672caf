// toNodeListener: a fetch handler as node:http calls it.

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { checkResponse, discard } from "../edge/answers.ts";
import { checkFunction, checkNames } from "../support/checks.ts";
import { isCoroutineFunction } from "../runtime/suspension.ts";
import { toRequest } from "./request.ts";

/** What answers requests: made by `handler` of `wasyncio/edge`, or any other function of its kind. */
export type FetchFunction = (request: Request) => Response | PromiseLike<Response>;

/** Options of `toNodeListener`. */
export interface ListenerOptions {
  /**
   * Called with what a fetch handler has thrown, and with what a body that was being sent has failed with. Default:
   * writes it to the console.
   */
  onError?: (error: unknown) => void;
}

/**
 * A fetch handler as the listener of a node:http or node:https server. Bodies are passed on as they come, both ways, at
 * the pace of who reads them. When the client goes away before it has the whole answer, the request's signal is
 * aborted.
 *
 * The answer is 400 for what is no valid request by the rules of fetch, and 500 when the handler throws or gives no
 * response.
 * @throws TypeError for what is not a function, or a coroutine function: `handler` of `wasyncio/edge` makes a fetch
 *   handler of that
 *
 * @example
 * createServer(options, toNodeListener(fetch)).listen(8443);
 */
export function toNodeListener(fetch: FetchFunction, options: ListenerOptions = {}): RequestListener {
  checkFetch(fetch);
  const { onError = (error: unknown): void => console.error(error) } = checkNames(options, ["onError"]);
  checkFunction(onError, "onError");
  return (incoming, outgoing) => void answer(fetch, incoming, outgoing, (error) => report(error, onError));
}

/** Calls `onError`, whose own error must not hide the one that it was called for, nor reach the process. */
function report(error: unknown, onError: (error: unknown) => void): void {
  try {
    onError(error);
  } catch (failure) {
    console.error(error);
    console.error("Unhandled error in onError:", failure);
  }
}

/** Throws TypeError for what is not a fetch handler. */
export function checkFetch(fetch: FetchFunction): void {
  checkFunction(fetch, "fetch handler");
  if (isCoroutineFunction(fetch))
    throw new TypeError("Invalid fetch handler: a coroutine function becomes one by handler() of wasyncio/edge");
}

async function answer(
  fetch: FetchFunction,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  onError: (error: unknown) => void,
): Promise<void> {
  const controller = new AbortController();
  let request: Request | null = null;
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) controller.abort();
    request = null; // until here it is held: who else holds its signal may hold it weakly
  });
  try {
    request = toRequest(incoming, outgoing, controller.signal);
  } catch {
    sendStatus(outgoing, 400, "Bad Request"); // the client's mistake, and nothing to report
    return;
  }
  try {
    const response = checkResponse(await fetch(request), "the fetch handler");
    send(response, incoming, outgoing, onError);
  } catch (error) {
    sendStatus(outgoing, 500, "Internal Server Error");
    onError(error);
  }
}

function send(
  response: Response,
  { method }: IncomingMessage,
  outgoing: ServerResponse,
  onError: (error: unknown) => void,
): void {
  const { body } = response;
  if (body?.locked === true) throw new TypeError("Cannot answer: somebody reads the body of the response");
  const hasBody = body !== null && method !== "HEAD";
  if (!hasBody || outgoing.destroyed) discard(response);
  if (outgoing.destroyed) return;
  outgoing.statusCode = response.status;
  if (response.statusText !== "") outgoing.statusMessage = response.statusText;
  for (const [name, value] of response.headers) if (name !== "set-cookie") outgoing.setHeader(name, value);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  if (!hasBody) {
    outgoing.end();
    return;
  }
  outgoing.strictContentLength = true; // or a client would take the rest for its next answer, or wait for more
  // The first chunk may be long in coming. Not by flushHeaders, which encodes the head in UTF-8: its values stand for
  // bytes.
  outgoing.write(new Uint8Array());
  sendBody(body, outgoing).catch((error: unknown) => {
    if (outgoing.destroyed) return; // the client has gone: that is why the body has failed
    setImmediate(() => outgoing.destroy()); // what came before goes out with this turn
    onError(error);
  });
}

/**
 * Sends a body as it comes. By its reader: of streams of Node each would put turns of its own between the chunks, and
 * what is there at once would not go out at once.
 */
async function sendBody(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader();
  let goOn: (() => void) | null = null;
  outgoing.on("drain", () => goOn?.());
  outgoing.once("close", () => {
    goOn?.();
    if (!outgoing.writableEnded) reader.cancel().catch(() => {}); // the client has gone, whom nothing can be told
  });
  for (;;) {
    const { done, value } = await reader.read();
    if (outgoing.destroyed) return;
    if (done) break;
    if (!outgoing.write(value)) await new Promise<void>((resolve) => (goOn = resolve));
  }
  outgoing.end();
}

/** Answers with a status and its name, when nothing else was answered yet. */
function sendStatus(outgoing: ServerResponse, status: number, text: string): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  for (const name of outgoing.getHeaderNames()) outgoing.removeHeader(name);
  outgoing.statusMessage = text;
  outgoing.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
}
