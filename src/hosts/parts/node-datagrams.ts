// Datagrams by node:dgram. Addresses are IP addresses, so that nothing is looked up: a datagram is with the system when
// `send` returns, but for sockets of the program's.

import type {
  DatagramEnd,
  DatagramEvents,
  DatagramOpening,
  DatagramTarget,
  InetAddress,
  Network,
} from "../../drivers/network.ts";
import { NotAvailableError } from "../../errors/base.ts";
import type { Fault } from "../../errors/os.ts";
import { addressOf } from "../../support/addresses.ts";
import { format } from "../../support/format.ts";
import { builtin } from "./builtins.ts";
import type { DgramAddress, DgramModule, DgramSocket } from "./node-types.ts";
import { ownBytes, ownCopy } from "./plain.ts";

/** How the system counts a datagram that waits: with its header. */
const HEADER_SIZE = 8;

/** No datagram is larger. */
const MOST_SENT = 64 * 1024;
/** Where a datagram lies while it is sent, which mostly is done when `send` returns; null: the last one is not done. */
let outgoing: Uint8Array | null = null;

/** What the host's node:dgram can do. */
export interface NodeDatagramsOptions {
  /** Whether its sockets connect, and send in order what was sent in order. Where not, both is done here. */
  readonly connects: boolean;
}

/** The part of a network that sends and receives datagrams. */
export function nodeDatagrams({ connects }: NodeDatagramsOptions): Pick<Network, "datagram" | "adoptDatagram"> {
  const End = connects ? NodeDatagramEnd : SerialDatagramEnd;

  function datagram(target: DatagramTarget, opening: DatagramOpening): () => void {
    const { family, local, remote, reusePort, allowBroadcast } = target;
    const socket = dgram().createSocket({
      type: family === 4 ? "udp4" : "udp6",
      lookup,
      ...(reusePort && { reusePort }),
    });
    const failed = (error: Fault): void => {
      giveUp();
      opening.failed(error);
    };
    const opened = (): void => {
      socket.off("error", failed);
      opening.opened(new End(socket, remote));
    };
    const giveUp = (): void => {
      socket.off("error", failed).on("error", ignore);
      socket.close();
    };
    socket.once("error", failed);
    socket.once("listening", () => {
      if (allowBroadcast) socket.setBroadcast(true);
      if (remote === null || !connects) return opened();
      socket.once("connect", opened);
      socket.connect(remote[1], remote[0]);
    });
    socket.bind({ ...(local !== null && { address: local[0] }), port: local?.[1] ?? 0, exclusive: true });
    return giveUp;
  }

  function adoptDatagram(socket: unknown): DatagramEnd {
    if (!(socket instanceof dgram().Socket))
      throw new TypeError(`Invalid sock: expected a dgram.Socket, got ${format(socket)}`);
    if (placeOf(() => socket.address()) === null)
      throw new TypeError(`Invalid sock: expected a socket that is bound, got ${format(socket)}`);
    const remote = connects ? placeOf(() => socket.remoteAddress()) : null;
    // The program may listen, too. Its socket looks addresses up, so that a datagram with one waits for that.
    const AdoptedEnd = remote === null ? SerialDatagramEnd : NodeDatagramEnd;
    return new AdoptedEnd(socket, remote, ownCopy);
  }

  return { datagram, adoptDatagram };
}

function dgram(): DgramModule {
  const module = builtin("dgram");
  if (module === undefined) throw new NotAvailableError("sockets", "this host gives no node:dgram");
  return module;
}

/** Hosts are IP addresses, which stand for themselves. */
function lookup(host: string, _: unknown, answer: (error: null, address: string, family: number) => void): void {
  answer(null, host, host.includes(":") ? 6 : 4);
}

function ignore(): void {}

const placeOn = ({ address, port }: DgramAddress): InetAddress => addressOf(address, port);

/** Where a socket is, or null when it is nowhere: it throws then. */
function placeOf(ask: () => DgramAddress): InetAddress | null {
  try {
    return placeOn(ask());
  } catch {
    return null;
  }
}

/** A copy in an array that is used again and again. */
function inOutgoing(bytes: Uint8Array): Uint8Array {
  outgoing ??= new Uint8Array(MOST_SENT);
  outgoing.set(bytes);
  return outgoing.subarray(0, bytes.length);
}

/** An end over a socket of node:dgram. */
class NodeDatagramEnd implements DatagramEnd {
  readonly localAddress: InetAddress;
  readonly remoteAddress: InetAddress | null;
  protected readonly socket: DgramSocket;
  protected events: DatagramEvents | null = null;
  /** Makes the receiver's of what the socket brings. */
  readonly #take: typeof ownBytes;
  readonly #closed = (): void => this.events?.closed();
  /** Whether somebody is to be told when nothing is pending. */
  #isPending = false;

  constructor(socket: DgramSocket, remote: InetAddress | null, take = ownBytes) {
    this.socket = socket;
    this.#take = take;
    this.localAddress = placeOn(socket.address());
    this.remoteAddress = remote;
    socket.on("error", (error) => this.events?.refused(error));
  }

  get pending(): number {
    const { socket } = this;
    return (socket.getSendQueueSize?.() ?? 0) + HEADER_SIZE * (socket.getSendQueueCount?.() ?? 0);
  }

  start(events: DatagramEvents): void {
    this.events = events;
    this.socket.on("message", (data, from) => this.receive(this.#take(data), placeOn(from)));
    this.socket.on("close", this.#closed);
  }

  protected receive(data: Uint8Array, from: InetAddress): void {
    this.events?.received(data, from);
  }

  send(bytes: Uint8Array, to: InetAddress | null): void {
    const isAlone = this.pending === 0 && bytes.length <= MOST_SENT;
    const data = isAlone ? inOutgoing(bytes) : ownCopy(bytes);
    if (to === null) this.socket.send(data, this.#sent);
    else this.socket.send(data, to[1], to[0], this.#sent);
    if (this.pending === 0) return;
    this.#isPending = true;
    if (isAlone) outgoing = null;
  }

  readonly #sent = (error: Fault | null | undefined): void => {
    if (error) this.events?.refused(error);
    if (!this.#isPending || this.events === null || this.pending > 0) return;
    this.#isPending = false;
    this.events.drained();
  };

  close(): void {
    this.events = null;
    this.socket.off("close", this.#closed);
    this.socket.close();
  }
}

/**
 * An end over a socket that does not connect, or is not done when `send` returns: one datagram is sent after the other,
 * and from others than the remote address none is taken.
 */
class SerialDatagramEnd extends NodeDatagramEnd {
  readonly #waiting: { readonly data: Uint8Array; readonly to: InetAddress }[] = [];
  #isSending = false;
  #pending = 0;

  override get pending(): number {
    return this.#pending;
  }

  protected override receive(data: Uint8Array, from: InetAddress): void {
    const remote = this.remoteAddress;
    if (remote !== null && (remote[0] !== from[0] || remote[1] !== from[1])) return;
    super.receive(data, from);
  }

  override send(bytes: Uint8Array, to: InetAddress | null): void {
    this.#pending += bytes.length + HEADER_SIZE;
    this.#waiting.push({ data: ownCopy(bytes), to: to ?? (this.remoteAddress as InetAddress) });
    if (!this.#isSending) this.#sendNext();
  }

  #sendNext(): void {
    const next = this.#waiting.shift();
    this.#isSending = next !== undefined;
    if (next === undefined) return this.events?.drained();
    const { data, to } = next;
    const sent = (error: Fault | null | undefined): void => {
      this.#pending -= data.length + HEADER_SIZE;
      if (this.events === null) return;
      if (error) this.events.refused(error);
      this.#sendNext();
    };
    try {
      this.socket.send(data, to[1], to[0], sent);
    } catch (error) {
      queueMicrotask(() => sent(error as Fault)); // the program has closed its socket
    }
  }
}
