// What connections and servers are told of TLS, checked at the call.

import type { Delay } from "../support/delay.ts";
import { checkDelay, checkHost } from "./checks.ts";
import type { SSLContext } from "./ssl-context.ts";

const HANDSHAKE_TIMEOUT = 60;
const SHUTDOWN_TIMEOUT = 30;

/** Times for TLS, on the loop's clock. */
export interface SslTimeouts {
  /** How long the handshake may take. Default: 60 seconds. */
  sslHandshakeTimeout?: Delay | null;
  /** How long closing may take: what waits is sent, and the other side takes leave. Default: 30 seconds. */
  sslShutdownTimeout?: Delay | null;
}

/** TLS of a client. */
export interface ClientSslOptions extends SslTimeouts {
  /** True: a context of `createDefaultContext`; null or false: no TLS, as by default. */
  ssl?: SSLContext | boolean | null;
  /** Whom the server's certificate has to be for; "": anybody. Default: the host. */
  serverHostname?: string | null;
}

/** TLS of a server. */
export interface ServerSslOptions extends SslTimeouts {
  /** Null: no TLS, as by default. */
  ssl?: SSLContext | null;
}

/** Options of `startTls`. */
export interface StartTlsOptions extends SslTimeouts {
  /** Whether this side is the server. Default: false. */
  serverSide?: boolean;
  /** Whom the server's certificate has to be for. Default: it is not looked at, nor told to the server. */
  serverHostname?: string | null;
}

/** The names of SslTimeouts. */
export const SSL_TIMEOUTS: readonly (keyof SslTimeouts)[] = ["sslHandshakeTimeout", "sslShutdownTimeout"];
/** The names of ClientSslOptions. */
export const CLIENT_SSL_OPTIONS: readonly (keyof ClientSslOptions)[] = ["ssl", "serverHostname", ...SSL_TIMEOUTS];
/** The names of ServerSslOptions. */
export const SERVER_SSL_OPTIONS: readonly (keyof ServerSslOptions)[] = ["ssl", ...SSL_TIMEOUTS];

/** How a connection is secured. */
export interface Securing {
  readonly serverSide: boolean;
  /** "": anybody. */
  readonly serverHostname: string;
  /** Seconds. */
  readonly handshakeTimeout: number;
  readonly shutdownTimeout: number;
}

/** How a connection is secured, by what a caller says. Throws TypeError or RangeError. */
export function securingOf(serverSide: boolean, serverHostname: unknown, timeouts: SslTimeouts): Securing {
  return {
    serverSide,
    serverHostname: checkHost(serverHostname, "serverHostname") ?? "",
    handshakeTimeout: checkTimeout(timeouts.sslHandshakeTimeout, "sslHandshakeTimeout") ?? HANDSHAKE_TIMEOUT,
    shutdownTimeout: checkTimeout(timeouts.sslShutdownTimeout, "sslShutdownTimeout") ?? SHUTDOWN_TIMEOUT,
  };
}

function checkTimeout(timeout: Delay | null | undefined, name: string): number | null {
  const seconds = checkDelay(timeout, name);
  if (seconds === 0) throw new RangeError(`${name} should be a positive number, got 0`);
  return seconds;
}

/** Throws RangeError for what says nothing without TLS. */
export function checkWithoutSsl(options: ClientSslOptions): void {
  for (const name of ["serverHostname", ...SSL_TIMEOUTS] as const) {
    if ((options[name] ?? null) !== null) throw new RangeError(`${name} is only meaningful with ssl`);
  }
}
