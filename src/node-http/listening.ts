/// <reference lib="esnext.disposable" preserve="true" />
// A node:http server that listens, and how it is closed without cutting what goes on.

import type { Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** setTimeout takes no longer time. */
const LONGEST_GRACE = 2_147_483;

/** A server that listens. */
export interface HttpServer extends AsyncDisposable {
  /** The port that it listens on. */
  readonly port: number;
  /** Where it can be reached from this machine, such as "http://localhost:8080". */
  readonly url: string;
  /** Fulfilled when the server is closed and its last connection has ended. */
  readonly closed: Promise<void>;
  /** Accepts nothing new, and waits for the requests in progress. Returns `closed`. */
  close(): Promise<void>;
}

export class Listening implements HttpServer {
  port = 0;
  readonly closed: Promise<void>;
  readonly #server: Server;
  readonly #host: string | undefined;
  readonly #grace: number;
  /** Each connection, with the answer that it waits for. */
  readonly #connections = new Map<Socket, ServerResponse | null>();
  #isClosing = false;

  /** @param grace seconds; Infinity for no end */
  constructor(server: Server, host: string | undefined, grace: number) {
    this.#server = server;
    this.#host = host;
    this.#grace = grace;
    this.closed = new Promise((resolve) => {
      server.once("close", resolve);
    });
    // Node's own way takes a connection for idle when the end of an answer is written, and cuts it before that is sent.
    server.closeIdleConnections = () => {};
    server.on("connection", (socket: Socket) => {
      this.#connections.set(socket, null);
      socket.once("close", () => this.#connections.delete(socket));
    });
    server.prependListener("request", ({ socket }, outgoing) => this.#answering(socket, outgoing));
  }

  get url(): string {
    const host = this.#host ?? "localhost";
    return `http://${host.includes(":") ? `[${host}]` : host}:${this.port}`;
  }

  async listen(port: number, signal: AbortSignal | undefined): Promise<this> {
    const server = this.#server;
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ port, ...(this.#host === undefined ? {} : { host: this.#host }) }, () => {
        server.off("error", reject);
        resolve();
      });
    });
    this.port = (server.address() as AddressInfo).port;
    const close = (): void => void this.close();
    signal?.addEventListener("abort", close);
    server.once("close", () => signal?.removeEventListener("abort", close));
    if (signal?.aborted) close();
    signal?.throwIfAborted();
    return this;
  }

  /**
   * @param lingers whether idle connections have one keep-alive time left: a client may be sending on one just now. A
   *   request that still comes is answered, and its connection closed behind that
   */
  close(lingers = false): Promise<void> {
    if (this.#isClosing) return this.closed;
    this.#isClosing = true;
    this.#server.close();
    for (const outgoing of this.#connections.values()) {
      // One whose head says already that the connection stays would get it closed under the next request.
      if (outgoing !== null && !(lingers && outgoing.headersSent)) outgoing.shouldKeepAlive = false;
    }
    if (lingers) this.#closeAfter(this.#server.keepAliveTimeout, () => this.#closeIdle());
    else this.#closeIdle();
    if (this.#grace < LONGEST_GRACE) this.#closeAfter(this.#grace * 1000, () => this.cut());
    return this.closed;
  }

  /** Closes all connections at once. */
  cut(): void {
    for (const socket of this.#connections.keys()) socket.destroy();
  }

  /** A connection speaks another protocol from now on, and is somebody else's to close. */
  release(socket: Socket): void {
    this.#connections.delete(socket);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #closeIdle(): void {
    for (const [socket, outgoing] of this.#connections) if (outgoing === null) socket.destroy();
  }

  /** Calls back after some time, in milliseconds, unless all is over before. */
  #closeAfter(delay: number, close: () => void): void {
    const timer = setTimeout(close, delay);
    this.#server.once("close", () => clearTimeout(timer));
  }

  #answering(socket: Socket, outgoing: ServerResponse): void {
    if (this.#isClosing) outgoing.shouldKeepAlive = false;
    this.#connections.set(socket, outgoing);
    outgoing.once("close", () => {
      if (this.#connections.get(socket) !== outgoing) return; // it is gone, or has the next answer to wait for
      this.#connections.set(socket, null);
      if (this.#isClosing && !outgoing.shouldKeepAlive) socket.destroySoon();
    });
  }
}
