// Servers of protocols: a socket for each address that a host stands for.

import type { ListenTarget, Network } from "../drivers/network.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkBoolean, checkFunction, checkNames, wholeFrom } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { operation } from "../waiting/operation.ts";
import { checkHost, checkPath, checkPort } from "./checks.ts";
import { ADDR_INFO_OPTIONS, type AddrInfoOptions, queryOf, resolve } from "./names.ts";
import { loopForNetwork, networkOf } from "./network.ts";
import { Server } from "./server.ts";
import type { StreamProtocol, TransportOver } from "./socket-transport.ts";
import { serverTransportOver } from "./ssl-argument.ts";
import { SERVER_SSL_OPTIONS, type ServerSslOptions } from "./ssl-options.ts";

/** What all servers may be told. */
export interface ListenOptions extends ServerSslOptions {
  /**
   * Connections that the system lets wait until they are accepted: one more waits for a resend, seconds or longer.
   * Default: 100.
   */
  backlog?: number;
  /** Whether the server listens at once; else when `startServing` or `serveForever` is called. Default: true. */
  startServing?: boolean;
}

/** Options of `createServer`, beside host and port. */
export interface ServerOptions extends AddrInfoOptions, ListenOptions {
  /** Whether others may listen on the same port, and share the connections. Default: false. */
  reusePort?: boolean;
}

/** The names of ListenOptions. */
export const LISTEN_OPTIONS: readonly (keyof ListenOptions)[] = ["backlog", "startServing", ...SERVER_SSL_OPTIONS];

/** The names of ServerOptions. */
export const SERVER_OPTIONS: readonly (keyof ServerOptions)[] = [...LISTEN_OPTIONS, ...ADDR_INFO_OPTIONS, "reusePort"];

const DEFAULT_BACKLOG = 100;

/**
 * Makes a server, whose connections are served by protocols. Mirrors loop.create_server, on the running loop.
 * @param protocolFactory called for each connection
 * @param host name, address, or several; null: all addresses of this machine
 * @param port from 0 to 65,535; 0: any that is free, for each socket another one. Default: 0
 * @throws TypeError or RangeError, at the call, for bad arguments, and for options that there are not
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
 * @throws OSError and its family when the system refuses
 * @throws CancelledError when the task is cancelled; nobody listens then
 *
 * @example
 * const server = yield* createServer(() => new Echo(), "127.0.0.1", 8888);
 */
export function createServer(
  protocolFactory: () => StreamProtocol,
  host: string | readonly string[] | null = null,
  port: number | null = null,
  options: ServerOptions = {},
): Coroutine<Server> {
  checkFunction(protocolFactory, "protocolFactory");
  const { reusePort } = checkNames(options, SERVER_OPTIONS);
  const query = queryOf(options);
  const common = { backlog: backlogOf(options), reusePort: checkBoolean(reusePort, "reusePort") === true };
  const hosts = hostsOf(host);
  const number = checkPort(port) ?? 0;
  function* targets(loop: EventLoop): Coroutine<readonly ListenTarget[]> {
    const found = new Map<string, ListenTarget>();
    for (const name of hosts ?? allAddresses(networkOf(loop))) {
      for (const { address } of yield* resolve(loop, name, number, query)) {
        found.set(address[0], { host: address[0], port: number, ...common });
      }
    }
    return [...found.values()];
  }
  return operation("createServer", served(loopForNetwork(), protocolFactory, targets, options));
}

/**
 * Makes a server on a Unix socket, whose connections are served by protocols. Its file is removed when it is closed.
 * Mirrors loop.create_unix_server, on the running loop.
 * @throws TypeError, at the call, for what is no path
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
 * @throws OSError and its family when the system refuses
 * @throws CancelledError when the task is cancelled; nobody listens then
 */
export function createUnixServer(
  protocolFactory: () => StreamProtocol,
  path: string,
  options: ListenOptions = {},
): Coroutine<Server> {
  checkFunction(protocolFactory, "protocolFactory");
  const target = { path: checkPath(path), backlog: backlogOf(checkNames(options, LISTEN_OPTIONS)) };
  function* targets(): Coroutine<readonly ListenTarget[]> {
    return [target];
  }
  return operation("createUnixServer", served(loopForNetwork(), protocolFactory, targets, options));
}

function backlogOf({ backlog = DEFAULT_BACKLOG }: ListenOptions): number {
  return wholeFrom(1, backlog, "backlog");
}

function allAddresses({ takesBothFamilies }: Network): readonly string[] {
  return takesBothFamilies === true ? ["::"] : ["0.0.0.0", "::"];
}

/** The hosts to listen on; null: all addresses of this machine, of both families. */
function hostsOf(host: string | readonly string[] | null): readonly string[] | null {
  if (host === null || host === "") return null;
  if (!Array.isArray(host)) return [checkHost(host) as string];
  if (host.length > 0) return host.map((each: unknown) => checkHost(each) ?? "0.0.0.0");
  throw new RangeError(`Invalid host: expected at least one, got ${format(host)}`);
}

function served(
  loop: EventLoop,
  protocolFactory: () => StreamProtocol,
  targetsOf: (loop: EventLoop) => Coroutine<readonly ListenTarget[]>,
  options: ListenOptions,
): Coroutine<Server> {
  const starts = checkBoolean(options.startServing, "startServing") !== false;
  return made(loop, protocolFactory, targetsOf, serverTransportOver(options), starts);
}

function* made(
  loop: EventLoop,
  protocolFactory: () => StreamProtocol,
  targetsOf: (loop: EventLoop) => Coroutine<readonly ListenTarget[]>,
  transportOver: TransportOver,
  starts: boolean,
): Coroutine<Server> {
  const network = networkOf(loop);
  const targets = yield* targetsOf(loop);
  const server = new Server({ loop, network, targets, protocolFactory, transportOver });
  if (starts) yield* server.startServing();
  return server;
}
