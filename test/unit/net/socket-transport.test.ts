// Transports over an end in the hands of the test: which call of the protocol comes in which iteration, and what the
// end is told to do. What real sockets make of it is compared with CPython in test/cpython/sockets.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sleep } from "wasyncio";
import { BufferedProtocol, Protocol, StreamReader, StreamReaderProtocol, type StreamProtocol } from "wasyncio/streams";
import { SocketTransport } from "../../../src/net/socket-transport.ts";
import { bytes, text } from "../../support/bytes.ts";
import { counters, iteration } from "../../support/counters.ts";
import { ManualEnd } from "./manual-end.ts";
import { Stage } from "../../support/manual-stage.ts";

const RESET = { code: "ECONNRESET", errno: -104, syscall: "read", message: "read ECONNRESET" };
const BROKEN = { code: "EPIPE", errno: -32, syscall: "write", message: "write EPIPE" };

let stage: Stage;
let end: ManualEnd;
let running: Promise<unknown>;
/** What the protocol was told, with the number of the iteration. */
let log: string[];
let origin: number;

beforeEach(() => {
  stage = new Stage();
  end = new ManualEnd();
  log = [];
  running = stage.start(() => sleep(1e6));
  origin = iteration(stage.loop);
});

afterEach(async () => {
  stage.loop.stop();
  stage.turn();
  await running.catch(() => {});
  stage.loop.close();
});

const note = (what: string): void => void log.push(`${iteration(stage.loop) - origin} ${what}`);

class Noting extends Protocol {
  readonly #keepsOpen: boolean;

  constructor(keepsOpen = false) {
    super();
    this.#keepsOpen = keepsOpen;
  }

  override connectionMade(): void {
    note("made");
  }

  override dataReceived(data: Uint8Array): void {
    note(data.length > 20 ? `data ${data.length}` : `data ${text(data)}`);
  }

  override eofReceived(): boolean {
    note("eof");
    return this.#keepsOpen;
  }

  override connectionLost(error: Error | null): void {
    note(`lost ${error === null ? "null" : error.name}`);
  }

  override pauseWriting(): void {
    note("paused");
  }

  override resumeWriting(): void {
    note("resumed");
  }
}

/** A transport whose protocol was told of it; the log begins behind that. */
function made(protocol: StreamProtocol = new Noting()): SocketTransport {
  const transport = new SocketTransport(stage.loop, end, protocol, stage.loop.createFuture());
  stage.turn();
  log.length = 0;
  end.log.length = 0;
  origin = iteration(stage.loop);
  return transport;
}

describe("the beginning", () => {
  test("the protocol is told, then reading begins, then the waiter goes on", async () => {
    const waiter = stage.loop.createFuture<void>();
    waiter.addDoneCallback(() => note("waiter"));
    new SocketTransport(stage.loop, end, new Noting(), waiter);
    end.events.data(bytes("early"));
    expect(end.log).toEqual([]);
    stage.turn();
    expect(end.log).toEqual(["resume"]);
    expect(log).toEqual(["1 made", "2 waiter", "2 data early"]);
  });

  test("a protocol that pauses in connectionMade is told nothing until it goes on", () => {
    class Pausing extends Noting {
      override connectionMade(): void {
        transport.pauseReading();
      }
    }
    const transport = new SocketTransport(stage.loop, end, new Pausing(), stage.loop.createFuture());
    end.events.data(bytes("early"));
    stage.turn();
    expect([end.log, log]).toEqual([[], []]);
    transport.resumeReading();
    stage.turn();
    expect([end.log, log.length]).toEqual([["resume"], 1]);
  });
});

describe("what comes", () => {
  test("bytes that came together are told together", () => {
    made();
    end.events.data(bytes("ab"));
    end.events.data(bytes("cd"));
    stage.turn();
    expect(log).toEqual(["1 data abcd"]);
  });

  test("bytes and the end of the stream are two iterations, as with a selector", () => {
    made(new Noting(true));
    end.events.data(bytes("ab"));
    end.events.ended();
    stage.turn();
    expect(log).toEqual(["1 data ab", "2 eof"]);
  });

  test("bytes, and then a fault", () => {
    made();
    end.events.data(bytes("ab"));
    end.events.closed(RESET);
    stage.turn();
    expect(log).toEqual(["1 data ab", "2 lost ConnectionResetError"].map((line) => line.replace("2 lost", "3 lost")));
  });

  test("much is told in pieces of at most 256 KiB", () => {
    made();
    for (let piece = 0; piece < 10; piece++) end.events.data(new Uint8Array(60_000));
    stage.turn();
    expect(log).toEqual(["1 data 240000", "2 data 240000", "3 data 120000"]);
  });

  test("nothing is told while reading is paused, and all of it later", () => {
    const transport = made(new Noting(true));
    transport.pauseReading();
    end.events.data(bytes("ab"));
    end.events.ended();
    stage.turn();
    expect(log).toEqual([]);
    transport.resumeReading();
    stage.turn();
    expect(log.map((line) => line.slice(2))).toEqual(["data ab", "eof"]);
    expect(end.log).toEqual(["pause", "resume"]);
  });

  test("a fault of reading waits until somebody reads; one of sending does not", () => {
    for (const [fault, isTold] of [
      [RESET, false],
      [BROKEN, true],
    ] as const) {
      end = new ManualEnd();
      const transport = made();
      transport.pauseReading();
      end.events.data(bytes("ab"));
      end.events.closed(fault);
      stage.turn();
      expect(log.length > 0, fault.code).toBe(isTold);
      if (isTold) expect(log).toEqual([expect.stringMatching("lost BrokenPipeError")]); // and no data
    }
  });

  test("a fault does not wait while something is to be sent", () => {
    const transport = made();
    end.takes = false;
    transport.write(bytes("ab"));
    transport.pauseReading();
    end.events.closed(RESET);
    stage.turn();
    expect(log).toEqual([expect.stringMatching("lost ConnectionResetError")]);
  });

  test("nothing is told to a protocol that has closed", () => {
    const transport = made();
    end.events.data(bytes("ab"));
    transport.close();
    stage.turn();
    expect(log).toEqual(["1 lost null"]);
    expect(end.log).toEqual(["pause", "close"]);
  });

  test("nothing comes behind the end of the loop", () => {
    made();
    const { events } = end;
    end.events.data(bytes("ab"));
    stage.loop.stop();
    stage.turn();
    log.length = 0;
    return running
      .catch(() => {})
      .then(() => {
        stage.loop.close();
        expect(end.log).toEqual(["abort"]);
        events.data(bytes("late"));
        events.closed(null);
        expect(log).toEqual([]);
        stage = new Stage();
        running = stage.start(() => sleep(1e6));
      });
  });

  test("a source gives its slot back when the connection is lost", () => {
    const before = counters(stage.loop).slots;
    const transport = made();
    end.events.data(bytes("ab"));
    stage.turn();
    transport.abort();
    stage.turn();
    expect(counters(stage.loop).slots).toBe(before);
  });
});

describe("a protocol with arrays of its own", () => {
  test("is given as much as fits, in an iteration each", () => {
    class Buffered extends BufferedProtocol {
      readonly #buffer = new Uint8Array(3);
      override getBuffer(): Uint8Array {
        return this.#buffer;
      }
      override bufferUpdated(count: number): void {
        note(text(this.#buffer.subarray(0, count)));
      }
    }
    made(new Buffered());
    end.events.data(bytes("abcdefgh"));
    stage.turn();
    expect(log).toEqual(["1 abc", "2 def", "3 gh"]);
  });

  test("what is no array ends the connection", () => {
    class Wrong extends BufferedProtocol {
      override getBuffer(): Uint8Array {
        return "abc" as unknown as Uint8Array;
      }
      override connectionLost(error: Error | null): void {
        note(`lost ${String(error?.name)}`);
      }
    }
    made(new Wrong());
    end.events.data(bytes("abc"));
    stage.turn();
    expect(stage.reports).toEqual([["Fatal error: protocol.getBuffer() call failed.", expect.any(TypeError)]]);
    expect(log).toEqual(["2 lost TypeError"]);
  });

  test("may take the place of a reader that has been given bytes", () => {
    const reader = new StreamReader(undefined, stage.loop);
    const transport = made(new StreamReaderProtocol(reader, null, stage.loop));
    end.events.data(bytes("ab"));
    transport.setProtocol(new Noting());
    end.events.data(bytes("cd"));
    stage.turn();
    expect(log).toEqual(["1 data abcd"]);
  });
});

describe("what is sent", () => {
  test("the first write of a turn goes at once, the others together when the turn ends", async () => {
    const transport = made();
    transport.write(bytes("a"));
    transport.write(bytes("b"));
    transport.writelines([bytes("c"), bytes("d")]);
    expect(end.log).toEqual(["write a"]);
    await Promise.resolve();
    expect(end.log).toEqual(["write a", "write bcd"]);
  });

  test("behind a turn with several writes the first one waits for the others, too, behind one with one it does not", async () => {
    const transport = made();
    for (const turn of ["ab", "cd", "e", "f"]) {
      for (const text of turn) transport.write(bytes(text));
      end.log.push("then");
      await Promise.resolve();
    }
    expect(end.log).toEqual(["write a", "then", "write b", "then", "write cd", "then", "write e", "write f", "then"]);
  });

  test("what is sent together may be changed behind the call, and is kept as long as it is pending", async () => {
    const transport = made();
    const sent: Uint8Array[] = [];
    end.write = (data) => {
      sent.push(data);
      end.pending += data.length;
    };
    const scratch = new Uint8Array(1);
    transport.write(bytes("0")); // the array of a first write is the end's
    transport.write(bytes("1"));
    await Promise.resolve();
    for (const turn of ["ab", "cd", "ef"]) {
      for (const each of turn) {
        scratch.set(bytes(each));
        transport.write(scratch);
      }
      await Promise.resolve();
    }
    expect(sent.map(text)).toEqual(["0", "1", "ab", "cd", "ef"]);
  });

  test("what waits for others goes before the loop is closed", () => {
    const transport = made();
    stage.loop.stop();
    stage.turn();
    for (const text of "abc") transport.write(bytes(text));
    stage.loop.close();
    expect(end.log).toEqual(["write a", "write bc", "abort"]);
  });

  test("the order holds for large writes behind small ones", async () => {
    const transport = made();
    for (const size of [1, 2, 70_000, 3, 65_536, 4]) transport.write(new Uint8Array(size));
    await Promise.resolve();
    expect(end.log.map((line) => line.replaceAll("\0", "0"))).toEqual([
      "write 0",
      "write 00",
      "write 70000",
      "write 000",
      "write 65536",
      "write 0000",
    ]);
  });

  test("the end of the stream, and the end of the connection, come behind what was written", () => {
    const transport = made();
    for (const text of ["a", "b"]) transport.write(bytes(text));
    transport.writeEof();
    transport.writeEof();
    transport.close();
    expect(end.log).toEqual(["write a", "write b", "end", "pause"]);
  });

  test("what the system takes at once does not wait", () => {
    const transport = made();
    transport.setWriteBufferLimits(0);
    for (const text of ["a", "b", "c"]) transport.write(bytes(text));
    expect(transport.getWriteBufferSize()).toBe(0);
    expect(log).toEqual([]);
  });

  test("the protocol pauses above the high mark and goes on at the low one", () => {
    const transport = made();
    transport.setWriteBufferLimits(100, 50);
    end.takes = false;
    transport.write(new Uint8Array(100));
    expect(log).toEqual([]);
    transport.write(new Uint8Array(1));
    expect(log).toEqual(["0 paused"]);
    end.pending = 51;
    end.events.drained();
    stage.turn();
    expect(log).toEqual(["0 paused"]);
    end.pending = 50;
    end.events.drained();
    stage.turn();
    expect(log).toEqual(["0 paused", "2 resumed"]);
  });

  test("marks that are lowered pause the protocol", () => {
    const transport = made();
    end.takes = false;
    transport.write(new Uint8Array(1000));
    transport.setWriteBufferLimits(999);
    expect(log).toEqual(["0 paused"]);
  });

  test("closing waits for what is to be sent; aborting does not", () => {
    for (const how of ["close", "abort"] as const) {
      end = new ManualEnd();
      const transport = made();
      end.takes = false;
      transport.write(bytes("ab"));
      transport[how]();
      stage.turn();
      if (how === "close") {
        expect(log).toEqual([]);
        end.drain();
        stage.turn();
      }
      expect(log.map((line) => line.slice(2))).toEqual(["lost null"]);
      expect(end.log).toEqual(["write ab", "pause", how]);
    }
  });

  test("what the system takes at once has gone when the connection is aborted", () => {
    const transport = made();
    for (const each of ["a", "b"]) transport.write(bytes(each));
    transport.abort();
    expect(end.log).toEqual(["write a", "write b", "pause"]);
  });

  test("a write that fails ends the connection at once", () => {
    const transport = made();
    end.failure = BROKEN;
    transport.write(bytes("ab"));
    expect(transport.isClosing()).toBe(true);
    transport.write(bytes("cd"));
    expect(end.log.filter((line) => line.startsWith("write"))).toEqual(["write ab"]);
    stage.turn();
    expect(log).toEqual(["1 lost BrokenPipeError"]);
  });

  test("writing does not go on for one that fails", () => {
    const transport = made();
    end.takes = false;
    transport.write(new Uint8Array(100_000));
    end.pending = 0;
    end.events.closed(BROKEN);
    stage.turn();
    expect(log.map((line) => line.slice(2))).toEqual(["paused", "lost BrokenPipeError"]);
  });

  test("a fault that reading has not told yet is what a write fails by", () => {
    const transport = made();
    transport.pauseReading();
    end.events.closed(RESET);
    transport.write(bytes("ab"));
    stage.turn();
    expect(log).toEqual([expect.stringMatching("lost ConnectionResetError")]);
  });

  test.each([
    ["a text", "ab"],
    ["an array", [1]],
    ["nothing", undefined],
    ["a buffer", new ArrayBuffer(1)],
  ])("%s is refused at the call", (_, data) => {
    const transport = made();
    expect(() => transport.write(data as unknown as Uint8Array)).toThrow(TypeError);
    expect(end.log).toEqual([]);
  });

  test.each([
    [1, 2, RangeError],
    [-1, null, RangeError],
    [null, -1, RangeError],
    [1.5, null, TypeError],
    [NaN, null, TypeError],
    ["1", null, TypeError],
  ])("marks of %s and %s are refused, and the old ones stay", (high, low, refusal) => {
    const transport = made();
    expect(() => transport.setWriteBufferLimits(high as number, low as number)).toThrow(refusal);
    expect(transport.getWriteBufferLimits()).toEqual([16_384, 65_536]);
  });
});

test("a transport shows where it is, and how it is", () => {
  const transport = made();
  expect(String(transport)).toBe(
    "<SocketTransport ('127.0.0.1', 1) to ('127.0.0.1', 2) read=polling write=<idle, bufsize=0>>",
  );
  end.takes = false;
  transport.write(bytes("ab"));
  transport.close();
  expect(String(transport)).toBe(
    "<SocketTransport closing ('127.0.0.1', 1) to ('127.0.0.1', 2) read=idle write=<polling, bufsize=2>>",
  );
  transport.abort();
  stage.turn();
  expect(String(transport)).toMatch(/^<SocketTransport closed /);
});
