// The seam to the network. A host's sockets are ends that are told what to do and tell what happens, each at any time;
// what is made of that, in which order, is the loop's matter.

import type { Fault } from "../errors/os.ts";
import type { Tls, TlsSession } from "./tls.ts";

/** Host and port; for IPv6 with flow info and scope behind them. */
export type InetAddress =
  | readonly [host: string, port: number]
  | readonly [host: string, port: number, flowInfo: number, scopeId: number];

/** Where a socket is: host and port, or a path, "" when it has none. */
export type SocketAddress = InetAddress | string;

/** Where to connect to. */
export type ConnectTarget =
  | {
      /** An IP address. */
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
  /** Bytes came. The array is the host's: it is good for as long as the call lasts. */
  data(bytes: Uint8Array): void;
  /** The other side sends no more. */
  ended(): void;
  /** Nothing is pending any more. */
  drained(): void;
  /**
   * The end is closed, by a fault or without one: inside `write`, where that is how it is found out. Nothing is told
   * after that.
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
  connect(target: ConnectTarget, events: ConnectEvents): () => void;
  /** Nothing is told before the call returns. */
  listen(target: ListenTarget, events: ListenEvents): () => void;
  /** The end of a socket of the host's own, as the host's own library has it. Throws TypeError for anything else. */
  adopt(socket: unknown): StreamEnd;
  /** The addresses of a name, in the system's order. */
  resolve(name: string, options: ResolveOptions, answers: Answers<readonly ResolvedAddress[]>): void;
  /** TLS over its ends; absent where there is none. */
  readonly tls?: Tls;
  /** The names of an address and of a port. */
  reverse(address: string, port: number, answers: Answers<{ readonly host: string; readonly service: string }>): void;
}
