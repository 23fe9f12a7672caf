// Responses of our own making, and what counts as one.

import { format } from "../support/format.ts";

/** A response of a status and its name, and nothing else: what went wrong is for the log. */
export function plainResponse(status: number, text: string): Response {
  return new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

/** Whether `value` is a Response, of this realm or another one. By its tag first: Deno takes long to give the class. */
export function isResponse(value: unknown): value is Response {
  return Object.prototype.toString.call(value) === "[object Response]" || value instanceof Response;
}

/**
 * Throws TypeError for what is not a Response, and for one whose body was read; `source` says who gave it. Returns it.
 */
export function checkResponse(value: unknown, source: string): Response {
  if (!isResponse(value))
    throw new TypeError(`Cannot answer: expected a Response from ${source}, got ${format(value)}`);
  // Not `body.locked`: Deno and Bun send a text as it is, unless somebody has asked for it as a stream.
  if (value.bodyUsed)
    throw new TypeError(
      "Cannot answer: the body of the response was used before, each request needs a response of its own",
    );
  return value;
}

/** Gives up a response that nobody gets. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => {}); // somebody reads it, and sees to it
}
