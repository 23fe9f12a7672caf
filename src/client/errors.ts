// What requests fail with, by aiohttp's names.
//
// Two of them are of two kinds in Python, which JavaScript has no prototypes for: they extend the system's error, and
// are the client's by `instanceof`.

import { TimeoutError } from "../errors/asyncio.ts";
import { OSError } from "../errors/os.ts";

/** What was asked for, as it stands in responses and errors. Mirrors aiohttp.RequestInfo. */
export interface RequestInfo {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
}

/** On the prototype of what is of a second kind: the prototype of that one. */
const SECOND: unique symbol = Symbol("second base");

/** Base of all that requests fail with. Mirrors aiohttp.ClientError. */
export class ClientError extends Error {
  static {
    this.prototype.name = "ClientError";
  }
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    const second = (value as { [SECOND]?: object } | null | undefined)?.[SECOND];
    return second !== undefined && (second === this.prototype || Object.create(second) instanceof this);
  }
}

/** There is no connection, or no longer. Mirrors aiohttp.ClientConnectionError. */
export class ClientConnectionError extends ClientError {
  static {
    this.prototype.name = "ClientConnectionError";
  }
}

/** The server is at fault. Mirrors aiohttp.ServerConnectionError. */
export class ServerConnectionError extends ClientConnectionError {
  static {
    this.prototype.name = "ServerConnectionError";
  }
}

/**
 * The server has closed the connection before it answered. Mirrors aiohttp.ServerDisconnectedError.
 */
export class ServerDisconnectedError extends ServerConnectionError {
  static {
    this.prototype.name = "ServerDisconnectedError";
  }
}

/** The server takes too long: also a `ServerConnectionError`. Mirrors aiohttp.ServerTimeoutError. */
export class ServerTimeoutError extends TimeoutError {
  static {
    this.prototype.name = "ServerTimeoutError";
    Object.defineProperty(this.prototype, SECOND, { value: ServerConnectionError.prototype });
  }
}

/** A connection was not made in time. Mirrors aiohttp.ConnectionTimeoutError. */
export class ConnectionTimeoutError extends ServerTimeoutError {
  static {
    this.prototype.name = "ConnectionTimeoutError";
  }
}

/** Nothing came in time. Mirrors aiohttp.SocketTimeoutError. */
export class SocketTimeoutError extends ServerTimeoutError {
  static {
    this.prototype.name = "SocketTimeoutError";
  }
}

/** The system refused something: also a `ClientConnectionError`. Mirrors aiohttp.ClientOSError. */
export class ClientOSError extends OSError {
  static {
    this.prototype.name = "ClientOSError";
    Object.defineProperty(this.prototype, SECOND, { value: ClientConnectionError.prototype });
  }
}

/** A connection could not be made. Mirrors aiohttp.ClientConnectorError. */
export class ClientConnectorError extends ClientOSError {
  static {
    this.prototype.name = "ClientConnectorError";
  }
}

/** The server's name was not found. Mirrors aiohttp.ClientConnectorDNSError. */
export class ClientConnectorDNSError extends ClientConnectorError {
  static {
    this.prototype.name = "ClientConnectorDNSError";
  }
}

/** A connection through a proxy could not be made. Mirrors aiohttp.ClientProxyConnectionError. */
export class ClientProxyConnectionError extends ClientConnectorError {
  static {
    this.prototype.name = "ClientProxyConnectionError";
  }
}

/** TLS failed. Mirrors aiohttp.ClientConnectorSSLError. */
export class ClientConnectorSSLError extends ClientConnectorError {
  static {
    this.prototype.name = "ClientConnectorSSLError";
  }
}

/** The server's certificate is not trusted. Mirrors aiohttp.ClientConnectorCertificateError. */
export class ClientConnectorCertificateError extends ClientConnectorSSLError {
  static {
    this.prototype.name = "ClientConnectorCertificateError";
  }
}

/** The body of an answer is not whole, or not what its headers say. Mirrors aiohttp.ClientPayloadError. */
export class ClientPayloadError extends ClientError {
  static {
    this.prototype.name = "ClientPayloadError";
  }
}

/** What is known of an answer that is an error. */
export interface ResponseDetails extends ErrorOptions {
  readonly requestInfo: RequestInfo;
  readonly history?: readonly unknown[];
  readonly status?: number;
  readonly headers?: Headers | null;
}

/** The answer is an error. Mirrors aiohttp.ClientResponseError. */
export class ClientResponseError extends ClientError {
  static {
    this.prototype.name = "ClientResponseError";
  }
  readonly requestInfo: RequestInfo;
  /** The answers that led here, by redirects. */
  readonly history: readonly unknown[];
  /** 0 when there is none. */
  readonly status: number;
  readonly headers: Headers | null;
  constructor(message: string, { requestInfo, history = [], status = 0, headers = null, ...options }: ResponseDetails) {
    super(`${status}, message='${message}', url='${requestInfo.url.href}'`, options);
    this.requestInfo = requestInfo;
    this.history = history;
    this.status = status;
    this.headers = headers;
  }
}

/** The body is not of the type that was asked for. Mirrors aiohttp.ContentTypeError. */
export class ContentTypeError extends ClientResponseError {
  static {
    this.prototype.name = "ContentTypeError";
  }
}

/** There were more redirects than `maxRedirects`. Mirrors aiohttp.TooManyRedirects. */
export class TooManyRedirects extends ClientResponseError {
  static {
    this.prototype.name = "TooManyRedirects";
  }
}

/** The server did not begin a web socket. Mirrors aiohttp.WSServerHandshakeError. */
export class WSServerHandshakeError extends ClientResponseError {
  static {
    this.prototype.name = "WSServerHandshakeError";
  }
}

/** A proxy did not make a connection. Mirrors aiohttp.ClientHttpProxyError. */
export class ClientHttpProxyError extends ClientResponseError {
  static {
    this.prototype.name = "ClientHttpProxyError";
  }
}

/** A message of a web socket is of another type than was asked for. Mirrors aiohttp.WSMessageTypeError. */
export class WSMessageTypeError extends TypeError {
  static {
    this.prototype.name = "WSMessageTypeError";
  }
}

/** This is no address that can be asked. Mirrors aiohttp.InvalidURL. */
export class InvalidURL extends ClientError {
  static {
    this.prototype.name = "InvalidURL";
  }
  readonly url: string;
  constructor(url: string, description: string | null = null, options?: ErrorOptions) {
    super(description === null ? url : `${url} - ${description}`, options);
    this.url = url;
  }
}

/** The address is of neither http nor https. Mirrors aiohttp.NonHttpUrlClientError. */
export class NonHttpUrlClientError extends InvalidURL {
  static {
    this.prototype.name = "NonHttpUrlClientError";
  }
}

/** The answer redirects to what is no address. Mirrors aiohttp.InvalidUrlRedirectClientError. */
export class InvalidUrlRedirectClientError extends InvalidURL {
  static {
    this.prototype.name = "InvalidUrlRedirectClientError";
  }
}

/** The answer redirects to an address of neither http nor https. Mirrors aiohttp.NonHttpUrlRedirectClientError. */
export class NonHttpUrlRedirectClientError extends InvalidUrlRedirectClientError {
  static {
    this.prototype.name = "NonHttpUrlRedirectClientError";
  }
}
