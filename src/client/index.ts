// The door `wasyncio/client`: requests over HTTP, and web sockets.

export { ClientSession, type SessionOptions, type WebSocketOptions } from "./client-session.ts";
export type { ClientTimeout } from "./client-timeout.ts";
export { ClientResponse, type JsonOptions } from "./client-response.ts";
export { ClientWebSocket, type WebSocketCloseOptions, type WSMessage } from "./client-web-socket.ts";
export { ContentReader } from "./content-reader.ts";
export { BasicAuth } from "./basic-auth.ts";
export type { BodyChunks, RequestData } from "./body.ts";
export { CookieJar, type CookieJarOptions, type CookieStore } from "./cookie-jar.ts";
export type { HeadersGiven } from "./headers.ts";
export type { Params, RaiseForStatus, RequestOptions } from "./request-options.ts";
export type { RequestContext } from "./request.ts";
export type { Retry } from "./retry.ts";
export type { TraceConfig, TraceHook, TraceParams } from "./traces.ts";
export type { WebSocketContext } from "./web-socket-context.ts";
export { handlerFetch, type ClientTransport, type TransportRequest, type TransportResponse } from "./transport.ts";
export type { FetchLike, WebSocketClass } from "../drivers/http.ts";
export {
  ClientConnectionError,
  ClientConnectorCertificateError,
  ClientConnectorDNSError,
  ClientConnectorError,
  ClientConnectorSSLError,
  ClientError,
  ClientHttpProxyError,
  ClientOSError,
  ClientPayloadError,
  ClientProxyConnectionError,
  ClientResponseError,
  ConnectionTimeoutError,
  ContentTypeError,
  InvalidURL,
  InvalidUrlRedirectClientError,
  NonHttpUrlClientError,
  NonHttpUrlRedirectClientError,
  ServerConnectionError,
  ServerDisconnectedError,
  ServerTimeoutError,
  SocketTimeoutError,
  TooManyRedirects,
  WSMessageTypeError,
  WSServerHandshakeError,
  type RequestInfo,
  type ResponseDetails,
} from "./errors.ts";
