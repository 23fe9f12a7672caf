// Endpoints of datagrams: a socket, bound or connected, and a protocol.

import type { DatagramEnd, DatagramTarget, InetAddress } from "../drivers/network.ts";
import { OSError, osError } from "../errors/os.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkBoolean, checkFunction, checkNames } from "../support/checks.ts";
import { format } from "../support/format.ts";
import type { DatagramProtocol } from "../streams/protocols.ts";
import { operation } from "../waiting/operation.ts";
import { attempt } from "./attempt.ts";
import { checkAddr } from "./checks.ts";
import { SocketDatagramTransport } from "./datagram-transport.ts";
import { ADDR_INFO_OPTIONS, type AddrInfoOptions, queryOf, resolve } from "./names.ts";
import { loopForNetwork, networkOf } from "./network.ts";
import { serving } from "./serving.ts";
import { addressText } from "./transport-socket.ts";

/** Options of `createDatagramEndpoint`. */
export interface DatagramOptions extends AddrInfoOptions {
  /** Host and port to bind to. Default: whatever the system takes. */
  localAddr?: readonly [host: string, port: number] | null;
  /** Host and port that all datagrams go to, and from which alone they are taken. Default: none. */
  remoteAddr?: readonly [host: string, port: number] | null;
  /** Whether other sockets may be bound to the same address, where the system can do that. Default: false. */
  reusePort?: boolean;
  /**
   * Whether datagrams may go to broadcast addresses. Then anybody's are taken, also with `remoteAddr`. Default: false.
   */
  allowBroadcast?: boolean;
  /** A socket of the host's own that is bound, in the place of all that: on Node a `dgram.Socket`. */
  sock?: object | null;
}

const DATAGRAM_OPTIONS: readonly (keyof DatagramOptions)[] = [
  "localAddr",
  "remoteAddr",
  ...ADDR_INFO_OPTIONS,
  "reusePort",
  "allowBroadcast",
  "sock",
];

/** What an endpoint is over: a socket, and the address that all datagrams go to. */
interface Opened {
  readonly end: DatagramEnd;
  readonly remote: InetAddress | null;
}

/**
 * Opens a socket of datagrams, and has a protocol served by a transport. Mirrors loop.create_datagram_endpoint, on the
 * running loop.
 * @param protocolFactory called when the socket is there
 * @returns the transport and the protocol; `connectionMade` was called
 * @throws TypeError or RangeError, at the call, for bad arguments, for options that there are not, and when there is
 *   neither an address nor a family nor a socket
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
 * @throws RangeError when the two addresses have no family in common
 * @throws OSError and its family when the system refuses
 * @throws CancelledError when the task is cancelled; no socket is left
 *
 * @example
 * const [transport] = yield* createDatagramEndpoint(() => new Echo(), { localAddr: ["127.0.0.1", 9999] });
 */
export function createDatagramEndpoint<P extends DatagramProtocol>(
  protocolFactory: () => P,
  options: DatagramOptions = {},
): Coroutine<[SocketDatagramTransport, P]> {
  checkFunction(protocolFactory, "protocolFactory");
  const opening = openingBy(checkNames(options, DATAGRAM_OPTIONS));
  return operation("createDatagramEndpoint", served(loopForNetwork(), opening, protocolFactory));
}

type Opening = (loop: EventLoop) => Coroutine<Opened>;

function* served<P extends DatagramProtocol>(
  loop: EventLoop,
  opening: Opening,
  protocolFactory: () => P,
): Coroutine<[SocketDatagramTransport, P]> {
  const { end, remote } = yield* opening(loop);
  return yield* serving(
    loop,
    protocolFactory,
    (protocol, waiter) => new SocketDatagramTransport(loop, end, protocol, remote, waiter),
    () => end.close(),
  );
}

/** How to open the socket, from what a caller says. */
function openingBy(options: DatagramOptions): Opening {
  const { sock = null, ...modifiers } = options;
  const local = checkAddr(options.localAddr, "localAddr");
  const remote = checkAddr(options.remoteAddr, "remoteAddr");
  const query = queryOf(options);
  const { family } = query;
  const reusePort = checkBoolean(options.reusePort, "reusePort") === true;
  const allowBroadcast = checkBoolean(options.allowBroadcast, "allowBroadcast") === true;
  const sockets = { reusePort, allowBroadcast };
  if (sock !== null) return adopting(sock, modifiers);
  if (local === null && remote === null) {
    if (family === 0) throw new RangeError("unexpected address family");
    return (loop) => firstOf(loop, [{ family, local: null, remote: null, ...sockets }]);
  }
  return function* (loop) {
    const pairs = new Map<4 | 6, { local: InetAddress | null; remote: InetAddress | null }>();
    for (const [side, addr] of [
      ["local", local],
      ["remote", remote],
    ] as const) {
      if (addr === null) continue;
      for (const { family, address } of yield* resolve(loop, addr[0], addr[1], query)) {
        const pair = pairs.get(family) ?? { local: null, remote: null };
        pair[side] ??= address;
        pairs.set(family, pair);
      }
    }
    const targets = [...pairs]
      .filter(([, pair]) => (local === null || pair.local !== null) && (remote === null || pair.remote !== null))
      .map(([family, pair]) => ({ family, ...pair, ...sockets }));
    if (targets.length === 0) throw new RangeError("can not get address information");
    return yield* firstOf(loop, targets);
  };
}

/** Takes a socket of the host's, which nothing else may be said of. */
function adopting(sock: object, modifiers: object): Opening {
  const problems = Object.entries(modifiers).filter(([, value]) => Boolean(value));
  if (problems.length > 0) {
    const list = problems.map(([name, value]) => `${name}=${format(value)}`).join(", ");
    throw new RangeError(`socket modifier keyword arguments can not be used when sock is specified. (${list})`);
  }
  const end = networkOf(loopForNetwork()).adoptDatagram(sock);
  return function* () {
    return { end, remote: end.remoteAddress };
  };
}

/** The first socket that can be opened, family after family. Throws the first error when none can. */
function* firstOf(loop: EventLoop, targets: readonly DatagramTarget[]): Coroutine<Opened> {
  let first: OSError | null = null;
  for (const target of targets) {
    try {
      return { end: yield* open(loop, target), remote: target.remote };
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      first ??= error;
    }
  }
  throw first as OSError;
}

function open(loop: EventLoop, target: DatagramTarget): Coroutine<DatagramEnd> {
  // With broadcasts a socket has an address to send to, but takes datagrams from anybody.
  const asked = target.allowBroadcast ? { ...target, remote: null } : target;
  return attempt(loop, "datagrams", (outcome) =>
    networkOf(loop).datagram(asked, {
      opened: (end) => outcome.succeed(end, () => end.close()),
      failed: (fault) => outcome.fail(osError(fault, `Cannot open ${placeText(target)}: ${fault.message}`)),
    }),
  );
}

function placeText({ local, remote }: DatagramTarget): string {
  const from = local === null ? "" : ` at ${addressText(local)}`;
  const to = remote === null ? "" : ` to ${addressText(remote)}`;
  return `a socket of datagrams${from}${to}`;
}
