// What is cancelled leaves nothing behind, and loses nothing.

import { Event, type Task, createTask, gather, run, sleep, timeout } from "wasyncio";
import { type Server, type StreamReader, type StreamWriter, openConnection, startServer } from "wasyncio/streams";
import { freePort } from "../../../support/servers.ts";
import { MORE_THAN_BUFFERS, checksumOf, chunks, decode, encode } from "../bytes.ts";
import { check, same } from "../report.ts";
import { HOST, close, echo, receiveAll, serving, withEcho } from "../streams.ts";

export const CANCELLATION: Record<string, () => unknown> = {
  "cancelled while it connects: the server is left with nobody": () =>
    run(() =>
      serving(echo, function* (port, server) {
        for (const steps of [0, 1, 2, 3, 4, 5, 6, 8, 12]) {
          const task: Task<unknown> = createTask(openConnection(HOST, port));
          for (let step = 0; step < steps; step++) yield* sleep(0);
          task.cancel();
          yield* gather([task], { returnExceptions: true });
          if (!task.cancelled()) yield* close((task.result() as [StreamReader, StreamWriter])[1]);
        }
        server.close();
        yield* server.waitClosed(); // hangs when a connection is left
      }),
    ),

  "cancelled while it waits for a listener: nobody listens": () =>
    run(function* () {
      const port = yield* freePort();
      for (const steps of [0, 1, 2, 3]) {
        const task: Task<Server> = createTask(startServer(echo, HOST, port));
        for (let step = 0; step < steps; step++) yield* sleep(0);
        task.cancel();
        yield* gather([task], { returnExceptions: true });
        if (!task.cancelled()) yield* task.result().with(() => sleep(0));
        const again = yield* startServer(echo, HOST, port);
        yield* again.with(() => sleep(0));
      }
    }),

  "a read that is cancelled loses nothing": () =>
    withEcho(function* (reader, writer) {
      const texts: string[] = [];
      for (let index = 0; index < 50; index++) {
        writer.write(encode(`${index}\n`));
        const reading = createTask(reader.readline());
        for (let step = 0; step < index % 7; step++) yield* sleep(0);
        if (reading.cancel()) yield* gather([reading], { returnExceptions: true });
        texts.push(decode(reading.cancelled() ? yield* reader.readline() : reading.result()));
      }
      same(
        texts,
        Array.from({ length: 50 }, (_, index) => `${index}\n`),
      );
    }),

  "a drain that is cancelled leaves what is to be sent": () =>
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
          for (const chunk of chunks(MORE_THAN_BUFFERS)) writer.write(chunk);
          const draining = createTask(writer.drain());
          yield* sleep(0.01);
          check(draining.cancel(), "it did not wait");
          yield* gather([draining], { returnExceptions: true });
          begin.set();
          writer.writeEof();
          same((yield* reader.read()).length, 0);
          yield* close(writer);
        },
      );
      same(sums, [checksumOf(MORE_THAN_BUFFERS)]);
    }),

  "a timeout over a connection that says nothing": () =>
    run(() =>
      serving(echo, function* (port) {
        const [reader, writer] = yield* openConnection(HOST, port);
        let name = "";
        try {
          yield* timeout(0.02).with(() => reader.read());
        } catch (error) {
          ({ name } = error as Error);
        }
        same(name, "TimeoutError");
        writer.write(encode("still there"));
        same(decode(yield* reader.readexactly(11)), "still there");
        yield* close(writer);
      }),
    ),
};
