// The border to the engine's promises: one HTTP request, as a coroutine that can be cancelled.
//
// `fetch` speaks what sites on the web speak: TLS, compression, connections that are used again. Streams over sockets
// are for protocols that the engine does not know, as in ../web-socket.ts.

import { type Coroutine, abortable } from "wasyncio";

/** Bytes of a page that are read; the rest is left. */
const LARGEST_BODY = 2_000_000;

/** What came back of one request. */
export interface Reply {
  /** The status of the answer, or why there was none. */
  readonly status: number | "timeout" | "unreachable";
  /** Where a redirect leads, as the server has written it. */
  readonly location: string | null;
  /** The text, of an HTML page. */
  readonly html: string;
  readonly bytes: number;
  /** What went wrong, when there was no answer. */
  readonly error: string | null;
}

/**
 * Requests a page and reads it. Redirects are not followed. When the task that waits for it is cancelled, also by a
 * timeout, the socket is closed. Throws ConnectionError when there is no answer.
 */
export function get(url: string): Coroutine<Reply> {
  return abortable((signal) => fetchPage(url, signal));
}

/** The reply for a request that got no answer. */
export function noReply(status: "timeout" | "unreachable", error: string): Reply {
  return { status, location: null, html: "", bytes: 0, error };
}

/** The server could not be reached, or hung up. */
export class ConnectionError extends Error {
  static {
    this.prototype.name = "ConnectionError";
  }
}

async function fetchPage(url: string, signal: AbortSignal): Promise<Reply> {
  try {
    const response = await fetch(url, { signal, redirect: "manual", headers: { "user-agent": "wasyncio-crawl" } });
    return {
      status: response.status,
      location: isRedirect(response) ? response.headers.get("location") : null,
      ...(await readHtml(response)),
      error: null,
    };
  } catch (error) {
    throw new ConnectionError(describe(error), { cause: error });
  }
}

function isRedirect({ status }: Response): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** Reads an HTML page, up to the limit; what is not HTML is not read. */
async function readHtml(response: Response): Promise<{ html: string; bytes: number }> {
  const decoder = new TextDecoder();
  let html = "";
  let bytes = 0;
  if (response.headers.get("content-type")?.includes("html") && response.body !== null) {
    for await (const chunk of response.body) {
      bytes += chunk.length;
      html += decoder.decode(chunk, { stream: true });
      if (bytes >= LARGEST_BODY) break; // which also closes the stream
    }
  } else {
    await response.body?.cancel();
  }
  return { html, bytes };
}

/** The reason in words: fetch says "fetch failed" and hides it in the cause. */
function describe(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message;
}
