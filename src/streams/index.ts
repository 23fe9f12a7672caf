// The door `wasyncio/streams`: streams, and the protocols and transports that they are made of.

export { StreamReader } from "./stream-reader.ts";
export { StreamWriter } from "./stream-writer.ts";
export { StreamReaderProtocol, type ClientConnected } from "./stream-reader-protocol.ts";
export { FlowControlMixin } from "./flow-control-mixin.ts";
export type { Separator } from "./bytes.ts";
export { BaseProtocol, BufferedProtocol, DatagramProtocol, Protocol } from "./protocols.ts";
export { BaseTransport, DatagramTransport, ReadTransport, Transport, WriteTransport } from "./transports.ts";
export { staggeredRace, type RaceOutcome } from "./staggered-race.ts";
export { AssertionError, ConnectionResetError, NotImplementedError } from "./errors.ts";
