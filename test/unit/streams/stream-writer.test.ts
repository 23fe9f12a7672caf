import { describe, expect, test } from "vitest";
import type { Coroutine, EventLoop } from "wasyncio";
import { StreamReader, StreamReaderProtocol, StreamWriter } from "wasyncio/streams";
import { spin } from "../../support/coroutines.ts";
import { iteration } from "../../support/counters.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { trace } from "../../support/stage.ts";
import { bytes } from "../../support/bytes.ts";
import { LoggingTransport } from "../../support/logging-transport.ts";

function connect(log: unknown[], loop: EventLoop) {
  const transport = new LoggingTransport(log, { peername: "there" });
  const reader = new StreamReader(undefined, loop);
  const protocol = new StreamReaderProtocol(reader, null, loop);
  const writer = new StreamWriter(transport, protocol, reader, loop);
  protocol.connectionMade(transport);
  return { transport, reader, protocol, writer };
}

test("it passes everything on to its transport", () => {
  const log = trace(function* (log, loop) {
    const { transport, writer } = connect(log, loop);
    expect(writer.transport).toBe(transport);
    expect(writer.getExtraInfo("peername")).toBe("there");
    expect([writer.getExtraInfo("x"), writer.getExtraInfo("x", 1)]).toEqual([null, 1]);
    expect(writer.canWriteEof()).toBe(true);
    writer.write(bytes("a"));
    writer.writelines([bytes("b"), bytes("c")]);
    writer.writeEof();
    expect(writer.isClosing()).toBe(false);
    writer.close();
    expect(writer.isClosing()).toBe(true);
    expect(String(writer)).toBe(
      "<StreamWriter transport=<LoggingTransport> reader=<StreamReader transport=<LoggingTransport>>>",
    );
  });
  expect(log).toEqual([["write", "a"], ["write", "bc"], "eof", "close"]);
});

test("bad arguments are refused before anything reaches the transport", () => {
  const log = trace(function* (log, loop) {
    const { transport, reader, protocol, writer } = connect(log, loop);
    for (const bad of ["text", [1], null, undefined, new Uint16Array(1)]) {
      expect(() => writer.write(bad as never)).toThrow(TypeError);
      expect(() => writer.writelines(bad as never)).toThrow(TypeError);
    }
    for (const bad of [null, undefined, {}, "x"] as never[]) {
      expect(() => new StreamWriter(bad, protocol, reader, loop)).toThrow(/^Invalid transport/);
      expect(() => new StreamWriter(transport, bad, reader, loop)).toThrow(/^Invalid protocol/);
      if (bad !== null) expect(() => new StreamWriter(transport, protocol, bad, loop)).toThrow(/^Invalid reader/);
    }
    expect(String(new StreamWriter(transport, protocol, null, loop))).toBe(
      "<StreamWriter transport=<LoggingTransport>>",
    );
  });
  expect(log).toEqual([]);
});

describe("drain", () => {
  test("gives way once while the transport is closing", () => {
    trace(function* (log, loop) {
      const { writer } = connect(log, loop);
      writer.close();
      const before = iteration(loop);
      yield* writer.drain();
      expect(iteration(loop) - before).toBe(1);
    });
  });

  test("sees the connection lost while it gives way", () => {
    trace(function* (log, loop) {
      const { writer, protocol } = connect(log, loop);
      writer.close();
      loop.callSoon(() => protocol.connectionLost(null));
      expect(yield* attemptAwait(writer.drain())).toBe("ConnectionResetError('Connection lost')");
    });
  });

  test("throws the reader's error first; without a reader there is none", () => {
    trace(function* (log, loop) {
      const { writer, reader, protocol, transport } = connect(log, loop);
      protocol.pauseWriting();
      reader.setException(new RangeError("broken"));
      expect(yield* attemptAwait(writer.drain())).toBe("RangeError('broken')");
      protocol.resumeWriting();
      yield* new StreamWriter(transport, protocol, null, loop).drain();
    });
  });

  test("holds back who writes more than the other side takes", () => {
    const log = trace(function* (log, loop) {
      const { writer, protocol } = connect([], loop);
      function* produce(): Coroutine<void> {
        for (let count = 0; count < 4; count++) {
          writer.write(bytes("x"));
          if (count === 1) protocol.pauseWriting(); // as a transport does inside write
          yield* writer.drain();
          log.push(count);
        }
      }
      const task = loop.createTask(produce());
      yield* spin(5);
      log.push("resume");
      protocol.resumeWriting();
      yield* task;
    });
    expect(log).toEqual([0, "resume", 1, 2, 3]);
  });

  test("can be cancelled at any time: the others wait on, and nothing is left", () => {
    for (let at = 0; at < 6; at++) {
      trace(function* (log, loop) {
        const { writer, protocol } = connect(log, loop);
        protocol.pauseWriting();
        const [first, second] = [loop.createTask(writer.drain()), loop.createTask(writer.drain())];
        for (let step = 0; step < 6; step++) {
          if (step === at) first.cancel();
          if (step === 3) protocol.resumeWriting();
          yield* spin(1);
        }
        // At 3 it is asked to stop before it is released, at 4 it has ended.
        expect(yield* attemptAwait(first)).toBe(at < 4 ? "CancelledError()" : undefined);
        expect(second.result()).toBe(undefined);
      });
    }
  });
});

describe("waitClosed", () => {
  test("waits until the connection is lost, and does not wait any more then", () => {
    trace(function* (log, loop) {
      const { writer, protocol } = connect(log, loop);
      const tasks = [loop.createTask(writer.waitClosed()), loop.createTask(writer.waitClosed())];
      yield* spin(3);
      expect(tasks.map((task) => task.done())).toEqual([false, false]);
      protocol.connectionLost(null);
      yield* spin(1);
      expect(tasks.map((task) => task.done())).toEqual([true, true]);
      const before = iteration(loop);
      yield* writer.waitClosed();
      expect(iteration(loop) - before).toBe(0);
    });
  });

  test("throws what the connection was lost by, which is no unseen error", () => {
    const log = trace(function* (log, loop) {
      const { writer, protocol } = connect(log, loop);
      protocol.connectionLost(new RangeError("gone"));
      expect(yield* attemptAwait(writer.waitClosed())).toBe("RangeError('gone')");
      connect(log, loop).protocol.connectionLost(new RangeError("gone")); // nobody looks
    });
    expect(log).toEqual([]);
  });

  test("that is cancelled cancels what all wait for, as in asyncio", () => {
    trace(function* (log, loop) {
      const { writer, protocol } = connect(log, loop);
      const [first, second] = [loop.createTask(writer.waitClosed()), loop.createTask(writer.waitClosed())];
      yield* spin(1);
      first.cancel();
      yield* attemptAwait(first);
      expect(yield* attemptAwait(second)).toBe("CancelledError()");
      expect(attempt(() => protocol.connectionLost(null))).toBe(undefined);
      expect(yield* attemptAwait(writer.waitClosed())).toBe("CancelledError()");
    });
  });
});

test("debug mode reports what was not awaited", () => {
  const log = trace(
    function* (log, loop) {
      const { writer } = connect([], loop);
      void writer.drain();
      void writer.waitClosed();
      log.push("made");
    },
    { debug: true },
  );
  expect(log.map((entry) => String(entry).split("\n", 1)[0])).toEqual([
    "made",
    "warning,coroutine 'StreamWriter.drain' was never awaited",
    "warning,coroutine 'StreamWriter.waitClosed' was never awaited",
  ]);
});
