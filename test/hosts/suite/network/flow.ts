// Much at once: nothing is lost, and who sends waits for who reads.

import { type Coroutine, Event, createTask, gather, getRunningLoop, run, sleep } from "wasyncio";
import { type StreamReader, type StreamWriter, createServer, openConnection } from "wasyncio/streams";
import { portOf } from "../../../support/servers.ts";
import { MEGABYTE, MORE_THAN_BUFFERS, checksumOf, chunks, decode, encode } from "../bytes.ts";
import { check, same } from "../report.ts";
import { HOST, Noting, close, connectedPair, echo, receiveAll, sendAll, serving, until, withEcho } from "../streams.ts";

const CONNECTIONS = 1000;

export const FLOW: Record<string, () => unknown> = {
  "many small writes arrive whole and in order": () =>
    withEcho(function* (reader, writer) {
      const expected = Array.from({ length: 5000 }, (_, index) => `${index}\n`);
      const writing = createTask(
        (function* () {
          for (const [index, text] of expected.entries()) {
            writer.write(encode(text));
            if (index % 100 === 0) yield* writer.drain();
          }
        })(),
      );
      for (const text of expected) same(decode(yield* reader.readline()), text);
      yield* writing;
    }),

  "back-pressure: who sends waits for who reads, and keeps no more than its mark": () =>
    run(function* () {
      const begin = new Event();
      const sums: string[] = [];
      yield* serving(
        function* (reader, writer) {
          yield* begin.wait();
          sums.push(yield* receiveAll(reader));
          yield* close(writer);
        },
        function* (port) {
          const [reader, writer] = yield* openConnection(HOST, port);
          const sending = createTask(sendAll(writer, MORE_THAN_BUFFERS));
          yield* sleep(0.2);
          check(!sending.done(), "all was sent, though nobody reads");
          begin.set();
          const most = yield* sending;
          check(most <= 128 * 1024, most);
          writer.writeEof();
          same((yield* reader.read()).length, 0);
          yield* close(writer);
        },
      );
      same(sums, [checksumOf(MORE_THAN_BUFFERS)]);
    }),

  "while reading is paused nothing is received, and afterwards all": () =>
    run(function* () {
      const [client, accepted, listener] = yield* connectedPair();
      accepted.transport.pauseReading();
      const total = 4 * MEGABYTE;
      for (const chunk of chunks(total)) client.transport.write(chunk);
      client.transport.writeEof();
      yield* sleep(0.1);
      same([accepted.received.count, accepted.transport.isReading()], [0, false]);
      accepted.transport.resumeReading();
      yield* accepted.lost.wait();
      same(accepted.received.text(), checksumOf(total));
      same(accepted.log, ["made", "data", "eof", "lost"]);
      client.transport.close();
      listener.close();
      yield* listener.waitClosed();
    }),

  "reading is paused and resumed again and again": () =>
    run(function* () {
      const total = 8 * MEGABYTE;
      class Hesitant extends Noting {
        override dataReceived(data: Uint8Array): void {
          check(this.transport.isReading(), "received while paused");
          super.dataReceived(data);
          this.transport.pauseReading();
          getRunningLoop().callSoon(() => this.transport.resumeReading());
        }
      }
      const accepted = new Hesitant();
      const server = yield* createServer(() => accepted, HOST, 0);
      const [reader, writer] = yield* openConnection(HOST, portOf(server));
      yield* sendAll(writer, total);
      writer.writeEof();
      same((yield* reader.read()).length, 0);
      yield* close(writer);
      server.close();
      yield* server.waitClosed();
      same([accepted.received.text(), accepted.log.at(-1)], [checksumOf(total), "lost"]);
    }),

  "100 MB, and their checksum": () =>
    run(() =>
      serving(
        function* (reader, writer) {
          writer.write(encode(yield* receiveAll(reader)));
          yield* close(writer);
        },
        function* (port) {
          const total = 100 * 1000 * 1000;
          const [reader, writer] = yield* openConnection(HOST, port);
          yield* sendAll(writer, total);
          writer.writeEof();
          same(decode(yield* reader.read(-1)), checksumOf(total));
          yield* close(writer);
        },
      ),
    ),

  "both ways at once, 20 MB each": () =>
    run(function* () {
      const total = 20 * MEGABYTE;
      const sums: string[] = [];
      function* side(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
        const sending = createTask(sendAll(writer, total));
        sending.addDoneCallback(() => writer.writeEof());
        sums.push(yield* receiveAll(reader));
        yield* sending;
        yield* close(writer);
      }
      yield* serving(side, function* (port) {
        yield* side(...(yield* openConnection(HOST, port)));
      });
      yield* until(() => sums.length === 2);
      same(sums, [checksumOf(total), checksumOf(total)]);
    }),

  "a large write is whole, and closing sends it first": () =>
    run(function* () {
      const size = 10 * MEGABYTE;
      yield* serving(
        function* (_reader, writer) {
          writer.write(new Uint8Array(size).fill(7));
          yield* close(writer);
        },
        function* (port) {
          const [reader, writer] = yield* openConnection(HOST, port);
          yield* sleep(0.02);
          const data = yield* reader.readexactly(size);
          check(data[0] === 7 && data[size - 1] === 7, [data[0], data[size - 1]]);
          same((yield* reader.read()).length, 0);
          yield* close(writer);
        },
      );
    }),

  [`${CONNECTIONS} connections at once`]: () =>
    run(() =>
      serving(
        echo,
        function* (port, server) {
          const open: StreamWriter[] = [];
          const all = new Event();
          function* client(index: number): Coroutine<void> {
            const [reader, writer] = yield* openConnection(HOST, port);
            if (open.push(writer) === CONNECTIONS) all.set();
            yield* all.wait();
            for (const round of [1, 2, 3]) {
              const text = `${index}:${round}\n`;
              writer.write(encode(text));
              same(decode(yield* reader.readline()), text);
            }
            yield* close(writer);
          }
          yield* gather(Array.from({ length: CONNECTIONS }, (_, index) => client(index)));
          server.close();
          yield* server.waitClosed();
        },
        { backlog: CONNECTIONS }, // those for whom there is no place wait for resends: a minute, at worst
      ),
    ),
};
