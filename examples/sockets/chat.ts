// A chat: what one says all others hear. The server has a task for each guest, which ends when that one leaves.

import { type Coroutine, forEach, run } from "wasyncio";
import { type StreamReader, type StreamWriter, type Streams, openConnection, startServer } from "wasyncio/streams";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).trimEnd();

const guests = new Map<string, StreamWriter>();

function* tellOthers(name: string, text: string): Coroutine<void> {
  for (const [other, writer] of guests) {
    if (other === name) continue;
    writer.write(encode(`${text}\n`));
    yield* writer.drain(); // a guest who does not listen holds up the one who speaks
  }
}

function* welcome(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  const name = decode(yield* reader.readline());
  guests.set(name, writer);
  writer.write(encode(`welcome, ${name}\n`));
  try {
    yield* tellOthers(name, `${name} has come`);
    yield* forEach(reader, (line) => tellOthers(name, `${name}: ${decode(line)}`));
  } finally {
    guests.delete(name);
    yield* tellOthers(name, `${name} has left`);
    writer.close();
  }
}

class Guest {
  readonly #name: string;
  readonly #reader: StreamReader;
  readonly #writer: StreamWriter;

  constructor(name: string, [reader, writer]: Streams) {
    this.#name = name;
    this.#reader = reader;
    this.#writer = writer;
  }

  static *enter(port: number, name: string): Coroutine<Guest> {
    const guest = new Guest(name, yield* openConnection("127.0.0.1", port));
    guest.say(name);
    yield* guest.listen();
    return guest;
  }

  say(text: string): void {
    this.#writer.write(encode(`${text}\n`));
  }

  *listen(): Coroutine<void> {
    console.log(`${this.#name} hears: ${decode(yield* this.#reader.readline())}`);
  }

  *leave(): Coroutine<void> {
    this.#writer.close();
    yield* this.#writer.waitClosed();
  }
}

function* main(): Coroutine<void> {
  const server = yield* startServer(welcome, "127.0.0.1", 0);
  yield* server.with(function* () {
    const [, port] = server.sockets[0].getsockname() as [string, number];
    const ada = yield* Guest.enter(port, "Ada");
    const ben = yield* Guest.enter(port, "Ben");
    yield* ada.listen();
    ada.say("Hello Ben");
    yield* ben.listen();
    ben.say("Hello Ada");
    yield* ada.listen();
    yield* ben.leave();
    yield* ada.listen();
    yield* ada.leave();
  });
}

await run(main());

// Prints:
// Ada hears: welcome, Ada
// Ben hears: welcome, Ben
// Ada hears: Ben has come
// Ben hears: Ada: Hello Ben
// Ada hears: Ben: Hello Ada
// Ada hears: Ben has left
