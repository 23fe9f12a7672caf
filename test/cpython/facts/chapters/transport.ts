// TRANSPORT: transports and protocols.

import { type Coroutine, sleep } from "wasyncio";
import {
  BufferedProtocol,
  DatagramProtocol,
  type DatagramOptions,
  type InetAddress,
  Protocol,
  type SocketTransport,
  Transport,
  createConnection,
  createDatagramEndpoint,
  createServer,
} from "wasyncio/streams";
import { type Facts, excused, reworded } from "../fact.ts";
import { Noting, builtin, drop, pair, realTrace } from "../sockets.ts";
import { bytes, text } from "../../../support/bytes.ts";
import { attempt, attemptAwait } from "../../../support/outcomes.ts";
import { addressOf, freePort } from "../../../support/servers.ts";

/** More than a system takes in for a reader that does not read. */
const MUCH = 32 * 1024 * 1024;

const protocol = (): Protocol => new Protocol();

/** The module node:dns. */
interface Dns {
  lookup: unknown;
}

/** While it is called, each name stands for these addresses. */
function* withAddresses<T>(addresses: readonly string[], body: () => Coroutine<T>): Coroutine<T> {
  const dns = builtin<Dns>("dns");
  const { lookup } = dns;
  dns.lookup = (_name: string, _options: object, answer: (error: null, found: unknown) => void) =>
    answer(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  try {
    return yield* body();
  } finally {
    dns.lookup = lookup;
  }
}

export const facts: Facts = {
  "TRANSPORT-01": () =>
    realTrace(function* (log) {
      class Greeting extends Protocol {
        override connectionMade(transport: SocketTransport): void {
          transport.write(bytes("hi"));
        }
      }
      const server = yield* createServer(() => new Greeting(), "127.0.0.1", 0);
      const [transport] = yield* createConnection(() => new Noting(log), ...addressOf(server));
      log.push("returned");
      while (log.length < 3) yield* sleep(0.01);
      server.close();
      yield* drop(log, transport, transport);
    }),

  "TRANSPORT-02": () =>
    realTrace(function* (log) {
      const [, other] = yield* pair(new Noting(log));
      other.write(bytes("x"));
      while (log.length < 2) yield* sleep(0.01);
      other.close();
      while (log.length < 4) yield* sleep(0.01);
    }),

  "TRANSPORT-03": () =>
    realTrace(function* (log) {
      const [transport, other] = yield* pair(new Noting(log));
      transport.close();
      transport.close();
      log.push(transport.isClosing(), "after close");
      yield* sleep(0.01);
      other.abort();
    }),

  "TRANSPORT-04": () =>
    realTrace(function* (log) {
      const [transport, other] = yield* pair(new Noting(log));
      log.push(transport.getWriteBufferLimits());
      transport.write(new Uint8Array(MUCH));
      log.push("write returned");
      other.resumeReading();
      while (transport.getWriteBufferSize() > 0) yield* sleep(0.001);
      yield* drop(log, transport, other);
    }),

  "TRANSPORT-05": () =>
    realTrace(function* (log) {
      const [transport, other] = yield* pair(new Noting(log));
      for (const [high, low] of [
        [100, null],
        [null, 10],
        [0, null],
      ]) {
        transport.setWriteBufferLimits(high, low);
        log.push(transport.getWriteBufferLimits());
      }
      log.push(attempt(() => transport.setWriteBufferLimits(1, 2)));
      yield* drop(log, transport, other);
    }),

  "TRANSPORT-06": reworded(
    "bytes are Uint8Arrays",
    [
      "made",
      "TypeError('Invalid data: expected a Uint8Array, got 'str'')",
      "RuntimeError('Cannot call write() after writeEof()')",
    ],
    () =>
      realTrace(function* (log) {
        const [transport, other] = yield* pair(new Noting(log));
        log.push(attempt(() => transport.write("str" as unknown as Uint8Array)));
        transport.writeEof();
        log.push(attempt(() => transport.write(bytes("x"))));
        yield* drop(log, transport, other);
      }),
  ),

  "TRANSPORT-07": () =>
    realTrace(function* (log) {
      const [transport, other] = yield* pair(new Noting(log));
      yield* sleep(0);
      log.push(transport.isReading());
      transport.pauseReading();
      transport.pauseReading();
      log.push(transport.isReading());
      transport.resumeReading();
      transport.resumeReading();
      log.push(transport.isReading());
      transport.close();
      log.push(transport.isReading());
      yield* drop(log, transport, other);
    }),

  "TRANSPORT-08": () =>
    realTrace(function* (log) {
      class Failing extends Noting {
        override dataReceived(): void {
          throw new RangeError("d");
        }
      }
      const [, other] = yield* pair(new Failing(log));
      other.write(bytes("x"));
      while (log.length < 3) yield* sleep(0.01);
      other.abort();
    }),

  "TRANSPORT-09": () =>
    realTrace(function* (log) {
      class Buffered extends BufferedProtocol {
        readonly #buffer = new Uint8Array(10);
        override getBuffer(sizehint: number): Uint8Array {
          log.push(["get", sizehint]);
          return this.#buffer;
        }
        override bufferUpdated(count: number): void {
          log.push(["upd", count, `b'${text(this.#buffer.subarray(0, count))}'`]);
        }
      }
      const [transport, other] = yield* pair(new Buffered());
      other.write(bytes("abc"));
      while (log.length < 2) yield* sleep(0.01);
      yield* drop(log, transport, other);
    }),

  "TRANSPORT-10": () =>
    realTrace(function* (log) {
      class Datagrams extends DatagramProtocol {
        override datagramReceived(data: Uint8Array): void {
          log.push(["dg", `b'${text(data)}'`]);
        }
      }
      const endpoint = (options: DatagramOptions) => createDatagramEndpoint(() => new Datagrams(), options);
      const [server] = yield* endpoint({ localAddr: ["127.0.0.1", 0] });
      const [host, port] = server.getExtraInfo("sockname") as InetAddress;
      const [client] = yield* endpoint({ remoteAddr: [host, port] });
      client.sendto(bytes("ping"));
      while (log.length === 0) yield* sleep(0.01);
      const refusal = attempt(() => client.sendto(bytes("x"), ["127.0.0.1", 1]));
      log.push(String(refusal).startsWith("RangeError('Invalid address: must be null or"));
      client.close();
      server.close();
    }),

  "TRANSPORT-11": () =>
    realTrace(function* (log) {
      const [transport, other] = yield* pair(new Noting(log));
      log.push((transport.getExtraInfo("socket") as object).constructor.name === "TransportSocket");
      log.push(transport.getExtraInfo("sockname") !== null, transport.getExtraInfo("nope", "dflt"));
      yield* drop(log, transport, other);
    }),

  "TRANSPORT-12": () => [
    attempt(() => new Transport().write(new Uint8Array())),
    attempt(() => new Protocol().dataReceived(new Uint8Array())),
  ],

  "TRANSPORT-13": () =>
    realTrace(function* (log) {
      const calling = (...rest: unknown[]): unknown =>
        attempt(() => (createConnection as (...all: unknown[]) => unknown)(protocol, ...rest));
      log.push(calling(), calling("h", 1, { serverHostname: "x" }), calling("h", 1, { sock: {} }));
    }),

  "TRANSPORT-14": () =>
    realTrace(function* (log) {
      const port = yield* freePort();
      const connecting = (host: string, options?: object): Coroutine<unknown> =>
        attemptAwait(createConnection(protocol, host, port, options));
      for (const options of [{}, { allErrors: true }]) {
        log.push(String(yield* connecting("127.0.0.1", options)).split("(")[0]);
      }
      const both = yield* withAddresses(["127.0.0.1", "127.0.0.2"], () => connecting("two.example"));
      log.push(String(both).startsWith("OSError('Multiple exceptions: Connect call failed"));
    }),

  "TRANSPORT-15": excused("file descriptors do not exist in JavaScript"),

  "TRANSPORT-16": () =>
    realTrace(function* (log) {
      const [transport, other] = yield* pair(new Noting(log));
      transport.abort();
      for (let count = 0; count < 5; count++) transport.write(bytes("x"));
      log.push([log.pop()]);
      yield* drop(log, transport, other);
    }),
};
