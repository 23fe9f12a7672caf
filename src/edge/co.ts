// co: a coroutine as a handler of a framework.
//
// Frameworks differ in what they pass to a handler, and in what they do with one whose client has gone away. Nothing of
// theirs is imported: each is known by what it passes.

import { CancelledError } from "../errors/asyncio.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import { mainCoroutine } from "../runners/main-coroutine.ts";
import { checkFunction } from "../support/checks.ts";
import { isA } from "../support/is-a.ts";
import { handler } from "./handler.ts";

/** A call by a framework, as far as it matters here. */
interface Call {
  /** With what `handler` asks of one. */
  readonly request: Pick<Request, "method" | "url"> & { readonly signal?: AbortSignal };
  /** What has `waitUntil`, or nothing. */
  readonly ctx?: unknown;
  /** What the framework gets when the handler was cancelled, with the response that `handler` has for that. */
  cancelled(response: Response): unknown;
}

/** What a handler runs, and how that ended; null when it was cancelled. */
interface Outcome {
  readonly run: () => Awaitable<unknown>;
  result: { readonly value: unknown } | { readonly error: unknown } | null;
}

/**
 * A coroutine function, or a lowered async function, as a handler or a middleware of Hono, Fastify or Express. Each
 * call is a task, as with `handler`: the tasks that it leaves behind are cancelled, `background` goes on, and it is
 * cancelled when its client goes away. What it returns or throws is for the framework. Express takes promises from
 * version 5 on.
 * @throws TypeError when `fn` is not a function; the promise rejects with one when no framework that is known calls it
 *
 * @example
 * app.get("/orders/:id", co(function* (c) {
 *   return c.json(yield* loadOrder(c.req.param("id")));
 * }));
 */
export function co<A extends unknown[], R>(fn: (...args: A) => Awaitable<R>): (...args: A) => Promise<R> {
  checkFunction(fn, "handler");
  const fetch = handler(function* (_request: Request, outcome: Outcome, _ctx: unknown) {
    try {
      outcome.result = { value: yield* mainCoroutine(outcome.run) };
    } catch (error) {
      if (isA(error, CancelledError)) throw error;
      outcome.result = { error };
    }
    return new Response();
  });
  return async (...args) => {
    const call = callOf(args);
    const outcome: Outcome = { run: () => fn(...args), result: null };
    const response = await fetch(call.request as Request, outcome, call.ctx);
    if (outcome.result === null) return call.cancelled(response) as R;
    if ("error" in outcome.result) throw outcome.result.error;
    return outcome.result.value as R;
  };
}

/** What a framework has passed: Hono its context, Fastify its request and reply, Express Node's, extended. */
function callOf(args: readonly unknown[]): Call {
  const [first, second] = args as [Partial<Context & Incoming>?, Partial<Reply & Outgoing>?];
  if (first?.req?.raw !== undefined) return callByHono(first as Context);
  if (second?.raw !== undefined) {
    return callByNode(first as Incoming, second.raw, () => second.hijack?.()); // or it waits for an answer
  }
  if (first?.method !== undefined && second?.once !== undefined)
    return callByNode(first as Incoming, second as Outgoing, () => {});
  throw new TypeError("Cannot handle request: expected a call by Hono, Fastify or Express");
}

/** What Hono passes. */
interface Context {
  readonly req: { readonly raw: Request };
  /** Throws where there is none. */
  readonly executionCtx: unknown;
}

function callByHono(context: Context): Call {
  const call = { request: context.req.raw, cancelled: (response: Response) => response };
  try {
    return { ...call, ctx: context.executionCtx };
  } catch {
    return call;
  }
}

/** A request, as node:http and Fastify have it. */
interface Incoming {
  readonly method: string;
  readonly url: string;
}

/** An answer as node:http has it. */
interface Outgoing {
  readonly writableFinished: boolean;
  once(event: "close", listener: () => void): void;
}

/** What Fastify passes behind its request. */
interface Reply {
  readonly raw: Outgoing;
  hijack(): void;
}

/** @param leave tells the framework that nobody waits for an answer */
function callByNode({ method, url }: Incoming, outgoing: Outgoing, leave: () => void): Call {
  const controller = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) controller.abort();
  });
  return {
    request: { method, url, signal: controller.signal },
    cancelled: () => {
      if (!controller.signal.aborted) throw new CancelledError("the request was cancelled");
      leave();
    },
  };
}
