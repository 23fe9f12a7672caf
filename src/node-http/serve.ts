/// <reference lib="esnext.disposable" preserve="true" />
// serve: a fetch handler behind a node:http server of its own.

import { type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { checkSignal } from "../runtime/abort.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { checkNames } from "../support/checks.ts";
import { type FetchFunction, type ListenerOptions, toNodeListener } from "./listener.ts";

/** setTimeout takes no longer time. */
const LONGEST_GRACE = 2_147_483;

/** Options of `serve`. */
export interface ServeOptions extends ListenerOptions {
  /** The port to listen on; 0 is any that is free. Default: 0. */
  port?: number;
  /** The address or name to listen on. Default: all addresses of the machine. */
  hostname?: string;
  /** Closes the server when it is aborted. */
  signal?: AbortSignal;
  /**
   * How long a server that is closed waits for requests in progress before it cuts their connections; null: for ever.
   * Default: null.
   */
  grace?: Delay | null;
}

/** The names of ServeOptions. */
const SERVE_OPTIONS: readonly (keyof ServeOptions)[] = ["port", "hostname", "signal", "grace", "onError"];

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

/**
 * Listens on a port, and answers requests with a fetch handler, as `toNodeListener` does. The promise is of the server,
 * once it listens; it rejects with Node's error when it cannot, and with the signal's reason when that is aborted
 * before.
 * @throws TypeError for an argument or an option of the wrong type
 * @throws RangeError for a port that there cannot be
 *
 * @example
 * const server = await serve(handler(main), { port: 8080 });
 * process.once("SIGTERM", () => server.close());
 */
export function serve(fetch: FetchFunction, options: ServeOptions = {}): Promise<HttpServer> {
  const { port = 0, hostname, signal, grace = null, onError } = checkNames(options, SERVE_OPTIONS);
  if (typeof port !== "number") throw new TypeError(`Invalid port: expected a number, got ${format(port)}`);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError(`Invalid port: ${port}`);
  if (hostname !== undefined && typeof hostname !== "string")
    throw new TypeError(`Invalid hostname: expected a string, got ${format(hostname)}`);
  checkSignal(signal);
  const graceSeconds = grace === null ? Infinity : secondsOf(grace, "grace");
  const listening = new Listening(
    createServer(toNodeListener(fetch, onError === undefined ? {} : { onError })),
    hostname,
    graceSeconds,
  );
  return listening.listen(port, signal);
}

class Listening implements HttpServer {
  port = 0;
  readonly closed: Promise<void>;
  readonly #server: Server;
  readonly #hostname: string | undefined;
  readonly #grace: number;
  /** Each connection, with the answer that it waits for. */
  readonly #connections = new Map<Socket, ServerResponse | null>();
  #isClosing = false;

  constructor(server: Server, hostname: string | undefined, grace: number) {
    this.#server = server;
    this.#hostname = hostname;
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
    const host = this.#hostname ?? "localhost";
    return `http://${host.includes(":") ? `[${host}]` : host}:${this.port}`;
  }

  async listen(port: number, signal: AbortSignal | undefined): Promise<this> {
    const server = this.#server;
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ port, ...(this.#hostname === undefined ? {} : { host: this.#hostname }) }, () => {
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

  close(): Promise<void> {
    if (this.#isClosing) return this.closed;
    this.#isClosing = true;
    this.#server.close();
    for (const [socket, outgoing] of this.#connections) {
      if (outgoing === null) socket.destroy();
      else outgoing.shouldKeepAlive = false;
    }
    if (this.#grace < LONGEST_GRACE) {
      const timer = setTimeout(() => this.#server.closeAllConnections(), this.#grace * 1000);
      this.#server.once("close", () => clearTimeout(timer));
    }
    return this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #answering(socket: Socket, outgoing: ServerResponse): void {
    if (this.#isClosing) outgoing.shouldKeepAlive = false;
    this.#connections.set(socket, outgoing);
    outgoing.once("close", () => {
      if (this.#connections.get(socket) !== outgoing) return; // it is gone, or has the next answer to wait for
      this.#connections.set(socket, null);
      if (this.#isClosing) socket.destroySoon();
    });
  }
}
