// Endpoints of datagrams over the host's own sockets.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { type Coroutine, CancelledError, Event, createTask, getRunningLoop, run, sleep, wrapFuture } from "wasyncio";
import { runSync } from "wasyncio/testing";
import {
  ConnectionRefusedError,
  DatagramProtocol,
  type DatagramTransport,
  type InetAddress,
  OSError,
  type TransportSocket,
  createDatagramEndpoint,
} from "wasyncio/streams";
import { bytes, text } from "../../support/bytes.ts";

/** Writes down what it is told, and lets a coroutine wait until it has been told something. */
class Log extends DatagramProtocol {
  readonly log: unknown[] = [];
  readonly #told = new Event();

  #tell(entry: unknown): void {
    this.log.push(entry);
    this.#told.set();
  }

  /** Waits until so much was told. */
  *until(count: number): Coroutine<readonly unknown[]> {
    while (this.log.length < count) {
      this.#told.clear();
      yield* this.#told.wait();
    }
    return this.log;
  }

  override connectionMade(transport: DatagramTransport): void {
    this.#tell(`made ${transport.isClosing()}`);
  }

  override datagramReceived(data: Uint8Array): void {
    this.#tell(text(data));
  }

  override errorReceived(exc: Error): void {
    this.#tell(exc);
  }

  override connectionLost(exc: Error | null): void {
    this.#tell(`lost ${exc}`);
  }
}

/** Sends back what comes. */
class Echo extends DatagramProtocol {
  #transport: DatagramTransport | null = null;

  override connectionMade(transport: DatagramTransport): void {
    this.#transport = transport;
  }

  override datagramReceived(data: Uint8Array, addr: unknown): void {
    this.#transport?.sendto(bytes(`${text(data)} from ${String(addr)}`), addr);
  }
}

const HERE = ["127.0.0.1", 0] as const;
const nameOf = (transport: DatagramTransport): InetAddress => transport.getExtraInfo("sockname") as InetAddress;
const placeOf = (transport: DatagramTransport): [string, number] => [nameOf(transport)[0], nameOf(transport)[1]];

describe("createDatagramEndpoint", () => {
  test("gives transport and protocol when connectionMade was called", () =>
    run(function* () {
      const [transport, protocol] = yield* createDatagramEndpoint(() => new Log(), { localAddr: HERE });
      expect(protocol.log).toEqual(["made false"]);
      expect(transport.getProtocol()).toBe(protocol);
      expect(nameOf(transport)).toEqual(["127.0.0.1", expect.any(Number)]);
      expect(nameOf(transport)[1]).toBeGreaterThan(0);
      expect(transport.getExtraInfo("peername", "none")).toBe(null);
      expect((transport.getExtraInfo("socket") as TransportSocket).getsockname()).toEqual(nameOf(transport));
      expect(String(transport)).toBe(`<SocketDatagramTransport ('127.0.0.1', ${nameOf(transport)[1]}) bufsize=0>`);
      transport.close();
      expect(yield* protocol.until(2)).toEqual(["made false", "lost null"]);
      expect(String(transport)).toContain("SocketDatagramTransport closed");
    }));

  test("tells of each datagram with the address of its sender", () =>
    run(function* () {
      const [server] = yield* createDatagramEndpoint(() => new Echo(), { localAddr: HERE });
      const [client, log] = yield* createDatagramEndpoint(() => new Log(), { remoteAddr: placeOf(server) });
      expect(client.getExtraInfo("peername")).toEqual(placeOf(server));
      client.sendto(bytes("a"));
      client.sendto(bytes("b"), placeOf(server));
      const [host, port] = placeOf(client);
      expect((yield* log.until(3)).slice(1)).toEqual([`a from ${host},${port}`, `b from ${host},${port}`]);
      client.close();
      server.close();
    }));

  test("a datagram without bytes is one, and a large one comes whole", () =>
    run(function* () {
      const [server, log] = yield* createDatagramEndpoint(() => new Log(), { localAddr: HERE });
      const [client] = yield* createDatagramEndpoint(() => new Log(), { remoteAddr: placeOf(server) });
      client.sendto(new Uint8Array());
      const large = new Uint8Array(60_000).fill(97);
      client.sendto(large);
      large.fill(98); // what was sent is what it was
      expect((yield* log.until(3)).slice(1)).toEqual(["", "a".repeat(60_000)]);
      client.close();
      server.close();
    }));

  test("datagrams that came together are told in iterations of their own, in order", () =>
    run(function* () {
      const [server, log] = yield* createDatagramEndpoint(() => new Log(), { localAddr: HERE });
      const [client] = yield* createDatagramEndpoint(() => new Log(), { remoteAddr: placeOf(server) });
      const seen: number[] = [];
      const watching = createTask(
        (function* (): Coroutine<void> {
          for (;;) {
            seen.push(log.log.length);
            yield* sleep(0);
          }
        })(),
      );
      for (let count = 0; count < 20; count++) client.sendto(bytes(String(count)));
      const told = yield* log.until(21);
      expect(told.slice(1)).toEqual(Array.from({ length: 20 }, (_, count) => String(count)));
      for (const [index, count] of seen.entries()) expect(count - (seen[index - 1] ?? count)).toBeLessThan(2);
      watching.cancel();
      client.close();
      server.close();
    }));

  test("a connected endpoint takes datagrams of its other side only", () =>
    run(function* () {
      const [server] = yield* createDatagramEndpoint(() => new Echo(), { localAddr: HERE });
      const [stranger] = yield* createDatagramEndpoint(() => new Log(), { localAddr: HERE });
      const [client, log] = yield* createDatagramEndpoint(() => new Log(), { remoteAddr: placeOf(server) });
      stranger.sendto(bytes("stranger"), placeOf(client));
      client.sendto(bytes("x"));
      expect((yield* log.until(2)).slice(1)).toEqual([expect.stringMatching(/^x from /)]);
      for (const each of [client, stranger, server]) each.close();
    }));

  test("nobody at the other end is an error that the protocol is told, and the endpoint goes on", () =>
    run(function* () {
      const [server] = yield* createDatagramEndpoint(() => new Echo(), { localAddr: HERE });
      const remoteAddr = placeOf(server);
      server.close();
      yield* sleep(0);
      yield* sleep(0);
      const [client, log] = yield* createDatagramEndpoint(() => new Log(), { remoteAddr });
      client.sendto(bytes("x"));
      const error = (yield* log.until(2))[1];
      expect(error).toBeInstanceOf(ConnectionRefusedError);
      expect(error).toMatchObject({ code: "ECONNREFUSED" });
      expect(client.isClosing()).toBe(false);
      client.close();
      yield* log.until(3);
    }));

  test("a datagram that is too large is an error that the protocol is told", () =>
    run(function* () {
      const [client, log] = yield* createDatagramEndpoint(() => new Log(), { localAddr: HERE });
      client.sendto(new Uint8Array(70_000), ["127.0.0.1", 9]);
      const error = (yield* log.until(2))[1];
      expect(error).toBeInstanceOf(OSError);
      expect(error).toMatchObject({ code: "EMSGSIZE", syscall: "send" });
      client.close();
    }));

  test("names are resolved, and of both addresses the family in common is taken", () =>
    run(function* () {
      const [server] = yield* createDatagramEndpoint(() => new Echo(), { localAddr: ["localhost", 0], family: 4 });
      expect(nameOf(server)[0]).toBe("127.0.0.1");
      const [client] = yield* createDatagramEndpoint(() => new Log(), {
        localAddr: ["127.0.0.1", 0],
        remoteAddr: ["localhost", nameOf(server)[1]],
      });
      expect(client.getExtraInfo("peername")).toEqual(placeOf(server));
      client.close();
      server.close();
    }));

  test("speaks IPv6", () =>
    run(function* () {
      const [server] = yield* createDatagramEndpoint(() => new Echo(), { localAddr: ["::1", 0] });
      expect(nameOf(server)).toEqual(["::1", expect.any(Number), 0, 0]);
      const [client, log] = yield* createDatagramEndpoint(() => new Log(), { localAddr: ["::1", 0] });
      client.sendto(bytes("x"), nameOf(server));
      expect((yield* log.until(2))[1]).toBe(`x from ::1,${nameOf(client)[1]},0,0`);
      client.close();
      server.close();
    }));

  test("a family alone is any address, for others to be sent to", () =>
    run(function* () {
      const [server, log] = yield* createDatagramEndpoint(() => new Log(), { localAddr: HERE });
      const [client] = yield* createDatagramEndpoint(() => new Log(), { family: 4 });
      expect(nameOf(client)[0]).toBe("0.0.0.0");
      client.sendto(bytes("x"), placeOf(server));
      expect((yield* log.until(2))[1]).toBe("x");
      client.close();
      server.close();
    }));

  test("with allowBroadcast a remote address is where datagrams go, and anybody may answer", () =>
    run(function* () {
      const [server] = yield* createDatagramEndpoint(() => new Echo(), { localAddr: HERE });
      const [stranger] = yield* createDatagramEndpoint(() => new Log(), { localAddr: HERE });
      const [client, log] = yield* createDatagramEndpoint(() => new Log(), {
        localAddr: HERE,
        remoteAddr: placeOf(server),
        allowBroadcast: true,
      });
      expect(client.getExtraInfo("peername")).toBe(null);
      stranger.sendto(bytes("stranger"), placeOf(client));
      yield* log.until(2);
      client.sendto(bytes("x"));
      expect((yield* log.until(3)).slice(1)).toEqual(["stranger", expect.stringMatching(/^x from /)]);
      for (const each of [client, stranger, server]) each.close();
    }));

  test("takes a socket of the host's own", () =>
    run(function* () {
      const sock = createSocket("udp4");
      const isBound = once(sock, "listening");
      expect(() => createDatagramEndpoint(() => new Log(), { sock })).toThrow(
        "Invalid sock: expected a socket that is",
      );
      sock.bind(0, "127.0.0.1");
      yield* wrapFuture(isBound);
      expect(() => createDatagramEndpoint(() => new Log(), { sock, localAddr: HERE, family: 4 })).toThrow(
        "socket modifier keyword arguments can not be used when sock is specified. " +
          "(localAddr=['127.0.0.1', 0], family=4)",
      );
      const [transport, log] = yield* createDatagramEndpoint(() => new Log(), { sock });
      const [client] = yield* createDatagramEndpoint(() => new Log(), { remoteAddr: placeOf(transport) });
      client.sendto(bytes("x"));
      expect((yield* log.until(2))[1]).toBe("x");
      client.close();
      sock.close(); // by somebody else
      expect((yield* log.until(3))[2]).toBe("lost null");
      expect(transport.isClosing()).toBe(true);
    }));

  test("a socket of the host's own, which looks addresses up, sends what was given, in order, before it is closed", () =>
    run(function* () {
      const sock = createSocket("udp4").bind(0, "127.0.0.1");
      yield* wrapFuture(once(sock, "listening"));
      const [server, log] = yield* createDatagramEndpoint(() => new Log(), { localAddr: HERE });
      const [client] = yield* createDatagramEndpoint(() => new Log(), { sock });
      const scratch = Buffer.alloc(1);
      for (const each of "abc") {
        scratch.write(each);
        client.sendto(scratch, placeOf(server));
      }
      expect(client.getWriteBufferSize()).toBe(3 * (1 + 8));
      client.close();
      expect(yield* log.until(4)).toEqual(["made false", "a", "b", "c"]);
      server.close();
    }));

  test("a socket of the host's own that is closed while datagrams wait is lost", () =>
    run(function* () {
      const sock = createSocket("udp4").bind(0, "127.0.0.1");
      yield* wrapFuture(once(sock, "listening"));
      const [client, log] = yield* createDatagramEndpoint(() => new Log(), { sock });
      for (let count = 0; count < 3; count++) client.sendto(bytes("x"), placeOf(client));
      process.nextTick(() => sock.close()); // when the first one was sent, and the others were not
      yield* log.until(4);
      expect(log.log).toEqual([
        "made false",
        expect.objectContaining({ code: "ERR_SOCKET_DGRAM_NOT_RUNNING" }),
        expect.objectContaining({ code: "ERR_SOCKET_DGRAM_NOT_RUNNING" }),
        "lost null",
      ]);
    }));

  test("an address that cannot be had is an error, and leaves nothing behind", async () => {
    const opening = run(function* () {
      yield* createDatagramEndpoint(() => new Log(), { localAddr: ["192.0.2.1", 0] });
    });
    await expect(opening).rejects.toThrow(
      expect.objectContaining({
        name: "OSError",
        code: "EADDRNOTAVAIL",
        message: expect.stringMatching(/^Cannot open a socket of datagrams at \('192\.0\.2\.1', 0\): /),
      }),
    );
  });

  test("a port that is taken is an error, also of an endpoint of this loop", () =>
    run(function* () {
      const [first] = yield* createDatagramEndpoint(() => new Log(), { localAddr: HERE });
      let error: unknown;
      try {
        yield* createDatagramEndpoint(() => new Log(), { localAddr: placeOf(first) });
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ name: "OSError", code: "EADDRINUSE" });
      first.close();
    }));

  test("a task that is cancelled while the socket is opened leaves none", () =>
    run(function* () {
      const [first] = yield* createDatagramEndpoint(() => new Log(), { localAddr: HERE });
      const localAddr = placeOf(first);
      first.close();
      for (const steps of [1, 2]) {
        for (let step = 0; step < 3; step++) yield* sleep(0);
        const task = createTask(createDatagramEndpoint(() => new Log(), { localAddr }));
        for (let step = 0; step < steps; step++) yield* sleep(0);
        task.cancel();
        let error: unknown;
        try {
          yield* task;
        } catch (thrown) {
          error = thrown;
        }
        expect(error).toBeInstanceOf(CancelledError);
      }
      for (let step = 0; step < 3; step++) yield* sleep(0);
      const [second] = yield* createDatagramEndpoint(() => new Log(), { localAddr });
      second.close();
    }));

  test("a protocolFactory that throws leaves no socket", () =>
    run(function* () {
      let localAddr: readonly [string, number] = HERE;
      const [first] = yield* createDatagramEndpoint(() => new Log(), { localAddr });
      localAddr = placeOf(first);
      first.close();
      yield* sleep(0);
      yield* sleep(0);
      const failing = (): Log => {
        throw new RangeError("no protocol");
      };
      let error: unknown;
      try {
        yield* createDatagramEndpoint(failing, { localAddr });
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ message: "no protocol" });
      const [second] = yield* createDatagramEndpoint(() => new Log(), { localAddr });
      second.close();
    }));

  test("refuses what is wrong at the call", () =>
    run(function* () {
      const make = (options: object) => () => createDatagramEndpoint(() => new Log(), options);
      expect(make({})).toThrow(new RangeError("unexpected address family"));
      expect(make({ localAddr: "127.0.0.1" })).toThrow(TypeError);
      expect(make({ localAddr: ["127.0.0.1"] })).toThrow("Invalid localAddr: expected a host and a port, got ");
      expect(make({ remoteAddr: ["127.0.0.1", 65_536] })).toThrow(RangeError);
      expect(make({ family: 5 })).toThrow(RangeError);
      expect(make({ reuseAddress: true })).toThrow("Invalid options: there is no ");
      let error: unknown;
      try {
        yield* createDatagramEndpoint(() => new Log(), { localAddr: ["127.0.0.1", 0], remoteAddr: ["::1", 9] });
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toEqual(new RangeError("can not get address information"));
    }));

  test("needs a loop that runs on a host", () => {
    expect(() => createDatagramEndpoint(() => new Log(), { family: 4 })).toThrow("no running event loop");
    expect(() =>
      runSync(function* () {
        yield* createDatagramEndpoint(() => new Log(), { family: 4 });
      }),
    ).toThrow("Cannot use the network in virtual time");
  });

  test("is closed with its loop, without a word", async () => {
    let log: Log | null = null;
    let place: readonly [string, number] = HERE;
    await run(function* () {
      const [transport, protocol] = yield* createDatagramEndpoint(() => new Log(), { localAddr: HERE });
      place = placeOf(transport);
      log = protocol;
    });
    expect(log).toMatchObject({ log: ["made false"] });
    await run(function* () {
      const [transport] = yield* createDatagramEndpoint(() => new Log(), { localAddr: place }); // it is free
      transport.close();
    });
  });

  test("in debug mode it says nothing else", () =>
    run(
      function* () {
        getRunningLoop().setExceptionHandler((_, { message }) => expect.fail(message));
        const [server] = yield* createDatagramEndpoint(() => new Echo(), { localAddr: HERE });
        const [client, log] = yield* createDatagramEndpoint(() => new Log(), { remoteAddr: placeOf(server) });
        client.sendto(bytes("x"));
        yield* log.until(2);
        client.abort();
        server.abort();
        yield* log.until(3);
      },
      { debug: true },
    ));
});
