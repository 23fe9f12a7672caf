// Bad input for connections, servers and names. There is nothing outside of a virtual loop: what is no mistake ends
// there.

import {
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionError,
  ConnectionRefusedError,
  FileExistsError,
  FileNotFoundError,
  GaiError,
  OSError,
  PermissionError,
  ProcessLookupError,
  Protocol,
  SSLCertVerificationError,
  SSLError,
  connectAcceptedSocket,
  createConnection,
  createServer,
  createUnixConnection,
  createUnixServer,
  getaddrinfo,
  getnameinfo,
  openConnection,
  openUnixConnection,
  startServer,
  startUnixServer,
} from "wasyncio/streams";
import { nothing, row } from "./row.ts";
import * as rules from "./rules.ts";
import { type Row, type Rule, anything, refused } from "./rules.ts";

const protocol = (): Protocol => new Protocol();

const TEXTS = ["undefined", "null", "string", "empty string"];

/** Refused, but for what would be taken if there were a network. */
const late = (says: RegExp, taken: readonly string[], others: Rule["but"] = {}): Rule =>
  refused("TypeError", says, { "late RuntimeError": taken, ...others });
const aFunction = (what: string): Rule =>
  late(new RegExp(`^Invalid ${what}: expected a function, got `), [...rules.FUNCTIONS, "revoked function"]);
const host = (what: string, others: Rule["but"] = {}): Rule =>
  late(new RegExp(`^Invalid ${what}: expected a name, an address or null, got `), TEXTS, others);
const port = late(/^Invalid port: expected a whole number, got /, ["undefined", "null", "zero", "number"], {
  RangeError: ["-1", "2**53"],
});
const options: Rule = {
  ...rules.options,
  but: { "late RuntimeError": rules.options.but["ok"] ?? [] },
};
const path = late(/^Invalid path: expected the path of a socket, got /, ["string"]);
const family = refused("RangeError", /^Invalid family: expected 4, 6 or 0 for both, got /, {
  "late RuntimeError": ["undefined", "zero"],
});
const flags = late(/^Invalid flags: expected a whole number, got /, ["undefined", "zero", "number", "2**53"], {
  RangeError: ["-1"],
});
const flag = (what: string): Rule =>
  late(new RegExp(`^Invalid ${what}: expected a boolean, got `), ["undefined", "true"]);
const backlog = late(/^Invalid backlog: expected a whole number, got /, ["undefined", "number", "2**53"], {
  RangeError: ["zero", "-1"],
});
const limit = late(/^Invalid limit: expected a whole number, got /, ["undefined", "number", "Infinity", "2**53"], {
  RangeError: ["zero", "-1"],
});

const OS_ERRORS = {
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionError,
  ConnectionRefusedError,
  FileExistsError,
  FileNotFoundError,
  GaiError,
  OSError,
  PermissionError,
  ProcessLookupError,
  SSLCertVerificationError,
  SSLError,
};

/** Several are looked at one by one. */
const hosts: Rule = { ...host("host", { RangeError: ["empty array"] }), named: false };

const messageOfError: Rule = { ...anything, but: { TypeError: ["symbol"] } };

export const CONNECTION_ROWS: readonly Row[] = [
  row("createConnection", "protocolFactory", aFunction("protocolFactory"), (value) =>
    createConnection(value, "127.0.0.1", 80),
  ),
  row("createConnection", "host", host("host"), (value) => createConnection(protocol, value, 80)),
  row("createConnection", "port", port, (value) => createConnection(protocol, "127.0.0.1", value)),
  row("createConnection", "options", options, (value) => createConnection(protocol, "127.0.0.1", 80, value)),
  row("createConnection", "family", family, (value) => createConnection(protocol, "localhost", 80, { family: value })),
  row("createConnection", "flags", flags, (value) => createConnection(protocol, "localhost", 80, { flags: value })),
  row(
    "createConnection",
    "localAddr",
    late(/^Invalid localAddr: expected a host and a port, got /, ["undefined", "null"], { TypeError: ["array"] }),
    (localAddr) => createConnection(protocol, "127.0.0.1", 80, { localAddr }),
  ),
  row("createConnection", "allErrors", flag("allErrors"), (allErrors) =>
    createConnection(protocol, "127.0.0.1", 80, { allErrors }),
  ),
  row(
    "createConnection",
    "interleave",
    late(/^Invalid interleave: expected a whole number, got /, ["undefined", "null", "zero", "number", "2**53"], {
      RangeError: ["-1"],
    }),
    (interleave) => createConnection(protocol, "127.0.0.1", 80, { interleave }),
  ),
  row("createUnixConnection", "protocolFactory", aFunction("protocolFactory"), (value) =>
    createUnixConnection(value, "/a"),
  ),
  row("createUnixConnection", "path", path, (value) => createUnixConnection(protocol, value)),
  row("createUnixConnection", "options", options, (value) => createUnixConnection(protocol, "/a", value)),
  row(
    "connectAcceptedSocket",
    "protocolFactory",
    refused("TypeError", /^Invalid protocolFactory: expected a function, got /, {
      RuntimeError: [...rules.FUNCTIONS, "revoked function"],
    }),
    (value) => connectAcceptedSocket(value, {}),
  ),
  row(
    "connectAcceptedSocket",
    "sock",
    refused("RuntimeError", /^Cannot use the network in virtual time$/, {}, { named: false }),
    (value) => connectAcceptedSocket(protocol, value),
  ),
  row(
    "connectAcceptedSocket",
    "options",
    { ...rules.options, but: { RuntimeError: rules.options.but["ok"] ?? [] } },
    (value) => connectAcceptedSocket(protocol, {}, value),
  ),
  row("openConnection", "host", host("host"), (value) => openConnection(value, 80)),
  row("openConnection", "port", port, (value) => openConnection("127.0.0.1", value)),
  row("openConnection", "options", options, (value) => openConnection("127.0.0.1", 80, value)),
  row("openConnection", "limit", limit, (value) => openConnection("127.0.0.1", 80, { limit: value })),
  row("openUnixConnection", "path", path, (value) => openUnixConnection(value)),
  row("openUnixConnection", "options", options, (value) => openUnixConnection("/a", value)),
  row("openUnixConnection", "limit", limit, (value) => openUnixConnection("/a", { limit: value })),

  row("createServer", "protocolFactory", aFunction("protocolFactory"), (value) => createServer(value, "127.0.0.1", 0)),
  row("createServer", "host", hosts, (value) => createServer(protocol, value)),
  row("createServer", "port", port, (value) => createServer(protocol, "127.0.0.1", value)),
  row("createServer", "options", options, (value) => createServer(protocol, "127.0.0.1", 0, value)),
  row("createServer", "backlog", backlog, (value) => createServer(protocol, null, 0, { backlog: value })),
  row("createServer", "reusePort", flag("reusePort"), (reusePort) => createServer(protocol, null, 0, { reusePort })),
  row("createServer", "startServing", flag("startServing"), (startServing) =>
    createServer(protocol, null, 0, { startServing }),
  ),
  row("createUnixServer", "protocolFactory", aFunction("protocolFactory"), (value) => createUnixServer(value, "/a")),
  row("createUnixServer", "path", path, (value) => createUnixServer(protocol, value)),
  row("createUnixServer", "options", options, (value) => createUnixServer(protocol, "/a", value)),
  row("startServer", "clientConnectedCb", aFunction("clientConnectedCb"), (value) => startServer(value, null, 0)),
  row("startServer", "host", hosts, (value) => startServer(nothing, value)),
  row("startServer", "port", port, (value) => startServer(nothing, null, value)),
  row("startServer", "options", options, (value) => startServer(nothing, null, 0, value)),
  row("startServer", "limit", limit, (value) => startServer(nothing, null, 0, { limit: value })),
  row("startUnixServer", "clientConnectedCb", aFunction("clientConnectedCb"), (value) => startUnixServer(value, "/a")),
  row("startUnixServer", "path", path, (value) => startUnixServer(nothing, value)),
  row("startUnixServer", "options", options, (value) => startUnixServer(nothing, "/a", value)),

  row("getaddrinfo", "host", host("host"), (value) => getaddrinfo(value)),
  row("getaddrinfo", "port", port, (value) => getaddrinfo("localhost", value)),
  row("getaddrinfo", "options", options, (value) => getaddrinfo("localhost", 80, value)),
  row("getaddrinfo", "family", family, (value) => getaddrinfo("localhost", 80, { family: value })),
  row("getaddrinfo", "flags", flags, (value) => getaddrinfo("localhost", 80, { flags: value })),
  row(
    "getnameinfo",
    "sockaddr",
    refused("TypeError", /^Invalid (?:sockaddr|host): expected /, {}, { named: false }),
    (value) => getnameinfo(value),
  ),

  ...Object.entries(OS_ERRORS).map(([name, type]) =>
    row(`${name}.constructor`, "message", messageOfError, (value) => void new type(value)),
  ),
];
