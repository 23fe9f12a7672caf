// Web streams as a reader and a writer, over the streams of the host.

import { describe, expect, test } from "vitest";
import { type Coroutine, CancelledError, createTask, forEach, run, sleep, wrapFuture } from "wasyncio";
import { runSync } from "wasyncio/testing";
import { BrokenPipeError, type StreamReader, type StreamWriter, openStream } from "wasyncio/streams";
import { bytes, text } from "../../support/bytes.ts";

/** Two ends of a connection in memory. */
function pair(): [Pick<TransformStream, "readable" | "writable">, Pick<TransformStream, "readable" | "writable">] {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ];
}

/** Arrays of both kinds: the `slice` of a Buffer copies nothing. */
const KINDS: readonly (readonly [string, (content: string) => Uint8Array])[] = [
  ["Uint8Array", bytes],
  ["Buffer", (content) => Buffer.from(content)],
];

interface Sink {
  readonly stream: WritableStream<Uint8Array>;
  readonly log: string[];
}

/** A sink that writes down what it is asked for; each write and the close wait for `gate`. */
function sink(gate: Promise<void> = Promise.resolve()): Sink {
  const log: string[] = [];
  const stream = new WritableStream<Uint8Array>({
    async write(chunk) {
      await gate;
      log.push(text(chunk).slice(0, 10));
    },
    async close() {
      await gate;
      log.push("close");
    },
    abort(reason) {
      log.push(`abort ${reason}`);
    },
  });
  return { stream, log };
}

interface Source {
  readonly stream: ReadableStream<Uint8Array>;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  readonly log: string[];
}

/** A source in the hands of the test. */
function source(): Source {
  const log: string[] = [];
  let made: ReadableStreamDefaultController<Uint8Array> | null = null;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      made = controller;
    },
    cancel(reason) {
      log.push(`cancel ${reason}`);
    },
  });
  return { stream, controller: made as unknown as ReadableStreamDefaultController<Uint8Array>, log };
}

function* caught(coro: Coroutine<unknown>): Coroutine<unknown> {
  try {
    yield* coro;
  } catch (error) {
    return error;
  }
  return expect.fail("nothing was thrown");
}

/** Gives the promises of streams time to say what they have to say. */
function* turns(): Coroutine<void> {
  for (let turn = 0; turn < 5; turn++) yield* wrapFuture(new Promise((resolve) => setImmediate(resolve)));
}

function* echo(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  yield* forEach(reader, function* (line): Coroutine<void> {
    writer.write(line);
    yield* writer.drain();
  });
  writer.close();
  yield* writer.waitClosed();
}

describe("openStream", () => {
  test("carries lines both ways, and the end", () =>
    run(function* () {
      const [near, far] = pair();
      const [reader, writer] = yield* openStream(near.readable, near.writable);
      const [farReader, farWriter] = yield* openStream(far.readable, far.writable);
      const echoing = createTask(echo(farReader, farWriter));
      writer.write(bytes("one\ntwo\nthr"));
      writer.write(bytes("ee\n"));
      expect(text(yield* reader.readline())).toBe("one\n");
      expect(text(yield* reader.readline())).toBe("two\n");
      expect(text(yield* reader.readline())).toBe("three\n");
      expect(writer.canWriteEof()).toBe(true);
      writer.writeEof();
      expect(yield* reader.read()).toEqual(new Uint8Array());
      expect(reader.atEof()).toBe(true);
      writer.close();
      yield* writer.waitClosed();
      yield* echoing;
    }));

  test("half of a connection goes on when the other half has ended", () =>
    run(function* () {
      const incoming = source();
      const outgoing = sink();
      const [reader, writer] = yield* openStream(incoming.stream, outgoing.stream);
      incoming.controller.enqueue(bytes("all"));
      incoming.controller.close();
      expect(text(yield* reader.read())).toBe("all");
      expect(writer.isClosing()).toBe(false);
      writer.write(bytes("answer"));
      yield* writer.drain();
      writer.close();
      yield* writer.waitClosed();
      expect(outgoing.log).toEqual(["answer", "close"]);
    }));

  test.each(KINDS)("what is read is a copy, of a %s", (_, make) =>
    run(function* () {
      const incoming = source();
      const [reader, writer] = yield* openStream(incoming.stream, sink().stream);
      const data = make("mine");
      incoming.controller.enqueue(data);
      const read = yield* reader.read(10);
      expect(read.constructor).toBe(Uint8Array);
      read.fill(0);
      expect(text(data)).toBe("mine");
      writer.transport.abort();
    }),
  );

  test.each(KINDS)("what is written is copied, a %s", (_, make) =>
    run(function* () {
      const [near, far] = pair();
      const [, writer] = yield* openStream(near.readable, near.writable);
      const [farReader] = yield* openStream(far.readable, far.writable);
      const data = make("before");
      writer.write(data);
      data.set(bytes("after!"));
      expect(text(yield* farReader.readexactly(6))).toBe("before");
      writer.transport.abort();
    }),
  );

  test("writing waits for a sink that is slow, and reading asks for no more than may be kept", () =>
    run(function* () {
      let open = (): void => {};
      const outgoing = sink(new Promise((resolve) => void (open = resolve)));
      let asked = 0;
      const incoming = new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            asked++;
            controller.enqueue(new Uint8Array(16_384));
          },
        },
        { highWaterMark: 0 },
      );
      const [reader, writer] = yield* openStream(incoming, outgoing.stream, { limit: 16_384 });
      yield* turns();
      expect(asked).toBe(4); // 64 KiB are asked for before the loop has its turn
      yield* reader.readexactly(50_000);
      yield* turns();
      expect(asked).toBe(8);

      writer.write(new Uint8Array(70_000).fill(97));
      const draining = createTask(writer.drain());
      yield* turns();
      expect(draining.done()).toBe(false);
      expect((writer.transport as unknown as { getWriteBufferSize(): number }).getWriteBufferSize()).toBe(70_000);
      open();
      yield* draining;
      writer.close();
      yield* writer.waitClosed();
      expect(outgoing.log).toEqual(["a".repeat(10), "close"]);
    }));

  test("closing waits until the sink has closed, and cancels what is read", () =>
    run(function* () {
      let open = (): void => {};
      const incoming = source();
      const outgoing = sink(new Promise((resolve) => void (open = resolve)));
      const [, writer] = yield* openStream(incoming.stream, outgoing.stream);
      writer.write(bytes("last"));
      writer.close();
      const closing = createTask(writer.waitClosed());
      yield* turns();
      expect([closing.done(), writer.isClosing()]).toEqual([false, true]);
      open();
      yield* closing;
      expect(outgoing.log).toEqual(["last", "close"]);
      yield* turns();
      expect(incoming.log).toEqual(["cancel undefined"]);
    }));

  test("a sink that cannot close is what waitClosed throws", () =>
    run(function* () {
      const error = new RangeError("the disk is full");
      const outgoing = new WritableStream<Uint8Array>({
        close() {
          throw error;
        },
      });
      const incoming = source();
      const [, writer] = yield* openStream(incoming.stream, outgoing);
      writer.close();
      expect(yield* caught(writer.waitClosed())).toBe(error);
    }));

  test("an error of the source is what reading throws, behind what came before", () =>
    run(function* () {
      const error = new RangeError("gone");
      const incoming = source();
      const outgoing = sink();
      const [reader, writer] = yield* openStream(incoming.stream, outgoing.stream);
      incoming.controller.enqueue(bytes("first\nsec"));
      expect(text(yield* reader.readline())).toBe("first\n");
      incoming.controller.error(error);
      expect(text(yield* reader.readexactly(3))).toBe("sec");
      expect(yield* caught(reader.read())).toBe(error);
      expect(yield* caught(writer.drain())).toBe(error);
      expect(yield* caught(writer.waitClosed())).toBe(error);
      expect(outgoing.log).toEqual(["abort undefined"]);
    }));

  test("an error of the sink comes to who writes, and what is read is cancelled", () =>
    run(function* () {
      const error = new RangeError("gone");
      const incoming = source();
      const outgoing = new WritableStream<Uint8Array>({
        write() {
          throw error;
        },
      });
      const [reader, writer] = yield* openStream(incoming.stream, outgoing);
      writer.write(bytes("x"));
      expect(yield* caught(writer.waitClosed())).toBe(error);
      expect(yield* caught(reader.read())).toBe(error);
      expect(yield* caught(writer.drain())).toBe(error);
      expect(incoming.log).toEqual(["cancel undefined"]);
    }));

  test("what is no error becomes one, and so does what is no bytes", () =>
    run(function* () {
      const one = source();
      const [reader] = yield* openStream(one.stream, sink().stream);
      one.controller.error("a text");
      expect(yield* caught(reader.read())).toMatchObject({
        name: "OSError",
        message: "the stream has failed with 'a text'",
      });
      const other = source();
      const [texts] = yield* openStream(other.stream, sink().stream);
      other.controller.enqueue("a text" as never);
      expect(yield* caught(texts.read())).toEqual(
        new TypeError("Invalid chunk of a stream: expected a Uint8Array, got 'a text'"),
      );
      expect(other.log).toEqual([expect.stringContaining("cancel TypeError")]);
    }));

  test("a sink that was closed before is a broken pipe", () =>
    run(function* () {
      const outgoing = sink();
      yield* wrapFuture(outgoing.stream.close());
      const [, writer] = yield* openStream(source().stream, outgoing.stream);
      writer.write(bytes("x"));
      expect(yield* caught(writer.waitClosed())).toBeInstanceOf(BrokenPipeError);
    }));

  test("chunks without bytes are passed over", () =>
    run(function* () {
      const incoming = source();
      const [reader, writer] = yield* openStream(incoming.stream, sink().stream);
      const reading = createTask(reader.read(10));
      incoming.controller.enqueue(new Uint8Array());
      yield* turns();
      expect(reading.done()).toBe(false);
      incoming.controller.enqueue(bytes("x"));
      expect(text(yield* reading)).toBe("x");
      writer.close();
    }));

  test("abort drops what waits", () =>
    run(function* () {
      const outgoing = sink(new Promise(() => {}));
      const incoming = source();
      const [reader, writer] = yield* openStream(incoming.stream, outgoing.stream);
      writer.write(bytes("lost"));
      writer.write(bytes("lost, too"));
      writer.transport.abort();
      yield* writer.waitClosed();
      expect(yield* reader.read()).toEqual(new Uint8Array());
      yield* turns();
      expect([outgoing.log, incoming.log]).toEqual([["abort undefined"], ["cancel undefined"]]);
    }));

  test("a task that is cancelled meanwhile gives both streams up", () =>
    run(function* () {
      const incoming = source();
      const outgoing = sink();
      const opening = createTask(openStream(incoming.stream, outgoing.stream));
      yield* sleep(0);
      opening.cancel();
      expect(yield* caught(opening as never)).toBeInstanceOf(CancelledError);
      yield* turns();
      expect([incoming.log, outgoing.log]).toEqual([["cancel undefined"], ["abort undefined"]]);
    }));

  test("cancelling a read loses nothing", () =>
    run(function* () {
      const incoming = source();
      const [reader, writer] = yield* openStream(incoming.stream, sink().stream);
      const reading = createTask(reader.readexactly(5));
      incoming.controller.enqueue(bytes("hel"));
      yield* turns();
      reading.cancel();
      yield* turns();
      incoming.controller.enqueue(bytes("lo"));
      expect(text(yield* reader.readexactly(5))).toBe("hello");
      writer.close();
    }));

  test("is given up with its loop", async () => {
    const incoming = source();
    const outgoing = sink();
    await run(function* () {
      yield* openStream(incoming.stream, outgoing.stream);
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([incoming.log, outgoing.log]).toEqual([["cancel undefined"], ["abort undefined"]]);
  });

  test("shows itself, and knows of no socket", () =>
    run(function* () {
      const [, writer] = yield* openStream(source().stream, sink().stream);
      expect(String(writer.transport)).toBe("<WebStreamTransport polling bufsize=0>");
      expect(writer.getExtraInfo("peername")).toBe(null);
      writer.close();
      expect(String(writer.transport)).toBe("<WebStreamTransport closing bufsize=1>");
    }));

  test("compresses and decompresses what goes through", () =>
    run(function* () {
      const gzip = new CompressionStream("gzip");
      const gunzip = new DecompressionStream("gzip");
      void gzip.readable.pipeTo(gunzip.writable);
      const [reader, writer] = yield* openStream(gunzip.readable, gzip.writable as WritableStream<Uint8Array>);
      for (let count = 0; count < 1000; count++) {
        writer.write(bytes(`line ${count}\n`));
        yield* writer.drain();
      }
      writer.writeEof();
      let count = 0;
      yield* forEach(reader, (line) => {
        expect(text(line)).toBe(`line ${count++}\n`);
      });
      expect(count).toBe(1000);
      writer.close();
      yield* writer.waitClosed();
    }));

  test("refuses what is wrong at the call", () =>
    run(function* () {
      const { readable, writable } = new TransformStream();
      expect(() => openStream(writable as never, writable)).toThrow(
        "Invalid readable: expected a ReadableStream, got ",
      );
      expect(() => openStream(readable, readable as never)).toThrow(
        "Invalid writable: expected a WritableStream, got ",
      );
      expect(() => openStream(readable, writable, { limit: 0 })).toThrow("Limit cannot be <= 0");
      expect(() => openStream(readable, writable, { size: 1 } as never)).toThrow("there is no 'size'");
      expect([readable.locked, writable.locked]).toEqual([false, false]);
      const writer = writable.getWriter();
      expect(() => openStream(readable, writable)).toThrow("Invalid writable: expected a stream that is not locked");
      writer.releaseLock();
      readable.getReader();
      expect(() => openStream(readable, writable)).toThrow("Invalid readable: expected a stream that is not locked");
      yield* sleep(0);
    }));

  test("needs a loop that runs on a host", () => {
    const { readable, writable } = new TransformStream();
    expect(() => openStream(readable, writable)).toThrow("no running event loop");
    expect(() =>
      runSync(function* () {
        yield* openStream(readable, writable);
      }),
    ).toThrow("Cannot use streams of the host in virtual time");
    expect([readable.locked, writable.locked]).toEqual([false, false]);
  });
});
