// The network of hosts that have node:net. A socket is read into one array that all sockets share, where the host can
// do that: it makes a new one for each read otherwise.

import type {
  Answers,
  ConnectEvents,
  ConnectTarget,
  ListenEvents,
  ListenTarget,
  Listener,
  Network,
  ResolveOptions,
  ResolvedAddress,
  SocketAddress,
  StreamEnd,
  StreamEvents,
} from "../../drivers/network.ts";
import type { Tls, TlsOptions } from "../../drivers/tls.ts";
import { NotAvailableError } from "../../errors/base.ts";
import type { Fault } from "../../errors/os.ts";
import { addressOf } from "../../support/addresses.ts";
import { format } from "../../support/format.ts";
import { builtin } from "./builtins.ts";
import { nodeDatagrams } from "./node-datagrams.ts";
import { nodePipes } from "./node-pipes.ts";
import { defaultAuthorities, prepare, readFile, secureSocket, whenSecured } from "./node-tls.ts";
import type { DnsModule, NetModule, NetServer, NetSocket, OnRead, TlsSocket } from "./node-types.ts";
import { ownBytes, ownCopy } from "./plain.ts";

/** As much as asyncio reads at once. */
const READ_SIZE = 256 * 1024;

/** How the host is read. */
export interface NodeNetworkOptions {
  /** Whether a socket reads into an array that it is given (`onread`). */
  readonly readsInto: boolean;
  /** See nodeDatagrams. */
  readonly connects: boolean;
}

/** The network of a host that has node:net. */
export function nodeNetwork({ readsInto, connects }: NodeNetworkOptions): Network {
  const net = required("net");
  const dns = required("dns");
  /** All sockets read into this: what comes is copied before the callback returns. */
  const shared = readsInto ? new Uint8Array(READ_SIZE) : null;

  /** Has a socket in the making tell what comes to the end that it will have. */
  function reading(receiver: Receiver): { onread?: OnRead } {
    if (shared === null) return {};
    const callback = (count: number): boolean => {
      receiver.end?.receive(ownCopy(shared.subarray(0, count)));
      return true;
    };
    return { onread: { buffer: shared, callback } };
  }

  function connect(target: ConnectTarget, events: ConnectEvents): () => void {
    if ("path" in target && isTooLong(target.path)) return refuse(events, TOO_LONG);
    const receiver: Receiver = { end: null };
    const socket = new net.Socket({ allowHalfOpen: true, ...reading(receiver) });
    socket.pause();
    const failed = (error: Fault): void => events.failed(error);
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      const names = "path" in target ? { remote: target.path } : {};
      receiver.end = new NodeEnd(socket, names, shared === null ? ownBytes : null);
      events.connected(receiver.end);
    });
    if ("path" in target) {
      socket.connect({ path: target.path });
    } else {
      const { host, port, localHost, localPort } = target;
      const local = { ...(localHost !== null && { localAddress: localHost }), ...(localPort !== 0 && { localPort }) };
      socket.setNoDelay(true);
      socket.connect({ host, port, ...local });
    }
    return () => {
      socket.off("error", failed).on("error", ignore);
      socket.destroy();
    };
  }

  function listen(target: ListenTarget, events: ListenEvents): () => void {
    const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: !("path" in target) };
    const path = "path" in target ? target.path : null;
    if (path !== null && isTooLong(path)) return refuse(events, TOO_LONG);
    const server = net.createServer(options, (accepted) => events.accepted(endOf(accepted, path)));
    server.on("error", (error: Fault) => events.failed(error));
    server.once("listening", () => events.listening(new NodeListener(server)));
    if (path !== null) {
      removeStale(path);
      server.listen({ path, backlog: target.backlog });
    } else {
      const { host, port, backlog, reusePort } = target as Exclude<ListenTarget, { path: string }>;
      server.listen({
        host,
        port,
        backlog,
        exclusive: true,
        ipv6Only: host.includes(":"),
        ...(reusePort && { reusePort }),
      });
    }
    return () => server.close();
  }

  /** The end of an accepted socket: a new socket over its handle where that can be had, to read into the array. */
  function endOf(accepted: NetSocket, path: string | null): NodeEnd {
    const names = path === null ? {} : { local: path, remote: "" };
    const { _handle: handle } = accepted;
    if (shared === null || typeof handle?.readStart !== "function") return new NodeEnd(accepted, names, ownBytes);
    accepted._handle = null;
    const receiver: Receiver = { end: null };
    const options = { handle, allowHalfOpen: true, ...reading(receiver) };
    const socket = new net.Socket(options);
    socket.pause();
    return (receiver.end = new NodeEnd(socket, names, null));
  }

  function adopt(socket: unknown): StreamEnd {
    if (!(socket instanceof net.Socket))
      throw new TypeError(`Invalid sock: expected a net.Socket, got ${format(socket)}`);
    if (socket.pending || socket.destroyed)
      throw new TypeError(`Invalid sock: expected a socket that is connected, got ${format(socket)}`);
    socket.pause();
    socket.allowHalfOpen = true;
    return new NodeEnd(socket, {}, ownCopy); // the program may listen, too
  }

  function resolve(
    name: string,
    { family, flags }: ResolveOptions,
    answers: Answers<readonly ResolvedAddress[]>,
  ): void {
    dns.lookup(name, { all: true, verbatim: true, family, hints: flags }, (error, addresses) => {
      if (error !== null) return answers.failed(error);
      answers.answered(addresses.map((each) => ({ address: each.address, family: each.family === 6 ? 6 : 4 })));
    });
  }

  function reverse(
    address: string,
    port: number,
    answers: Answers<{ readonly host: string; readonly service: string }>,
  ): void {
    dns.lookupService(address, port, (error, host, service) => {
      if (error === null) answers.answered({ host, service });
      else answers.failed(error);
    });
  }

  return { connect, listen, adopt, ...nodePipes(), ...nodeDatagrams({ connects }), resolve, reverse, tls: TLS };
}

const TLS: Tls = {
  readFile,
  defaultAuthorities,
  prepare,
  secure: (end, options) => new SecuredEnd(end as NodeEnd, options),
};

/** Who is given what is read, as soon as there is somebody. */
interface Receiver {
  end: NodeEnd | null;
}

function required(name: "net"): NetModule;
function required(name: "dns"): DnsModule;
function required(name: "net" | "dns"): NetModule | DnsModule {
  const module = builtin(name);
  if (module === undefined) throw new NotAvailableError("sockets", `this host gives no node:${name}`);
  return module;
}

function ignore(): void {}

const TOO_LONG: Fault = { message: "AF_UNIX path too long" };

/** Whether a path does not fit into an address of the system's: it would be cut off without a word. */
function isTooLong(path: string): boolean {
  const platform = builtin("os")?.platform();
  const most = platform === "linux" ? 107 : 103;
  return platform !== "win32" && new TextEncoder().encode(path).length > most;
}

/** Tells that something is not to be had, unless it is given up before. */
function refuse(events: { failed(fault: Fault): void }, fault: Fault): () => void {
  let isGivenUp = false;
  queueMicrotask(() => {
    if (!isGivenUp) events.failed(fault);
  });
  return () => void (isGivenUp = true);
}

/** Where a socket is; null when the host does not say. */
function placeOf(host: string | undefined, port: number | undefined): SocketAddress | null {
  return host === undefined || port === undefined ? null : addressOf(host, port);
}

/** A socket's file that nobody listens on any more is in the way; anything else there stays. */
function removeStale(path: string): void {
  const fs = builtin("fs");
  if (fs?.statSync(path, { throwIfNoEntry: false })?.isSocket() === true) fs.unlinkSync(path);
}

/** An end over a socket of node:net. */
class NodeEnd implements StreamEnd {
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  readonly #socket: NetSocket;
  /** Makes the receiver's of what the socket's own events bring; null: what comes is brought by `receive`. */
  readonly #take: typeof ownBytes | null;
  #events: StreamEvents | null = null;
  #fault: Fault | null = null;
  /** Whether somebody is to be told when nothing is pending. */
  #isPending = false;

  constructor(
    socket: NetSocket,
    names: { local?: SocketAddress; remote?: SocketAddress },
    take: typeof ownBytes | null,
  ) {
    this.#socket = socket;
    this.#take = take;
    this.localAddress = placeOf(socket.localAddress, socket.localPort) ?? names.local ?? "";
    this.remoteAddress = placeOf(socket.remoteAddress, socket.remotePort) ?? names.remote ?? "";
    socket.on("error", (error: Fault) => {
      this.#fail(error);
      socket.destroy(); // Node does that by itself, but for an alert of TLS
    });
  }

  get pending(): number {
    return this.#socket.writableLength;
  }

  start(events: StreamEvents): void {
    this.#events = events;
    const socket = this.#socket;
    const take = this.#take;
    if (take !== null) socket.on("data", (data: Uint8Array) => this.receive(take(data)));
    socket.on("end", () => this.#events?.ended());
    socket.on("close", () => this.#tellClosed());
    if (socket.destroyed) queueMicrotask(() => this.#tellClosed());
  }

  /** Gives its socket to somebody else: from now on it tells nothing. */
  handOver(): NetSocket {
    this.#events = null;
    return this.#socket.pause();
  }

  receive(bytes: Uint8Array): void {
    this.#events?.data(bytes);
  }

  write(bytes: Uint8Array): void {
    const socket = this.#socket;
    socket.write(bytes, this.#written);
    if (socket.writableLength > 0) this.#isPending = true;
    this.#fail(socket.errored);
  }

  /** A fault is told at once: before `close`, nothing seems to be pending any more. */
  #fail(error: Fault | null | undefined): void {
    this.#fault ??= error ?? null;
    if (this.#fault !== null) this.#tellClosed();
  }

  #tellClosed(): void {
    const events = this.#events;
    this.#events = null;
    events?.closed(this.#fault);
  }

  readonly #written = (error?: Fault | null): void => {
    this.#fail(error);
    if (!this.#isPending || this.#socket.writableLength > 0) return;
    this.#isPending = false;
    this.#events?.drained();
  };

  end(): void {
    this.#socket.end();
  }

  close(): void {
    this.#events = null;
    this.#socket.destroySoon();
  }

  abort(): void {
    this.#events = null;
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }
}

/** An end with TLS, over the socket of another one. */
class SecuredEnd extends NodeEnd {
  readonly #socket: TlsSocket;
  readonly #options: TlsOptions;

  constructor(end: NodeEnd, options: TlsOptions) {
    const socket = secureSocket(end.handOver(), options);
    super(socket, { local: end.localAddress, remote: end.remoteAddress }, ownBytes);
    this.#socket = socket;
    this.#options = options;
  }

  override start(events: StreamEvents): void {
    super.start(events);
    whenSecured(this.#socket, this.#options, (session) => events.secured?.(session));
  }
}

/** A listener over a server of node:net. */
class NodeListener implements Listener {
  readonly address: SocketAddress;
  readonly #server: NetServer;

  constructor(server: NetServer) {
    this.#server = server;
    const address = server.address();
    this.address =
      address === null || typeof address === "string" ? (address ?? "") : addressOf(address.address, address.port);
  }

  close(): void {
    this.#server.close();
  }
}
