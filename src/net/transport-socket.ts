// What programs get of a socket: where it is. Reading and writing are the transport's.

import type { SocketAddress } from "../drivers/network.ts";

/** A transport's or a server's socket, as far as it can be looked at. Mirrors asyncio.TransportSocket. */
export class TransportSocket {
  /** @internal */
  static readonly name: string = "TransportSocket";
  readonly #local: SocketAddress;
  readonly #remote: SocketAddress | null;

  /** @internal Programs get them by `getExtraInfo("socket")`, and from a server's `sockets`. */
  constructor(local: SocketAddress, remote: SocketAddress | null) {
    this.#local = local;
    this.#remote = remote;
  }

  /** This side's address. Mirrors TransportSocket.getsockname. */
  getsockname(): SocketAddress {
    return this.#local;
  }

  /** The other side's address; null of a socket that listens. Mirrors TransportSocket.getpeername. */
  getpeername(): SocketAddress | null {
    return this.#remote;
  }

  /** "<TransportSocket ('127.0.0.1', 80)>". */
  toString(): string {
    return `<TransportSocket ${addressText(this.#local)}${this.#remote === null ? "" : ` to ${addressText(this.#remote)}`}>`;
  }
}

/** An address in a message. */
export function addressText(address: SocketAddress): string {
  return typeof address === "string" ? `'${address}'` : `('${address[0]}', ${address[1]})`;
}
