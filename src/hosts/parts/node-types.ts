// What is used of Node's modules for sockets, as types: the package is compiled without Node's own.

import type { Fault } from "../../errors/os.ts";

/** A net.Socket. */
export interface NetSocket {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly writableLength: number;
  readonly pending: boolean;
  readonly destroyed: boolean;
  /** What it fails by, as soon as that is known; not there on all hosts. */
  readonly errored?: Fault | null;
  allowHalfOpen: boolean;
  on(event: "error", listener: (error: Fault) => void): this;
  on(event: "data", listener: (data: Uint8Array) => void): this;
  on(event: "end" | "close", listener: () => void): this;
  once(event: "error", listener: (error: Fault) => void): this;
  once(event: "connect", listener: () => void): this;
  off(event: "error", listener: (error: Fault) => void): this;
  connect(target: object): this;
  setNoDelay(isOn: boolean): this;
  write(data: Uint8Array, written: (error?: Fault | null) => void): boolean;
  end(): this;
  unshift(data: Uint8Array): void;
  destroy(error?: Fault): this;
  destroySoon(): void;
  pause(): this;
  resume(): this;
  /** Not documented: what the system's socket is in Node. */
  _handle?: { readonly readStart?: unknown } | null;
}

/** Where a socket reads into. */
export interface OnRead {
  readonly buffer: Uint8Array;
  readonly callback: (count: number) => boolean;
}

/** A net.Server. */
export interface NetServer {
  on(event: "error", listener: (error: Fault) => void): this;
  once(event: "listening", listener: () => void): this;
  listen(target: object): this;
  close(): this;
  address(): { readonly address: string; readonly port: number } | string | null;
}

/** The module node:net. */
export interface NetModule {
  readonly Socket: new (options: { allowHalfOpen: boolean; handle?: unknown; onread?: OnRead }) => NetSocket;
  createServer(
    options: { allowHalfOpen: boolean; pauseOnConnect: boolean; noDelay: boolean },
    accepted: (socket: NetSocket) => void,
  ): NetServer;
}

/** A stream.Readable of bytes. */
export interface NodeReadable {
  readonly readableEncoding: string | null;
  readonly readableObjectMode: boolean;
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
  readonly closed: boolean;
  on(event: "data", listener: (data: Uint8Array) => void): this;
  on(event: "error", listener: (error: Fault) => void): this;
  on(event: "end" | "close" | "resume", listener: () => void): this;
  pause(): this;
  resume(): this;
  destroy(): this;
}

/** A stream.Writable of bytes. */
export interface NodeWritable {
  readonly writableLength: number;
  readonly writableObjectMode: boolean;
  readonly writableEnded: boolean;
  readonly destroyed: boolean;
  on(event: "error", listener: (error: Fault) => void): this;
  on(event: "finish" | "close", listener: () => void): this;
  write(data: Uint8Array, written: () => void): boolean;
  end(): this;
  destroy(): this;
}

/** The module node:stream. */
export interface StreamModule {
  readonly Readable: new (...args: never) => NodeReadable;
  readonly Writable: new (...args: never) => NodeWritable;
}

/** A ChildProcess. */
export interface NodeChild {
  /** Not there where it could not be started. */
  readonly pid?: number | undefined;
  readonly stdin: NodeWritable | null;
  readonly stdout: NodeReadable | null;
  readonly stderr: NodeReadable | null;
  on(event: "error", listener: (error: Fault) => void): this;
  on(event: "exit", listener: (code: number | null, signal: string | null) => void): this;
  off(event: "error", listener: (error: Fault) => void): this;
  kill(signal: number): boolean;
}

/** The module node:child_process. */
export interface ChildProcessModule {
  spawn(file: string, args: readonly string[], options: object): NodeChild;
  fork(
    script: string,
    args: readonly string[],
    options: {
      serialization: "advanced";
      env: Record<string, string | undefined>;
      execArgv?: readonly string[];
    },
  ): ForkedProcess;
}

/** Where a datagram came from, and where a socket is. */
export interface DgramAddress {
  readonly address: string;
  readonly port: number;
}

/** A dgram.Socket. */
export interface DgramSocket {
  on(event: "error", listener: (error: Fault) => void): this;
  on(event: "message", listener: (data: Uint8Array, from: DgramAddress) => void): this;
  on(event: "close", listener: () => void): this;
  once(event: "error", listener: (error: Fault) => void): this;
  once(event: "listening" | "connect", listener: () => void): this;
  off(event: "error", listener: (error: Fault) => void): this;
  off(event: "close", listener: () => void): this;
  bind(target: { address?: string; port: number; exclusive: true }): this;
  connect(port: number, address: string): void;
  address(): DgramAddress;
  remoteAddress(): DgramAddress;
  setBroadcast(isOn: boolean): void;
  send(data: Uint8Array, sent: Sent): void;
  send(data: Uint8Array, port: number, address: string, sent: Sent): void;
  /** Not there in Deno. */
  getSendQueueSize?(): number;
  getSendQueueCount?(): number;
  close(): this;
}

type Sent = (error: Fault | null | undefined) => void;

/** The module node:dgram. */
export interface DgramModule {
  readonly Socket: new (...args: never) => DgramSocket;
  createSocket(options: {
    type: "udp4" | "udp6";
    reusePort?: boolean;
    lookup: (host: string, options: unknown, answer: (error: null, address: string, family: number) => void) => void;
  }): DgramSocket;
}

/** The module node:dns. */
export interface DnsModule {
  lookup(
    name: string,
    options: { all: true; verbatim: boolean; family: number; hints: number },
    answer: (error: Fault | null, addresses: readonly { address: string; family: number }[]) => void,
  ): void;
  lookupService(
    address: string,
    port: number,
    answer: (error: Fault | null, host: string, service: string) => void,
  ): void;
}

/** The module node:fs. */
export interface FsModule {
  readonly constants: { readonly X_OK: number };
  readFileSync(path: string, encoding: "utf8"): string;
  statSync(
    path: string,
    options: { throwIfNoEntry: false },
  ): { readonly mode: number; isSocket(): boolean; isDirectory(): boolean } | undefined;
  accessSync(path: string, mode: number): void;
  unlinkSync(path: string): void;
}

/** A certificate as node:tls has it; empty when there is none. */
export interface NodeCertificate {
  readonly subject?: NodeName;
  readonly issuer?: NodeName;
  readonly subjectaltname?: string;
  readonly serialNumber?: string;
  readonly valid_from?: string;
  readonly valid_to?: string;
}

/** Names by their short forms: CN. */
export type NodeName = Readonly<Record<string, string | readonly string[]>>;

/** A tls.TLSSocket. */
export interface TlsSocket extends NetSocket {
  readonly alpnProtocol: string | false | null;
  once(event: "secure" | "secureConnect" | "connect", listener: () => void): this;
  once(event: "error", listener: (error: Fault) => void): this;
  getProtocol(): string | null;
  getCipher(): { readonly name: string; readonly version: string } | undefined;
  getPeerCertificate(): NodeCertificate | undefined;
  /** Not documented: what is wrong with a client's certificate; in Deno a code, or "". */
  readonly ssl?: { verifyError?(): Fault | string | null } | null;
}

/** The module node:tls. */
export interface TlsModule {
  readonly TLSSocket: new (socket: NetSocket, options: object) => TlsSocket;
  readonly rootCertificates: readonly string[];
  connect(options: object): TlsSocket;
  createSecureContext(options: object): object;
}

/** A Worker of node:worker_threads. */
export interface NodeWorker {
  on(event: "message", listener: (message: unknown) => void): this;
  on(event: "messageerror", listener: (error: Error) => void): this;
  on(event: "error", listener: (error: unknown) => void): this;
  on(event: "exit", listener: (code: number) => void): this;
  postMessage(message: unknown, transfer: readonly object[]): void;
  terminate(): Promise<number>;
  unref(): void;
}

/** The module node:worker_threads. */
export interface WorkerThreadsModule {
  readonly isMainThread: boolean;
  receiveMessageOnPort(port: object): { readonly message: unknown } | undefined;
  readonly Worker: new (script: string, options: { name: string; execArgv?: readonly string[] }) => NodeWorker;
  readonly parentPort: {
    on(event: "message", listener: (message: unknown) => void): unknown;
    postMessage(message: unknown, transfer: readonly object[]): void;
  } | null;
}

/** A ChildProcess that has a channel for messages. */
export interface ForkedProcess {
  readonly pid?: number;
  readonly channel?: { unref?(): void } | null;
  on(event: "message", listener: (message: unknown) => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "close", listener: (code: number | null, signal: string | null) => void): this;
  send(message: unknown, sent: (error: Error | null) => void): boolean;
  kill(signal: "SIGKILL"): boolean;
  unref(): void;
}

/** An http.ClientRequest. */
export interface NodeClientRequest {
  readonly reusedSocket: boolean;
  readonly writableEnded: boolean;
  on(event: "error", listener: (error: Fault) => void): this;
  on(event: "response" | "connect" | "upgrade", listener: (response: NodeResponse, socket: NetSocket) => void): this;
  on(event: "socket", listener: (socket: ConnectingSocket) => void): this;
  on(event: "drain", listener: () => void): this;
  write(data: Uint8Array): boolean;
  end(data?: Uint8Array): this;
  destroy(error?: Error): this;
}

/** The socket of a request. */
export interface ConnectingSocket {
  readonly connecting: boolean;
  once(event: "connect" | "secureConnect", listener: () => void): this;
}

/** A stream of bytes that may be piped into another one. */
export interface NodePipe {
  readonly readableEnded: boolean;
  on(event: "data", listener: (data: Uint8Array) => void): this;
  on(event: "error", listener: (error: Fault) => void): this;
  on(event: "end", listener: () => void): this;
  once(event: "data", listener: (data: Uint8Array) => void): this;
  once(event: "end", listener: () => void): this;
  off(event: "data", listener: (data: Uint8Array) => void): this;
  off(event: "end", listener: () => void): this;
  pipe(to: NodePipe): unknown;
  unshift(data: Uint8Array): void;
  pause(): this;
  resume(): this;
  destroy(): this;
}

/** An http.IncomingMessage of a client. */
export interface NodeResponse extends NodePipe {
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly rawHeaders: readonly string[];
  readonly complete: boolean;
}

/** An http.Agent. */
export interface NodeAgent {
  createConnection: (options: object, created: (error: Error | null, socket?: NetSocket) => void) => NetSocket | void;
  destroy(): void;
}

/** The module node:http, and node:https as far as they are the same. */
export interface HttpModule {
  readonly Agent: new (options: object) => NodeAgent;
  request(options: object): NodeClientRequest;
}

/** The module node:zlib. */
export interface ZlibModule {
  createGunzip(): NodePipe;
  createInflate(): NodePipe;
  createInflateRaw(): NodePipe;
  createBrotliDecompress(): NodePipe;
  /** Not there before Node 22.15. */
  createZstdDecompress?(): NodePipe;
}
