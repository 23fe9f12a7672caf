// The WebSocket connections of a service: requests for one become tasks of its loop.

import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { WebSocketServer } from "ws";
import { NotAvailableError } from "../errors/base.ts";
import { headOf } from "../node-http/request.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { wrapFuture } from "../runtime/wrap-future.ts";
import { wait } from "../tasks/wait.ts";
import { type WebSocketHandler, outcomeOf } from "./app.ts";
import { WebSocketDisconnect } from "./errors.ts";
import { ServerWebSocket } from "./server-web-socket.ts";
import type { PingOptions } from "./web-socket-pings.ts";

/** Bytes of the largest message, as in uvicorn. */
const LARGEST = 16 * 1024 * 1024;

/** Why a connection is closed: its handler is done, has failed, or the server goes away. */
const CODES = { done: 1000, goingAway: 1001, failed: 1011 };

export class WebSockets<Env> {
  readonly #server: WebSocketServer;
  readonly #handler: WebSocketHandler<Env>;
  readonly #env: Env;
  readonly #pings: PingOptions;
  readonly #loop: EventLoop;
  readonly #open = new Map<ServerWebSocket, Task<unknown>>();
  #isClosing = false;

  private constructor(server: WebSocketServer, handler: WebSocketHandler<Env>, env: Env, pings: PingOptions) {
    this.#server = server;
    this.#handler = handler;
    this.#env = env;
    this.#pings = pings;
    this.#loop = getRunningLoop();
  }

  /** Loads the package that speaks the protocol. Throws NotAvailableError when it is not installed. */
  static *load<Env>(handler: WebSocketHandler<Env>, env: Env, pings: PingOptions): Coroutine<WebSockets<Env>> {
    try {
      const { WebSocketServer } = yield* wrapFuture(import("ws"));
      return new WebSockets(new WebSocketServer({ noServer: true, maxPayload: LARGEST }), handler, env, pings);
    } catch (error) {
      if ((error as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw error;
      throw new NotAvailableError("websocket of the app", `the package ws is not installed: npm install ws`);
    }
  }

  /**
   * Takes over a connection whose client asks for the protocol; one that asks wrongly is refused. Returns whether it
   * was asked for by what is a request at all.
   */
  upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): boolean {
    let request: Request;
    try {
      const { url, headers } = headOf(incoming);
      request = new Request(url, { headers });
    } catch {
      return false;
    }
    this.#server.handleUpgrade(incoming, socket, head, (opened) => {
      // Before the loop's turn: messages may come right behind the request, and broken ones are errors of the socket.
      const connection = new ServerWebSocket(opened, request, this.#loop);
      this.#loop.arrivals.deliver("websocket", () => this.#begin(connection));
    });
    return true;
  }

  /** Tells all clients that the server goes away. */
  close(): void {
    this.#isClosing = true;
    for (const socket of this.#open.keys()) socket.endSoon(CODES.goingAway);
  }

  /** Cuts all connections, and cancels their handlers. */
  cut(): void {
    for (const task of this.#open.values()) task.cancel();
    for (const socket of this.#server.clients) socket.terminate(); // those, too, whose handlers have ended
  }

  /** Waits until no handler runs. */
  *ended(): Coroutine<void> {
    while (this.#open.size > 0) yield* wait([...this.#open.values()]);
  }

  #begin(socket: ServerWebSocket): void {
    const coro = outcomeOf(() => this.#handler(socket, this.#env));
    const task = this.#loop.createTask(coro, { name: `WebSocket ${new URL(socket.request.url).pathname}` });
    this.#open.set(socket, task);
    task.addDoneCallback(() => this.#end(socket, task));
    socket.keepAlive(this.#loop, this.#pings);
    if (this.#isClosing) socket.endSoon(CODES.goingAway);
  }

  #end(socket: ServerWebSocket, task: Task<unknown>): void {
    this.#open.delete(socket);
    const exception = task.failed && !task.cancelled() ? task.takeError() : null;
    const hasFailed = exception !== null && !(exception instanceof WebSocketDisconnect);
    socket.endSoon(hasFailed ? CODES.failed : CODES.done);
    if (hasFailed)
      this.#loop.callExceptionHandler({ message: "Unhandled error in WebSocket handler", exception, task });
  }
}
