// How a connection is told where to go, checked at the call.

import { checkNames, wholeFrom } from "../support/checks.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { type ClientConfig, type TypeParser, newClient } from "./driver.ts";
import { checkText } from "./shapes.ts";

/** Options of `connect` and `createPool`. What is not there is taken from the environment, PGHOST and its kin. */
export interface ConnectOptions {
  /** "postgres://user:password@host:port/database"; what the other options say counts for more. */
  dsn?: string;
  /** Name, address, or the folder of a Unix socket. */
  host?: string;
  port?: number;
  user?: string;
  /** The password, or what gives it at each connection. */
  password?: string | (() => string | Promise<string>);
  database?: string;
  /** Whether to speak TLS, or node:tls's options for that. Default: false. */
  ssl?: boolean | object;
  /** Longest time that connecting may take; null: any. Default: 60 s. */
  timeout?: Delay | null;
  /** Longest time that a statement may take; null: any. Default: null. */
  commandTimeout?: Delay | null;
  /** Statements that the server keeps prepared for a connection, those that were run last; 0: none. Default: 100. */
  statementCacheSize?: number;
  /** Settings of the session: `{ application_name: "shop", search_path: "shop" }`. */
  serverSettings?: Readonly<Record<string, string>>;
  /** What reads values: node-postgres' `types`. Default: node-postgres' own. */
  types?: { getTypeParser(oid: number, format: string): TypeParser };
}

export const CONNECT_OPTIONS: readonly (keyof ConnectOptions)[] = [
  "dsn",
  "host",
  "port",
  "user",
  "password",
  "database",
  "ssl",
  "timeout",
  "commandTimeout",
  "statementCacheSize",
  "serverSettings",
  "types",
];

/** What a connection is made of. */
export interface ConnectSettings {
  readonly client: ClientConfig;
  readonly timeout: number | null;
  readonly commandTimeout: number | null;
  readonly statementCacheSize: number;
}

/** Throws TypeError or RangeError for options that are not what they are to be. */
export function checkConnectOptions(options: ConnectOptions): ConnectSettings {
  const { host, port, user, password, database, dsn, ssl, types, serverSettings = {} } = options;
  const { timeout = 60, commandTimeout = null, statementCacheSize = 100 } = options;
  for (const [name, value] of Object.entries({ host, user, database, dsn }))
    if (value !== undefined && typeof value !== "string")
      throw new TypeError(`Invalid ${name}: expected a string, got ${format(value)}`);
  if (password !== undefined && typeof password !== "string" && typeof password !== "function")
    throw new TypeError("Invalid password: expected a string or a function");
  if (port !== undefined && typeof port !== "number")
    throw new TypeError(`Invalid port: expected a number, got ${format(port)}`);
  if (port !== undefined && (!Number.isInteger(port) || port < 1 || port > 65_535))
    throw new RangeError(`Invalid port: expected 1 to 65535, got ${port}`);
  if (dsn !== undefined) checkDsn(dsn);
  wholeFrom(0, statementCacheSize, "statementCacheSize");
  if (ssl !== undefined && typeof ssl !== "boolean" && (typeof ssl !== "object" || ssl === null))
    throw new TypeError(`Invalid ssl: expected a boolean or options of node:tls, got ${format(ssl)}`);
  if (types !== undefined && typeof (types as Partial<typeof types> | null)?.getTypeParser !== "function")
    throw new TypeError(`Invalid types: expected an object with getTypeParser, got ${format(types)}`);
  const given = { host, port, user, password, database, ssl, types, ...settingsOf(serverSettings) };
  return {
    client: {
      ...(dsn === undefined ? {} : { connectionString: dsn }),
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    },
    timeout: timeout === null ? null : secondsOf(timeout, "timeout"),
    commandTimeout: commandTimeout === null ? null : secondsOf(commandTimeout, "commandTimeout"),
    statementCacheSize,
  };
}

/** Throws TypeError for what leads nowhere. The message does not repeat it: there may be a password in it. */
function checkDsn(dsn: string): void {
  if (!/^(postgres|postgresql|socket):|^\//.test(dsn))
    throw new TypeError("Invalid dsn: expected postgres://user:password@host:port/database");
  try {
    newClient({ connectionString: dsn });
  } catch (cause) {
    throw new TypeError(`Invalid dsn: ${(cause as Error).message}`, { cause });
  }
}

/** `options` as they are given to `connect`: a text is a `dsn`. */
export function namedOptions(options: ConnectOptions | string): ConnectOptions {
  return typeof options === "string" ? { dsn: options } : checkNames(options, CONNECT_OPTIONS);
}

/** Settings as the server takes them at the start of a session. */
function settingsOf(settings: Readonly<Record<string, string>>): { application_name?: string; options?: string } {
  if (typeof settings !== "object" || settings === null)
    throw new TypeError(`Invalid serverSettings: expected an object, got ${format(settings)}`);
  const { application_name: name, ...others } = settings;
  for (const [setting, value] of Object.entries(settings)) {
    if (typeof value !== "string" || !/^[\w.]+$/.test(setting))
      throw new TypeError(`Invalid serverSettings: expected names with strings, got ${setting}: ${format(value)}`);
    checkText(value, setting);
  }
  const escaped = Object.entries(others).map(([setting, value]) => `-c ${setting}=${value.replace(/[\\\s]/g, "\\$&")}`);
  return {
    ...(name === undefined ? {} : { application_name: name }),
    ...(escaped.length === 0 ? {} : { options: escaped.join(" ") }),
  };
}
