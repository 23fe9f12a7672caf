// Pipes: Node's own streams, those of children, and web streams.

import { spawn } from "node:child_process";
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { type Coroutine, Event, createTask, forEach, getRunningLoop, run, sleep, wrapFuture } from "wasyncio";
import { runSync } from "wasyncio/testing";
import {
  type BaseTransport,
  BrokenPipeError,
  ConnectionError,
  FileNotFoundError,
  FlowControlMixin,
  Protocol,
  StreamReader,
  StreamReaderProtocol,
  StreamWriter,
  type WritePipeTransport,
  connectReadPipe,
  connectWritePipe,
} from "wasyncio/streams";
import { bytes, text } from "../../support/bytes.ts";
import { runInNode } from "../../support/processes.ts";

/** Writes down what it is told, and lets a coroutine wait until it has been told so much. */
class Log extends Protocol {
  readonly log: unknown[] = [];
  readonly #told = new Event();
  #tell(entry: unknown): void {
    this.log.push(entry);
    this.#told.set();
  }
  *until(entry: unknown): Coroutine<readonly unknown[]> {
    while (!this.log.includes(entry)) {
      this.#told.clear();
      yield* this.#told.wait();
    }
    return this.log;
  }
  override connectionMade(transport: BaseTransport): void {
    this.#tell(`made ${transport.isClosing()}`);
  }
  override dataReceived(data: Uint8Array): void {
    this.#tell(text(data));
  }
  override eofReceived(): boolean {
    this.#tell("eof");
    return true; // a pipe is closed all the same
  }
  override connectionLost(exc: Error | null): void {
    this.#tell(exc ?? "lost");
  }
  override pauseWriting(): void {
    this.#tell("pause");
  }
  override resumeWriting(): void {
    this.#tell("resume");
  }
}

function* turns(): Coroutine<void> {
  for (let turn = 0; turn < 5; turn++) yield* wrapFuture(new Promise((resolve) => setImmediate(resolve)));
}

/** A stream to write to by StreamWriter. */
function* writerTo(pipe: object): Coroutine<StreamWriter> {
  const [transport, protocol] = yield* connectWritePipe(() => new StreamReaderProtocol(null), pipe);
  return new StreamWriter(transport, protocol, null, getRunningLoop());
}

function* readerOf(pipe: object): Coroutine<StreamReader> {
  const reader = new StreamReader();
  yield* connectReadPipe(() => new StreamReaderProtocol(reader), pipe);
  return reader;
}

const inFolder = async (body: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "pipes-"));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

describe("pipes of a child", () => {
  test("carry bytes both ways, and the end", () =>
    run(function* () {
      const child = spawn("cat");
      const writer = yield* writerTo(child.stdin);
      const reader = yield* readerOf(child.stdout);
      const lines = Array.from({ length: 2000 }, (_, index) => `line ${index} ${"x".repeat(100)}\n`);
      const writing = createTask(
        (function* (): Coroutine<void> {
          for (const line of lines) {
            writer.write(bytes(line));
            yield* writer.drain();
          }
          writer.close();
          yield* writer.waitClosed();
        })(),
      );
      const got: string[] = [];
      yield* forEach(reader, (line) => void got.push(text(line)));
      expect(got).toEqual(lines);
      yield* writing;
    }));

  test("tell the calls of asyncio, in its order", () =>
    run(function* () {
      const child = spawn("/bin/echo", ["hello"]);
      const [transport, protocol] = yield* connectReadPipe(() => new Log(), child.stdout);
      expect(protocol.log).toEqual(["made false"]);
      expect(transport.getExtraInfo("pipe")).toBe(child.stdout);
      expect(transport.getProtocol()).toBe(protocol);
      expect(String(transport)).toBe("<ReadPipeTransport polling>");
      expect(yield* protocol.until("lost")).toEqual(["made false", "hello\n", "eof", "lost"]);
      expect(transport.isClosing()).toBe(true);
      expect(String(transport)).toBe("<ReadPipeTransport closed>");
    }));

  test("a child that ends with something unread breaks the pipe, and one that has read all does not", () =>
    run(function* () {
      const child = spawn("head", ["-c", "1"]);
      const [transport, protocol] = yield* connectWritePipe(() => new Log(), child.stdin);
      transport.write(new Uint8Array(1_000_000));
      while (!protocol.log.some((entry) => entry instanceof Error)) yield* turns();
      expect(protocol.log.find((entry) => entry instanceof Error)).toBeInstanceOf(ConnectionError);
      const quiet = spawn("true");
      const [, other] = yield* connectWritePipe(() => new Log(), quiet.stdin);
      expect(yield* other.until("lost")).toEqual(["made false", "lost"]);
    }));
});

describe("connectReadPipe", () => {
  test("pausing keeps what comes", () =>
    run(function* () {
      const pipe = new PassThrough();
      const [transport, protocol] = yield* connectReadPipe(() => new Log(), pipe);
      pipe.write("one");
      yield* protocol.until("one");
      transport.pauseReading();
      transport.pauseReading();
      expect([transport.isReading(), String(transport)]).toEqual([false, "<ReadPipeTransport idle>"]);
      pipe.write("two");
      pipe.end();
      yield* turns();
      expect(protocol.log).toEqual(["made false", "one"]);
      transport.resumeReading();
      transport.resumeReading();
      expect(yield* protocol.until("lost")).toEqual(["made false", "one", "two", "eof", "lost"]);
    }));

  test("closing closes the pipe, and drops what has not been told", () =>
    run(function* () {
      const pipe = new PassThrough();
      const [transport, protocol] = yield* connectReadPipe(() => new Log(), pipe);
      transport.pauseReading();
      pipe.write("dropped");
      yield* turns();
      transport.close();
      transport.close();
      expect([transport.isClosing(), transport.isReading()]).toEqual([true, false]);
      expect(yield* protocol.until("lost")).toEqual(["made false", "lost"]);
      expect(pipe.destroyed).toBe(true);
    }));

  test("an error of the pipe is what it is lost by", () =>
    run(function* () {
      const [, protocol] = yield* connectReadPipe(() => new Log(), createReadStream("/no/such/file"));
      while (protocol.log.length < 2) yield* turns();
      expect(protocol.log).toEqual(["made false", expect.any(FileNotFoundError)]);
    }));

  test("an error of the protocol is reported, and closes the pipe", () =>
    run(function* () {
      const reports: unknown[] = [];
      getRunningLoop().setExceptionHandler((_, { message, exception }) => reports.push([message, exception]));
      const error = new RangeError("of the protocol");
      const pipe = new PassThrough();
      class Failing extends Log {
        override dataReceived(): void {
          throw error;
        }
      }
      const [, protocol] = yield* connectReadPipe(() => new Failing(), pipe);
      pipe.write("x");
      expect(yield* protocol.until(error)).toEqual(["made false", error]);
      expect(reports).toEqual([["Fatal error: protocol.dataReceived() call failed.", error]]);
    }));

  test("another protocol is told from then on", () =>
    run(function* () {
      const pipe = new PassThrough();
      const [transport, protocol] = yield* connectReadPipe(() => new Log(), pipe);
      const other = new Log();
      transport.setProtocol(other);
      pipe.end("x");
      expect(yield* other.until("lost")).toEqual(["x", "eof", "lost"]);
      expect(protocol.log).toEqual(["made false"]);
    }));

  test("takes a ReadableStream", () =>
    run(function* () {
      const [, protocol] = yield* connectReadPipe(() => new Log(), new Blob(["from a blob"]).stream());
      expect(yield* protocol.until("lost")).toEqual(["made false", "from a blob", "eof", "lost"]);
      const error = new RangeError("of the stream");
      const failing = new ReadableStream({ pull: () => Promise.reject(error) });
      const [, told] = yield* connectReadPipe(() => new Log(), failing);
      expect(yield* told.until(error)).toEqual(["made false", error]);
    }));

  test("a stream without an end gives the loop its turns", () =>
    run(function* () {
      let asked = 0;
      const endless = new ReadableStream<Uint8Array>({
        pull(controller) {
          asked++;
          controller.enqueue(new Uint8Array(1000));
        },
      });
      const reader = yield* readerOf(endless);
      yield* reader.readexactly(1_000_000);
      expect(asked).toBeGreaterThan(999);
      expect(asked).toBeLessThan(1400);
    }));

  test("is closed with its loop", async () => {
    const pipe = new PassThrough();
    await run(function* () {
      yield* connectReadPipe(() => new Log(), pipe);
    });
    expect(pipe.destroyed).toBe(true);
  });

  test("a stream that has ended before, or was destroyed, is told of at once", () =>
    run(function* () {
      const ended = new Readable({ autoDestroy: false, read: () => void ended.push(null) });
      ended.resume();
      while (!ended.readableEnded) yield* turns();
      for (const pipe of [ended, new PassThrough().destroy()]) {
        const [, protocol] = yield* connectReadPipe(() => new Log(), pipe);
        expect(yield* protocol.until("lost")).toEqual(["made false", "eof", "lost"]);
      }
    }));

  test("refuses what is no stream of bytes at the call", () =>
    run(function* () {
      const connect = (pipe: unknown) => () => connectReadPipe(() => new Log(), pipe as object);
      expect(connect({})).toThrow("Invalid pipe: expected a stream to read from, got ");
      expect(connect(null)).toThrow(TypeError);
      expect(connect(new PassThrough({ objectMode: true }))).toThrow("got one of texts or objects");
      expect(connect(new PassThrough().setEncoding("utf8"))).toThrow("got one of texts or objects");
      const { readable } = new TransformStream();
      readable.getReader();
      expect(connect(readable)).toThrow("Invalid pipe: expected a stream that is not locked");
      expect(() => connectReadPipe(null as never, new PassThrough())).toThrow("Invalid protocolFactory");
      const failing = (): Log => {
        throw new RangeError("no protocol");
      };
      const pipe = new PassThrough();
      let error: unknown;
      try {
        yield* connectReadPipe(failing, pipe);
      } catch (thrown) {
        error = thrown;
      }
      expect([error, pipe.destroyed]).toEqual([new RangeError("no protocol"), true]);
    }));
});

describe("connectWritePipe", () => {
  test("writes, and closes when all is written", () =>
    inFolder((folder) =>
      run(function* () {
        const path = join(folder, "file");
        const pipe = createWriteStream(path);
        const [transport, protocol] = yield* connectWritePipe(() => new Log(), pipe);
        expect(String(transport)).toBe("<WritePipeTransport idle bufsize=0>");
        transport.write(bytes("one "));
        transport.write(new Uint8Array());
        transport.writelines([bytes("two "), bytes("three")]);
        expect([transport.canWriteEof(), transport.getWriteBufferSize()]).toEqual([true, 13]);
        transport.close();
        transport.close();
        expect([transport.isClosing(), protocol.log]).toEqual([true, ["made false"]]);
        expect(yield* protocol.until("lost")).toEqual(["made false", "lost"]);
        expect(readFileSync(path, "utf8")).toBe("one two three");
        expect(String(transport)).toBe("<WritePipeTransport closed bufsize=0>");
      }),
    ));

  test("pauses the protocol above the high mark, and lets it go on", () =>
    run(function* () {
      const pipe = new PassThrough({ highWaterMark: 1 });
      const [transport, protocol] = yield* connectWritePipe(() => new Log(), pipe);
      expect(transport.getWriteBufferLimits()).toEqual([16_384, 65_536]);
      transport.setWriteBufferLimits(10);
      transport.write(bytes("taken at once"));
      transport.write(new Uint8Array(8));
      yield* turns();
      expect(protocol.log).toEqual(["made false", "pause"]);
      pipe.resume();
      expect(yield* protocol.until("resume")).toEqual(["made false", "pause", "resume"]);
      expect(() => transport.setWriteBufferLimits(1, 2)).toThrow("high (1) must be >= low (2) must be >= 0");
      transport.abort();
    }));

  test("abort drops what waits", () =>
    run(function* () {
      const pipe = new PassThrough({ highWaterMark: 1 });
      const [transport, protocol] = yield* connectWritePipe(() => new Log(), pipe);
      transport.write(new Uint8Array(1000));
      transport.close();
      transport.abort();
      transport.abort();
      expect(yield* protocol.until("lost")).toEqual(["made false", "lost"]);
      expect(pipe.destroyed).toBe(true);
    }));

  test("a pipe that somebody closes while something waits is broken, and lost in peace while nothing does", () =>
    run(function* () {
      const pipe = new PassThrough({ highWaterMark: 1 });
      const [transport, protocol] = yield* connectWritePipe(() => new Log(), pipe);
      transport.write(new Uint8Array(1000));
      transport.write(new Uint8Array(1000));
      pipe.destroy();
      while (protocol.log.length < 2) yield* turns();
      expect(protocol.log[1]).toBeInstanceOf(BrokenPipeError);
      const quiet = new PassThrough();
      const [, other] = yield* connectWritePipe(() => new Log(), quiet);
      quiet.destroy();
      expect(yield* other.until("lost")).toEqual(["made false", "lost"]);
    }));

  test("an error of the pipe is what it is lost by", () =>
    run(function* () {
      const [transport, protocol] = yield* connectWritePipe(() => new Log(), createWriteStream("/no/such/folder/file"));
      transport.write(bytes("x"));
      while (protocol.log.length < 2) yield* turns();
      expect(protocol.log).toEqual(["made false", expect.any(FileNotFoundError)]);
    }));

  test("what is written too late is dropped, and the sixth time there is a warning", () =>
    run(function* () {
      const warnings: unknown[] = [];
      const loop = getRunningLoop();
      const { report } = loop.host;
      loop.host.report = (level, ...words) => void warnings.push([level, ...words]);
      const [transport] = yield* connectWritePipe(() => new Log(), new PassThrough());
      transport.close();
      for (let count = 0; count < 5; count++) transport.write(bytes("x"));
      expect(warnings).toEqual([]);
      transport.write(bytes("x"));
      expect(warnings).toEqual([["warning", "pipe closed by peer or os.write(pipe, data) raised exception."]]);
      loop.host.report = report;
      yield* sleep(0);
    }));

  test("takes a WritableStream, which is closed when its sink says so", () =>
    run(function* () {
      const log: string[] = [];
      const stream = new WritableStream<Uint8Array>({
        write: (chunk) => void log.push(text(chunk)),
        close: () => void log.push("close"),
      });
      const writer = yield* writerTo(stream);
      writer.write(bytes("a"));
      yield* writer.drain();
      writer.close();
      yield* writer.waitClosed();
      expect(log).toEqual(["a", "close"]);
    }));

  test("what goes for `drain` goes for a protocol of one's own, too", () =>
    run(function* () {
      const pipe = new PassThrough();
      const [transport, protocol] = yield* connectWritePipe(() => new FlowControlMixin(), pipe);
      const writer = new StreamWriter(transport, protocol, null, getRunningLoop());
      writer.write(bytes("x"));
      yield* writer.drain();
      expect(text(pipe.read() as Uint8Array)).toBe("x");
      transport.close();
    }));

  test("refuses what is no stream of bytes at the call", () =>
    run(function* () {
      const connect = (pipe: unknown) => () => connectWritePipe(() => new Log(), pipe as object);
      expect(connect({})).toThrow("Invalid pipe: expected a stream to write to, got ");
      expect(connect(Readable.from([]))).toThrow("Invalid pipe: expected a stream to write to, got ");
      expect(connect(new PassThrough({ objectMode: true }))).toThrow("got one of objects");
      const { writable } = new TransformStream();
      writable.getWriter();
      expect(connect(writable)).toThrow("Invalid pipe: expected a stream that is not locked");
      const [transport]: [WritePipeTransport, Log] = yield* connectWritePipe(() => new Log(), new PassThrough());
      expect(() => transport.write("x" as never)).toThrow("Invalid data: expected a Uint8Array");
      transport.close();
    }));
});

test("who waits for a pipe goes on before anything is told", () =>
  run(function* () {
    const log: unknown[] = [];
    class Telling extends Log {
      override dataReceived(): void {
        log.push("data");
      }
      override connectionLost(): void {
        log.push("lost");
      }
    }
    const full = new PassThrough();
    full.end("x");
    yield* turns();
    yield* connectReadPipe(() => new Telling(), full);
    log.push("goes on");
    while (!log.includes("lost")) yield* turns();
    const [transport] = yield* connectWritePipe(() => new Telling(), new PassThrough().destroy());
    log.push("goes on");
    while (!transport.isClosing()) yield* turns();
    yield* turns();
    expect(log).toEqual(["goes on", "data", "lost", "goes on", "lost"]);
  }));

test("pipes need a loop that runs on a host", () => {
  expect(() => connectReadPipe(() => new Log(), new PassThrough())).toThrow("no running event loop");
  expect(() =>
    runSync(function* () {
      yield* connectWritePipe(() => new Log(), new PassThrough());
    }),
  ).toThrow("Cannot use the network in virtual time");
});

test("the streams of a process are pipes", async () => {
  const program = `
    import process from "node:process";
    import { forEach, getRunningLoop, run } from "wasyncio";
    import { StreamReader, StreamReaderProtocol, StreamWriter, connectReadPipe, connectWritePipe } from "wasyncio/streams";
    import { spawn } from "node:child_process";
    await run(function* () {
      const reader = new StreamReader();
      yield* connectReadPipe(() => new StreamReaderProtocol(reader), process.stdin);
      const [transport, protocol] = yield* connectWritePipe(() => new StreamReaderProtocol(null), process.stdout);
      const writer = new StreamWriter(transport, protocol, null, getRunningLoop());
      yield* forEach(reader, (line) => writer.write(line));
      yield* writer.drain();
      writer.close();
      yield* writer.waitClosed();
    });
  `;
  const outer = `
    import { spawn } from "node:child_process";
    const child = spawn(process.execPath, ["--input-type=module", "--eval", ${JSON.stringify(program)}], {
      stdio: ["pipe", "inherit", "inherit"],
    });
    child.stdin.end("one\\ntwo\\n");
    child.on("exit", (code) => (process.exitCode = code));
  `;
  expect(await runInNode(outer)).toEqual({ end: 0, stdout: "one\ntwo\n", stderr: "" });
});

test("a file goes through", () =>
  inFolder((folder) =>
    run(function* () {
      const path = join(folder, "file");
      writeFileSync(path, "a\nb\n".repeat(50_000));
      const reader = yield* readerOf(createReadStream(path));
      let count = 0;
      yield* forEach(reader, () => void count++);
      expect(count).toBe(100_000);
    }),
  ));
