// The transport of datagrams over an end in the hands of the test: what real sockets do seldom.

import { describe, expect, test } from "vitest";
import type { Coroutine, ExceptionContext } from "wasyncio";
import { DatagramProtocol, type InetAddress } from "wasyncio/streams";
import { VirtualEventLoop } from "wasyncio/testing";
import type { DatagramEnd, DatagramEvents } from "../../../src/drivers/network.ts";
import { SocketDatagramTransport } from "../../../src/net/datagram-transport.ts";
import { bytes, text } from "../../support/bytes.ts";
import { runOnce } from "../../support/stage.ts";

const HERE: InetAddress = ["127.0.0.1", 1000];
const THERE: InetAddress = ["127.0.0.1", 2000];

/** A socket that keeps what it sends until `take`. */
class Hand implements DatagramEnd {
  readonly localAddress = HERE;
  readonly remoteAddress: InetAddress | null;
  readonly sent: unknown[] = [];
  events: DatagramEvents | null = null;
  pending = 0;
  isFull = false;
  isClosed = false;

  constructor(remote: InetAddress | null) {
    this.remoteAddress = remote;
  }

  start(events: DatagramEvents): void {
    this.events = events;
  }

  send(data: Uint8Array, to: InetAddress | null): void {
    this.sent.push([data.length, to]);
    if (this.isFull) this.pending += data.length + 8;
  }

  take(): void {
    this.pending = 0;
    this.isFull = false;
    this.events?.drained();
  }

  close(): void {
    this.isClosed = true;
  }

  get told(): DatagramEvents {
    return this.events as DatagramEvents;
  }
}

class Log extends DatagramProtocol {
  readonly log: string[] = [];
  /** What it throws at the next datagram. */
  error: Error | null = null;
  override connectionMade(): void {
    this.log.push("made");
  }
  override datagramReceived(data: Uint8Array, addr: unknown): void {
    this.log.push(`${text(data).slice(0, 5)} from ${String(addr)}`);
    const { error } = this;
    this.error = null;
    if (error !== null) throw error;
  }
  override errorReceived(exc: Error): void {
    this.log.push(`${exc.name} ${exc.message}`);
  }
  override pauseWriting(): void {
    this.log.push("pause");
  }
  override resumeWriting(): void {
    this.log.push("resume");
  }
  override connectionLost(exc: Error | null): void {
    this.log.push(`lost ${exc}`);
  }
}

interface Stage {
  readonly loop: VirtualEventLoop;
  readonly end: Hand;
  readonly protocol: Log;
  readonly transport: SocketDatagramTransport;
  readonly reports: ExceptionContext[];
  /** Runs an iteration, and returns what the protocol was told in it. */
  step(): string[];
}

function stage(remote: InetAddress | null = THERE): Stage {
  const loop = new VirtualEventLoop();
  const reports: ExceptionContext[] = [];
  loop.setExceptionHandler((_, context) => void reports.push(context));
  const end = new Hand(remote);
  const protocol = new Log();
  const transport = new SocketDatagramTransport(loop, end, protocol, remote, loop.createFuture());
  const step = (): string[] => {
    runOnce(loop);
    return protocol.log.splice(0);
  };
  return { loop, end, protocol, transport, reports, step };
}

describe("receiving", () => {
  test("what came before connectionMade is told behind it, one an iteration", () => {
    const { end, step } = stage();
    end.told.received(bytes("a"), THERE);
    end.told.refused({ message: "refused", code: "ECONNREFUSED" });
    end.told.received(bytes("b"), THERE);
    expect([step(), step(), step(), step(), step()]).toEqual([
      ["made"],
      ["a from 127.0.0.1,2000"],
      ["ConnectionRefusedError refused"],
      ["b from 127.0.0.1,2000"],
      [],
    ]);
  });

  test("who waits for the endpoint goes on before anything is told", () => {
    const loop = new VirtualEventLoop();
    const end = new Hand(THERE);
    const protocol = new Log();
    const waiter = loop.createFuture();
    new SocketDatagramTransport(loop, end, protocol, THERE, waiter);
    end.told.received(bytes("a"), THERE);
    loop.createTask(
      (function* (): Coroutine<void> {
        yield* waiter;
        protocol.log.push("goes on");
      })(),
    );
    for (let count = 0; count < 4; count++) runOnce(loop);
    expect(protocol.log).toEqual(["made", "goes on", "a from 127.0.0.1,2000"]);
  });

  test("an error of the protocol is reported, and what came further is told", () => {
    const { end, protocol, transport, reports, step } = stage();
    step();
    protocol.error = new RangeError("of the protocol");
    end.told.received(bytes("a"), THERE);
    end.told.received(bytes("b"), THERE);
    expect([step(), step()]).toEqual([["a from 127.0.0.1,2000"], ["b from 127.0.0.1,2000"]]);
    expect(reports).toMatchObject([{ exception: { message: "of the protocol" } }]);
    expect(transport.isClosing()).toBe(false);
  });

  test("of a flood nothing more is kept than a buffer of the system's would", () => {
    const { end, protocol, step } = stage();
    step();
    const large = new Uint8Array(60_000).fill(97);
    for (let count = 0; count < 1000; count++) end.told.received(large, THERE);
    while (protocol.log.length + step().length > 0);
    end.told.received(bytes("after"), THERE);
    expect(step()).toEqual(["after from 127.0.0.1,2000"]);
    for (let count = 0; count < 1000; count++) end.told.received(large, THERE);
    let told = 0;
    for (;;) {
      const { length } = step();
      if (length === 0) break;
      told += length;
    }
    expect(told).toBe(Math.ceil((4 * 1024 * 1024) / 60_000));
  });

  test("a closed transport is told nothing more", () => {
    const { end, transport, step } = stage();
    step();
    end.told.received(bytes("a"), THERE);
    transport.close();
    end.told.received(bytes("b"), THERE);
    expect([step(), step()]).toEqual([["lost null"], []]);
    expect(end.isClosed).toBe(true);
  });
});

describe("sending", () => {
  test("goes to the remote address, by the socket when that is connected", () => {
    const { end, transport } = stage();
    transport.sendto(bytes("a"));
    transport.sendto(bytes("b"), THERE);
    expect(end.sent).toEqual([
      [1, null],
      [1, null],
    ]);
    expect(() => transport.sendto(bytes("c"), HERE)).toThrow(
      new RangeError("Invalid address: must be null or ('127.0.0.1', 2000)"),
    );
  });

  test("needs an address where there is no remote one", () => {
    const { end, transport } = stage(null);
    expect(() => transport.sendto(bytes("a"))).toThrow("there is no remote address, so a datagram needs one");
    expect(() => transport.sendto(bytes("a"), ["localhost", 1])).toThrow("expected an IP address, got 'localhost'");
    expect(() => transport.sendto(bytes("a"), ["127.0.0.1"])).toThrow("expected a host and a port");
    expect(() => transport.sendto(bytes("a"), ["127.0.0.1", null])).toThrow("expected a host and a port");
    expect(() => transport.sendto(bytes("a"), ["127.0.0.1", 1.5])).toThrow(TypeError);
    expect(() => transport.sendto(bytes("a"), ["127.0.0.1", 70_000])).toThrow(RangeError);
    expect(() => transport.sendto("a" as never, THERE)).toThrow("expected a Uint8Array");
    expect(end.sent).toEqual([]);
    transport.sendto(bytes("a"), ["::1", 7, 0, 0]);
    expect(end.sent).toEqual([[1, ["::1", 7]]]);
  });

  test("pauses the protocol above the high mark, and lets it go on when that has gone", () => {
    const { end, transport, protocol, step } = stage();
    step();
    expect(transport.getWriteBufferLimits()).toEqual([16_384, 65_536]);
    transport.setWriteBufferLimits(100);
    expect(transport.getWriteBufferLimits()).toEqual([25, 100]);
    end.isFull = true;
    transport.sendto(new Uint8Array(92));
    expect(protocol.log).toEqual([]);
    expect(transport.getWriteBufferSize()).toBe(100);
    transport.sendto(new Uint8Array(1));
    transport.sendto(new Uint8Array(1));
    expect(protocol.log).toEqual(["pause"]);
    end.take();
    expect(step()).toEqual(["pause", "resume"]);
    expect(() => transport.setWriteBufferLimits(1, 2)).toThrow("high (1) must be >= low (2) must be >= 0");
  });

  test("an error of pauseWriting is reported, and does not go to who sends", () => {
    const { end, transport, protocol, reports, step } = stage();
    step();
    protocol.pauseWriting = () => {
      throw new RangeError("of the protocol");
    };
    end.isFull = true;
    transport.sendto(new Uint8Array(60_000));
    transport.sendto(new Uint8Array(60_000));
    expect(reports).toMatchObject([{ message: "protocol.pauseWriting() failed", transport, protocol }]);
  });
});

describe("the end", () => {
  test("close waits for what is to be sent", () => {
    const { end, transport, step } = stage();
    step();
    end.isFull = true;
    transport.sendto(bytes("a"));
    transport.close();
    expect([transport.isClosing(), step(), step(), end.isClosed]).toEqual([true, [], [], false]);
    end.take();
    expect([step(), step(), end.isClosed]).toEqual([[], ["lost null"], true]);
  });

  test("abort does not", () => {
    const { end, transport, step } = stage();
    step();
    end.isFull = true;
    transport.sendto(bytes("a"));
    transport.close();
    transport.abort();
    transport.abort();
    expect([step(), step(), end.isClosed]).toEqual([["lost null"], [], true]);
  });

  test("what is sent too late is dropped, and the sixth time there is a warning", () => {
    const warnings: unknown[] = [];
    const { loop, end, transport, step } = stage();
    loop.host.report = (_level, ...words) => void warnings.push(words);
    step();
    transport.close();
    for (let count = 0; count < 4; count++) transport.sendto(bytes("x"));
    expect(warnings).toEqual([]);
    transport.sendto(bytes("x"));
    expect(warnings).toHaveLength(1);
    expect(end.sent).toEqual([]);
  });

  test("a socket that somebody else closes is told when all has been told", () => {
    const { end, transport, step } = stage();
    step();
    end.told.received(bytes("a"), THERE);
    end.told.closed();
    transport.sendto(bytes("too late"));
    expect([step(), step(), step(), end.sent]).toEqual([["a from 127.0.0.1,2000"], [], ["lost null"], []]);
    expect([end.isClosed, transport.getWriteBufferSize()]).toEqual([false, 0]);
  });

  test("a loop that is closed lets go of the socket", () => {
    const { loop, end, transport, step } = stage();
    step();
    end.told.received(bytes("a"), THERE);
    loop.close();
    expect([end.isClosed, transport.isClosing()]).toEqual([true, true]);
    end.told.received(bytes("a"), THERE);
    end.told.refused({ message: "late" });
    end.told.drained();
  });

  test("another protocol is told from then on", () => {
    const { end, transport, step } = stage();
    step();
    const other = new Log();
    transport.setProtocol(other);
    expect(transport.getProtocol()).toBe(other);
    end.told.received(bytes("a"), THERE);
    expect([step(), other.log]).toEqual([[], ["a from 127.0.0.1,2000"]]);
  });
});
