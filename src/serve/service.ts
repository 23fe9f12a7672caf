// The life of an app in this process: it starts, listens, and ends in order when it is told to.
//
// It ends in this order: nothing new is accepted; what goes on is waited for, background tasks and WebSockets included;
// what is left when the grace is over is cancelled; then the app shuts down. So nothing that a handler uses is taken
// away under it.

import { type IncomingMessage, type Server, ServerResponse, createServer } from "node:http";
import type { Socket } from "node:net";
import { RuntimeError } from "../errors/base.ts";
import { abortable } from "../bridges/abortable.ts";
import { handler, isHandler } from "../edge/handler.ts";
import { serveInProgram } from "../edge/serving-loops.ts";
import type { SharedLoop } from "../edge/shared-loop.ts";
import { Listening } from "../node-http/listening.ts";
import { toNodeListener } from "../node-http/listener.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { wrapFuture } from "../runtime/wrap-future.ts";
import { Event } from "../sync/event.ts";
import { moveOnAfter } from "../tasks/move-on.ts";
import { race } from "../tasks/race.ts";
import { type AccessLog, logAccess } from "./access-log.ts";
import { type App, outcomeOf } from "./app.ts";
import type { PingOptions } from "./web-socket-pings.ts";
import { WebSockets } from "./web-sockets.ts";

/** Seconds that what is cancelled at the end of the grace has to clean up. */
const CLEAN_UP = 1;

/** setTimeout takes no longer time. */
const LONGEST_KEEP_ALIVE_MS = 2 ** 31 - 1;

/** Options of `serveApp`, checked. */
export interface ServiceOptions {
  readonly host: string;
  readonly port: number;
  /** Seconds; null for no end. */
  readonly grace: number | null;
  /** Seconds. */
  readonly keepAlive: number;
  /** Of its WebSockets. */
  readonly pings: PingOptions;
  /** The path at which the service says that it is well, or null. */
  readonly health: string | null;
  /** Of its requests, or null. */
  readonly log: AccessLog | null;
  /** Called when it listens. */
  readonly onListening: (address: { readonly port: number; readonly url: string }) => void;
}

export class Service<Env> {
  readonly #app: App<Env>;
  readonly #options: ServiceOptions;
  readonly #onRequest: () => void;
  readonly #stopped = new Event();
  readonly #cut = new Event();
  #lingers = false;
  #isStarting = true;
  /** Ends the app's startup or shutdown, whichever runs. */
  #interrupt: () => void = () => {};

  /** @param onRequest called for each request */
  constructor(app: App<Env>, options: ServiceOptions, onRequest: () => void = () => {}) {
    this.#app = app;
    this.#options = options;
    this.#onRequest = onRequest;
  }

  /**
   * Has it end in order.
   * @param lingers whether somebody else listens at its port: then clients may go on with idle connections for a while
   */
  stop(lingers = false): void {
    this.#lingers = lingers;
    this.#stopped.set();
    if (this.#isStarting) this.#interrupt();
  }

  /** Has it end without waiting for what goes on; for a shutdown neither, when that runs already. */
  cut(): void {
    this.#stopped.set();
    this.#cut.set();
    this.#interrupt();
  }

  /** Serves until it is told to end. Cancelling it has it end in order, too. */
  *run(): Coroutine<void> {
    const app = this.#app;
    const started = yield* this.#interruptible(() => app.startup?.() as Env);
    this.#isStarting = false;
    if (started === undefined) return;
    const env = started.value;
    try {
      yield* this.#serve(env);
    } finally {
      yield* this.#interruptible(() => app.shutdown?.(env));
    }
  }

  /** Calls a part of the app. Undefined when it was interrupted. */
  *#interruptible<T>(call: () => Awaitable<T> | T): Coroutine<{ readonly value: T } | undefined> {
    const scope = moveOnAfter(null); // in the same task: what startup enters, shutdown may leave
    try {
      return yield* scope.with((): Coroutine<{ value: T }> => {
        this.#interrupt = () => scope.reschedule(0);
        return valueOf(call);
      });
    } finally {
      this.#interrupt = () => {};
    }
  }

  *#serve(env: Env): Coroutine<void> {
    const { host, port, keepAlive, pings, onListening } = this.#options;
    const { websocket } = this.#app;
    const serving = serveInProgram();
    const sockets = websocket === undefined ? null : yield* WebSockets.load(websocket.bind(this.#app), env, pings);
    const server = createServer({ keepAliveTimeout: Math.min(keepAlive * 1000, LONGEST_KEEP_ALIVE_MS) });
    const listening = new Listening(server, host, Infinity);
    this.#attach(server, env);
    if (sockets !== null) this.#attachSockets(server, sockets, listening);
    yield* abortable((signal) => listening.listen(port, signal));
    try {
      onListening(listening);
      yield* this.#stopped.wait();
    } finally {
      yield* this.#end(listening, serving, sockets);
    }
  }

  /** Has a server answer by the app. */
  #attach(server: Server, env: Env): void {
    const app = this.#app;
    const { health, log, keepAlive } = this.#options;
    const fetch = isHandler(app.fetch)
      ? (app.fetch as (request: Request, env: Env) => Promise<Response>)
      : handler((request: Request, given: Env) => outcomeOf(() => app.fetch(request, given)));
    const listener = toNodeListener((request) => fetch(request, env));
    server.on("request", (incoming, outgoing) => {
      if (keepAlive === 0) outgoing.shouldKeepAlive = false; // for Node itself 0 is for ever
      if (incoming.url === health) {
        this.#answerHealth(outgoing);
        return;
      }
      if (log !== null) logAccess(incoming, outgoing, log);
      listener(incoming, outgoing);
      this.#onRequest();
    });
  }

  #attachSockets(server: Server, sockets: WebSockets<Env>, listening: Listening): void {
    server.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
      if (asksForWebSocket(incoming) && sockets.upgrade(incoming, socket, head)) listening.release(socket);
      else answerPlainly(server, incoming, socket);
    });
  }

  #answerHealth(outgoing: ServerResponse): void {
    const isWell = !this.#stopped.isSet();
    outgoing.writeHead(isWell ? 200 : 503, { "content-type": "text/plain; charset=utf-8" });
    outgoing.end(isWell ? "ok\n" : "shutting down\n");
  }

  *#end(listening: Listening, serving: SharedLoop, sockets: WebSockets<Env> | null): Coroutine<void> {
    void listening.close(this.#lingers);
    sockets?.close();
    const ended = (): Coroutine<unknown> => endOf(listening, serving, sockets);
    try {
      const scope = moveOnAfter(this.#options.grace);
      const isOver = yield* scope.with(() => race(ended(), this.#cut.wait()));
      if (isOver === ENDED) return;
      serving.endRequests(new RuntimeError("Cannot finish the request: the server was shut down"));
      sockets?.cut();
      yield* moveOnAfter(CLEAN_UP).with(ended);
    } finally {
      listening.cut();
      sockets?.cut();
      this.#options.log?.flush();
    }
  }
}

/** Whether a request that asks for another protocol asks for this one. One with a body could not be answered else. */
function asksForWebSocket({ headers }: IncomingMessage): boolean {
  const hasBody = "content-length" in headers || "transfer-encoding" in headers;
  return hasBody || headers.upgrade?.toLowerCase() === "websocket";
}

/** Answers as if another protocol was not asked for, as a server may: node:http has let go of the connection. */
function answerPlainly(server: Server, incoming: IncomingMessage, socket: Socket): void {
  const outgoing = new ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(socket);
  outgoing.once("finish", () => socket.destroySoon());
  socket.on("error", () => socket.destroy());
  server.emit("request", incoming, outgoing);
}

function* valueOf<T>(call: () => Awaitable<T> | T): Coroutine<{ value: T }> {
  return { value: yield* outcomeOf(call) };
}

const ENDED = Symbol("ended");

/** Waits until nothing goes on any more. */
function* endOf<Env>(listening: Listening, serving: SharedLoop, sockets: WebSockets<Env> | null): Coroutine<symbol> {
  yield* wrapFuture(listening.closed);
  yield* serving.idle();
  if (sockets !== null) yield* sockets.ended();
  return ENDED;
}
