import { describe, expect, test } from "vitest";
import { type Coroutine, RuntimeError, createTask, sleep } from "wasyncio";
import { type ClientConnected, StreamReader, StreamReaderProtocol, StreamWriter, Transport } from "wasyncio/streams";
import { giving, spin } from "../../support/coroutines.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { trace } from "../../support/stage.ts";
import { bytes, text } from "../../support/bytes.ts";
import { LoggingTransport } from "../../support/logging-transport.ts";

test("it needs a loop, a reader or null, and a function or nothing", () => {
  expect(() => new StreamReaderProtocol(null)).toThrow(RuntimeError);
  trace(function* () {
    for (const bad of [undefined, {}, "x"]) {
      expect(() => new StreamReaderProtocol(bad as never)).toThrow(/^Invalid streamReader/);
      if (bad !== undefined)
        expect(() => new StreamReaderProtocol(null, bad as never)).toThrow(/^Invalid clientConnectedCb/);
    }
  });
});

test("what the transport receives comes out of the reader", () => {
  trace(function* () {
    const reader = new StreamReader();
    const protocol = new StreamReaderProtocol(reader);
    protocol.connectionMade(new LoggingTransport());
    protocol.dataReceived(bytes("abc"));
    expect(text(yield* reader.read(10))).toBe("abc");
    const rest = createTask(reader.read());
    yield* spin(1);
    protocol.dataReceived(bytes("d"));
    expect(protocol.eofReceived()).toBe(true);
    expect(text(yield* rest)).toBe("d");
    expect(attempt(() => protocol.dataReceived("x" as never))).toMatch(/^TypeError/);
  });
});

test("over TLS the end of what comes ends the connection: that goes only both ways", () => {
  trace(function* () {
    for (const [extra, stays] of [
      [{}, true],
      [{ sslcontext: null }, true],
      [{ sslcontext: {} }, false],
    ] as const) {
      const protocol = new StreamReaderProtocol(new StreamReader());
      protocol.connectionMade(new LoggingTransport([], extra));
      expect(protocol.eofReceived()).toBe(stays);
    }
  });
});

test("without a reader it drops what comes", () => {
  trace(function* () {
    const protocol = new StreamReaderProtocol(null);
    protocol.connectionMade(new Transport());
    protocol.dataReceived(bytes("abc"));
    expect(protocol.eofReceived()).toBe(true);
    protocol.connectionLost(null);
  });
});

test("a lost connection ends the reader and what waits, in asyncio's order, and is forgotten by what comes later", () => {
  for (const exc of [null, new RangeError("gone")]) {
    const outcome = (result: unknown) => (exc === null ? result : "RangeError('gone')");
    const log = trace(function* (log, loop) {
      const reader = new StreamReader();
      const protocol = new StreamReaderProtocol(reader);
      const transport = new LoggingTransport();
      protocol.connectionMade(transport);
      const writer = new StreamWriter(transport, protocol, reader, loop);
      function* noting(name: string, awaitable: Coroutine<unknown>): Coroutine<void> {
        log.push([name, yield* attemptAwait(awaitable)]);
      }
      protocol.pauseWriting();
      const tasks = [
        createTask(noting("drain", writer.drain())),
        createTask(noting("closed", writer.waitClosed())),
        createTask(noting("read", reader.read(1))),
      ];
      yield* spin(2);
      protocol.connectionLost(exc);
      for (const task of tasks) yield* task;
      protocol.dataReceived(bytes("late"));
      protocol.eofReceived();
      protocol.connectionLost(new TypeError("again"));
      log.push(["later", yield* attemptAwait(reader.read(1))]);
    });
    expect(log).toEqual([
      ["read", outcome(new Uint8Array())],
      ["closed", outcome(undefined)],
      ["drain", outcome(undefined)],
      ["later", outcome(new Uint8Array())],
    ]);
  }
});

test("connectionLost takes errors only, and changes nothing else", () => {
  trace(function* () {
    const reader = new StreamReader();
    const protocol = new StreamReaderProtocol(reader);
    expect(attempt(() => protocol.connectionLost("x" as never))).toMatch(/^TypeError/);
    protocol.dataReceived(bytes("a"));
    expect(text(yield* reader.read(1))).toBe("a");
  });
});

describe("its callback", () => {
  function* serve(client: ClientConnected, log: unknown[]): Coroutine<StreamReaderProtocol> {
    const protocol = new StreamReaderProtocol(new StreamReader(), client);
    protocol.connectionMade(new LoggingTransport(log));
    return protocol;
  }

  test("gets the streams, at once", () => {
    trace(function* (log) {
      const transport = new LoggingTransport();
      const own = new StreamReader();
      new StreamReaderProtocol(own, (reader, writer) => {
        log.push(reader === own, writer instanceof StreamWriter, writer.transport === transport);
      }).connectionMade(transport);
      expect(log).toEqual([true, true, true]);
    });
  });

  test("that is a coroutine function runs as a task, which talks to the other side", () => {
    const log = trace(function* (log) {
      const protocol = yield* serve(function* (reader, writer) {
        const line = yield* reader.readline();
        writer.write(line);
        yield* writer.drain();
        writer.close();
      }, log);
      protocol.dataReceived(bytes("hel"));
      yield* spin(3);
      protocol.dataReceived(bytes("lo\n"));
      yield* spin(3);
    });
    expect(log).toEqual([["write", "hello\n"], "close"]);
  });

  test("that fails is reported, and its connection closed", () => {
    const log = trace(function* (log) {
      yield* serve(function* () {
        yield* sleep(0);
        throw new RangeError("client");
      }, log);
      yield* spin(5);
    });
    expect(log).toEqual([["EH", "Unhandled exception in clientConnectedCb", "RangeError('client')"], "close"]);
  });

  test("that is an async function is refused, and a promise is reported, and its connection closed", () => {
    const refusals: unknown[] = [];
    const log = trace(function* (log, loop) {
      const asynchronous = (async () => {}) as never;
      refusals.push(attempt(() => new StreamReaderProtocol(null, asynchronous, loop)));
      yield* serve((() => Promise.resolve()) as never, log);
      yield* spin(3);
    });
    const instead = "make it a function*, and each await in it a yield*";
    expect(refusals).toEqual([`TypeError('Cannot serve by an async function: ${instead}')`]);
    const report = `TypeError('clientConnectedCb has returned a promise: ${instead}')`;
    expect(log).toEqual([["EH", "Unhandled exception in clientConnectedCb", report], "close"]);
  });

  test("that starts a task of its own is left alone", () => {
    const log = trace(function* (log, loop) {
      yield* serve((() => loop.createTask(sleep(0))) as never, log);
      yield* spin(3);
    });
    expect(log).toEqual([]);
  });

  test("that is cancelled closes its connection, without a report", () => {
    const log = trace(function* (log, loop) {
      yield* serve(() => sleep(100), log);
      yield* spin(1);
      for (const task of loop.pendingTasks()) if (task !== loop.currentTask) task.cancel();
      yield* spin(3);
    });
    expect(log).toEqual(["close"]);
  });

  test("that ends well leaves its connection open", () => {
    const log = trace(function* (log) {
      yield* serve(() => giving(1), log);
      yield* spin(3);
    });
    expect(log).toEqual([]);
  });

  test("that throws at once lets its error out", () => {
    trace(function* (log) {
      const error = yield* attemptAwait(
        serve(() => {
          throw new RangeError("at once");
        }, log),
      );
      expect(error).toBe("RangeError('at once')");
    });
  });
});
