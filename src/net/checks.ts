// What the calls of the network are given, checked at the call.

import { format } from "../support/format.ts";
import { type Delay, secondsFrom0 } from "../support/delay.ts";

/** A host's name or address, or null for none. Throws TypeError for anything else. */
export function checkHost(host: unknown, what = "host"): string | null {
  if (host === undefined || host === null) return null;
  if (typeof host === "string" && !host.includes("\0")) return host;
  throw new TypeError(`Invalid ${what}: expected a name, an address or null, got ${format(host)}`);
}

/** A port, or null for none. Throws TypeError for what is no number, RangeError for one out of range. */
export function checkPort(port: unknown, what = "port"): number | null {
  if (port === undefined || port === null) return null;
  if (!Number.isInteger(port)) throw new TypeError(`Invalid ${what}: expected a whole number, got ${format(port)}`);
  if ((port as number) < 0 || (port as number) > 65_535)
    throw new RangeError(`Invalid ${what}: expected a number from 0 to 65535, got ${format(port)}`);
  return port as number;
}

/** Host and port, or null for none. Throws TypeError or RangeError for anything else. */
export function checkAddr(addr: unknown, what: string): readonly [host: string, port: number] | null {
  if (addr === undefined || addr === null) return null;
  if (!Array.isArray(addr) || addr.length !== 2)
    throw new TypeError(`Invalid ${what}: expected a host and a port, got ${format(addr)}`);
  return [checkHost(addr[0], what) || "localhost", checkPort(addr[1], what) ?? 0];
}

/** The path of a Unix socket. Throws TypeError for anything else. */
export function checkPath(path: unknown): string {
  if (typeof path === "string" && path !== "") return path;
  throw new TypeError(`Invalid path: expected the path of a socket, got ${format(path)}`);
}

/** Family of addresses: 0 for any. Throws RangeError for others. */
export function checkFamily(family: unknown): 0 | 4 | 6 {
  if (family === undefined || family === 0) return 0;
  if (family === 4 || family === 6) return family;
  throw new RangeError(`Invalid family: expected 4, 6 or 0 for both, got ${format(family)}`);
}

/** A time that may be left out. Throws TypeError for what is none, RangeError for one before 0. */
export function checkDelay(delay: Delay | null | undefined, what: string): number | null {
  return delay === undefined || delay === null ? null : secondsFrom0(delay, what);
}

/** Throws TypeError for what is no protocol: what a factory has made, or one that is set. Returns it. */
export function checkProtocol<P>(protocol: P): P {
  if (typeof (protocol as { connectionMade?: unknown } | null)?.connectionMade === "function") return protocol;
  throw new TypeError(`Invalid protocol: expected a protocol, got ${format(protocol)}`);
}
