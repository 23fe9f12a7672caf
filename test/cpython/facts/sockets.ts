// What the facts about sockets stand on: programs in real time, and connections of which we have both ends.

import { type Coroutine, EventLoop, sleep } from "wasyncio";
import { Protocol, type SocketTransport, type StreamProtocol, createConnection, createServer } from "wasyncio/streams";
import { text } from "../../support/bytes.ts";
import { describeError } from "../../support/outcomes.ts";
import { addressOf } from "../../support/servers.ts";

/** Runs a program in a loop of its own, over the sockets of this machine. */
export async function realTrace(program: (log: unknown[], loop: EventLoop) => Coroutine<unknown>): Promise<unknown[]> {
  const log: unknown[] = [];
  const loop = new EventLoop();
  loop.setExceptionHandler((_, { message, exception }) => log.push(["EH", message, describeError(exception)]));
  loop.host.report = (level, message) => log.push([level.toUpperCase(), message]);
  try {
    await loop.runUntilComplete(program(log, loop));
  } finally {
    loop.close();
  }
  return log;
}

/** A module of the host's own: those that have sockets have those of Node. */
export function builtin<T>(name: string): T {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): T } };
  return process.getBuiltinModule(name);
}

/** A protocol that writes down what it is told. */
export class Noting extends Protocol {
  readonly log: unknown[];

  constructor(log: unknown[]) {
    super();
    this.log = log;
  }

  override connectionMade(_transport: SocketTransport): void {
    this.log.push("made");
  }

  override dataReceived(data: Uint8Array): void {
    this.log.push(["data", text(data)]);
  }

  override eofReceived(): void {
    this.log.push("eof");
  }

  override connectionLost(error: Error | null): void {
    this.log.push(["lost", error && describeError(error)]);
  }

  override pauseWriting(): void {
    this.log.push("pause");
  }

  override resumeWriting(): void {
    this.log.push("resume");
  }
}

/** The other end: it reads nothing by itself. */
class Other extends Protocol {
  transport: SocketTransport | null = null;
  readonly #first: Uint8Array | null;

  constructor(first: Uint8Array | null) {
    super();
    this.#first = first;
  }

  override connectionMade(transport: SocketTransport): void {
    this.transport = transport;
    transport.pauseReading();
    if (this.#first !== null) transport.write(this.#first);
  }
}

/** A connection whose other end has no protocol to speak of, and may write `first` when it is made. */
export function* pair(
  protocol: StreamProtocol,
  first: Uint8Array | null = null,
): Coroutine<[transport: SocketTransport, other: SocketTransport]> {
  const other = new Other(first);
  const server = yield* createServer(() => other, "127.0.0.1", 0);
  const [transport] = yield* createConnection(() => protocol, ...addressOf(server));
  while (other.transport === null) yield* sleep(0.001);
  server.close();
  return [transport, other.transport];
}

/** Ends a connection, whose end is no part of the trace. */
export function* drop(log: unknown[], transport: SocketTransport, other: SocketTransport): Coroutine<void> {
  const before = [...log];
  transport.abort();
  other.abort();
  yield* sleep(0.01);
  log.splice(0, log.length, ...before);
}
