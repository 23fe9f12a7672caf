// STREAM: stream readers and writers.

import { type Coroutine, IncompleteReadError, LimitOverrunError, forEach, gather, sleep } from "wasyncio";
import {
  ReadTransport,
  StreamReader,
  StreamReaderProtocol,
  StreamWriter,
  Transport,
  openConnection,
  startServer,
} from "wasyncio/streams";
import { type Facts, excused } from "../fact.ts";
import { realTrace } from "../sockets.ts";
import { addressOf } from "../../../support/servers.ts";
import { bytes } from "../../../support/bytes.ts";
import { spin } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { attempt, attemptAwait, describeError } from "../../../support/outcomes.ts";
import { trace } from "../../../support/stage.ts";

/** Bytes as Python shows them. */
const repr = (data: Uint8Array): string => `b'${new TextDecoder().decode(data).replaceAll("\n", "\\n")}'`;

function* readAttempt(reading: () => Coroutine<Uint8Array>): Coroutine<unknown> {
  try {
    return repr(yield* reading());
  } catch (error) {
    return describeError(error);
  }
}

class OSError extends Error {
  override name = "OSError";
}

export const facts: Facts = {
  "STREAM-01": () =>
    trace(function* (log, loop) {
      const r = new StreamReader(undefined, loop);
      r.feedData(bytes("abcd"));
      log.push(repr(yield* r.read(2)), repr(yield* r.read(0)));
      r.feedEof();
      log.push(repr(yield* r.read()), repr(yield* r.read(5)));
    }),
  "STREAM-02": () =>
    trace(function* (log, loop) {
      const r = new StreamReader(undefined, loop);
      r.feedData(bytes("abc"));
      r.feedEof();
      try {
        yield* r.readexactly(5);
      } catch (error) {
        if (!(error instanceof IncompleteReadError)) throw error;
        log.push(describeError(error), repr(error.partial), error.expected);
      }
      log.push(yield* readAttempt(() => r.readexactly(-1)));
    }),
  "STREAM-03": () =>
    trace(function* (log, loop) {
      const first = new StreamReader(undefined, loop);
      first.feedData(bytes("a\nbc"));
      log.push(repr(yield* first.readuntil()));
      first.feedEof();
      log.push(yield* attemptAwait(first.readuntil()));
      for (const data of ["abcde\n", "abcdef"]) {
        const r = new StreamReader(4, loop);
        r.feedData(bytes(data));
        try {
          yield* r.readuntil();
        } catch (error) {
          if (!(error instanceof LimitOverrunError)) throw error;
          log.push(describeError(error), error.consumed);
        }
      }
    }),
  "STREAM-04": () =>
    trace(function* (log, loop) {
      const r = new StreamReader(undefined, loop);
      r.feedData(bytes("ab;c,"));
      log.push(repr(yield* r.readuntil([",", bytes(";")])));
      log.push(yield* readAttempt(() => r.readuntil("")), yield* readAttempt(() => r.readuntil([])));
    }),
  "STREAM-05": () =>
    trace(function* (log, loop) {
      const r = new StreamReader(undefined, loop);
      r.feedData(bytes("x\ny"));
      r.feedEof();
      log.push(repr(yield* r.readline()), repr(yield* r.readline()), repr(yield* r.readline()));
      const s = new StreamReader(4, loop);
      s.feedData(bytes("toolong\nok\n"));
      log.push(yield* attemptAwait(s.readline()), repr(yield* s.readline()));
    }),
  "STREAM-06": () =>
    trace(function* (log, loop) {
      const r = new StreamReader(undefined, loop);
      const task = loop.createTask(r.read(1));
      yield* sleep(0);
      log.push(yield* attemptAwait(r.readexactly(1)));
      task.cancel();
    }),
  "STREAM-07": () =>
    trace(function* (log, loop) {
      const r = new StreamReader(undefined, loop);
      let fed = 0;
      function* wait(): Coroutine<void> {
        yield* r.read(1);
        log.push(iteration(loop) - fed);
      }
      const task = loop.createTask(wait());
      yield* sleep(0);
      fed = iteration(loop);
      r.feedData(bytes("zz"));
      yield* task;
      r.feedEof();
      log.push(attempt(() => r.feedData(bytes("x"))));
      log.push(attempt(() => new StreamReader(0, loop)));
      log.push(r.atEof());
      const s = new StreamReader(undefined, loop);
      const failing = loop.createTask(s.read(1));
      yield* sleep(0);
      s.setException(new OSError("x"));
      log.push(yield* attemptAwait(failing), yield* attemptAwait(s.read(1)));
    }),
  "STREAM-08": () =>
    trace(function* (log, loop) {
      class Pausing extends ReadTransport {
        override pauseReading(): void {
          log.push("pause");
        }
        override resumeReading(): void {
          log.push("resume");
        }
      }
      const r = new StreamReader(4, loop);
      r.setTransport(new Pausing());
      r.feedData(bytes("12345678"));
      r.feedData(bytes("9"));
      yield* r.read(4);
      yield* r.read(1);
    }),
  "STREAM-09": () =>
    trace(function* (log, loop) {
      const r = new StreamReader(undefined, loop);
      r.feedData(bytes("a\nb"));
      r.feedEof();
      yield* forEach(r, (line) => void log.push(repr(line)));
    }),
  "STREAM-10": () =>
    trace(function* (log, loop) {
      class Closing extends Transport {
        closing = false;
        override isClosing(): boolean {
          return this.closing;
        }
      }
      const r = new StreamReader(undefined, loop);
      const p = new StreamReaderProtocol(r, null, loop);
      const t = new Closing();
      const w = new StreamWriter(t, p, r, loop);
      p.connectionMade(t);
      const before = iteration(loop);
      yield* w.drain();
      log.push(iteration(loop) - before);
      p.pauseWriting();
      const draining = loop.createTask(w.drain());
      yield* spin(3);
      log.push(draining.done() ? "?" : "waiting");
      p.resumeWriting();
      yield* draining;
      log.push("resumed");
      t.closing = true;
      p.connectionLost(null);
      log.push(yield* attemptAwait(w.drain()));
    }),
  "STREAM-11": () =>
    trace(function* (log, loop) {
      class Open extends Transport {
        override isClosing(): boolean {
          return false;
        }
      }
      const r = new StreamReader(undefined, loop);
      const p = new StreamReaderProtocol(r, null, loop);
      const w = new StreamWriter(new Open(), p, r, loop);
      p.pauseWriting();
      const draining = [loop.createTask(w.drain()), loop.createTask(w.drain())];
      yield* spin(2);
      p.resumeWriting();
      yield* gather(...draining);
      log.push(draining.filter((task) => task.done()).length);
    }),
  "STREAM-12": () =>
    realTrace(function* (log) {
      function* fail(): Coroutine<void> {
        throw new RangeError("cb");
      }
      const server = yield* startServer(fail, "127.0.0.1", 0);
      const [r, w] = yield* openConnection(...addressOf(server));
      log.push(repr(yield* r.read()));
      w.close();
      server.close();
      yield* server.waitClosed();
    }),
  "STREAM-13": () =>
    realTrace(function* (log) {
      function* echo(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
        writer.write(yield* reader.readline());
        yield* writer.drain();
        writer.close();
      }
      const server = yield* startServer(echo, "127.0.0.1", 0);
      const [r, w] = yield* openConnection(...addressOf(server));
      w.write(bytes("hello\n"));
      log.push(repr(yield* r.readline()));
      w.close();
      yield* w.waitClosed();
      w.write(bytes("x"));
      log.push("closed", w.isClosing());
      server.close();
      yield* server.waitClosed();
    }),
  "STREAM-14": excused("what the garbage collector finds decides nothing: a writer stays open until it is closed"),
};
