// Bad input for TLS.

import { getRunningLoop } from "wasyncio";
import { FlowControlMixin, Protocol, SSLContext, StreamWriter, createDefaultContext, startTls } from "wasyncio/streams";
import { LoggingTransport } from "../support/logging-transport.ts";
import { row } from "./row.ts";
import { type Row, type Rule, refused } from "./rules.ts";

const unnamed = { named: false };

const context = (): SSLContext => new SSLContext("PROTOCOL_TLS_CLIENT");
const writer = (): StreamWriter =>
  new StreamWriter(new LoggingTransport(), new FlowControlMixin(), null, getRunningLoop());

const oneOf = (what: string, ok: readonly string[] = []): Rule =>
  refused("TypeError", new RegExp(`^Invalid ${what}: expected one of `), { ok });
const pathOrPem = (what: string, but: Readonly<Record<string, readonly string[]>>): Rule =>
  refused("TypeError", new RegExp(`^Invalid ${what}: expected a path or PEM, got `), {
    FileNotFoundError: ["string", "empty string"],
    ...but,
  });
const locations = refused(
  "TypeError",
  /^Invalid locations: (?:expected an object, got |there is no )|cannot be all omitted/,
  {},
  unnamed,
);
const noContext = refused("TypeError", /^sslcontext is expected to be an instance of SSLContext, got /);

/** They look like a certificate and a key, and are none. */
const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
const KEY = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";

export const TLS_ROWS: readonly Row[] = [
  row("SSLContext.constructor", "protocol", oneOf("protocol"), (value) => void new SSLContext(value)),
  row("SSLContext.verifyMode", "mode", oneOf("verifyMode"), (value, _, each) => (each.verifyMode = value), context),
  row(
    "SSLContext.checkHostname",
    "isOn",
    refused("TypeError", /^Invalid checkHostname: expected a boolean, got /, { ok: ["true"] }),
    (value, _, each) => (each.checkHostname = value),
    context,
  ),
  row(
    "SSLContext.minimumVersion",
    "version",
    oneOf("minimumVersion"),
    (value, _, each) => (each.minimumVersion = value),
    context,
  ),
  row(
    "SSLContext.maximumVersion",
    "version",
    oneOf("maximumVersion"),
    (value, _, each) => (each.maximumVersion = value),
    context,
  ),
  row(
    "SSLContext.setAlpnProtocols",
    "protocols",
    refused("TypeError", /^Invalid alpnProtocols: expected an array of texts, got /, { ok: ["empty array"] }),
    (value, _, each) => each.setAlpnProtocols(value),
    context,
  ),
  row(
    "SSLContext.setAlpnProtocols",
    "in the list",
    refused(
      "TypeError",
      /^Invalid alpnProtocols: expected an array of texts, got /,
      { ok: ["string"], RangeError: ["empty string"] },
      unnamed,
    ),
    (value, _, each) => each.setAlpnProtocols([value]),
    context,
  ),
  row(
    "SSLContext.loadCertChain",
    "certfile",
    pathOrPem("certfile", {}),
    (value, _, each) => each.loadCertChain(value),
    context,
  ),
  row(
    "SSLContext.loadCertChain",
    "keyfile",
    pathOrPem("keyfile", { SSLError: ["null", "undefined"] }),
    (value, _, each) => each.loadCertChain(CERTIFICATE, value),
    context,
  ),
  row(
    "SSLContext.loadCertChain",
    "password",
    refused("TypeError", /^Invalid password: expected a text or null, got /, {
      SSLError: ["null", "undefined", "string", "empty string"],
    }),
    (value, _, each) => each.loadCertChain(CERTIFICATE, KEY, value),
    context,
  ),
  row(
    "SSLContext.loadVerifyLocations",
    "locations",
    locations,
    (value, _, each) => each.loadVerifyLocations(value),
    context,
  ),
  row(
    "SSLContext.loadVerifyLocations",
    "cafile",
    pathOrPem("cafile", { TypeError: ["null", "undefined"] }),
    (cafile, _, each) => each.loadVerifyLocations({ cafile }),
    context,
  ),
  row(
    "SSLContext.loadVerifyLocations",
    "cadata",
    refused("TypeError", /^Invalid cadata: expected PEM or DER, got /, {
      SSLError: ["string", "empty string"],
      TypeError: ["null", "undefined"],
    }),
    (cadata, _, each) => each.loadVerifyLocations({ cadata }),
    context,
  ),

  row("createDefaultContext", "purpose", oneOf("purpose", ["undefined"]), (value) => void createDefaultContext(value)),
  row(
    "createDefaultContext",
    "locations",
    {
      ...locations,
      but: {
        ok: [
          "undefined",
          "empty object",
          "object without prototype",
          "empty array",
          "date",
          "error",
          "promise",
          "pending promise",
          "coroutine",
          "finished generator",
          "running generator",
          "async generator",
        ],
      },
    },
    (value) => void createDefaultContext("SERVER_AUTH", value),
  ),

  row("startTls", "transport", refused("TypeError", /^transport .* is not supported by startTls\(\)$/), (value) =>
    startTls(value, new Protocol(), context()),
  ),
  row("startTls", "protocol", refused("TypeError", /^Invalid protocol: expected a protocol, got /), (value) =>
    startTls(null as never, value, context()),
  ),
  row("startTls", "sslcontext", noContext, (value) => startTls(null as never, new Protocol(), value)),
  row("StreamWriter.startTls", "sslcontext", noContext, (value, _, each) => each.startTls(value), writer),
];
