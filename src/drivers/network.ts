// The seam to the network. A host's sockets are ends that are told what to do and tell what happens, each at any time;
// what is made of that, in which order, is the loop's matter.

import type { Fault } from "../errors/os.ts";
import type { InetAddress } from "../support/addresses.ts";
import type { Tls, TlsSession } from "./tls.ts";

export type { InetAddress };

/** Where a socket is: host and port, or a path, "" when it has none. */
export type SocketAddress = InetAddress | string;

/** Where to connect to. */
export type ConnectTarget =
  | {
      /** An IP address; also a name, where the network connects by name. */
      readonly host: string;
      readonly port: number;
      /** The address to connect from; null: any. */
      readonly localHost: string | null;
      /** 0: any. */
      readonly localPort: number;
    }
  | { readonly path: string };

/** Who is told how an attempt to connect ends: one of both is called, once, unless it is given up before. */
export interface ConnectEvents {
  connected(end: StreamEnd): void;
  failed(fault: Fault): void;
}

/** Who is told what happens at an end of a connection. */
export interface StreamEvents {
  /** TLS stands, at an end that has it: told once, before anything comes. If it fails, a fault closes the end. */
  secured?(session: TlsSession): void;
  /** Bytes came. The array is its receiver's. */
  data(bytes: Uint8Array): void;
  /** The other side sends no more. */
  ended(): void;
  /** Nothing is pending any more. */
  drained(): void;
  /**
   * The end is closed, by a fault or without one: inside `write`, where that is how it is found out, and before
   * what is lost stops being `pending`. Nothing is told after that.
   */
  closed(fault: Fault | null): void;
}

/** This side's end of a connection. It receives nothing before `resume`. */
export interface StreamEnd {
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  /** Bytes that were written and that the system has not taken yet: `drained` is told when they become none. */
  readonly pending: number;
  /** Has an end tell somebody what happens. Called once, before anything else. */
  start(events: StreamEvents): void;
  /** Sends bytes. The array belongs to the end as long as anything is pending. */
  write(bytes: Uint8Array): void;
  /** Sends no more once all is sent. Receiving goes on. */
  end(): void;
  /** Sends what is pending, and then ends the connection. */
  close(): void;
  /** Ends the connection at once. */
  abort(): void;
  /** Receives nothing until `resume`. What is on its way may still come. */
  pause(): void;
  resume(): void;
  /** All that came has been told. For ends that would receive without an end, and give the loop no turn. */
  taken?(): void;
}

/** Who is told what comes by an end to read from. */
export type ReadEvents = Pick<StreamEvents, "data" | "ended" | "closed">;

/** An end to read from. It receives nothing before `resume`. */
export interface ReadEnd extends Pick<StreamEnd, "pause" | "resume" | "taken"> {
  /** Has the end tell somebody what happens. Called once, before anything else. */
  start(events: ReadEvents): void;
  /** Reads no more. */
  abort(): void;
}

/** Who is told how writing goes. */
export type WriteEvents = Pick<StreamEvents, "drained" | "closed">;

/** An end to write to. */
export interface WriteEnd extends Pick<StreamEnd, "pending" | "write"> {
  /** Has the end tell somebody what happens. Called once, before anything else. */
  start(events: WriteEvents): void;
  /** Closes the end once all is written: then it tells `closed`. */
  end(): void;
  /** Closes the end at once: what is pending is lost. */
  abort(): void;
}

/** Where to listen. */
export type ListenTarget =
  | {
      /** An IP address. */
      readonly host: string;
      /** 0: any that is free. */
      readonly port: number;
      readonly backlog: number;
      /** Whether others may listen there, too. */
      readonly reusePort: boolean;
    }
  | { readonly path: string; readonly backlog: number };

/** Who is told what happens to a listener. */
export interface ListenEvents {
  /** It listens. */
  listening(listener: Listener): void;
  /** It does not listen, or no longer. */
  failed(fault: Fault): void;
  /** Somebody has connected. */
  accepted(end: StreamEnd): void;
}

/** A socket that listens. */
export interface Listener {
  readonly address: SocketAddress;
  /** Listens no longer. Connections that were accepted go on. */
  close(): void;
}

/** Where to send datagrams from and to. */
export interface DatagramTarget {
  readonly family: 4 | 6;
  /** The address to bind to; null: any. */
  readonly local: InetAddress | null;
  /** The only address to exchange datagrams with; null: there is none. */
  readonly remote: InetAddress | null;
  /** Whether others may bind to the address, too. */
  readonly reusePort: boolean;
  /** Whether the system lets datagrams go to broadcast addresses. */
  readonly allowBroadcast: boolean;
}

/** Who is told how an attempt to open a socket of datagrams ends: one of both is called, once. */
export interface DatagramOpening {
  opened(end: DatagramEnd): void;
  failed(fault: Fault): void;
}

/** Who is told what happens at a socket of datagrams. */
export interface DatagramEvents {
  /** A datagram came. The array is its receiver's. */
  received(bytes: Uint8Array, from: InetAddress): void;
  /** The system could not send or receive. The socket stays open. */
  refused(fault: Fault): void;
  /** Nothing is pending any more. */
  drained(): void;
  /** Somebody else has closed the socket. Nothing is told after that. */
  closed(): void;
}

/** A socket of datagrams. It receives from the beginning: datagrams come one by one, and none is asked for. */
export interface DatagramEnd {
  readonly localAddress: InetAddress;
  /** The only address that datagrams are exchanged with; null: there is none. */
  readonly remoteAddress: InetAddress | null;
  /** Bytes that the system has not taken yet, with 8 for each datagram: `drained` is told when they become none. */
  readonly pending: number;
  /** Has the socket tell somebody what happens. Called once, before anything else. */
  start(events: DatagramEvents): void;
  /** Sends a datagram; `to` is null where there is a remote address. The array may be changed after the call. */
  send(bytes: Uint8Array, to: InetAddress | null): void;
  /** Closes the socket at once: what is pending is lost. */
  close(): void;
}

/** An address that a name stands for. */
export interface ResolvedAddress {
  readonly family: 4 | 6;
  readonly address: string;
}

/** What is asked of a resolver. */
export interface ResolveOptions {
  /** 0: both. */
  readonly family: 0 | 4 | 6;
  readonly flags: number;
}

/** Who is told an answer: one of both is called, once. */
export interface Answers<T> {
  answered(value: T): void;
  failed(fault: Fault): void;
}

/** A host's sockets. Calls that give a function give one that gives the attempt up: nothing is told after that. */
export interface Network {
  /** Whether it is given names to connect to, because it has no resolver. Default: no. */
  readonly connectsByName?: boolean;
  /** Whether a listener on all IPv6 addresses takes IPv4, too, so that there cannot be another one. Default: no. */
  readonly takesBothFamilies?: boolean;
  /** TLS over its ends; absent where there is none. */
  readonly tls?: Tls;
  connect(target: ConnectTarget, events: ConnectEvents): () => void;
  /** Nothing is told before the call returns. */
  listen(target: ListenTarget, events: ListenEvents): () => void;
  /** The end of a socket of the host's own, as the host's own library has it. Throws TypeError for anything else. */
  adopt(socket: unknown): StreamEnd;
  /** A stream of the host's own library to read from. Throws TypeError for anything else. */
  adoptReadable(stream: unknown): ReadEnd;
  /** A stream of the host's own library to write to. Throws TypeError for anything else. */
  adoptWritable(stream: unknown): WriteEnd;
  /** How it ends may be told before the call returns. */
  datagram(target: DatagramTarget, opening: DatagramOpening): () => void;
  /** A socket of datagrams of the host's own, which is bound. Throws TypeError for anything else. */
  adoptDatagram(socket: unknown): DatagramEnd;
  /** The addresses of a name, in the system's order. */
  resolve(name: string, options: ResolveOptions, answers: Answers<readonly ResolvedAddress[]>): void;
  /** The names of an address and of a port. */
  reverse(address: string, port: number, answers: Answers<{ readonly host: string; readonly service: string }>): void;
}
