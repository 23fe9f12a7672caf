// Work that a request leaves behind.

import { format } from "../support/format.ts";
import { checkNames } from "../support/checks.ts";
import { type Coroutine, isCoroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { currentExchange } from "./membership.ts";

/**
 * Runs a coroutine as a task that outlives the response: every other task of the request is cancelled as soon as the
 * handler has returned. It outlives its client and the handler's deadline, too. Tasks that it makes live as long as it
 * does. The host is told through `ctx.waitUntil`, where there is one; how long it then waits is the host's to say. An
 * error that nobody looks at is reported as the handler's own are.
 * @param options.name name of the task, for messages
 * @throws TypeError for what is not a coroutine
 * @throws RuntimeError outside the handling of a request
 *
 * @example
 * background(writeLog(entry));
 * return new Response("thanks");
 */
export function background<T>(coro: Coroutine<T>, options: { name?: string } = {}): Task<T> {
  if (!isCoroutine(coro)) throw new TypeError(`a coroutine was expected, got ${format(coro)}`);
  const { name } = checkNames(options, ["name"]);
  const exchange = currentExchange("background");
  const context = exchange.lastingContext();
  return exchange.keep(coro, name === undefined ? { context } : { context, name });
}
