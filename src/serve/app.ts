// An app: what a service does, as an object that a module exports.

import { checkFunction, checkOptions } from "../support/checks.ts";
import { mainCoroutine } from "../runners/main-coroutine.ts";
import { type Awaitable, isAwaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { ServerWebSocket } from "./server-web-socket.ts";

/** What serves one WebSocket connection; it is closed when the handler has ended. */
export type WebSocketHandler<Env = unknown> = (socket: ServerWebSocket, env: Env) => Awaitable<unknown>;

/**
 * What a service does: each member a coroutine function, a lowered async function or a plain one. It is ASGI's place,
 * with its lifespan; the fetch handlers of workerd, Bun and Deno are apps, and so is an app of Hono.
 */
export interface App<Env = unknown> {
  /**
   * Answers a request, as a function for `handler` of `wasyncio/edge` does, or one that `handler` has made. `env` is
   * what `startup` has given.
   */
  fetch(request: Request, env: Env): Awaitable<Response> | Response;
  /** Runs before the first request; what it gives is `env` for the others. When it fails, nothing is served. */
  startup?(): Awaitable<Env> | Env;
  /** Runs after the last request. */
  shutdown?(env: Env): Awaitable<unknown> | void;
  /** Serves WebSocket connections; needs the package ws. Without it there are none. */
  websocket?: WebSocketHandler<Env>;
}

/** Throws TypeError for what is no app. Returns it. */
export function checkApp<Env>(app: App<Env>): App<Env> {
  const { fetch, startup, shutdown, websocket } = checkOptions(app, "app");
  checkFunction(fetch, "fetch of the app");
  for (const [name, part] of Object.entries({ startup, shutdown, websocket }))
    if (part !== undefined) checkFunction(part, `${name} of the app`);
  return app;
}

/** Calls a part of an app, and gives what it gives: some are coroutines, some promises, some there at once. */
export function* outcomeOf<T>(call: () => Awaitable<T> | T): Coroutine<T> {
  const given = call();
  return isAwaitable(given) ? yield* mainCoroutine(given as Awaitable<T>) : given;
}
