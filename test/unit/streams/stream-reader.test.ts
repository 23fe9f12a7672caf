import { describe, expect, test } from "vitest";
import {
  type Coroutine,
  EventLoop,
  IncompleteReadError,
  LimitOverrunError,
  RuntimeError,
  type Task,
  createTask,
  forEach,
  run,
  sleep,
  waitFor,
  wrapFuture,
} from "wasyncio";
import { ReadTransport, StreamReader } from "wasyncio/streams";
import { VirtualEventLoop } from "wasyncio/testing";
import { awaiting, spin } from "../../support/coroutines.ts";
import { iteration } from "../../support/counters.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { runOnce, trace } from "../../support/stage.ts";
import { bytes, text } from "../../support/bytes.ts";
import { LoggingTransport } from "../../support/logging-transport.ts";

/** A reader that holds some text, and is at its end unless told otherwise. */
function readerOf(content: string, { limit = 65_536, eof = true } = {}): StreamReader {
  const reader = new StreamReader(limit);
  reader.feedData(bytes(content));
  if (eof) reader.feedEof();
  return reader;
}

describe("a reader", () => {
  test("needs a loop", () => {
    expect(() => new StreamReader()).toThrow(RuntimeError);
    const loop = new VirtualEventLoop();
    expect(String(new StreamReader(undefined, loop))).toBe("<StreamReader>");
    loop.close();
  });

  test("has a limit that is a positive whole number, or Infinity", () => {
    trace(function* () {
      for (const bad of ["8", NaN, 1.5, null, {}, -Infinity]) {
        expect(() => new StreamReader(bad as never)).toThrow(/^Invalid limit: expected a whole number/);
      }
      for (const bad of [0, -1]) expect(() => new StreamReader(bad)).toThrow(new RangeError("Limit cannot be <= 0"));
      const reader = readerOf(`${"x".repeat(200_000)}\n`, { limit: Infinity });
      expect(yield* reader.readline()).toHaveLength(200_001);
      expect(yield* reader.read()).toHaveLength(0);
    });
  });

  test("keeps a copy of what it is fed, and gives arrays that are the caller's", () => {
    trace(function* () {
      const reader = new StreamReader();
      const data = bytes("abcd");
      reader.feedData(data);
      data.fill(0);
      reader.feedData(Buffer.from("ef"));
      const first = yield* reader.read(3);
      first.fill(0);
      expect(text(yield* reader.read(10))).toBe("def");
      expect(Object.getPrototypeOf(first)).toBe(Uint8Array.prototype);
    });
  });

  test("refuses what is not bytes, not an error, not a transport", () => {
    trace(function* () {
      const reader = new StreamReader();
      for (const bad of ["text", [1], null, undefined, new ArrayBuffer(1)] as never[]) {
        expect(() => reader.feedData(bad)).toThrow(TypeError);
        expect(() => reader.setException(bad)).toThrow(TypeError);
        expect(() => reader.setTransport(bad)).toThrow(TypeError);
      }
      expect(String(reader)).toBe("<StreamReader>");
      reader.setTransport(new ReadTransport());
      expect(attempt(() => reader.setTransport(new ReadTransport()))).toBe("AssertionError('Transport already set')");
    });
  });

  test("may be told its end more than once, and be fed nothing before", () => {
    trace(function* () {
      const reader = new StreamReader();
      reader.feedData(bytes(""));
      expect(reader.atEof()).toBe(false);
      reader.feedEof();
      reader.feedEof();
      expect(reader.atEof()).toBe(true);
      expect(attempt(() => reader.feedData(bytes("")))).toBe("AssertionError('feedData after feedEof')");
    });
  });

  test("says in a line how it is", () => {
    trace(function* () {
      const reader = readerOf("abc", { limit: 1, eof: false });
      const transport = new LoggingTransport();
      reader.setTransport(transport);
      reader.feedData(bytes("d"));
      expect(String(reader)).toBe("<StreamReader 4 bytes limit=1 transport=<LoggingTransport> paused>");
      reader.feedEof();
      yield* reader.read();
      reader.setException(new RangeError("x"));
      expect(String(reader)).toBe("<StreamReader eof limit=1 exception=RangeError('x') transport=<LoggingTransport>>");
      const waiting = new StreamReader();
      const task = createTask(waiting.read(1));
      yield* spin(1);
      expect(String(waiting)).toBe("<StreamReader waiter>");
      task.cancel();
    });
  });
});

describe("bad arguments are refused at the call", () => {
  test.each([["1"], [NaN], [1.5], [Infinity], [null], [{}]])("%o is no number of bytes", (n) => {
    trace(function* () {
      const reader = readerOf("abc");
      expect(() => reader.read(n as never)).toThrow(/^Invalid n: expected a whole number, got /);
      expect(() => reader.readexactly(n as never)).toThrow(TypeError);
      expect(text(yield* reader.read())).toBe("abc");
    });
  });

  test("and so are separators", () => {
    trace(function* () {
      const reader = readerOf("abc");
      for (const bad of [null, 10, [10], {}]) expect(() => reader.readuntil(bad as never)).toThrow(TypeError);
      for (const bad of ["", [], [""], new Uint8Array()]) expect(() => reader.readuntil(bad)).toThrow(RangeError);
      expect(() => reader.readexactly(undefined as never)).toThrow(TypeError);
    });
  });
});

describe("reading", () => {
  test("takes what is there without suspending", () => {
    trace(function* (_, loop) {
      const reader = readerOf("a\nb;cdefgh");
      const before = iteration(loop);
      expect(text(yield* reader.readline())).toBe("a\n");
      expect(text(yield* reader.readuntil(";"))).toBe("b;");
      expect(text(yield* reader.readexactly(2))).toBe("cd");
      expect(yield* reader.readexactly(0)).toHaveLength(0);
      expect(text(yield* reader.read(2))).toBe("ef");
      expect(text(yield* reader.read())).toBe("gh");
      expect(iteration(loop)).toBe(before);
    });
  });

  test("begins when it is awaited, not when it is called", () => {
    trace(function* () {
      const reader = readerOf("ab");
      const later = reader.read(1);
      expect(text(yield* reader.read(1))).toBe("a");
      expect(text(yield* later)).toBe("b");
    });
  });

  test("of a number of bytes may go beyond the limit", () => {
    trace(function* () {
      const reader = readerOf("x".repeat(100), { limit: 8 });
      expect(yield* reader.readexactly(50)).toHaveLength(50);
      expect(yield* reader.read(49)).toHaveLength(49);
    });
  });

  test("finds a separator that comes in pieces", () => {
    trace(function* (_, loop) {
      const reader = new StreamReader();
      const task = loop.createTask(reader.readuntil("\r\n\r\n"));
      for (const piece of ["head\r", "\n\r", "\r\n\r\r", "\n", "\r", "\nbody"]) {
        yield* spin(1);
        reader.feedData(bytes(piece));
      }
      expect(text(yield* task)).toBe("head\r\n\r\r\n\r\r\n\r\n");
      expect(text(yield* reader.read(9))).toBe("body");
    });
  });

  test("up to the first of several separators: the one that ends first, and the shorter of two that end together", () => {
    trace(function* () {
      expect(text(yield* readerOf("abcd").readuntil(["cd", "b", "abc"]))).toBe("ab");
      expect(text(yield* readerOf("xaab").readuntil(["aab", "ab"]))).toBe("xaab");
      for (const separators of [
        ["aab", "ab"],
        ["ab", "aab"],
      ]) {
        const error = yield* caught(readerOf("xaab", { limit: 1 }).readuntil(separators));
        expect((error as LimitOverrunError).consumed).toBe(2);
      }
    });
  });

  test("up to a separator leaves everything when that is too far away", () => {
    trace(function* () {
      const reader = readerOf("12345;rest", { limit: 4, eof: false });
      for (let times = 0; times < 2; times++) {
        const error = yield* caught(reader.readuntil(";"));
        expect(error).toBeInstanceOf(LimitOverrunError);
        expect((error as LimitOverrunError).consumed).toBe(5);
      }
      expect(text(yield* reader.readexactly(6))).toBe("12345;");
      expect(text(yield* reader.read(9))).toBe("rest");
    });
  });

  test("a line that is too long drops it, or what has come of it", () => {
    trace(function* () {
      const reader = readerOf("12345", { limit: 4, eof: false });
      expect(yield* attemptAwait(reader.readline())).toBe(
        "RangeError('Separator is not found, and chunk exceed the limit')",
      );
      reader.feedData(bytes("67\n12345\nok\n"));
      expect(text(yield* reader.readline())).toBe("67\n");
      const error = yield* caught(reader.readline());
      expect(error).toEqual(new RangeError("Separator is found, but chunk is longer than limit"));
      expect((error as Error).cause).toBeInstanceOf(LimitOverrunError);
      expect(text(yield* reader.readline())).toBe("ok\n");
    });
  });

  test("beyond the end gives what there is with the error, once", () => {
    trace(function* () {
      for (const read of [
        (reader: StreamReader) => reader.readexactly(5),
        (reader: StreamReader) => reader.readuntil(";"),
      ]) {
        const reader = readerOf("abc");
        const error = (yield* caught(read(reader))) as IncompleteReadError;
        expect(error).toBeInstanceOf(IncompleteReadError);
        expect(text(error.partial)).toBe("abc");
        expect(((yield* caught(read(reader))) as IncompleteReadError).partial).toHaveLength(0);
        expect(yield* reader.read()).toHaveLength(0);
      }
    });
  });

  test("throws the error that was set when nothing is left; reading nothing too", () => {
    trace(function* () {
      const reader = readerOf("abc\n");
      const error = new RangeError("broken");
      reader.setException(error);
      expect(reader.exception()).toBe(error);
      expect(text(yield* reader.read(0))).toBe("");
      expect(text(yield* reader.readline())).toBe("abc\n");
      for (const read of readings) expect(yield* caught(read(reader))).toBe(error);
      expect(yield* caught(reader.read(0))).toBe(error);
      expect(yield* caught(reader.readexactly(0))).toBe(error);
    });
  });

  describe("what came before an error", () => {
    const error = new RangeError("broken");
    /** A reader of text, behind which the connection broke. */
    function brokenBehind(content: string, options = { eof: false, limit: 65_536 }): StreamReader {
      const reader = readerOf(content, options);
      reader.setException(error);
      return reader;
    }
    const reads: Record<string, (reader: StreamReader) => Coroutine<Uint8Array>> = {
      read: (reader) => reader.read(2),
      readexactly: (reader) => reader.readexactly(2),
      readuntil: (reader) => reader.readuntil(";"),
      readline: (reader) => reader.readline(),
    };

    test.each([
      ["read", "abc", ["ab", "c", error], ""],
      ["readexactly", "abc", ["ab", error], "c"],
      ["readuntil", "ab;c", ["ab;", error], "c"],
      ["readline", "ab\nc\nd", ["ab\n", "c\n", error], "d"],
    ] as const)("is given by %s as far as it is whole; the rest stays for read", (name, content, given, rest) => {
      trace(function* () {
        const reader = brokenBehind(content);
        for (const expected of given) {
          if (expected === error) expect(yield* caught(reads[name](reader))).toBe(error);
          else expect(text(yield* reads[name](reader))).toBe(expected);
        }
        if (rest !== "") expect(text(yield* reader.read(9))).toBe(rest);
        expect(yield* caught(reader.read(9))).toBe(error);
      });
    });

    test("is iterated, and the error comes behind it", () => {
      trace(function* () {
        const lines: string[] = [];
        const reading = forEach(brokenBehind("a\nb\nc"), (line) => void lines.push(text(line)));
        expect(yield* caught(reading)).toBe(error);
        expect(lines).toEqual(["a\n", "b\n"]);
      });
    });

    test("is no whole for who reads to the end, and is not lost by that", () => {
      trace(function* () {
        const reader = brokenBehind("abcdefg", { eof: false, limit: 2 });
        expect(yield* caught(reader.read())).toBe(error);
        expect(text(yield* reader.read(9))).toBe("abcdefg");

        const later = readerOf("abc", { eof: false, limit: 2 });
        const task = createTask(caught(later.read()));
        yield* spin(2);
        later.setException(error);
        later.feedData(bytes("d"));
        expect(yield* task).toBe(error);
        expect(text(yield* later.read(9))).toBe("abcd");
      });
    });

    test("is whole when the stream had ended before", () => {
      trace(function* () {
        const all: typeof reads = { ...reads, "read to the end": (reader) => reader.read() };
        for (const [name, read] of Object.entries(all)) {
          const reader = brokenBehind("x", { eof: true, limit: 2 });
          if (/exactly|until/.test(name)) {
            const incomplete = (yield* caught(read(reader))) as IncompleteReadError;
            expect(text(incomplete.partial)).toBe("x");
          } else {
            expect(text(yield* read(reader))).toBe("x");
          }
          expect(yield* caught(read(reader))).toBe(error);
        }
      });
    });

    test("is not lost when a second error comes in the moment of the first one", () => {
      trace(function* () {
        const reader = new StreamReader();
        const reading = createTask(caught(reader.read()));
        yield* spin(1);
        reader.feedData(bytes("abc"));
        yield* spin(2);
        reader.setException(error);
        reader.setException(new Error("another one"));
        yield* reading;
        expect(text(yield* reader.read(3))).toBe("abc");
      });
    });

    test("is given to a coroutine that waited for it, when the error came in the same moment", () => {
      trace(function* () {
        const reader = new StreamReader();
        const reading = createTask(reader.readline());
        yield* spin(1);
        reader.feedData(bytes("last words\n"));
        reader.setException(error);
        expect(text(yield* reading)).toBe("last words\n");
        expect(yield* caught(reader.readline())).toBe(error);
      });
    });
  });

  test("outside its own loop, or outside any task, is an error", () => {
    const other = new VirtualEventLoop();
    const reader = new StreamReader(undefined, other);
    trace(function* () {
      expect(yield* attemptAwait(reader.read(1))).toMatch(/^RuntimeError\(.*loop/);
      reader.feedData(bytes("a"));
      expect(text(yield* reader.read(1))).toBe("a");
    });
    other.close();
  });

  test("by two at once is refused, also while the first is being cancelled", () => {
    trace(function* () {
      const reader = new StreamReader();
      const task = createTask(reader.readline());
      yield* spin(1);
      task.cancel();
      for (const [name, read] of Object.entries(named)) {
        expect(yield* attemptAwait(read(reader))).toBe(
          `RuntimeError('${name}() called while another coroutine is already waiting for incoming data')`,
        );
      }
      yield* spin(1);
      reader.feedData(bytes("a"));
      expect(text(yield* reader.read(1))).toBe("a");
    });
  });

  test("by who comes between a wake-up and its reader leaves that one nothing, as in asyncio", () => {
    trace(function* () {
      const reader = new StreamReader();
      const task = createTask(reader.read(5));
      yield* spin(1);
      reader.feedData(bytes("abc"));
      expect(text(yield* reader.read(5))).toBe("abc");
      expect(yield* task).toHaveLength(0);
      expect(reader.atEof()).toBe(false);
    });
  });
});

describe("back-pressure", () => {
  test("keeps what waits to be read bounded, whatever a producer has", () => {
    const LIMIT = 10;
    trace(function* (log) {
      const transport = new LoggingTransport(log);
      const reader = new StreamReader(LIMIT);
      reader.setTransport(transport);
      let held = 0;
      let most = 0;
      let total = 0;
      function* produce(): Coroutine<void> {
        for (let count = 0; count < 200;) {
          if (log.at(-1) !== "pause") {
            reader.feedData(bytes("1234567"));
            held += 7;
            most = Math.max(most, held);
            count++;
          }
          yield* sleep(0);
        }
        reader.feedEof();
      }
      const producer = createTask(produce());
      while (!reader.atEof()) {
        const { length } = yield* reader.read(3);
        held -= length;
        total += length;
        yield* spin(1);
      }
      yield* producer;
      expect(total).toBe(1400);
      expect(most).toBeLessThanOrEqual(2 * LIMIT + 7);
      expect(log.length).toBeGreaterThan(20);
      expect(log.every((entry, index) => entry === (index % 2 === 0 ? "pause" : "resume"))).toBe(true);
    });
  });

  test.each(["readexactly", "readuntil"] as const)("%s lets a paused transport go on when it needs more", (method) => {
    const log = trace(function* (log) {
      const reader = new StreamReader(2);
      reader.setTransport(new LoggingTransport(log));
      reader.feedData(bytes("12345"));
      const task = createTask(method === "readexactly" ? reader.readexactly(6) : reader.readuntil("123456"));
      yield* spin(2);
      reader.feedData(bytes("6"));
      log.push(text(yield* task));
    });
    expect(log).toEqual(["pause", "resume", "pause", "resume", "123456"]);
  });

  test("resumes when a too long line was dropped, and when all is read to the end", () => {
    const log = trace(function* (log) {
      const reader = new StreamReader(2);
      reader.setTransport(new LoggingTransport(log));
      reader.feedData(bytes("123456\n"));
      yield* attemptAwait(reader.readline());
      reader.feedData(bytes("123456"));
      reader.feedEof();
      log.push(text(yield* reader.read()));
    });
    expect(log).toEqual(["pause", "resume", "pause", "resume", "123456"]);
  });

  test("asks a transport that cannot pause only once, and lets other errors out", () => {
    trace(function* (log) {
      class Unpausable extends ReadTransport {
        override pauseReading(): void {
          log.push("asked");
          super.pauseReading();
        }
      }
      const reader = new StreamReader(1);
      reader.setTransport(new Unpausable());
      reader.feedData(bytes("123"));
      reader.feedData(bytes("456"));
      expect(log).toEqual(["asked"]);
      expect(text(yield* reader.readexactly(6))).toBe("123456");

      class Broken extends LoggingTransport {
        override pauseReading(): void {
          throw new RangeError("broken");
        }
      }
      const broken = new StreamReader(1);
      broken.setTransport(new Broken());
      expect(attempt(() => broken.feedData(bytes("123")))).toBe("RangeError('broken')");
      expect(text(yield* broken.readexactly(3))).toBe("123");
    });
  });
});

/** The methods that wait, by the name in messages. */
const named: Record<string, (reader: StreamReader) => Coroutine<Uint8Array>> = {
  read: (reader) => reader.read(100),
  readexactly: (reader) => reader.readexactly(6),
  readuntil: (reader) => reader.readuntil([";", "ef"]),
};
const readings = [
  ...Object.values(named),
  (reader: StreamReader) => reader.readline(),
  (reader: StreamReader) => reader.read(),
];

describe("cancelled in any iteration", () => {
  const PIECES = ["a", "b", "c\n", "d", "e", "f;", "g", "h"];
  const ALL = PIECES.join("");

  /**
   * Feeds all pieces, one an iteration, while `work` runs, and cancels it in iteration `at`. Returns what is left to
   * read.
   */
  function feedAndCancel(at: number, work: (reader: StreamReader) => Coroutine<unknown>): string {
    let left = "";
    trace(function* (_, loop) {
      const reader = new StreamReader();
      const task: Task<unknown> = loop.createTask(work(reader));
      for (let step = 0; step < PIECES.length + 2; step++) {
        if (step === at) task.cancel();
        if (step < PIECES.length) reader.feedData(bytes(PIECES[step]));
        yield* spin(1);
      }
      if (!task.done()) task.cancel();
      const outcome = yield* attemptAwait(task);
      if (outcome !== undefined) expect(outcome).toBe("CancelledError()");
      reader.feedEof();
      left = text(yield* reader.read());
      expect(reader.toString()).toBe("<StreamReader eof>");
    });
    return left;
  }

  const steps = Array.from({ length: PIECES.length + 2 }, (_, index) => index);

  test.each([...Object.entries(named), ["readline", (reader: StreamReader) => reader.readline()] as const])(
    "%s has taken all of its bytes or none",
    (_, read) => {
      for (const at of steps) {
        let taken = "";
        const left = feedAndCancel(at, function* (reader) {
          for (;;) taken += text(yield* read(reader));
        });
        expect(taken + left).toBe(ALL);
      }
    },
  );

  test("a loop over lines has seen them or left them", () => {
    for (const at of steps) {
      let taken = "";
      const left = feedAndCancel(at, (reader) => forEach(reader, (line) => void (taken += text(line))));
      expect(taken + left).toBe(ALL);
    }
  });

  test("a timeout around it is the same", () => {
    for (const at of steps) {
      let taken = "";
      const left = feedAndCancel(at, function* (reader) {
        for (;;) taken += text(yield* waitFor(reader.readexactly(2), 1000));
      });
      expect(taken + left).toBe(ALL);
    }
  });

  test("reading to the end loses what it had taken, as in asyncio, and nothing else", () => {
    for (const at of steps) {
      const left = feedAndCancel(at, function* (reader) {
        yield* reader.read();
      });
      // It takes each piece in the iteration behind the one in which that came.
      expect(left).toBe(PIECES.slice(at).join(""));
    }
  });

  test("while its bytes are on the way, they stay for the next one", () => {
    trace(function* () {
      for (const read of readings) {
        const reader = new StreamReader();
        const task = createTask(read(reader));
        yield* spin(1);
        reader.feedData(bytes("abcdef;\n"));
        task.cancel();
        expect(yield* attemptAwait(task)).toBe("CancelledError()");
        reader.feedEof();
        expect(text(yield* reader.read())).toBe("abcdef;\n");
      }
    });
  });

  test("while an error is on the way, that one stays for the next", () => {
    trace(function* () {
      const reader = new StreamReader();
      const task = createTask(reader.read(1));
      yield* spin(1);
      reader.setException(new RangeError("broken"));
      task.cancel();
      expect(yield* attemptAwait(task)).toBe("CancelledError()");
      expect(yield* attemptAwait(reader.read(1))).toBe("RangeError('broken')");
    });
  });
});

describe("iteration", () => {
  test("gives lines to forEach, which may end it early and begin again", () => {
    trace(function* (log) {
      const reader = readerOf("a\nb\nc\nd");
      yield* forEach(reader, (line) => {
        log.push(text(line));
        return log.length < 2;
      });
      expect(log).toEqual(["a\n", "b\n"]);
      yield* forEach(reader, (line) => void log.push(text(line)));
      expect(log.slice(2)).toEqual(["c\n", "d"]);
    });
  });

  test("gives lines to for await, which may end it early and begin again", async () => {
    const log = await run(function* () {
      const reader = readerOf("a\nb\nc", { eof: false });
      createTask(
        (function* () {
          yield* sleep(0);
          reader.feedData(bytes("\nd"));
          reader.feedEof();
        })(),
      );
      const read = async (): Promise<string[]> => {
        const lines: string[] = [];
        for await (const line of reader) {
          lines.push(text(line));
          if (lines.length === 2) break;
        }
        for await (const line of reader) lines.push(text(line));
        return lines;
      };
      return yield* wrapFuture(read());
    });
    expect(log).toEqual(["a\n", "b\n", "c\n", "d"]);
  });

  test("throws what reading throws", async () => {
    await run(function* () {
      const reader = readerOf("12345\n", { limit: 2 });
      const read = async (): Promise<void> => {
        for await (const line of reader) throw new Error(text(line));
      };
      expect(yield* caught(awaiting(wrapFuture(read())))).toEqual(
        new RangeError("Separator is found, but chunk is longer than limit"),
      );
    });
  });

  test("by for await fails when the loop is closed", async () => {
    const loop = new EventLoop();
    const reader = new StreamReader(undefined, loop);
    loop.close();
    await expect(reader[Symbol.asyncIterator]().next()).rejects.toThrow("Event loop is closed");
  });
});

test("a megabyte in pieces of any size comes out in the right lines", () => {
  trace(function* () {
    const lines = Array.from({ length: 20_000 }, (_, index) => `${"x".repeat((index * 7919) % 101)}${index}\n`);
    const all = bytes(lines.join(""));
    expect(all.length).toBeGreaterThan(1_000_000);
    for (const size of [1000, 65_536, all.length]) {
      const reader = new StreamReader();
      createTask(
        (function* () {
          for (let start = 0; start < all.length; start += size) {
            reader.feedData(all.subarray(start, start + size));
            yield* sleep(0);
          }
          reader.feedEof();
        })(),
      );
      let count = 0;
      yield* forEach(reader, (line) => {
        if (text(line) !== lines[count++]) throw new Error(`line ${count} is ${text(line)}`);
      });
      expect(count).toBe(lines.length);
    }
  });
});

test("feeding it when the loop of what waits is closed throws, and changes nothing", () => {
  const loop = new VirtualEventLoop();
  const reader = new StreamReader(undefined, loop);
  loop.createTask(reader.read());
  runOnce(loop);
  loop.close();
  const before = String(reader);
  expect(before).toContain("waiter");
  for (const feed of [
    () => reader.feedData(bytes("x")),
    () => reader.feedEof(),
    () => reader.setException(new Error("x")),
  ]) {
    expect(feed).toThrow("Event loop is closed");
    expect([String(reader), reader.exception()]).toEqual([before, null]);
  }
});

test("debug mode reports what was not awaited", () => {
  const log = trace(
    function* () {
      const reader = new StreamReader();
      void [reader.read(1), reader.readexactly(1), reader.readuntil(), reader.readline(), reader.anext()];
    },
    { debug: true },
  );
  expect(log.map((entry) => String(entry).split("\n", 1)[0])).toEqual(
    ["read", "readexactly", "readuntil", "readline", "anext"].map(
      (name) => `warning,coroutine 'StreamReader.${name}' was never awaited`,
    ),
  );
});

/** What a coroutine throws. */
function* caught(coroutine: Coroutine<unknown>): Coroutine<unknown> {
  try {
    yield* coroutine;
  } catch (error) {
    return error;
  }
  throw new Error("Cannot catch: nothing was thrown");
}
