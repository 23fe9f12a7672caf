// The seam to HTTP. A host sends requests and tells what comes of each, at any time: what is made of that, in which
// order, is the loop's matter. Redirects, cookies, limits and deadlines are not: the client has them.

import type { Fault } from "../errors/os.ts";

/** How a connection with TLS is secured. */
export interface HttpTls {
  /** What the host's TLS has made of certificates and keys. */
  readonly material: object;
  /** Whether the server's certificate is looked at. */
  readonly verifies: boolean;
  /** Whether it has to be for the server's name. */
  readonly checksHostname: boolean;
}

/** A request. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  /** Names and values in turn. What says how long the message is, and to whom it goes, is the host's to add. */
  readonly headers: readonly string[];
  /** "written": it is given by `write` and `finish`. */
  readonly body: Uint8Array | "written" | null;
  /** Length of a body that is written, in bytes; null: not known. */
  readonly length: number | null;
  /** Whether a body that is compressed is told decompressed, where the host can choose. */
  readonly decompresses: boolean;
  /** Who sends it on; null: nobody. */
  readonly proxy: HttpProxy | null;
  /** null: the host's own way. */
  readonly tls: HttpTls | null;
}

/** A proxy. */
export interface HttpProxy {
  readonly url: URL;
  /** What it is told of who asks; null: nothing. */
  readonly authorization: string | null;
}

/** What comes before the body of an answer. */
export interface HttpHead {
  readonly status: number;
  readonly reason: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Where the host was redirected to by itself; null: nowhere. */
  readonly url: string | null;
}

/** What an exchange has failed by. */
export interface HttpFault extends Fault {
  /**
   * Whether its connection had served before and was closed before anything came: the server may have closed it in the
   * same moment, and not have seen the request.
   */
  readonly wasReused?: boolean;
  /** The status by which a proxy has refused to make a connection; null: it is not that. */
  readonly proxyStatus?: number | null;
}

/** Who is told what comes of a request. Nothing is told before the call that made it has returned. */
export interface HttpEvents {
  /** A connection is being made for it; not told by hosts that do not say, or when there was one. */
  connecting(): void;
  /** That connection stands, TLS included. */
  connected(): void;
  /** The answer has begun. Told once, and nothing of the body before. */
  answered(head: HttpHead): void;
  /** Bytes of the body came. The array is its receiver's. */
  data(bytes: Uint8Array): void;
  /** The body has ended. Nothing is told after that. */
  ended(): void;
  /** `write` may go on. */
  drained(): void;
  /** It has failed. Nothing is told after that. */
  failed(fault: HttpFault): void;
}

/** A request that was sent. */
export interface HttpExchange {
  /** Sends a part of a body that is written. Returns whether to go on at once, and not only when `drained` is told. */
  write(bytes: Uint8Array): boolean;
  /** The body is complete. */
  finish(): void;
  /** Receives no more of the answer until `resume`. What is on its way may still come. */
  pause(): void;
  resume(): void;
  /** It is over: nothing is told any more. Ends its connection unless all of the answer came. */
  close(): void;
}

/** What a session's connections have in common. */
export interface HttpOptions {
  /** Most connections to one host that are open at once. */
  readonly limitPerHost: number;
  /** Seconds for which a connection that nobody uses is kept; 0: none is. */
  readonly keepAlive: number;
}

/** The connections of a session. */
export interface HttpConnections {
  /** Sends a request. Throws NotAvailableError for what the host cannot do. */
  request(request: HttpRequest, events: HttpEvents): HttpExchange;
  /** Closes those that nobody uses, and keeps none from now on. */
  close(): void;
}

/** A function that does what fetch does. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/** A class of web sockets. What stands behind the address differs between them. */
export type WebSocketClass = (new (url: string, ...rest: never[]) => object) & { readonly prototype: object };

/** A host's HTTP. */
export interface Http {
  /** Whether the host goes where an answer redirects to by itself, and shows no such answer. */
  readonly followsRedirects: boolean;
  /** Whether cookies are the host's own matter, and hidden. */
  readonly keepsCookies: boolean;
  /** The class of its web sockets; undefined: it has none. */
  readonly WebSocket: WebSocketClass | undefined;
  /** Whether that one takes headers, with the protocols in one object. */
  readonly webSocketsTakeHeaders: boolean;
  open(options: HttpOptions): HttpConnections;
}
