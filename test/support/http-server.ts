// A server of HTTP for the client's tests, by node:http: what it answers is in the hands of the test, and it counts who
// is connected.

import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

/** Answers a request. */
export type Answer = (request: IncomingMessage, response: ServerResponse, server: TestServer) => void;

/** A server that listens on a port of 127.0.0.1. */
export class TestServer {
  /** Where it is: "http://127.0.0.1:8080". */
  url = "";
  port = 0;
  /** Connections that there are. */
  readonly sockets = new Set<Socket>();
  /** Connections that there were, and requests. */
  accepted = 0;
  requests = 0;
  /** Most connections, and most requests, at once. */
  mostSockets = 0;
  mostRequests = 0;
  /** Requests that are not answered. */
  open = 0;
  /** Requests whose client has gone before it had the whole answer. */
  lost = 0;
  readonly #server: Server;

  constructor(answer: Answer, tls: { key: string; cert: string } | null = null) {
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      this.requests++;
      this.open++;
      this.mostRequests = Math.max(this.mostRequests, this.open);
      response.once("close", () => {
        this.open--;
        if (!response.writableFinished) this.lost++;
      });
      answer(request, response, this);
    };
    this.#server = tls === null ? createServer(listener) : createSecureServer(tls, listener);
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on("connection", (socket: Socket) => {
      this.accepted++;
      this.sockets.add(socket);
      this.mostSockets = Math.max(this.mostSockets, this.sockets.size);
      socket.on("error", () => {});
      socket.once("close", () => this.sockets.delete(socket));
    });
    this.url = tls === null ? "http" : "https";
  }

  /** The server itself. */
  get node(): Server {
    return this.#server;
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", 1024, resolve));
    this.port = (this.#server.address() as AddressInfo).port;
    this.url += `://127.0.0.1:${this.port}`;
    return this;
  }

  /** Counts from now on. */
  reset(): void {
    this.accepted = this.requests = this.lost = 0;
    this.mostSockets = this.sockets.size;
    this.mostRequests = this.open;
  }

  async close(): Promise<void> {
    const closed = new Promise<unknown>((resolve) => this.#server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Gives a server to a test for as long as `use` takes. */
  static async with<T>(answer: Answer, use: (server: TestServer) => Promise<T>): Promise<T> {
    const server = await new TestServer(answer).listen();
    try {
      return await use(server);
    } finally {
      await server.close();
    }
  }
}

/** All of a request's body. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
