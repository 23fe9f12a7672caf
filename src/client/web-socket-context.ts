// A web socket that is about to be opened.

import { RuntimeError } from "../errors/base.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";
import { operation } from "../waiting/operation.ts";
import type { ClientWebSocket } from "./client-web-socket.ts";

/**
 * `with` opens a web socket, runs a block with it and closes it; `yield*` gives it, to be closed by the program.
 * Mirrors aiohttp's `async with session.ws_connect(...)` and `await session.ws_connect(...)`.
 */
export class WebSocketContext implements AsyncContextManager<ClientWebSocket, void> {
  /** @internal */
  static readonly name: string = "WebSocketContext";
  readonly #open: () => Coroutine<ClientWebSocket>;
  #socket: ClientWebSocket | null = null;
  #isUsed = false;

  /** @internal */
  constructor(open: () => Coroutine<ClientWebSocket>) {
    this.#open = open;
  }

  /** Opens it. Mirrors Python's __aenter__. */
  *aenter(): Coroutine<ClientWebSocket> {
    if (this.#isUsed) throw new RuntimeError("Cannot open a web socket twice: each needs a call of its own");
    this.#isUsed = true;
    return (this.#socket = yield* this.#open());
  }

  /** Closes it. Mirrors Python's __aexit__. */
  *aexit(): Coroutine<void> {
    if (this.#socket !== null) yield* this.#socket.close();
  }

  /** Opens it, runs a block with it, and closes it. Mirrors Python's `async with`. */
  with<R>(body: (socket: ClientWebSocket) => Awaitable<R>): Coroutine<R> {
    return withManager<ClientWebSocket, R>(this, body);
  }

  /** Opens it. */
  [Symbol.iterator](): Coroutine<ClientWebSocket> {
    return operation("ClientSession.wsConnect", this.aenter());
  }
}
