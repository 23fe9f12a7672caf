// handler: a coroutine function as the fetch handler that workerd, Deno.serve, Bun.serve and `wasyncio/node-http` take.

import { type Delay, secondsOf } from "../support/delay.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { watchHostContexts } from "../runtime/host-context.ts";
import { format } from "../support/format.ts";
import { checkFunction, checkNames } from "../support/checks.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import { Exchange } from "./exchange.ts";
import { servingLoops } from "./serving-loops.ts";

/**
 * A request handler as a coroutine function. What follows the request is the host's: `env` and `ctx` on workerd, `info`
 * on Deno, the server on Bun.
 */
export type RequestHandler<Env = unknown, Ctx = unknown> = (
  request: Request,
  env: Env,
  ctx: Ctx,
) => Awaitable<Response>;

/** A request handler as hosts take it, with the same arguments. */
export type FetchHandler<A extends unknown[] = [request: Request]> = (...args: A) => Promise<Response>;

/** Options of `handler`. */
export interface HandlerOptions {
  /** How long the handler may take to return its response, or null for as long as it likes. Default: null. */
  deadline?: Delay | null;
  /** Makes the answer for a handler that is too late. Default: 504. */
  onDeadline?: (request: Request) => Response;
  /**
   * Called with each error that nobody else takes: what the handler threw, and what a background task, a body or a
   * callback of the request failed with. For the handler's own, the response that it returns is the answer; without one
   * that is 500. Default: errors are written to the host's log.
   */
  onError?: (error: unknown, request: Request) => Response | void;
  /**
   * Takes a promise of the end of all that the request does, on hosts that would stop it sooner. Default: `waitUntil`
   * of the last argument that has one, such as `ctx`.
   */
  waitUntil?: (promise: Promise<unknown>) => void;
  /**
   * Which loop a request is handled in. "shared": one loop of the process for all handlers, so that locks, queues and
   * pools of the program's modules work across requests; for a handler that is made inside a program of `run`, the loop
   * of that program. "request": a loop of its own, which is closed with it. Default: "shared" on Node, Deno, Bun and in
   * browsers; "request" on workerd, where timers belong to the request that has set them, and on hosts that are not
   * known.
   */
  loop?: "shared" | "request";
  /**
   * Whether the loop is in debug mode; one that is shared is so for all who share it. Default: as the environment
   * variable WASYNCIO_DEBUG says.
   */
  debug?: boolean;
  /**
   * Makes the loop: of each request, or the one that all requests of this handler share. Default: `newEventLoop`, and
   * handlers that share a loop share one.
   */
  loopFactory?: () => EventLoop;
}

/** The names of HandlerOptions. */
const HANDLER_OPTIONS: readonly (keyof HandlerOptions)[] = [
  "deadline",
  "onDeadline",
  "onError",
  "waitUntil",
  "loop",
  "debug",
  "loopFactory",
];

/** What `handler` has made. */
const handlers = new WeakSet<Function>();

/**
 * Turns a coroutine function into a fetch handler. Each request is a task, named like "GET /orders", and all that it
 * makes belongs to it, by a context variable: no request sees another one's errors, or is ended with it.
 *
 * - The handler returns: the response goes out at once, and the tasks that are left are cancelled, as by `run`, but for
 *   those of `background` and of bodies made by `streamOf`. A task for all requests is made in a context of its own:
 *   `createTask(work(), { context: new Context() })`.
 * - The handler fails, or returns no response: the answer is 500, without a word of the error, which is reported.
 * - The deadline passes: the answer is 504, at once, and the handler is cancelled. An async function goes on all the
 *   same, and what it gives is thrown away: `abortable` gives it a signal.
 * - The client goes away, which aborts the request's signal: the handler is cancelled, and so are bodies made by
 *   `streamOf`. What nobody waits for any more is 499. On Deno and Bun, where a signal takes long to make, this may
 *   come 50 ms late.
 *
 * The promise rejects only when there can be no loop, as for lack of memory, and with TypeError for what is no request.
 * @throws TypeError for a handler or an option of the wrong type
 * @throws RuntimeError when the loop is to be shared, and the host does not let it
 *
 * @example
 * export default {
 *   fetch: handler(
 *     function* (request) {
 *       const [user, posts] = yield* gather(loadUser(request), loadPosts(request));
 *       return Response.json({ user, posts });
 *     },
 *     { deadline: 5 },
 *   ),
 * };
 */
export function handler<A extends [request: Request, ...rest: unknown[]]>(
  fn: (...args: A) => Awaitable<Response>,
  options: HandlerOptions = {},
): FetchHandler<A> {
  if (typeof fn !== "function") throw new TypeError(`Cannot handle requests: expected a function, got ${format(fn)}`);
  const { deadline = null, onDeadline, onError, waitUntil, loopFactory } = checkNames(options, HANDLER_OPTIONS);
  const seconds = deadline === null ? Infinity : secondsOf(deadline, "deadline");
  for (const [name, option] of Object.entries({ onDeadline, onError, waitUntil, loopFactory })) {
    if (option !== undefined) checkFunction(option as Function, name);
  }
  watchHostContexts({ asked: true }); // requests must not see each other's
  const settings = { deadline: seconds, onDeadline, onError, waitUntil };
  const servingLoop = servingLoops(options);
  // Named, and not only gathered: Deno leaves out the arguments that a handler's `length` does not ask for, the request
  // among them.
  const fetch = (request: Request, env: unknown, ctx: unknown, ...rest: unknown[]): Promise<Response> => {
    try {
      checkRequest(request);
      const args = (rest.length === 0 ? [request, env, ctx] : [request, env, ctx, ...rest]) as [Request, ...unknown[]];
      return new Exchange(() => fn(...(args as A)), args, settings, servingLoop()).response;
    } catch (error) {
      return Promise.reject(error);
    }
  };
  handlers.add(fetch);
  return fetch as (...args: unknown[]) => Promise<Response>;
}

/** Whether `handler` has made a function. */
export function isHandler(fn: Function): boolean {
  return handlers.has(fn);
}

/** By what is needed of it: frameworks have requests of their own. */
function checkRequest(request: Request): void {
  if (typeof request === "object" && typeof request?.method === "string" && typeof request.url === "string") return;
  throw new TypeError(`Cannot handle request: expected a Request, got ${format(request)}`);
}
