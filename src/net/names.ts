// From names to addresses, and back.

import type { Answers, InetAddress, ResolveOptions, ResolvedAddress } from "../drivers/network.ts";
import { OSError, osError } from "../errors/os.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { addressOf } from "../support/addresses.ts";
import { checkNames, wholeFrom } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { operation } from "../waiting/operation.ts";
import { attempt } from "./attempt.ts";
import { checkFamily, checkHost, checkPort } from "./checks.ts";
import { loopForNetwork, networkOf } from "./network.ts";

/** What `getaddrinfo` may be told, and whatever looks addresses up by it. */
export interface AddrInfoOptions {
  /** 4, 6, or 0 for both, as by default. */
  family?: 0 | 4 | 6;
  /** Of the system's `getaddrinfo`, as numbers. Default: 0. */
  flags?: number;
}

/** The names of AddrInfoOptions. */
export const ADDR_INFO_OPTIONS: readonly (keyof AddrInfoOptions)[] = ["family", "flags"];

/** One of the addresses of a name, with the port that was asked for. */
export interface AddrInfo {
  readonly family: 4 | 6;
  readonly address: InetAddress;
}

/**
 * The addresses of a host, in the system's order. An address is its own, and takes no time. Mirrors
 * loop.getaddrinfo, on the running loop.
 * @param host name or address; null: this machine
 * @param port is given back with each address. Default: 0
 * @throws TypeError or RangeError, at the call, for what is no host, no port, or an option that there is not
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
 * @throws GaiError when there is no such name
 * @throws CancelledError when the task is cancelled
 *
 * @example
 * const [{ address }] = yield* getaddrinfo("localhost", 80);
 */
export function getaddrinfo(
  host: string | null,
  port: number | null = null,
  options: AddrInfoOptions = {},
): Coroutine<readonly AddrInfo[]> {
  const query = queryOf(checkNames(options, ADDR_INFO_OPTIONS));
  return operation(
    "getaddrinfo",
    resolve(loopForNetwork(), checkHost(host) || "localhost", checkPort(port) ?? 0, query),
  );
}

/** What is asked of a resolver, by what a caller says. Throws TypeError or RangeError. */
export function queryOf({ family, flags = 0 }: AddrInfoOptions): ResolveOptions {
  return { family: checkFamily(family), flags: wholeFrom(0, flags, "flags") };
}

/** The addresses of a name with a port. Throws OSError when there is none. */
export function* resolve(
  loop: EventLoop,
  host: string,
  port: number,
  query: ResolveOptions,
): Coroutine<readonly AddrInfo[]> {
  const known = familyOf(host);
  if (known !== 0) {
    if (query.family !== 0 && query.family !== known) throw noAddress(host);
    return [{ family: known, address: addressOf(host, port) }];
  }
  const found = yield* answered<readonly ResolvedAddress[]>(
    loop,
    (answers) => networkOf(loop).resolve(host, query, answers),
    `Cannot find the address of ${format(host)}`,
  );
  if (found.length === 0) throw noAddress(host);
  return found.map((each) => ({ family: each.family, address: addressOf(each.address, port) }));
}

/**
 * The names of a host and of its port, as the system has them. Mirrors loop.getnameinfo, on the running loop.
 * @throws TypeError or RangeError, at the call, for what is no address
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
 * @throws GaiError when the address has no name
 * @throws CancelledError when the task is cancelled
 */
export function getnameinfo(sockaddr: InetAddress): Coroutine<readonly [host: string, service: string]> {
  if (!Array.isArray(sockaddr))
    throw new TypeError(`Invalid sockaddr: expected a host and a port, got ${format(sockaddr)}`);
  const host = checkHost(sockaddr[0]);
  const port = checkPort(sockaddr[1]);
  if (host === null || familyOf(host) === 0)
    throw new TypeError(`Invalid sockaddr: expected an IP address, got ${format(sockaddr[0])}`);
  return operation("getnameinfo", reverse(loopForNetwork(), host, port ?? 0));
}

function* reverse(loop: EventLoop, address: string, port: number): Coroutine<readonly [string, string]> {
  const { host, service } = yield* answered<{ readonly host: string; readonly service: string }>(
    loop,
    (answers) => networkOf(loop).reverse(address, port, answers),
    `Cannot find the name of ${address}`,
  );
  return [host, service];
}

/** Asks the network's resolver, which cannot be told to stop. `what` says in an error what was asked. */
function answered<T>(loop: EventLoop, ask: (answers: Answers<T>) => void, what: string): Coroutine<T> {
  return attempt(loop, "names", (outcome) => {
    ask({
      answered: (value) => outcome.succeed(value, () => {}),
      failed: (fault) => outcome.fail(osError(fault, `${what}: ${fault.message}`)),
    });
    return () => {};
  });
}

function noAddress(host: string): OSError {
  return new OSError(`getaddrinfo() returned empty list for ${format(host)}`);
}

/** The family that an IP address is of; 0 for a name. */
export function familyOf(host: string): 0 | 4 | 6 {
  if (host.includes(":")) return /^[\da-f:.]+(%.+)?$/i.test(host) ? 6 : 0;
  return IPV4.test(host) ? 4 : 0;
}

const BYTE = String.raw`(?:25[0-5]|2[0-4]\d|[01]?\d?\d)`;
const IPV4 = new RegExp(String.raw`^${BYTE}(?:\.${BYTE}){3}$`);
