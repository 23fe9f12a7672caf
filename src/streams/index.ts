// The door `wasyncio/streams`: streams, and the protocols and transports that they are made of.

export { StreamReader } from "./stream-reader.ts";
export { StreamWriter, type TlsContext, type WriterTlsOptions } from "./stream-writer.ts";
export { StreamReaderProtocol, type ClientConnected } from "./stream-reader-protocol.ts";
export { FlowControlMixin } from "./flow-control-mixin.ts";
export type { Separator } from "./bytes.ts";
export { BaseProtocol, BufferedProtocol, DatagramProtocol, Protocol } from "./protocols.ts";
export { BaseTransport, DatagramTransport, ReadTransport, Transport, WriteTransport } from "./transports.ts";
export { staggeredRace, type RaceOutcome } from "./staggered-race.ts";
export { AssertionError, NotImplementedError } from "./errors.ts";
export {
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionError,
  ConnectionRefusedError,
  ConnectionResetError,
  FileExistsError,
  FileNotFoundError,
  GaiError,
  OSError,
  PermissionError,
  ProcessLookupError,
  SSLCertVerificationError,
  SSLError,
  type FaultDetails,
} from "../errors/os.ts";
export {
  openConnection,
  openUnixConnection,
  startServer,
  startUnixServer,
  type StreamOptions,
  type Streams,
} from "../net/open.ts";
export {
  connectAcceptedSocket,
  createConnection,
  createUnixConnection,
  type ConnectionOptions,
} from "../net/create-connection.ts";
export { createDatagramEndpoint, type DatagramOptions } from "../net/create-datagram-endpoint.ts";
export { openStream } from "../net/open-stream.ts";
export { connectReadPipe, connectWritePipe } from "../net/pipes.ts";
export { sendfile, type FileToSend, type SendfileOptions } from "../net/sendfile.ts";
export { createServer, createUnixServer, type ListenOptions, type ServerOptions } from "../net/create-server.ts";
export { getaddrinfo, getnameinfo, type AddrInfo, type AddrInfoOptions } from "../net/names.ts";
export type { Server } from "../net/server.ts";
export type { SocketDatagramTransport } from "../net/datagram-transport.ts";
export type { ReadPipeTransport, WritePipeTransport } from "../net/pipe-transports.ts";
export type { SocketTransport, StreamProtocol } from "../net/socket-transport.ts";
export type { TransportSocket } from "../net/transport-socket.ts";
export {
  SSLContext,
  createDefaultContext,
  type Purpose,
  type SSLProtocol,
  type VerifyLocations,
  type VerifyMode,
} from "../net/ssl-context.ts";
export type { ClientSslOptions, ServerSslOptions, SslTimeouts, StartTlsOptions } from "../net/ssl-options.ts";
export type { SSLObject } from "../net/ssl-transport.ts";
export { startTls } from "../net/start-tls.ts";
export type { CertificateFields, DistinguishedName, TlsVersion } from "../drivers/tls.ts";
export type { InetAddress, SocketAddress } from "../drivers/network.ts";
