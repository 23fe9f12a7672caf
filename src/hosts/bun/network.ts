// Bun's own sockets where it listens: two thirds of what node:net takes there for a message. It connects by node:net,
// because an attempt of Bun's own cannot be given up.
//
// A socket takes as many bytes as the system does, and says how many: the rest is kept here until it drains. What came
// in while it was paused, up to 128 KiB, is told when it goes on.

import type {
  ListenEvents,
  ListenTarget,
  Listener,
  Network,
  SocketAddress,
  StreamEnd,
  StreamEvents,
} from "../../drivers/network.ts";
import type { Fault } from "../../errors/os.ts";
import { addressOf } from "../parts/addresses.ts";
import { nodeNetwork, removeStale } from "../parts/node-network.ts";

/** A socket of Bun's. */
interface BunSocket {
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  data: BunEnd;
  /** How many bytes were taken; -1 when the socket is closed. */
  write(data: Uint8Array): number;
  /** Sends no more. */
  shutdown(): void;
  close(): void;
  pause(): void;
  resume(): void;
  setNoDelay(isOn: boolean): void;
}

interface BunSocketHandlers {
  open(socket: BunSocket): void;
  data(socket: BunSocket, bytes: Uint8Array): void;
  drain(socket: BunSocket): void;
  end(socket: BunSocket): void;
  close(socket: BunSocket, error: Fault | undefined): void;
}

interface BunListener {
  readonly hostname: string;
  readonly port: number;
  stop(): void;
}

interface BunLike {
  listen(target: {
    hostname?: string;
    port?: number;
    unix?: string;
    ipv6Only?: boolean;
    allowHalfOpen: true;
    socket: BunSocketHandlers;
  }): BunListener;
}

const { Bun } = globalThis as unknown as { Bun: BunLike };

/** The network of the host that the program runs on. */
export function createNetwork(): Network {
  const viaNode = nodeNetwork({ readsInto: false });
  const isNative = (target: ListenTarget): boolean => "path" in target || !target.reusePort;
  return {
    ...viaNode,
    listen: (target, events) => (isNative(target) ? listen(target, events) : viaNode.listen(target, events)),
  };
}

/** Bun says at once whether it listens; it is told afterwards. */
function listen(target: ListenTarget, events: ListenEvents): () => void {
  let isOver = false;
  let listener: BunListener | null = null;
  const tell = (call: () => void): void =>
    queueMicrotask(() => {
      if (!isOver) call();
    });
  const path = "path" in target ? target.path : null;
  const socket: BunSocketHandlers = {
    open: (accepted) => events.accepted((accepted.data = new BunEnd(accepted, path))),
    data: ({ data }, bytes) => data.receive(bytes),
    drain: ({ data }) => data.drain(),
    end: ({ data }) => data.receiveEnd(),
    close: ({ data }, error) => data.receiveClose(error ?? null),
  };
  const place =
    "path" in target
      ? { unix: target.path }
      : { hostname: target.host, port: target.port, ipv6Only: target.host.includes(":") };
  try {
    if (path !== null) removeStale(path);
    const made = (listener = Bun.listen({ ...place, allowHalfOpen: true, socket }));
    const address = path ?? (addressOf(made.hostname, made.port) as SocketAddress);
    tell(() => events.listening(new BunSocketListener(made, address)));
  } catch (error) {
    tell(() => events.failed(error as Fault));
  }
  return () => {
    isOver = true;
    listener?.stop();
  };
}

/** A listener over one of Bun's. */
class BunSocketListener implements Listener {
  readonly address: SocketAddress;
  readonly #listener: BunListener;

  constructor(listener: BunListener, address: SocketAddress) {
    this.#listener = listener;
    this.address = address;
  }

  close(): void {
    this.#listener.stop();
  }
}

/** An end over an accepted socket of Bun's. */
class BunEnd implements StreamEnd {
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  pending = 0;
  readonly #socket: BunSocket;
  #events: StreamEvents | null = null;
  /** What the system has not taken. */
  readonly #unsent: Uint8Array[] = [];
  /** What is to be done when nothing is pending. */
  #afterwards: "end" | "close" | null = null;
  /** What it was closed by before anybody wanted to know; undefined while it is open. */
  #closed: Fault | null | undefined;

  constructor(socket: BunSocket, path: string | null) {
    this.#socket = socket;
    this.localAddress = addressOf(socket.localAddress, socket.localPort) ?? path ?? "";
    this.remoteAddress = addressOf(socket.remoteAddress, socket.remotePort) ?? "";
    if (path === null) socket.setNoDelay(true);
    socket.pause();
  }

  start(events: StreamEvents): void {
    this.#events = events;
    if (this.#closed !== undefined) queueMicrotask(() => this.#events?.closed(this.#closed ?? null));
  }

  receive(bytes: Uint8Array): void {
    this.#events?.data(bytes);
  }

  receiveEnd(): void {
    this.#events?.ended();
  }

  receiveClose(fault: Fault | null): void {
    this.#closed = fault;
    this.#events?.closed(fault);
  }

  write(bytes: Uint8Array): void {
    if (this.pending > 0) {
      this.#unsent.push(bytes);
      this.pending += bytes.length;
    } else {
      this.#send(bytes);
    }
  }

  /** Sends what the system takes, and keeps the rest. Returns whether there is none. */
  #send(bytes: Uint8Array): boolean {
    const rest = bytes.subarray(Math.max(this.#socket.write(bytes), 0));
    this.pending += rest.length;
    if (rest.length > 0) this.#unsent.unshift(rest);
    return rest.length === 0;
  }

  drain(): void {
    if (this.pending === 0) return;
    let first: Uint8Array | undefined;
    do {
      first = this.#unsent.shift();
      if (first !== undefined) this.pending -= first.length;
    } while (first !== undefined && this.#send(first));
    if (this.pending > 0) return;
    if (this.#afterwards === "close") this.#socket.close();
    else if (this.#afterwards === "end") this.#socket.shutdown();
    this.#events?.drained();
  }

  end(): void {
    if (this.pending === 0) this.#socket.shutdown();
    else this.#afterwards = "end";
  }

  close(): void {
    this.#events = null;
    if (this.pending === 0) this.#socket.close();
    else this.#afterwards = "close";
  }

  abort(): void {
    this.#events = null;
    this.#socket.close();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }
}
