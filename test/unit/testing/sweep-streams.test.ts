// Streams under a sweep: whatever fault comes at whatever point, the bytes that are read are those that were written,
// in order, and both ends are closed.

import { expect, test } from "vitest";
import { type Coroutine, type EventLoop, IncompleteReadError, TaskGroup, getRunningLoop, sleep } from "wasyncio";
import { ConnectionResetError, StreamReader, StreamReaderProtocol, StreamWriter, Transport } from "wasyncio/streams";
import { bytes, text } from "../../support/bytes.ts";
import { goesOn, surely, sweepEverywhere } from "./sweep/everywhere.ts";

const HIGH_WATER = 12;

/**
 * The sending end of a pipe: hands on what is written, a piece in each iteration, and never more than its reader wants.
 */
class Pipe extends Transport {
  readonly #loop: EventLoop;
  readonly #pieces: Uint8Array[] = [];
  readonly #sender: StreamReaderProtocol;
  readonly #receiver: StreamReaderProtocol;
  #size = 0;
  #isWritingPaused = false;
  #isReadingPaused = false;
  #isScheduled = false;
  #isClosing = false;
  #isAborted = false;

  constructor(loop: EventLoop, sender: StreamReaderProtocol, receiver: StreamReaderProtocol) {
    super();
    this.#loop = loop;
    this.#sender = sender;
    this.#receiver = receiver;
  }

  override write(data: Uint8Array): void {
    if (this.#isAborted) return;
    this.#pieces.push(data);
    this.#size += data.length;
    if (this.#size > HIGH_WATER && !this.#isWritingPaused) {
      this.#isWritingPaused = true;
      this.#sender.pauseWriting();
    }
    this.#schedule();
  }

  override pauseReading(): void {
    this.#isReadingPaused = !this.#isAborted;
  }

  override resumeReading(): void {
    this.#isReadingPaused = false;
    this.#schedule();
  }

  override isClosing(): boolean {
    return this.#isClosing;
  }

  override close(): void {
    this.#isClosing = true;
    this.#schedule();
  }

  override abort(): void {
    this.#isAborted = true;
    this.#pieces.length = 0;
    this.#isReadingPaused = false;
    this.close();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isReadingPaused) return;
    this.#isScheduled = true;
    this.#loop.callSoon(() => this.#deliver());
  }

  #deliver(): void {
    this.#isScheduled = false;
    const piece = this.#pieces.shift();
    if (piece !== undefined) {
      this.#size -= piece.length;
      this.#receiver.dataReceived(piece);
    } else if (this.#isClosing) {
      this.#receiver.eofReceived();
      this.#receiver.connectionLost(null);
      this.#sender.connectionLost(null);
      return;
    }
    if (this.#isWritingPaused && this.#size <= HIGH_WATER / 2) {
      this.#isWritingPaused = false;
      this.#sender.resumeWriting();
    }
    if (this.#pieces.length > 0 || this.#isClosing) this.#schedule();
  }
}

function connect(loop: EventLoop): { pipe: Pipe; reader: StreamReader; writer: StreamWriter } {
  const reader = new StreamReader(8, loop);
  const sender = new StreamReaderProtocol(new StreamReader(8, loop), null, loop);
  const receiver = new StreamReaderProtocol(reader, null, loop);
  const pipe = new Pipe(loop, sender, receiver);
  const writer = new StreamWriter(pipe, sender, null, loop);
  sender.connectionMade(pipe);
  receiver.connectionMade(pipe);
  return { pipe, reader, writer };
}

const WAYS: Record<string, (reader: StreamReader) => Coroutine<Uint8Array>> = {
  readline: (reader) => reader.readline(),
  readuntil: (reader) => reader.readuntil(["\n", ","]),
  readexactly: (reader) => reader.readexactly(4),
  read: (reader) => reader.read(3),
};

for (const [name, read] of Object.entries(WAYS)) {
  test(`what is written is read once and in order: ${name}`, () => {
    let written: string;
    let received: string;
    let drained: number;
    let isClosed: boolean;
    sweepEverywhere(
      function* () {
        written = "";
        received = "";
        drained = 0;
        isClosed = false;
        const { pipe, reader, writer } = connect(getRunningLoop());
        const send = function* () {
          for (const line of ["one,1\n", "two,2\n", "six,6\n", "ten,0\n"]) {
            writer.write(bytes(line));
            written += line;
            yield* writer.drain();
            drained++;
          }
          writer.close();
        };
        const receive = function* () {
          while (!reader.atEof()) {
            try {
              received += text(yield* read(reader));
            } catch (error) {
              if (!(error instanceof IncompleteReadError)) throw error;
              received += text(error.partial);
            }
            yield* sleep(0);
          }
        };
        try {
          yield* new TaskGroup().with(function* (group) {
            const sender = group.createTask(send(), { name: "sender" });
            const receiver = group.createTask(receive(), { name: "receiver" });
            sender.addDoneCallback(() => writer.close());
            receiver.addDoneCallback(() => pipe.abort()); // nobody reads any more
          });
        } finally {
          yield* surely(() => writer.waitClosed());
          isClosed = true;
        }
      },
      {
        allowed: (error) => error instanceof ConnectionResetError, // of a sender whose receiver is gone
        check(_, at) {
          expect(written.startsWith(received)).toBe(true);
          expect(isClosed).toBe(true);
          if (at.mode === "none") expect([written.length, drained]).toEqual([24, 4]);
          if (goesOn(at) && at.task !== "receiver") expect(received).toBe(written);
        },
      },
    );
  });
}

test("who reads on after a fault misses nothing", () => {
  let written: string;
  let received: string;
  let hasBegun: boolean;
  sweepEverywhere(
    function* () {
      written = "";
      received = "";
      hasBegun = false;
      const { reader, writer } = connect(getRunningLoop());
      const send = function* () {
        for (const line of ["one,1\n", "two,2\n", "six,6\n"]) {
          yield* sleep(1);
          writer.write(bytes(line));
          written += line;
        }
      };
      const receive = function* () {
        hasBegun = true;
        while (!reader.atEof()) received += text(yield* reader.readline());
      };
      yield* new TaskGroup().with(function* (group) {
        const sender = group.createTask(send(), { name: "sender" });
        sender.addDoneCallback(() => writer.close());
        group.createTask(surely(receive), { name: "receiver" });
      });
    },
    {
      check(_, { mode }) {
        expect(received).toBe(hasBegun ? written : "");
        if (mode === "none") expect(written).toHaveLength(18);
      },
    },
  );
});
