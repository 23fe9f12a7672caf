// Two of our ends over a real socket, each with a schedule of its own: both send and receive in pieces of any size, as
// streams or as protocols, and pause, are cancelled while they wait, end their half, close or abort. What arrives is
// what was sent, once and in order; all of it when nobody has broken off.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CancelledError,
  type Coroutine,
  Event,
  IncompleteReadError,
  TimeoutError,
  createTask,
  gather,
  getRunningLoop,
  sleep,
  timeout,
  waitFor,
} from "wasyncio";
import {
  BufferedProtocol,
  OSError,
  Protocol,
  type Server,
  type SocketTransport,
  type StreamReader,
  type StreamWriter,
  createConnection,
  createServer,
  createUnixConnection,
  createUnixServer,
  openConnection,
  openUnixConnection,
  startServer,
  startUnixServer,
} from "wasyncio/streams";
import { Random, Weights } from "../support/random.ts";

/** Seconds after which an exchange hangs: no figure of speed. */
const LIMIT = 100;

const SIZES = new Weights([
  ["some", 30],
  ["a segment", 20],
  ["much", 9],
  ["more than is taken in", 1],
] as const);

const STEPS = new Weights([
  ["write", 14],
  ["writelines", 3],
  ["drain", 8],
  ["drain, cancelled", 4],
  ["give way", 6],
  ["sleep", 3],
  ["limits", 2],
] as const);

/** How an end leaves: with all that was sent and received, or before. */
type Leaving = "ends its half" | "closes" | "aborts" | "is cancelled";

/** Bytes of one direction: what is the next one to be sent, and to be received. */
class Wire {
  sent = 0;
  received = 0;
  /** Whether all that was sent has to arrive. */
  readonly isWhole: boolean;
  readonly #salt: number;

  constructor(salt: number, isWhole: boolean) {
    this.#salt = salt;
    this.isWhole = isWhole;
  }

  next(size: number): Uint8Array {
    const data = this.#bytes(this.sent, size);
    this.sent += size;
    return data;
  }

  take(data: Uint8Array): void {
    const expected = this.#bytes(this.received, data.length);
    if (this.received + data.length > this.sent) throw new Wrong("more has come than was sent");
    if (!Buffer.from(data.buffer, data.byteOffset, data.length).equals(expected)) {
      throw new Wrong(`other bytes have come between ${this.received} and ${this.received + data.length}`);
    }
    this.received += data.length;
  }

  #bytes(from: number, size: number): Uint8Array {
    const start = (from + this.#salt) % PERIOD;
    const bytes = new Uint8Array(size);
    for (let filled = 0, at = start; filled < size; at = 0) {
      const piece = PATTERN.subarray(at, at + size - filled);
      bytes.set(piece, filled);
      filled += piece.length;
    }
    return bytes;
  }
}

/** A prime number, so that nothing that is cut into pieces of even sizes repeats itself. */
const PERIOD = 65_521;
const PATTERN = Uint8Array.from({ length: PERIOD }, (_, index) => Math.imul(index + 1, 0x9e3779b1) >>> 24);

/** What must not happen. */
class Wrong extends Error {}

/** One end, as streams or as a protocol. */
interface Side {
  readonly transport: SocketTransport;
  write(data: Uint8Array): void;
  writelines(data: readonly Uint8Array[]): void;
  drain(): Coroutine<void>;
  /** Receives until the other side has ended its half. */
  receive(): Coroutine<void>;
  waitClosed(): Coroutine<void>;
}

class StreamSide implements Side {
  readonly transport: SocketTransport;
  readonly #reader: StreamReader;
  readonly #writer: StreamWriter;
  readonly #wire: Wire;
  readonly #random: Random;

  constructor([reader, writer]: readonly [StreamReader, StreamWriter], wire: Wire, random: Random) {
    this.#reader = reader;
    this.#writer = writer;
    this.#wire = wire;
    this.#random = random;
    this.transport = writer.transport as SocketTransport;
  }

  write(data: Uint8Array): void {
    this.#writer.write(data);
  }

  writelines(data: readonly Uint8Array[]): void {
    this.#writer.writelines(data);
  }

  drain(): Coroutine<void> {
    return this.#writer.drain();
  }

  *receive(): Coroutine<void> {
    while (!this.#reader.atEof()) {
      if (this.#random.chance(10)) yield* sleep(this.#random.chance(50) ? 0 : 0.001);
      try {
        this.#wire.take(yield* this.#read());
      } catch (error) {
        if (error instanceof IncompleteReadError) this.#wire.take(error.partial);
        else if (!(error instanceof TimeoutError)) throw error;
      }
    }
  }

  *#read(): Coroutine<Uint8Array> {
    const size = 1 + this.#random.below(this.#random.chance(50) ? 100 : 200_000);
    const reading = this.#random.chance(70) ? this.#reader.read(size) : this.#reader.readexactly(size);
    return yield* this.#random.chance(20) ? waitFor(reading, 0.0005 * this.#random.below(3)) : reading;
  }

  waitClosed(): Coroutine<void> {
    return this.#writer.waitClosed();
  }
}

/** What both kinds of protocols have in common. */
class ProtocolSide implements Side {
  readonly protocol: Protocol | BufferedProtocol;
  transport!: SocketTransport;
  readonly made = new Event();
  readonly #wire: Wire;
  readonly #random: Random;
  readonly #writable = new Event();
  readonly #ended = new Event();
  readonly #lost = new Event();
  #error: Error | null = null;
  /** What was told that must not be. */
  #wrong: unknown = null;

  constructor(wire: Wire, random: Random) {
    this.#wire = wire;
    this.#random = random;
    this.#writable.set();
    this.protocol = random.chance(50) ? new Plain(this) : new Buffered(this, 1 + random.below(100_000));
  }

  connectionMade(transport: SocketTransport): void {
    this.transport = transport;
    this.made.set();
  }

  received(data: Uint8Array): void {
    try {
      if (this.#ended.isSet() || this.#lost.isSet()) throw new Wrong("data behind the end");
      if (!this.transport.isReading()) throw new Wrong("data while paused");
      this.#wire.take(data);
    } catch (error) {
      this.#wrong = error;
    }
    if (!this.#random.chance(15)) return;
    this.transport.pauseReading();
    getRunningLoop().callLater(this.#random.chance(50) ? 0 : 0.001, () => this.transport.resumeReading());
  }

  eofReceived(): boolean {
    if (this.#ended.isSet()) this.#wrong = new Wrong("a second end");
    this.#ended.set();
    return true;
  }

  connectionLost(error: Error | null): void {
    if (this.#lost.isSet()) this.#wrong = new Wrong("lost twice");
    this.#error = error;
    this.#lost.set();
    this.#ended.set();
    this.#writable.set();
  }

  pauseWriting(): void {
    if (!this.#writable.isSet()) this.#wrong = new Wrong("paused twice");
    this.#writable.clear();
  }

  resumeWriting(): void {
    if (this.#writable.isSet()) this.#wrong = new Wrong("resumed twice");
    this.#writable.set();
  }

  write(data: Uint8Array): void {
    this.transport.write(data);
  }

  writelines(data: readonly Uint8Array[]): void {
    this.transport.writelines(data);
  }

  *drain(): Coroutine<void> {
    yield* this.#writable.wait();
  }

  *receive(): Coroutine<void> {
    yield* this.#ended.wait();
    this.#check();
  }

  *waitClosed(): Coroutine<void> {
    yield* this.#lost.wait();
    this.#check();
  }

  #check(): void {
    if (this.#wrong !== null) throw this.#wrong;
    if (this.#error !== null) throw this.#error;
  }
}

class Plain extends Protocol {
  readonly #side: ProtocolSide;

  constructor(side: ProtocolSide) {
    super();
    this.#side = side;
  }

  override connectionMade(transport: SocketTransport): void {
    this.#side.connectionMade(transport);
  }

  override dataReceived(data: Uint8Array): void {
    this.#side.received(data);
  }

  override eofReceived(): boolean {
    return this.#side.eofReceived();
  }

  override connectionLost(error: Error | null): void {
    this.#side.connectionLost(error);
  }

  override pauseWriting(): void {
    this.#side.pauseWriting();
  }

  override resumeWriting(): void {
    this.#side.resumeWriting();
  }
}

class Buffered extends BufferedProtocol {
  readonly #side: ProtocolSide;
  readonly #buffer: Uint8Array;

  constructor(side: ProtocolSide, size: number) {
    super();
    this.#side = side;
    this.#buffer = new Uint8Array(size);
  }

  override connectionMade(transport: SocketTransport): void {
    this.#side.connectionMade(transport);
  }

  override getBuffer(): Uint8Array {
    return this.#buffer;
  }

  override bufferUpdated(count: number): void {
    this.#side.received(this.#buffer.subarray(0, count));
  }

  override eofReceived(): boolean {
    return this.#side.eofReceived();
  }

  override connectionLost(error: Error | null): void {
    this.#side.connectionLost(error);
  }

  override pauseWriting(): void {
    this.#side.pauseWriting();
  }

  override resumeWriting(): void {
    this.#side.resumeWriting();
  }
}

/** Plays one exchange. Returns the bytes that arrived. Throws Error when something is not as it must be. */
export function* exchange(seed: number, index: number): Coroutine<number> {
  const random = new Random(seed, index);
  const isWhole = random.chance(60);
  const leaving = (): Leaving =>
    isWhole ? "ends its half" : random.pick(["ends its half", "closes", "aborts", "is cancelled"] as const);
  const [there, back] = [new Wire(random.below(PERIOD), isWhole), new Wire(random.below(PERIOD), isWhole)];
  const [leavings, streams] = [
    [leaving(), leaving()],
    [random.chance(50), random.chance(50)],
  ] as const;
  const plan = `exchange ${index} of seed ${seed}: ${leavings.join()}, ${streams.map((is) => (is ? "streams" : "protocol")).join()}`;
  try {
    yield* timeout(LIMIT).with(function* () {
      const { server, client, accepted } = yield* connected(streams, [back, there], random);
      server.close();
      yield* gather(
        partake(client, there, leavings[0], new Random(seed, -2 * index - 1)),
        partake(accepted, back, leavings[1], new Random(seed, -2 * index - 2)),
      );
      yield* server.waitClosed();
    });
    for (const wire of [there, back]) {
      if (wire.isWhole && wire.received !== wire.sent)
        throw new Wrong(`${wire.received} of ${wire.sent} bytes arrived`);
    }
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    throw new Error(`${plan}: ${String(error)}`, { cause: error });
  }
  return there.received + back.received;
}

interface Connected {
  readonly server: Server;
  readonly client: Side;
  readonly accepted: Side;
}

/** A connection over TCP or a path; `wires` are what the client and the accepted end receive. */
function* connected(
  streams: readonly [client: boolean, accepted: boolean],
  wires: readonly [client: Wire, accepted: Wire],
  random: Random,
): Coroutine<Connected> {
  const folder = random.chance(50) ? mkdtempSync(join(tmpdir(), "wasyncio-")) : null;
  const path = folder === null ? null : join(folder, "s");
  try {
    const arrived = new Event();
    let accepted!: Side;
    const acceptedRandom = new Random(random.below(2 ** 32), 0);
    function accept(reader: StreamReader, writer: StreamWriter): void {
      accepted = new StreamSide([reader, writer], wires[1], acceptedRandom);
      arrived.set();
    }
    function serve(): Protocol | BufferedProtocol {
      const side = new ProtocolSide(wires[1], acceptedRandom);
      accepted = side;
      arrived.set();
      return side.protocol;
    }
    const server = yield* streams[1]
      ? path === null
        ? startServer(accept, "127.0.0.1", 0)
        : startUnixServer(accept, path)
      : path === null
        ? createServer(serve, "127.0.0.1", 0)
        : createUnixServer(serve, path);
    const address = server.sockets[0].getsockname() as [string, number];
    let client: Side;
    if (streams[0]) {
      const pair = yield* path === null ? openConnection(...address) : openUnixConnection(path);
      client = new StreamSide(pair, wires[0], random);
    } else {
      const side = new ProtocolSide(wires[0], random);
      yield* path === null
        ? createConnection(() => side.protocol, ...address)
        : createUnixConnection(() => side.protocol, path);
      client = side;
    }
    yield* arrived.wait();
    if (accepted instanceof ProtocolSide) yield* accepted.made.wait();
    return { server, client, accepted };
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true });
  }
}

/** What one end does: it sends and receives at the same time, and leaves. */
function* partake(side: Side, wire: Wire, leaving: Leaving, random: Random): Coroutine<void> {
  const receiving = createTask(side.receive());
  const sending = createTask(send(side, wire, random));
  try {
    if (leaving === "is cancelled") {
      yield* sleep(0.001 * random.below(4));
      sending.cancel();
      receiving.cancel();
    }
    yield* sending;
    if (leaving === "aborts") side.transport.abort();
    else if (leaving === "closes") side.transport.close();
    else side.transport.writeEof();
    yield* receiving;
  } catch (error) {
    pass(error, wire);
  } finally {
    receiving.cancel();
    sending.cancel();
    if (leaving === "is cancelled") side.transport.abort();
    else side.transport.close();
  }
  try {
    yield* side.waitClosed();
  } catch (error) {
    pass(error, wire);
  }
}

/** Somebody has broken off, or the end was cancelled. */
function pass(error: unknown, { isWhole }: Wire): void {
  if (isWhole || !(error instanceof OSError || error instanceof CancelledError)) throw error;
}

function* send(side: Side, wire: Wire, random: Random): Coroutine<void> {
  for (let left = random.below(20); left > 0; left--) {
    switch (random.weighted(STEPS)) {
      case "write":
        side.write(wire.next(sizeOf(random)));
        break;
      case "writelines":
        side.writelines([wire.next(sizeOf(random)), wire.next(random.below(50)), wire.next(sizeOf(random))]);
        break;
      case "drain":
        yield* side.drain();
        break;
      case "drain, cancelled":
        try {
          yield* waitFor(side.drain(), 0.0005 * random.below(3));
        } catch (error) {
          if (!(error instanceof TimeoutError)) throw error;
        }
        break;
      case "give way":
        yield* sleep(0);
        break;
      case "sleep":
        yield* sleep(0.001 * random.below(3));
        break;
      case "limits":
        side.transport.setWriteBufferLimits(random.below(200_000));
        break;
    }
  }
}

function sizeOf(random: Random): number {
  const most = { some: 100, "a segment": 3000, much: 150_000, "more than is taken in": 6_000_000 };
  return random.below(most[random.weighted(SIZES)]);
}
