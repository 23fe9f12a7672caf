// What a host tells of an exchange that has failed, as an error.

import type { HttpFault, HttpRequest } from "../drivers/http.ts";
import { SSLCertVerificationError, SSLError, GaiError, OSError, osError } from "../errors/os.ts";
import {
  ClientConnectionError,
  ClientConnectorCertificateError,
  ClientConnectorDNSError,
  ClientConnectorError,
  ClientConnectorSSLError,
  ClientHttpProxyError,
  ClientOSError,
  ClientPayloadError,
  ClientProxyConnectionError,
  ClientResponseError,
  ServerDisconnectedError,
} from "./errors.ts";

/** Codes that say that no connection was made, whatever the call. */
const UNCONNECTED = ["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "EADDRNOTAVAIL"];
/** Codes that say that a connection is no more. */
const DISCONNECTED = ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "ECONNABORTED"];

/** The error for what a request has failed by, before the answer has begun, or in its body. */
export function errorOf(fault: HttpFault, { url, method, proxy }: HttpRequest, hasAnswer: boolean): Error {
  const cause = osError(fault);
  const { message, code = "", errno, syscall } = fault;
  if (hasAnswer) return new ClientPayloadError(`Response payload is not completed: ${message}`, { cause });
  const requestInfo = { url, method, headers: new Headers() };
  const { proxyStatus: status = null } = fault;
  if (status !== null) return new ClientHttpProxyError(message, { requestInfo, status, cause });
  if (code.startsWith("HPE_")) return new ClientResponseError(message, { requestInfo, status: 400, cause });
  const details = { code, errno: errno === undefined ? null : Math.abs(errno), syscall: syscall ?? null, cause };
  const text = `Cannot connect to host ${url.host} [${message}]`;
  if (cause instanceof SSLCertVerificationError) return new ClientConnectorCertificateError(text, details);
  if (cause instanceof SSLError) return new ClientConnectorSSLError(text, details);
  if (syscall === "connect" || cause instanceof GaiError || UNCONNECTED.includes(code)) {
    if (proxy !== null)
      return new ClientProxyConnectionError(`Cannot connect to proxy ${proxy.url.host} [${message}]`, details);
    return cause instanceof GaiError
      ? new ClientConnectorDNSError(text, details)
      : new ClientConnectorError(text, details);
  }
  if (DISCONNECTED.includes(code)) return new ServerDisconnectedError(`Server disconnected: ${message}`, { cause });
  return cause instanceof OSError && code !== ""
    ? new ClientOSError(message, details)
    : new ClientConnectionError(message, { cause });
}
