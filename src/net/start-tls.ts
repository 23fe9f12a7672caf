// A connection that goes on with TLS.

import type { Coroutine } from "../runtime/suspension.ts";
import { checkBoolean, checkNames } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { operation } from "../waiting/operation.ts";
import type { SocketTransport, StreamProtocol } from "./socket-transport.ts";
import { SSLContext } from "./ssl-context.ts";
import { SSL_TIMEOUTS, type StartTlsOptions } from "./ssl-options.ts";

const START_TLS_OPTIONS: readonly (keyof StartTlsOptions)[] = ["serverSide", "serverHostname", ...SSL_TIMEOUTS];

/**
 * Has a connection go on with TLS, once all that was written has gone. What came and was not read is the beginning of
 * what is decrypted. Mirrors loop.start_tls.
 * @param transport is closed for its part; it has no more to do with the connection
 * @param protocol is served by the new transport; `connectionMade` is not called again
 * @returns the transport that takes its place
 * @throws TypeError or RangeError, at the call, for bad arguments, and for options that there are not
 * @throws SSLError, at the call, for a context of the other side
 * @throws SSLCertVerificationError when the other side's certificate is not trusted
 * @throws SSLError, ConnectionError when the handshake fails, or takes longer than `sslHandshakeTimeout`; the
 *   connection is closed then
 * @throws CancelledError when the task is cancelled; the connection is closed then
 *
 * @example
 * const secured = yield* startTls(transport, protocol, createDefaultContext(), { serverHostname: "localhost" });
 */
export function startTls(
  transport: SocketTransport,
  protocol: StreamProtocol,
  sslcontext: SSLContext,
  options: StartTlsOptions = {},
): Coroutine<SocketTransport> {
  if (typeof protocol?.connectionLost !== "function")
    throw new TypeError(`Invalid protocol: expected a protocol, got ${format(protocol)}`);
  if (!(sslcontext instanceof SSLContext))
    throw new TypeError(`sslcontext is expected to be an instance of SSLContext, got ${format(sslcontext)}`);
  checkBoolean(checkNames(options, START_TLS_OPTIONS).serverSide, "serverSide");
  return operation("startTls", sslcontext._startTls(options)(transport, protocol));
}
