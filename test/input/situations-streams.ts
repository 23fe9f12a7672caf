// Every public call of streams in the wrong place.

import {
  AssertionError,
  BaseProtocol,
  BaseTransport,
  BufferedProtocol,
  ConnectionResetError,
  DatagramProtocol,
  DatagramTransport,
  FlowControlMixin,
  NotImplementedError,
  Protocol,
  ReadTransport,
  StreamReader,
  StreamReaderProtocol,
  SSLContext,
  StreamWriter,
  Transport,
  WriteTransport,
  connectReadPipe,
  connectWritePipe,
  createDatagramEndpoint,
  openStream,
  sendfile,
  staggeredRace,
} from "wasyncio/streams";
import { bytes } from "../support/bytes.ts";
import { LoggingTransport } from "../support/logging-transport.ts";
import { runOnce } from "../support/stage.ts";
import { type Situated, situated, waiting } from "./row.ts";

type Loop = Parameters<Situated["make"]>[0];

/** A reader for which a task of its loop waits. */
function waitedFor(loop: Loop): StreamReader {
  const reader = new StreamReader(undefined, loop);
  loop.createTask(reader.read());
  runOnce(loop);
  return reader;
}

/** A protocol that is connected, and paused if that is asked for; tasks of its loop wait for it then. */
function connected(loop: Loop, isPaused = false): { protocol: StreamReaderProtocol; writer: StreamWriter } {
  const protocol = new StreamReaderProtocol(waitedFor(loop), null, loop);
  const transport = new LoggingTransport();
  protocol.connectionMade(transport);
  const writer = new StreamWriter(transport, protocol, null, loop);
  if (!isPaused) return { protocol, writer };
  protocol.pauseWriting();
  loop.createTask(writer.drain());
  loop.createTask(writer.waitClosed());
  runOnce(loop);
  return { protocol, writer };
}

function paused(loop: Loop): FlowControlMixin {
  const protocol = new FlowControlMixin(loop);
  protocol.pauseWriting();
  loop.createTask(protocol._drainHelper());
  runOnce(loop);
  return protocol;
}

const one = bytes("x");

export const STREAM_SITUATIONS: readonly Situated[] = [
  ...situated(() => null, {
    staggeredRace: () => staggeredRace([waiting], 1),
    "StreamReader.constructor": () => new StreamReader(),
    "FlowControlMixin.constructor": () => new FlowControlMixin(),
    "StreamReaderProtocol.constructor": () => new StreamReaderProtocol(null),
    "AssertionError.constructor": () => new AssertionError("m"),
    "ConnectionResetError.constructor": () => new ConnectionResetError("m"),
    "NotImplementedError.constructor": () => new NotImplementedError("m"),
    "BaseProtocol.constructor": () => new BaseProtocol(),
    "Protocol.constructor": () => new Protocol(),
    "BufferedProtocol.constructor": () => new BufferedProtocol(),
    "DatagramProtocol.constructor": () => new DatagramProtocol(),
    "BaseTransport.constructor": () => new BaseTransport(),
    "ReadTransport.constructor": () => new ReadTransport(),
    "WriteTransport.constructor": () => new WriteTransport(),
    "Transport.constructor": () => new Transport(),
    "DatagramTransport.constructor": () => new DatagramTransport(),
  }),
  ...situated(() => new TransformStream<Uint8Array, Uint8Array>(), {
    createDatagramEndpoint: () => createDatagramEndpoint(() => new DatagramProtocol(), { family: 4 }),
    openStream: ({ readable, writable }) => openStream(readable, writable),
    connectReadPipe: ({ readable }) => connectReadPipe(() => new Protocol(), readable),
    connectWritePipe: ({ writable }) => connectWritePipe(() => new Protocol(), writable),
    sendfile: () => sendfile(new LoggingTransport(), new Blob(["x"])),
  }),
  ...situated((loop) => new StreamReader(undefined, loop), {
    "StreamReader.read": (reader) => reader.read(1),
    "StreamReader.readexactly": (reader) => reader.readexactly(1),
    "StreamReader.readuntil": (reader) => reader.readuntil("x"),
    "StreamReader.readline": (reader) => reader.readline(),
    "StreamReader.anext": (reader) => reader.anext(),
  }),
  ...situated(waitedFor, {
    "StreamReader.feedData": (reader) => reader.feedData(one),
    "StreamReader.feedEof": (reader) => reader.feedEof(),
    "StreamReader.setException": (reader) => reader.setException(new RangeError("x")),
    "StreamReader.exception": (reader) => reader.exception(),
    "StreamReader.setTransport": (reader) => reader.setTransport(new LoggingTransport()),
    "StreamReader.atEof": (reader) => reader.atEof(),
    "StreamReader.toString": (reader) => String(reader),
    "StreamReader.[asyncIterator]": (reader) => reader[Symbol.asyncIterator](),
  }),
  ...situated(paused, {
    "FlowControlMixin.resumeWriting": (protocol) => protocol.resumeWriting(),
    "FlowControlMixin.connectionLost": (protocol) => protocol.connectionLost(null),
  }),
  ...situated((loop) => new FlowControlMixin(loop), {
    "StreamWriter.constructor": (protocol, loop) => new StreamWriter(new LoggingTransport(), protocol, null, loop),
    "FlowControlMixin.pauseWriting": (protocol) => protocol.pauseWriting(),
  }),
  ...situated((loop) => new StreamReaderProtocol(waitedFor(loop), () => waiting(), loop), {
    "StreamReaderProtocol.connectionMade": (protocol) => protocol.connectionMade(new LoggingTransport()),
  }),
  ...situated((loop) => connected(loop).protocol, {
    "StreamReaderProtocol.connectionLost": (protocol) => protocol.connectionLost(null),
    "StreamReaderProtocol.dataReceived": (protocol) => protocol.dataReceived(one),
    "StreamReaderProtocol.eofReceived": (protocol) => protocol.eofReceived(),
  }),
  ...situated((loop) => connected(loop, true).writer, {
    "StreamWriter.transport": (writer) => writer.transport,
    "StreamWriter.write": (writer) => writer.write(one),
    "StreamWriter.writelines": (writer) => writer.writelines([one]),
    "StreamWriter.writeEof": (writer) => writer.writeEof(),
    "StreamWriter.canWriteEof": (writer) => writer.canWriteEof(),
    "StreamWriter.close": (writer) => writer.close(),
    "StreamWriter.isClosing": (writer) => writer.isClosing(),
    "StreamWriter.waitClosed": (writer) => writer.waitClosed(),
    "StreamWriter.getExtraInfo": (writer) => writer.getExtraInfo("peername"),
    "StreamWriter.drain": (writer) => writer.drain(),
    "StreamWriter.toString": (writer) => String(writer),
  }),
  ...situated(() => new BaseProtocol(), {
    "BaseProtocol.connectionMade": (protocol) => protocol.connectionMade(new Transport()),
    "BaseProtocol.connectionLost": (protocol) => protocol.connectionLost(null),
    "BaseProtocol.pauseWriting": (protocol) => protocol.pauseWriting(),
    "BaseProtocol.resumeWriting": (protocol) => protocol.resumeWriting(),
  }),
  ...situated(() => new Protocol(), {
    "Protocol.dataReceived": (protocol) => protocol.dataReceived(one),
    "Protocol.eofReceived": (protocol) => protocol.eofReceived(),
  }),
  ...situated(() => new BufferedProtocol(), {
    "BufferedProtocol.getBuffer": (protocol) => protocol.getBuffer(-1),
    "BufferedProtocol.bufferUpdated": (protocol) => protocol.bufferUpdated(1),
    "BufferedProtocol.eofReceived": (protocol) => protocol.eofReceived(),
  }),
  ...situated(() => new DatagramProtocol(), {
    "DatagramProtocol.datagramReceived": (protocol) => protocol.datagramReceived(one, null),
    "DatagramProtocol.errorReceived": (protocol) => protocol.errorReceived(new RangeError("x")),
  }),
  ...situated(() => new BaseTransport(), {
    "BaseTransport.getExtraInfo": (transport) => transport.getExtraInfo("peername"),
    "BaseTransport.isClosing": (transport) => transport.isClosing(),
    "BaseTransport.close": (transport) => transport.close(),
    "BaseTransport.setProtocol": (transport) => transport.setProtocol(new BaseProtocol()),
    "BaseTransport.getProtocol": (transport) => transport.getProtocol(),
  }),
  ...situated(() => new ReadTransport(), {
    "ReadTransport.isReading": (transport) => transport.isReading(),
    "ReadTransport.pauseReading": (transport) => transport.pauseReading(),
    "ReadTransport.resumeReading": (transport) => transport.resumeReading(),
  }),
  ...situated(() => new Transport(), {
    "Transport.isReading": (transport) => transport.isReading(),
    "Transport.pauseReading": (transport) => transport.pauseReading(),
    "Transport.resumeReading": (transport) => transport.resumeReading(),
  }),
  ...situated(() => new WriteTransport(), {
    "WriteTransport.setWriteBufferLimits": (transport) => transport.setWriteBufferLimits(),
    "WriteTransport.getWriteBufferSize": (transport) => transport.getWriteBufferSize(),
    "WriteTransport.getWriteBufferLimits": (transport) => transport.getWriteBufferLimits(),
    "WriteTransport.write": (transport) => transport.write(one),
    "WriteTransport.writelines": (transport) => transport.writelines([one]),
    "WriteTransport.writeEof": (transport) => transport.writeEof(),
    "WriteTransport.canWriteEof": (transport) => transport.canWriteEof(),
    "WriteTransport.abort": (transport) => transport.abort(),
  }),
  ...situated(() => new SSLContext("PROTOCOL_TLS_CLIENT"), {
    "SSLContext.verifyMode": (context) => context.verifyMode,
    "SSLContext.checkHostname": (context) => context.checkHostname,
    "SSLContext.minimumVersion": (context) => context.minimumVersion,
    "SSLContext.maximumVersion": (context) => context.maximumVersion,
    "SSLContext.loadDefaultCerts": (context) => context.loadDefaultCerts(),
    "SSLContext.toString": (context) => String(context),
  }),
  ...situated(() => new DatagramTransport(), {
    "DatagramTransport.sendto": (transport) => transport.sendto(one),
    "DatagramTransport.abort": (transport) => transport.abort(),
  }),
];
