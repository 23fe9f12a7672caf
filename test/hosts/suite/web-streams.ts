// Web streams as a reader and a writer: all hosts have them, and sockets few.

import { type Coroutine, createTask, forEach, run } from "wasyncio";
import { type StreamReader, type StreamWriter, openStream } from "wasyncio/streams";
import { decode, encode } from "./bytes.ts";
import { check, same } from "./report.ts";

/** Both ends of a connection in memory. */
function* connection(): Coroutine<[near: [StreamReader, StreamWriter], far: [StreamReader, StreamWriter]]> {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  const near = yield* openStream(back.readable, there.writable);
  const far = yield* openStream(there.readable, back.writable);
  return [near, far];
}

function* echo(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  yield* forEach(reader, function* (line): Coroutine<void> {
    writer.write(line);
    yield* writer.drain();
  });
  writer.close();
  yield* writer.waitClosed();
}

/** The text of the error that a coroutine ends with. */
function* errorOf(body: Coroutine<unknown>): Coroutine<string> {
  try {
    yield* body;
  } catch (error) {
    return String(error);
  }
  return "nothing";
}

export const WEB_STREAMS: Record<string, () => unknown> = {
  "web streams carry lines both ways, and the end": () =>
    run(function* () {
      const [[reader, writer], far] = yield* connection();
      const echoing = createTask(echo(...far));
      for (let count = 0; count < 500; count++) {
        writer.write(encode(`line ${count}\n`));
        same(decode(yield* reader.readline()), `line ${count}\n`);
      }
      writer.writeEof();
      same((yield* reader.read()).length, 0);
      writer.close();
      yield* writer.waitClosed();
      yield* echoing;
    }),

  "web streams hold back who writes more than is read": () =>
    run(function* () {
      const [[, writer], [reader, farWriter]] = yield* connection();
      let written = 0;
      const writing = createTask(
        (function* (): Coroutine<void> {
          for (; written < 4_000_000; written += 50_000) {
            writer.write(new Uint8Array(50_000));
            yield* writer.drain();
          }
          writer.writeEof();
        })(),
      );
      yield* reader.readexactly(1000);
      check(written < 2_000_000, written);
      same((yield* reader.read()).length, 3_999_000);
      yield* writing;
      for (const each of [writer, farWriter]) each.close();
      yield* writer.waitClosed();
    }),

  "web streams of endless chunks leave the loop its turns": () =>
    run(function* () {
      const readable = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(1000)),
      });
      const [reader, writer] = yield* openStream(readable, new WritableStream());
      same((yield* reader.readexactly(500_000)).length, 500_000);
      writer.close();
      yield* writer.waitClosed();
    }),

  "web streams that fail are what reading and closing throw": () =>
    run(function* () {
      const readable = new ReadableStream<Uint8Array>({
        start: (controller) => controller.error(new RangeError("of the source")),
      });
      const [reader, writer] = yield* openStream(readable, new WritableStream());
      same(yield* errorOf(reader.read()), "RangeError: of the source");
      same(yield* errorOf(writer.waitClosed()), "RangeError: of the source");
      const failing = new WritableStream<Uint8Array>({ close: () => Promise.reject(new RangeError("of the sink")) });
      const [, other] = yield* openStream(new ReadableStream(), failing);
      other.close();
      same(yield* errorOf(other.waitClosed()), "RangeError: of the sink");
    }),
};
