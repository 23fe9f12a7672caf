// Bad input for streams, protocols and transports.

import { getRunningLoop } from "wasyncio";
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
  StreamWriter,
  Transport,
  WriteTransport,
  staggeredRace,
} from "wasyncio/streams";
import { LoggingTransport } from "../support/logging-transport.ts";
import { nothing, row, waiting } from "./row.ts";
import * as rules from "./rules.ts";
import { type Row, type Rule, refused } from "./rules.ts";

const { anything } = rules;
const unnamed = { named: false };

const reader = (): StreamReader => new StreamReader();
const protocol = (): StreamReaderProtocol => new StreamReaderProtocol(new StreamReader());
const mixin = (): FlowControlMixin => new FlowControlMixin();
const writer = (): StreamWriter =>
  new StreamWriter(new LoggingTransport(), new FlowControlMixin(), null, getRunningLoop());

const bytes = refused("TypeError", /^Invalid data: expected a Uint8Array, got /);
/** Generators are lists too: a coroutine's first value is no chunk, and it is asked for no other. */
const chunks = refused("TypeError", /^Invalid data: expected a list of Uint8Arrays, got /, {
  ok: ["empty array", "finished generator"],
  TypeError: ["array", "coroutine", "running generator"],
});
const exception = refused("TypeError", /^Invalid exception: expected an Error, got /, { ok: ["error"] });
const exceptionOrNull: Rule = { ...exception, but: { ok: ["error", "null"] } };
const transport = refused("TypeError", /^Invalid transport: expected a transport/);
const extra = refused("TypeError", /^Invalid extra: expected an object, got /, {
  ok: ["undefined", "revoked proxy", ...rules.OBJECTS],
});
/** A key: the language makes one of it. */
const name = anything;
const notImplemented = refused("NotImplementedError", /^$/, {}, unnamed);
/** What an error's message is made of: the language makes a text of it, and refuses a symbol. */
const messageOfError: Rule = { ...anything, but: { TypeError: ["symbol"] } };

const whole = ["zero", "number", "-1", "2**53"];
const count = refused("TypeError", /^Invalid n: expected a whole number, got /, { ok: whole });

/** Loops for what waits: one of another loop is found out when it is awaited. */
const loopToRunIn = refused("TypeError", rules.loop.says, {
  ok: ["undefined", "null", "the loop"],
  "late RuntimeError": ["another loop", "closed loop"],
});

export const STREAM_ROWS: readonly Row[] = [
  row("StreamReader.constructor", "limit", limitOfReader(), (value) => void new StreamReader(value)),
  row("StreamReader.constructor", "loop", rules.loop, (value) => void new StreamReader(1, value)),
  row("StreamReader.feedData", "data", bytes, (value, _, each) => each.feedData(value), reader),
  row("StreamReader.setException", "exc", exception, (value, _, each) => each.setException(value), reader),
  row("StreamReader.setTransport", "transport", transport, (value, _, each) => each.setTransport(value), reader),
  row(
    "StreamReader.read",
    "n",
    { ...count, but: { ok: ["undefined", ...whole] } },
    (n, _, each) => each.read(n),
    reader,
  ),
  row(
    "StreamReader.readexactly",
    "n",
    { ...count, but: { ok: whole.filter((value) => value !== "-1"), RangeError: ["-1"] } },
    (n, _, each) => each.readexactly(n),
    reader,
  ),
  row("StreamReader.readuntil", "separator", separator(), (value, _, each) => each.readuntil(value), reader),
  row(
    "StreamReader.readuntil",
    "in the list",
    refused("TypeError", /^Invalid separator: expected a Uint8Array or a string, got /, {
      ok: ["string"],
      RangeError: ["empty string"],
    }),
    (value, _, each) => each.readuntil(["x", value]),
    reader,
  ),

  row("FlowControlMixin.constructor", "loop", rules.loop, (value) => void new FlowControlMixin(value)),
  row("FlowControlMixin.connectionLost", "exc", exceptionOrNull, (value, _, each) => each.connectionLost(value), mixin),

  row(
    "StreamReaderProtocol.constructor",
    "streamReader",
    refused("TypeError", /^Invalid streamReader: expected a StreamReader or null, got /, { ok: ["null"] }),
    (value) => void new StreamReaderProtocol(value),
  ),
  row(
    "StreamReaderProtocol.constructor",
    "clientConnectedCb",
    refused("TypeError", /^Invalid clientConnectedCb: expected a function or null, got /, {
      ok: ["undefined", "null", ...rules.FUNCTIONS],
    }),
    (value) => void new StreamReaderProtocol(null, value),
  ),
  row(
    "StreamReaderProtocol.constructor",
    "loop",
    rules.loop,
    (value) => void new StreamReaderProtocol(null, null, value),
  ),
  row(
    "StreamReaderProtocol.connectionMade",
    "transport",
    transport,
    (value, _, each) => each.connectionMade(value),
    protocol,
  ),
  row(
    "StreamReaderProtocol.connectionMade",
    "transport, without a reader",
    transport,
    (value, _, each) => each.connectionMade(value),
    () => new StreamReaderProtocol(null, nothing),
  ),
  row("StreamReaderProtocol.connectionMade", "what clientConnectedCb returns", anything, (value) =>
    new StreamReaderProtocol(null, () => value).connectionMade(new LoggingTransport()),
  ),
  row(
    "StreamReaderProtocol.connectionLost",
    "exc",
    exceptionOrNull,
    (value, _, each) => each.connectionLost(value),
    protocol,
  ),
  row("StreamReaderProtocol.dataReceived", "data", bytes, (value, _, each) => each.dataReceived(value), protocol),

  row(
    "StreamWriter.constructor",
    "transport",
    transport,
    (value, { loop }, each) => void new StreamWriter(value, each, null, loop),
    mixin,
  ),
  row(
    "StreamWriter.constructor",
    "protocol",
    refused("TypeError", /^Invalid protocol: expected a protocol with flow control, got /),
    (value, { loop }) => void new StreamWriter(new LoggingTransport(), value, null, loop),
  ),
  row(
    "StreamWriter.constructor",
    "reader",
    refused("TypeError", /^Invalid reader: expected a StreamReader or null, got /, { ok: ["null"] }),
    (value, { loop }, each) => void new StreamWriter(new LoggingTransport(), each, value, loop),
    mixin,
  ),
  row(
    "StreamWriter.constructor",
    "loop",
    { ...rules.loop, but: { ok: rules.LOOPS } },
    (value, _, each) => void new StreamWriter(new LoggingTransport(), each, null, value),
    mixin,
  ),
  row("StreamWriter.write", "data", bytes, (value, _, each) => each.write(value), writer),
  row("StreamWriter.writelines", "data", chunks, (value, _, each) => each.writelines(value), writer),
  row("StreamWriter.getExtraInfo", "name", name, (value, _, each) => void each.getExtraInfo(value), writer),
  row(
    "StreamWriter.getExtraInfo",
    "defaultValue",
    anything,
    (value, _, each) => void each.getExtraInfo("x", value),
    writer,
  ),

  row(
    "staggeredRace",
    "coroFns",
    refused("TypeError", /^Invalid coroFns: expected a list of coroutine functions, got /, {
      // Other iterables are gone through when the race runs: what they give has failed then.
      ok: ["string", "empty string", "empty array", "finished generator", "running generator"],
      TypeError: ["array"],
      "late ExceptionGroup": ["coroutine"],
    }),
    (value) => staggeredRace(value, 1),
  ),
  row(
    "staggeredRace",
    "in the list",
    refused("TypeError", /^Invalid attempt: expected a function, got /, { ok: rules.FUNCTIONS }),
    (value) => staggeredRace([waiting, value], 1),
  ),
  row("staggeredRace", "what an attempt returns", anything, (value) => staggeredRace([() => value], 1)),
  row("staggeredRace", "delay", rules.delayOrNull, (value) => staggeredRace([waiting], value)),
  row("staggeredRace", "options", rules.options, (value) => staggeredRace([waiting], 1, value)),
  row("staggeredRace", "loop", loopToRunIn, (loop) => staggeredRace([waiting], 1, { loop })),

  row("AssertionError.constructor", "message", messageOfError, (value) => void new AssertionError(value)),
  row("ConnectionResetError.constructor", "message", messageOfError, (value) => void new ConnectionResetError(value)),
  row("NotImplementedError.constructor", "message", messageOfError, (value) => void new NotImplementedError(value)),

  // Protocols that do nothing yet.
  row("BaseProtocol.connectionMade", "transport", anything, (value) => new BaseProtocol().connectionMade(value)),
  row("BaseProtocol.connectionLost", "exc", anything, (value) => new BaseProtocol().connectionLost(value)),
  row("Protocol.dataReceived", "data", anything, (value) => new Protocol().dataReceived(value)),
  row("BufferedProtocol.getBuffer", "sizehint", anything, (value) => void new BufferedProtocol().getBuffer(value)),
  row("BufferedProtocol.bufferUpdated", "nbytes", anything, (value) => new BufferedProtocol().bufferUpdated(value)),
  row("DatagramProtocol.datagramReceived", "data", anything, (value) =>
    new DatagramProtocol().datagramReceived(value, null),
  ),
  row("DatagramProtocol.datagramReceived", "addr", anything, (value) =>
    new DatagramProtocol().datagramReceived(new Uint8Array(), value),
  ),
  row("DatagramProtocol.errorReceived", "exc", anything, (value) => new DatagramProtocol().errorReceived(value)),

  // Transports that can do nothing yet.
  ...Object.entries({ BaseTransport, ReadTransport, WriteTransport, Transport, DatagramTransport }).map(
    ([type, Type]) => row(`${type}.constructor`, "extra", extra, (value) => void new Type(value)),
  ),
  row("BaseTransport.getExtraInfo", "name", name, (value) => void new BaseTransport().getExtraInfo(value)),
  row(
    "BaseTransport.getExtraInfo",
    "defaultValue",
    anything,
    (value) => void new BaseTransport().getExtraInfo("x", value),
  ),
  row("BaseTransport.setProtocol", "protocol", notImplemented, (value) => new BaseTransport().setProtocol(value)),
  row("WriteTransport.setWriteBufferLimits", "high", notImplemented, (value) =>
    new WriteTransport().setWriteBufferLimits(value),
  ),
  row("WriteTransport.setWriteBufferLimits", "low", notImplemented, (value) =>
    new WriteTransport().setWriteBufferLimits(1, value),
  ),
  row("WriteTransport.write", "data", notImplemented, (value) => new WriteTransport().write(value)),
  row(
    "WriteTransport.writelines",
    "listOfData",
    { ...chunks, but: { NotImplementedError: chunks.but["ok"] ?? [], TypeError: chunks.but["TypeError"] ?? [] } },
    (value) => new WriteTransport().writelines(value),
  ),
  row("DatagramTransport.sendto", "data", notImplemented, (value) => new DatagramTransport().sendto(value)),
  row("DatagramTransport.sendto", "addr", notImplemented, (value) =>
    new DatagramTransport().sendto(new Uint8Array(), value),
  ),
];

function limitOfReader(): Rule {
  return refused("TypeError", /^Invalid limit: expected a whole number, got /, {
    ok: ["undefined", "number", "Infinity", "2**53"],
    RangeError: ["zero", "-1"],
  });
}

function separator(): Rule {
  return refused("TypeError", /^Invalid separator: expected a Uint8Array or a string, got /, {
    ok: ["undefined", "string"],
    RangeError: ["empty string", "empty array"],
    TypeError: ["array"],
  });
}
