// Bad input for datagrams, pipes, web streams and files. There is nothing outside of a virtual loop: what is no mistake
// ends there.

import {
  DatagramProtocol,
  Protocol,
  connectReadPipe,
  connectWritePipe,
  createDatagramEndpoint,
  openStream,
  sendfile,
} from "wasyncio/streams";
import { row } from "./row.ts";
import * as rules from "./rules.ts";
import { type Row, type Rule, refused } from "./rules.ts";

const protocol = (): DatagramProtocol => new DatagramProtocol();
const web = (): TransformStream<Uint8Array, Uint8Array> => new TransformStream();
const file = new Blob(["x"]);

/** Refused, but for what would be taken if there were a network. */
const late = (says: RegExp, taken: readonly string[], others: Rule["but"] = {}): Rule =>
  refused("TypeError", says, { "late RuntimeError": taken, ...others });
const aFactory = (taken: string): Rule =>
  refused("TypeError", /^Invalid protocolFactory: expected a function, got /, {
    [taken]: [...rules.FUNCTIONS, "revoked function"],
  });
const address = (what: string): Rule =>
  late(new RegExp(`^Invalid ${what}: expected a host and a port, got `), ["undefined", "null"], {
    TypeError: ["array"], // its host is no name
  });
const flag = (what: string): Rule =>
  late(new RegExp(`^Invalid ${what}: expected a boolean, got `), ["undefined", "true"]);
const noNetwork = refused("RuntimeError", /^Cannot use the network in virtual time$/, {}, { named: false });
const noTransport = refused("RuntimeError", /^sendfile is not supported for transport /);

export const ENDPOINT_ROWS: readonly Row[] = [
  row("createDatagramEndpoint", "protocolFactory", aFactory("late RuntimeError"), (value) =>
    createDatagramEndpoint(value, { family: 4 }),
  ),
  row(
    "createDatagramEndpoint",
    "options",
    { ...rules.options, but: { RangeError: rules.options.but["ok"] ?? [] } },
    (value) => createDatagramEndpoint(protocol, value),
  ),
  row("createDatagramEndpoint", "localAddr", address("localAddr"), (localAddr) =>
    createDatagramEndpoint(protocol, { localAddr, family: 4 }),
  ),
  row("createDatagramEndpoint", "remoteAddr", address("remoteAddr"), (remoteAddr) =>
    createDatagramEndpoint(protocol, { remoteAddr, family: 4 }),
  ),
  row(
    "createDatagramEndpoint",
    "family",
    refused("RangeError", /^Invalid family: expected 4, 6 or 0 for both, got /, {
      "late RuntimeError": ["undefined", "zero"],
    }),
    (family) => createDatagramEndpoint(protocol, { family, localAddr: ["localhost", 0] }),
  ),
  row(
    "createDatagramEndpoint",
    "flags",
    late(/^Invalid flags: expected a whole number, got /, ["undefined", "zero", "number", "2**53"], {
      RangeError: ["-1"],
    }),
    (flags) => createDatagramEndpoint(protocol, { flags, family: 4 }),
  ),
  row("createDatagramEndpoint", "reusePort", flag("reusePort"), (reusePort) =>
    createDatagramEndpoint(protocol, { reusePort, family: 4 }),
  ),
  row("createDatagramEndpoint", "allowBroadcast", flag("allowBroadcast"), (allowBroadcast) =>
    createDatagramEndpoint(protocol, { allowBroadcast, family: 4 }),
  ),
  row(
    "createDatagramEndpoint",
    "sock",
    { ...noNetwork, but: { RangeError: ["undefined", "null"] } }, // there is no family then
    (sock) => createDatagramEndpoint(protocol, { sock }),
  ),

  row("connectReadPipe", "protocolFactory", aFactory("RuntimeError"), (value) =>
    connectReadPipe(value, web().readable),
  ),
  row("connectReadPipe", "pipe", noNetwork, (value) => connectReadPipe(() => new Protocol(), value)),
  row("connectWritePipe", "protocolFactory", aFactory("RuntimeError"), (value) =>
    connectWritePipe(value, web().writable),
  ),
  row("connectWritePipe", "pipe", noNetwork, (value) => connectWritePipe(() => new Protocol(), value)),

  row("openStream", "readable", refused("TypeError", /^Invalid readable: expected a ReadableStream, got /), (value) =>
    openStream(value, web().writable),
  ),
  row("openStream", "writable", refused("TypeError", /^Invalid writable: expected a WritableStream, got /), (value) =>
    openStream(web().readable, value),
  ),
  row("openStream", "options", { ...rules.options, but: { RuntimeError: rules.options.but["ok"] ?? [] } }, (value) =>
    openStream(web().readable, web().writable, value),
  ),
  row(
    "openStream",
    "limit",
    refused("TypeError", /^Invalid limit: expected a whole number, got /, {
      RuntimeError: ["undefined", "number", "Infinity", "2**53"],
      RangeError: ["zero", "-1"],
    }),
    (limit) => openStream(web().readable, web().writable, { limit }),
  ),

  row("sendfile", "transport", noTransport, (value) => sendfile(value, file)),
  row("sendfile", "file", refused("TypeError", /^Invalid file: expected a Blob or a FileHandle, got /), (value) =>
    sendfile({}, value),
  ),
  row(
    "sendfile",
    "offset",
    refused("TypeError", /^Invalid offset: expected a whole number, got /, {
      RuntimeError: ["undefined", "zero", "number", "2**53"],
      RangeError: ["-1"],
    }),
    (value) => sendfile({}, file, value),
  ),
  row(
    "sendfile",
    "count",
    refused("TypeError", /^Invalid count: expected a whole number or null, got /, {
      RuntimeError: ["undefined", "null", "number", "2**53"],
      RangeError: ["zero", "-1"],
    }),
    (value) => sendfile({}, file, 0, value),
  ),
  row("sendfile", "options", { ...rules.options, but: { RuntimeError: rules.options.but["ok"] ?? [] } }, (value) =>
    sendfile({}, file, 0, null, value),
  ),
  row(
    "sendfile",
    "fallback",
    refused("TypeError", /^Invalid fallback: expected a boolean, got /, { RuntimeError: ["undefined", "true"] }),
    (fallback) => sendfile({}, file, 0, null, { fallback }),
  ),
];
