// Files by the transports of real connections.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, describe, expect, test } from "vitest";
import { type Coroutine, CancelledError, createTask, getRunningLoop, run, sleep, wrapFuture } from "wasyncio";
import {
  ConnectionError,
  type FileToSend,
  Protocol,
  type Server,
  type SocketTransport,
  type StreamReader,
  type StreamWriter,
  connectWritePipe,
  createConnection,
  openConnection,
  sendfile,
  startServer,
} from "wasyncio/streams";
import { bytes, text } from "../../support/bytes.ts";

const SIZE = 3_000_001;
const CONTENT = Uint8Array.from({ length: SIZE }, (_, index) => index % 251);
const folder = mkdtempSync(join(tmpdir(), "sendfile-"));
const path = join(folder, "file");
writeFileSync(path, CONTENT);
afterAll(() => rmSync(folder, { recursive: true }));

type Serve = (reader: StreamReader, writer: StreamWriter) => Coroutine<void>;

/** A server that is closed when the body has ended, with its port. */
function* serving(serve: Serve, body: (port: number) => Coroutine<void>): Coroutine<void> {
  const server: Server = yield* startServer(serve, "127.0.0.1", 0);
  yield* server.with(function* (): Coroutine<void> {
    try {
      yield* body((server.sockets[0].getsockname() as [string, number])[1]);
    } finally {
      server.abortClients();
    }
  });
}

/** What a client gets when a server sends a file. */
function* sentBy(send: (writer: StreamWriter) => Coroutine<number>): Coroutine<[sent: number, got: Uint8Array]> {
  let sent = -1;
  let got = new Uint8Array();
  const serve: Serve = function* (_, writer) {
    sent = yield* send(writer);
    writer.close();
  };
  yield* serving(serve, function* (port) {
    const [reader, writer] = yield* openConnection("127.0.0.1", port);
    got = new Uint8Array(yield* reader.read());
    writer.close();
    yield* writer.waitClosed();
  });
  return [sent, got];
}

function* caught(coro: Coroutine<unknown>): Coroutine<unknown> {
  try {
    yield* coro;
  } catch (error) {
    return error;
  }
  return expect.fail("nothing was thrown");
}

/** Gives the host a turn. */
function* turn(): Coroutine<void> {
  yield* wrapFuture(new Promise((resolve) => setImmediate(resolve)));
}

const same = (got: Uint8Array, from: number, to: number): boolean =>
  Buffer.compare(got, CONTENT.subarray(from, to)) === 0;

describe("sendfile", () => {
  test("sends a Blob whole", () =>
    run(function* () {
      const [sent, got] = yield* sentBy((writer) => sendfile(writer.transport, new Blob([CONTENT])));
      expect([sent, same(got, 0, SIZE)]).toEqual([SIZE, true]);
    }));

  test("sends a FileHandle whole, whose position stays", () =>
    run(function* () {
      const file = yield* wrapFuture(open(path));
      const [sent, got] = yield* sentBy((writer) => sendfile(writer.transport, file));
      expect([sent, same(got, 0, SIZE)]).toEqual([SIZE, true]);
      const { bytesRead } = yield* wrapFuture(file.read(new Uint8Array(10)));
      expect(bytesRead).toBe(10);
      yield* wrapFuture(file.close());
    }));

  test("sends a part of it", () =>
    run(function* () {
      const file = yield* wrapFuture(open(path));
      for (const [offset, count, end] of [
        [1000, 500_000, 501_000],
        [SIZE - 10, null, SIZE],
        [SIZE - 10, 100, SIZE],
        [SIZE, null, SIZE],
        [SIZE + 10, 1, SIZE],
      ] as const) {
        for (const each of [file, new Blob([CONTENT])]) {
          const [sent, got] = yield* sentBy((writer) => sendfile(writer.transport, each, offset, count));
          expect([sent, same(got, offset, end)]).toEqual([Math.max(0, end - offset), true]);
        }
      }
      yield* wrapFuture(file.close());
    }));

  test("comes between what is written before and after", () =>
    run(function* () {
      const [, got] = yield* sentBy(function* (writer) {
        writer.write(bytes("before "));
        const sent = yield* sendfile(writer.transport, new Blob(["within"]));
        writer.write(bytes(" after"));
        return sent;
      });
      expect(text(got)).toBe("before within after");
    }));

  test("reads no further than the other side takes, and what comes meanwhile is read later", () =>
    run(function* () {
      let isSent = false;
      let reads = 0;
      const endless: FileToSend = {
        read: (buffer: Uint8Array) => {
          reads++;
          return Promise.resolve({ bytesRead: buffer.length });
        },
      };
      const count = 64 * 1024 * 1024;
      let isPaused = (): boolean => false;
      const serve: Serve = function* (reader, writer) {
        const transport = writer.transport as SocketTransport;
        isPaused = () => transport.getWriteBufferSize() > 65_536;
        expect(yield* sendfile(transport, endless, 0, count)).toBe(count);
        isSent = true;
        expect(text(yield* reader.readexactly(4))).toBe("meanwhile".slice(0, 4));
        writer.close();
      };
      yield* serving(serve, function* (port) {
        const [reader, writer] = yield* openConnection("127.0.0.1", port);
        writer.write(bytes("mean"));
        yield* reader.readexactly(1000);
        while (!isPaused()) yield* turn();
        expect([isSent, reads < count / 256 / 1024]).toEqual([false, true]);
        yield* reader.readexactly(count - 1000);
        expect(yield* reader.read()).toEqual(new Uint8Array());
        writer.close();
      });
    }));

  test("a connection that is lost meanwhile ends it, and its protocol is told", () =>
    run(function* () {
      const endless: FileToSend = { read: (buffer: Uint8Array) => Promise.resolve({ bytesRead: buffer.length }) };
      const serve: Serve = function* (reader, writer) {
        yield* reader.readexactly(1000);
        writer.transport.abort();
      };
      yield* serving(serve, function* (port) {
        const log: unknown[] = [];
        class Log extends Protocol {
          override connectionLost(exc: Error | null): void {
            log.push(exc);
          }
        }
        const [transport] = yield* createConnection(() => new Log(), "127.0.0.1", port);
        const error = yield* caught(sendfile(transport, endless));
        expect(error).toBeInstanceOf(ConnectionError);
        yield* sleep(0);
        expect(log).toHaveLength(1);
        expect(transport.getProtocol()).toBeInstanceOf(Log);
      });
    }));

  test("a cancelled task gives the transport back, and its protocol knows how writing goes", () =>
    run(function* () {
      const endless: FileToSend = { read: (buffer: Uint8Array) => Promise.resolve({ bytesRead: buffer.length }) };
      const serve: Serve = function* () {
        yield* getRunningLoop().createFuture(); // and reads nothing
      };
      yield* serving(serve, function* (port) {
        const [, writer] = yield* openConnection("127.0.0.1", port);
        const transport = writer.transport as SocketTransport;
        const protocol = transport.getProtocol();
        const sending = createTask(sendfile(transport, endless));
        while (transport.getWriteBufferSize() === 0) yield* turn();
        expect(transport.getProtocol()).not.toBe(protocol);
        sending.cancel();
        expect(yield* caught(sending as never)).toBeInstanceOf(CancelledError);
        expect([transport.getProtocol() === protocol, transport.isReading()]).toEqual([true, true]);
        const draining = createTask(writer.drain());
        yield* sleep(0);
        expect(draining.done()).toBe(false);
        transport.abort();
        yield* draining;
      });
    }));

  test("an error of the file is thrown, and the connection goes on", () =>
    run(function* () {
      const [, got] = yield* sentBy(function* (writer) {
        const failing: FileToSend = { read: () => Promise.reject(new RangeError("no such block")) };
        expect(yield* caught(sendfile(writer.transport, failing))).toEqual(new RangeError("no such block"));
        const wrong = { read: () => Promise.resolve(3) };
        expect(yield* caught(sendfile(writer.transport, wrong as never))).toBeInstanceOf(TypeError);
        writer.write(bytes("goes on"));
        return 0;
      });
      expect(text(got)).toBe("goes on");
    }));

  test("refuses what is wrong at the call", () =>
    run(function* () {
      const serve: Serve = function* (_, writer) {
        const { transport } = writer;
        const file = new Blob(["x"]);
        expect(() => sendfile(transport, "x" as never)).toThrow(
          "Invalid file: expected a Blob or a FileHandle, got 'x'",
        );
        expect(() => sendfile(transport, file, -1)).toThrow("offset must be a non-negative integer (got -1)");
        expect(() => sendfile(transport, file, 0.5)).toThrow("Invalid offset");
        expect(() => sendfile(transport, file, 0, 0)).toThrow("count must be a positive integer (got 0)");
        expect(() => sendfile(transport, file, 0, "1" as never)).toThrow("Invalid count");
        expect(() => sendfile(transport, file, 0, 1, { fallback: false })).toThrow(
          /^fallback is disabled and native sendfile is not supported for transport <SocketTransport /,
        );
        expect(() => sendfile(transport, file, 0, 1, { unheard: true } as never)).toThrow("there is no 'unheard'");
        writer.close();
        expect(() => sendfile(transport, file)).toThrow("Transport is closing");
        const [pipe] = yield* connectWritePipe(() => new Protocol(), new PassThrough());
        expect(() => sendfile(pipe, file)).toThrow(/^sendfile is not supported for transport <WritePipeTransport /);
        pipe.close();
      };
      getRunningLoop().setExceptionHandler((_, { exception }) => expect.fail(String(exception)));
      yield* serving(serve, function* (port) {
        const [reader, writer] = yield* openConnection("127.0.0.1", port);
        yield* reader.read();
        writer.close();
      });
    }));
});
