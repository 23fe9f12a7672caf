// What `ssl` stands for: how transports are made.

import { format } from "../support/format.ts";
import { checkHost } from "./checks.ts";
import { SSLContext, createDefaultContext } from "./ssl-context.ts";
import { type ClientSslOptions, type ServerSslOptions, checkWithoutSsl, securingOf } from "./ssl-options.ts";
import { sslTransportOver } from "./ssl-transport.ts";
import { SocketTransport, type TransportOver } from "./socket-transport.ts";

const plain: TransportOver = (loop, end, protocol, waiter, owner) =>
  new SocketTransport(loop, end, protocol, waiter, owner);

/** How a client's transport is made. `noHost` is what is wrong when neither a host nor `serverHostname` is there. */
export function clientTransportOver(options: ClientSslOptions, host: string | null, noHost: string): TransportOver {
  const { ssl = null, serverHostname = null } = options;
  const context = ssl === true ? createDefaultContext() : ssl === false ? null : checkContext(ssl);
  if (context === null) {
    checkWithoutSsl(options);
    return plain;
  }
  const name = checkHost(serverHostname, "serverHostname") ?? host;
  if (name === null || (name === "" && serverHostname === null)) throw new RangeError(noHost);
  context._checkSide(false);
  return sslTransportOver(context, securingOf(false, name, options));
}

/** How a server's transports are made. */
export function serverTransportOver(options: ServerSslOptions): TransportOver {
  const context = checkContext(options.ssl ?? null);
  if (context === null) {
    checkWithoutSsl(options);
    return plain;
  }
  context._checkSide(true);
  return sslTransportOver(context, securingOf(true, null, options));
}

function checkContext(ssl: unknown): SSLContext | null {
  if (ssl === null || ssl instanceof SSLContext) return ssl;
  throw new TypeError(`Invalid ssl: expected an SSLContext or null, got ${format(ssl)}`);
}
