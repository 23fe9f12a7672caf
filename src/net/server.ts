// A server: sockets that listen, and the transports of those that have connected.

import type { AsyncContextManager } from "../waiting/async-with.ts";
import { checkBody, withManager } from "../waiting/async-with.ts";
import type { ListenTarget, Listener, Network, SocketAddress, StreamEnd } from "../drivers/network.ts";
import { CancelledError } from "../errors/asyncio.ts";
import { InternalError, RuntimeError } from "../errors/base.ts";
import { OSError, osError } from "../errors/os.ts";
import { Source } from "../runtime/arrivals.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import { writeLog } from "../runtime/reports.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { Shown } from "../support/shown.ts";
import { sleep } from "../tasks/sleep.ts";
import { operation } from "../waiting/operation.ts";
import { checkProtocol } from "./checks.ts";
import type { SocketTransport, StreamProtocol, TransportOver } from "./socket-transport.ts";
import { TransportSocket, addressText } from "./transport-socket.ts";

/** Codes of addresses that this machine does not have, or whose family it does not know. */
const UNAVAILABLE = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];

/** What a server is made of. */
export interface ServerParts {
  readonly loop: EventLoop;
  readonly network: Network;
  readonly targets: readonly ListenTarget[];
  readonly protocolFactory: () => StreamProtocol;
  readonly transportOver: TransportOver;
}

/**
 * A server that listens on one or more sockets. Mirrors asyncio.Server.
 *
 * Closing it ends the listening only: connections go on, and `waitClosed` waits for them.
 *
 * @example
 * const server = yield* startServer(onClient, "127.0.0.1", 8888);
 * yield* server.with(() => server.serveForever());
 */
export class Server extends Shown implements AsyncContextManager<Server, void> {
  /** @internal */
  static override readonly name: string = "Server";
  readonly #parts: ServerParts;
  #sockets: readonly ListeningSocket[];
  readonly #clients = new Set<SocketTransport>();
  /** Null when all is over: it is closed, and so are its connections. */
  #waiters: Future<void>[] | null = [];
  #isServing = false;
  #isClosed = false;
  #servingForever: Future<void> | null = null;

  /** @internal Programs get one by `startServer` and its kin. */
  constructor(parts: ServerParts) {
    super();
    this.#parts = parts;
    this.#sockets = parts.targets.map((target) => new ListeningSocket(parts, target, this));
  }

  /** The loop that it belongs to. Mirrors Server.get_loop. */
  getLoop(): EventLoop {
    return this.#parts.loop;
  }

  /** Whether it takes connections. Mirrors Server.is_serving. */
  isServing(): boolean {
    return this.#isServing;
  }

  /**
   * The sockets that listen: none before it serves, and none when it is closed. (A host's socket has no port before it
   * listens.) Mirrors Server.sockets.
   */
  get sockets(): readonly TransportSocket[] {
    return this.#sockets.flatMap(({ socket }) => (socket === null ? [] : [socket]));
  }

  /**
   * Listens, unless it does already. Mirrors Server.start_serving.
   * @throws OSError when the system refuses; then it is closed
   * @throws RuntimeError when it is closed
   * @throws CancelledError when the task is cancelled; then it is closed
   */
  startServing(): Coroutine<void> {
    return operation("Server.startServing", this.#startServing());
  }

  *#startServing(): Coroutine<void> {
    yield* this.#listen();
    yield* sleep(0);
  }

  *#listen(): Coroutine<void> {
    if (this.#isClosed) throw new RuntimeError(`server ${this.toString()} is closed`);
    if (this.#isServing) return;
    this.#isServing = true;
    try {
      for (const socket of this.#sockets) yield* this.#listenAt(socket);
      const listening = this.#sockets.filter(({ socket }) => socket !== null);
      if (listening.length === 0) throw this.#nowhere();
      this.#sockets = listening;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** An address that this machine does not have is left out, as long as there is another: its family may be off. */
  *#listenAt(socket: ListeningSocket): Coroutine<void> {
    try {
      yield* socket.listen();
    } catch (error) {
      if (!(error instanceof OSError) || !UNAVAILABLE.includes(error.code ?? "")) throw error;
      socket.close();
      const { loop } = this.#parts;
      if (loop.getDebug()) writeLog(loop.host, "warning", error.message);
    }
  }

  #nowhere(): OSError {
    const addresses = this.#parts.targets.map((target) => addressText(addressOfTarget(target)));
    return new OSError(`could not bind on any address out of [${addresses.join(", ")}]`);
  }

  /**
   * Listens, and waits until the task is cancelled: then it is closed, with its connections. Mirrors
   * Server.serve_forever.
   * @throws RuntimeError when it is closed, or another task is in there
   * @throws CancelledError when the task is cancelled, or somebody closes the server
   * @throws OSError when the system refuses to listen
   */
  serveForever(): Coroutine<never> {
    return operation("Server.serveForever", this.#serveForever());
  }

  *#serveForever(): Coroutine<never> {
    if (this.#servingForever !== null)
      throw new RuntimeError(`server ${this.toString()} is already being awaited on serveForever()`);
    if (this.#isClosed) throw new RuntimeError(`server ${this.toString()} is closed`);
    const forever = (this.#servingForever = this.#parts.loop.createFuture());
    try {
      yield* this.#listen();
      yield* forever;
    } catch (error) {
      if (error instanceof CancelledError) {
        this.close();
        this.closeClients();
        yield* this.waitClosed();
      }
      throw error;
    } finally {
      this.#servingForever = null;
    }
    throw new InternalError("serveForever() has come to an end");
  }

  /** Listens no more. Connections go on; `serveForever` is cancelled. Mirrors Server.close. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const socket of this.#sockets) socket.close();
    this.#sockets = [];
    this.#isServing = false;
    this.#servingForever?.cancel();
    this.#servingForever = null;
    this.#wakeIfOver();
  }

  /** Closes all connections, once what waits to be sent has gone. Mirrors Server.close_clients. */
  closeClients(): void {
    for (const client of this.#clients) client.close();
  }

  /** Ends all connections at once. Mirrors Server.abort_clients. */
  abortClients(): void {
    for (const client of this.#clients) client.abort();
  }

  /**
   * Waits until the server is closed, and all connections have ended. Mirrors Server.wait_closed.
   * @throws CancelledError when the task is cancelled
   */
  waitClosed(): Coroutine<void> {
    return operation("Server.waitClosed", this.#waitClosed());
  }

  *#waitClosed(): Coroutine<void> {
    if (this.#waiters === null) return;
    const waiter = this.#parts.loop.createFuture();
    this.#waiters.push(waiter);
    yield* waiter;
  }

  #wakeIfOver(): void {
    if (!this.#isClosed || this.#clients.size > 0 || this.#waiters === null) return;
    const waiters = this.#waiters;
    this.#waiters = null;
    for (const waiter of waiters) if (!waiter.done()) waiter.setResult();
  }

  /** @internal */
  attach(transport: SocketTransport): void {
    this.#clients.add(transport);
  }

  /** @internal */
  detach(transport: SocketTransport): void {
    this.#clients.delete(transport);
    this.#wakeIfOver();
  }

  /** Itself: the beginning of an `async with`. Mirrors Python's __aenter__. */
  *aenter(): Coroutine<Server> {
    return this;
  }

  /** Closes it, and waits for its connections: the end of an `async with`. Mirrors Python's __aexit__. */
  *aexit(): Coroutine<void> {
    this.close();
    yield* this.waitClosed();
  }

  /**
   * Runs `body`, and then closes the server and waits for its connections, whatever happens. Mirrors Python's `async
   * with`.
   * @returns what the body returns
   */
  with<R>(body: (server: Server) => Awaitable<R>): Coroutine<R> {
    checkBody(body);
    return withManager<Server, R>(this, body);
  }

  /** "<Server sockets=('127.0.0.1', 8888)>". */
  override toString(): string {
    const sockets = this.sockets.map((socket) => addressText(socket.getsockname())).join(", ");
    return `<Server sockets=${sockets === "" ? "()" : sockets}>`;
  }
}

/** A socket of a server. Who connects becomes a task, as in asyncio, which makes the transport. */
class ListeningSocket {
  socket: TransportSocket | null = null;
  readonly #parts: ServerParts;
  readonly #target: ListenTarget;
  readonly #server: Server;
  readonly #source: Source;
  readonly #accepted: StreamEnd[] = [];
  /** What is waited for until it listens. */
  #listening: Future<Listener> | null = null;
  #listener: Listener | null = null;
  #leave: (() => void) | null = null;

  constructor(parts: ServerParts, target: ListenTarget, server: Server) {
    this.#parts = parts;
    this.#target = target;
    this.#server = server;
    this.#source = new Source(parts.loop, "listener", () => this.#takeIn());
  }

  *listen(): Coroutine<void> {
    const { loop, network } = this.#parts;
    const listening = (this.#listening = loop.createFuture<Listener>());
    const giveUp = network.listen(this.#target, {
      listening: (listener) =>
        loop.arrivals.deliver("listener", () => {
          if (listening.done()) listener.close();
          else listening.setResult(listener);
        }),
      failed: (fault) =>
        loop.arrivals.deliver("listener", () => {
          if (!listening.done()) listening.setException(osError(fault, bindText(this.#target, fault.message)));
          else this.#report(osError(fault));
        }),
      accepted: (end) => {
        this.#accepted.push(end);
        if (!this.#source.post()) end.abort();
      },
    });
    this.#leave = loop.arrivals.listen(() => {
      giveUp();
      this.#source.close();
      this.#refuse();
    });
    this.#listener = yield* listening;
    this.socket = new TransportSocket(this.#listener.address, null);
  }

  /** Who waits until it listens is cancelled. */
  close(): void {
    this.socket = null;
    this.#listening?.cancel();
    this.#leave?.();
  }

  /** Who has connected and was not taken in when the server was closed. */
  #refuse(): void {
    for (const end of this.#accepted.splice(0)) end.abort();
  }

  #takeIn(): void {
    const { loop } = this.#parts;
    for (const end of this.#accepted.splice(0)) {
      loop.arrivals.admit("listener");
      // A task that is cancelled before its first step does nothing, and no task does behind the end of its loop.
      let isTaken = false;
      const letGo = loop.arrivals.listen(() => {
        if (!isTaken) end.abort();
      });
      const taken = (): void => void (isTaken = true);
      loop.createTask(this.#accept(end, taken)).addDoneCallback(letGo);
    }
  }

  #report(exception: Error): void {
    this.#parts.loop.callExceptionHandler({ message: "socket.accept() out of system resource", exception });
  }

  *#accept(end: StreamEnd, taken: () => void): Coroutine<void> {
    taken();
    const { loop, protocolFactory, transportOver } = this.#parts;
    let transport: SocketTransport | null = null;
    let protocol: StreamProtocol | null = null;
    try {
      protocol = checkProtocol(protocolFactory());
      const waiter = loop.createFuture();
      transport = transportOver(loop, end, protocol, waiter, this.#server);
      yield* waiter;
    } catch (exception) {
      if (transport === null) end.abort();
      else transport.close();
      if (exception instanceof CancelledError) throw exception;
      const message = "Error on transport creation for incoming connection";
      if (loop.getDebug()) loop.callExceptionHandler({ message, exception, protocol, transport });
    }
  }
}

const addressOfTarget = (target: ListenTarget): SocketAddress =>
  "path" in target ? target.path : [target.host, target.port];

function bindText(target: ListenTarget, message: string): string {
  return `error while attempting to bind on address ${addressText(addressOfTarget(target))}: ${message}`;
}
