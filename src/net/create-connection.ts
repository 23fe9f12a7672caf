// Connections as asyncio's protocols see them: made by name or address, family after family when that takes long.

import type { ConnectTarget, StreamEnd } from "../drivers/network.ts";
import { type Fault, OSError, osError } from "../errors/os.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkBoolean, checkFunction, checkNames, wholeFrom } from "../support/checks.ts";
import type { Delay } from "../support/delay.ts";
import { ExceptionGroup } from "../support/exception-group.ts";
import { staggeredRace } from "../streams/staggered-race.ts";
import { operation } from "../waiting/operation.ts";
import { attempt } from "./attempt.ts";
import { checkAddr, checkDelay, checkHost, checkPath, checkPort } from "./checks.ts";
import { ADDR_INFO_OPTIONS, type AddrInfoOptions, queryOf, type AddrInfo, resolve } from "./names.ts";
import { loopForNetwork, networkOf } from "./network.ts";
import { serving } from "./serving.ts";
import type { SocketTransport, StreamProtocol, TransportOver } from "./socket-transport.ts";
import { clientTransportOver, serverTransportOver } from "./ssl-argument.ts";
import { CLIENT_SSL_OPTIONS, type ClientSslOptions, SERVER_SSL_OPTIONS, type ServerSslOptions } from "./ssl-options.ts";
import { addressText } from "./transport-socket.ts";

/** Options of `createConnection`, beside host and port. */
export interface ConnectionOptions extends AddrInfoOptions, ClientSslOptions {
  /** Host and port to connect from. Default: whatever the system takes. */
  localAddr?: readonly [host: string, port: number] | null;
  /** A socket of the host's own that is connected, in the place of host and port: on Node a `net.Socket`. */
  sock?: object | null;
  /**
   * Time after which the next address is tried beside the one that has not answered yet. Default: only when that has
   * failed.
   */
  happyEyeballsDelay?: Delay | null;
  /** Addresses of the first family before the others alternate with it. Default: 1 with a delay, else 0. */
  interleave?: number;
  /** Whether to throw an ExceptionGroup with the errors of all addresses. Default: false. */
  allErrors?: boolean;
}

/** The names of ConnectionOptions. */
export const CONNECTION_OPTIONS: readonly (keyof ConnectionOptions)[] = [
  ...ADDR_INFO_OPTIONS,
  "localAddr",
  "sock",
  "happyEyeballsDelay",
  "interleave",
  "allErrors",
  ...CLIENT_SSL_OPTIONS,
];

/**
 * Connects, and has a protocol served by a transport. Mirrors loop.create_connection, on the running loop.
 * @param protocolFactory called when the connection stands
 * @param host name or address; null: this machine, or none, with `sock`
 * @param port from 0 to 65,535; null: none, with `sock`
 * @returns the transport and the protocol; `connectionMade` was called
 * @throws TypeError or RangeError, at the call, for bad arguments, and for options that there are not
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
 * @throws OSError and its family when no address can be connected to
 * @throws SSLCertVerificationError when the server's certificate is not trusted
 * @throws SSLError, ConnectionError when the handshake fails, or takes longer than `sslHandshakeTimeout`
 * @throws CancelledError when the task is cancelled; no socket is left
 *
 * @example
 * const [transport, protocol] = yield* createConnection(() => new Client(), "127.0.0.1", 8888);
 */
export function createConnection<P extends StreamProtocol>(
  protocolFactory: () => P,
  host: string | null = null,
  port: number | null = null,
  options: ConnectionOptions = {},
): Coroutine<[SocketTransport, P]> {
  checkFunction(protocolFactory, "protocolFactory");
  const connecting = connectingTo(host, port, checkNames(options, CONNECTION_OPTIONS));
  const over = clientTransportOver(options, host, "You must set serverHostname when using ssl without a host");
  return operation("createConnection", connected(loopForNetwork(), connecting, protocolFactory, over));
}

/**
 * Connects to a Unix socket, and has a protocol served by a transport. Mirrors loop.create_unix_connection, on the
 * running loop.
 * @throws TypeError, at the call, for what is no path
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
 * @throws OSError and its family when nobody listens there
 * @throws CancelledError when the task is cancelled; no socket is left
 */
export function createUnixConnection<P extends StreamProtocol>(
  protocolFactory: () => P,
  path: string,
  options: ClientSslOptions = {},
): Coroutine<[SocketTransport, P]> {
  checkFunction(protocolFactory, "protocolFactory");
  const target = { path: checkPath(path) };
  const over = clientTransportOver(
    checkNames(options, CLIENT_SSL_OPTIONS),
    null,
    "you have to pass serverHostname when using ssl",
  );
  const connecting = (loop: EventLoop): Coroutine<StreamEnd> => connectTo(loop, target);
  return operation("createUnixConnection", connected(loopForNetwork(), connecting, protocolFactory, over));
}

/**
 * Has a protocol served by a transport over a socket of the host's own that was accepted elsewhere. Mirrors
 * loop.connect_accepted_socket, on the running loop.
 * @throws TypeError, at the call, for what is no socket of the host's
 */
export function connectAcceptedSocket<P extends StreamProtocol>(
  protocolFactory: () => P,
  sock: object,
  options: ServerSslOptions = {},
): Coroutine<[SocketTransport, P]> {
  checkFunction(protocolFactory, "protocolFactory");
  const over = serverTransportOver(checkNames(options, SERVER_SSL_OPTIONS));
  const loop = loopForNetwork();
  return operation("connectAcceptedSocket", connected(loop, adopting(loop, sock), protocolFactory, over));
}

type Connecting = (loop: EventLoop) => Coroutine<StreamEnd>;

/** Takes a socket of the host's as the connection. */
function adopting(loop: EventLoop, sock: object): Connecting {
  const end = networkOf(loop).adopt(sock);
  return function* () {
    return end;
  };
}

/** The protocol is made when the connection stands; it is given when it knows of it. */
function* connected<P extends StreamProtocol>(
  loop: EventLoop,
  connecting: Connecting,
  protocolFactory: () => P,
  over: TransportOver,
): Coroutine<[SocketTransport, P]> {
  const end = yield* connecting(loop);
  return yield* serving(
    loop,
    protocolFactory,
    (protocol, waiter) => over(loop, end, protocol, waiter),
    () => end.abort(),
  );
}

/** How to connect, from what a caller says. */
function connectingTo(host: string | null, port: number | null, options: ConnectionOptions): Connecting {
  const { sock = null, localAddr = null, allErrors } = options;
  const name = checkHost(host);
  const number = checkPort(port);
  const query = queryOf(options);
  const delay = checkDelay(options.happyEyeballsDelay, "happyEyeballsDelay");
  const interleave = wholeFrom(0, options.interleave ?? (delay === null ? 0 : 1), "interleave");
  const groups = checkBoolean(allErrors, "allErrors") === true;
  const local = checkAddr(localAddr, "localAddr");
  if (sock !== null) {
    if (name !== null || number !== null)
      throw new RangeError("host/port and sock can not be specified at the same time");
    return adopting(loopForNetwork(), sock);
  }
  if (name === null && number === null) throw new RangeError("host and port was not specified and no sock specified");
  const place = [name || "localhost", number ?? 0] as const;
  const byName: readonly AddrInfo[] = [{ family: 4, address: place }];
  return function* (loop) {
    const found = networkOf(loop).connectsByName === true ? byName : yield* resolve(loop, ...place, query);
    const locals = local === null ? null : yield* resolve(loop, local[0], local[1], query);
    const infos = interleave > 0 ? interleaved(found, interleave) : found;
    const attempts = infos.map((info) => (): Coroutine<StreamEnd> => connectTo(loop, targetOf(info, locals)));
    return yield* firstOf(loop, attempts, delay, groups);
  };
}

/** The first attempt that gives an end; one after the other, or each `delay` after the one before. */
function* firstOf(
  loop: EventLoop,
  attempts: readonly (() => Coroutine<StreamEnd>)[],
  delay: number | null,
  groups: boolean,
): Coroutine<StreamEnd> {
  const errors: Error[] = [];
  const noted = attempts.map(
    (attempt) =>
      function* (): Coroutine<StreamEnd> {
        try {
          return yield* attempt();
        } catch (error) {
          if (isFault(error)) errors.push(error);
          throw error;
        }
      },
  );
  if (delay === null) {
    for (const attempt of noted) {
      try {
        return yield* attempt();
      } catch (error) {
        if (!isFault(error)) throw error;
      }
    }
  } else {
    const end = yield* raced(loop, noted, delay);
    if (end !== null) return end;
  }
  throw groups ? new ExceptionGroup("create_connection failed", errors) : summary(errors);
}

/** The first of several at a time, or null. The others are closed, and all when nobody is left to take the first. */
function* raced(
  loop: EventLoop,
  attempts: readonly (() => Coroutine<StreamEnd>)[],
  delay: number,
): Coroutine<StreamEnd | null> {
  const made = new Set<StreamEnd>();
  const letGo = loop.arrivals.listen(() => {
    for (const end of made) end.abort();
  });
  const noted = attempts.map(
    (attempt) =>
      function* (): Coroutine<StreamEnd> {
        const end = yield* attempt();
        made.add(end);
        return end;
      },
  );
  try {
    const [end] = yield* staggeredRace(noted, delay);
    if (end !== null) made.delete(end);
    return end;
  } finally {
    letGo();
  }
}

/** What the system refuses: the next address may do. */
function isFault(error: unknown): error is Error {
  return error instanceof OSError;
}

function summary(errors: readonly Error[]): Error {
  const texts = errors.map(({ message }) => message);
  if (texts.length > 0 && texts.every((text) => text === texts[0])) return errors[0];
  return new OSError(`Multiple exceptions: ${texts.join(", ")}`);
}

/** Addresses with the families in turn, after the first `count` of the first family. */
function interleaved(infos: readonly AddrInfo[], count: number): readonly AddrInfo[] {
  const families = [...new Set(infos.map(({ family }) => family))];
  const [first, ...others] = families.map((family) => infos.filter((info) => info.family === family));
  const lists = [first.slice(count - 1), ...others];
  const rounds = Math.max(...lists.map((list) => list.length));
  const inTurn = Array.from({ length: rounds }, (_, round) => lists.flatMap((list) => list.slice(round, round + 1)));
  return [...first.slice(0, count - 1), ...inTurn.flat()];
}

function targetOf({ family, address }: AddrInfo, locals: readonly AddrInfo[] | null): ConnectTarget {
  const local = locals === null ? null : (locals.find((info) => info.family === family) ?? null);
  if (locals !== null && local === null) throw new OSError("no matching local address with family found");
  return {
    host: address[0],
    port: address[1],
    localHost: local?.address[0] ?? null,
    localPort: local?.address[1] ?? 0,
  };
}

/** Connects to one address. Whatever ends this but a connection, no socket is left. */
function connectTo(loop: EventLoop, target: ConnectTarget): Coroutine<StreamEnd> {
  return attempt(loop, "connection", (outcome) =>
    networkOf(loop).connect(target, {
      connected: (end) => outcome.succeed(end, () => end.abort()),
      failed: (fault) => outcome.fail(osError(fault, failedText(target, fault))),
    }),
  );
}

function failedText(target: ConnectTarget, { message }: Fault): string {
  const address = "path" in target ? target.path : ([target.host, target.port] as const);
  return `Connect call failed ${addressText(address)}: ${message}`;
}
