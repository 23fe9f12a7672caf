// Short connections in rounds: a line there, a line back, and the end. Behind each round there is nothing left of them.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Coroutine, Event, EventLoop, gather } from "wasyncio";
import {
  Protocol,
  type Server,
  type Transport,
  createUnixConnection,
  createUnixServer,
  openConnection,
  startServer,
} from "wasyncio/streams";
import { type Heap, type Tables, readHeap, readTables } from "./gauge.ts";

const ROUNDS = 10;
/** Rounds in which tables grow to what is needed, and the engine compiles. */
const WARM_UP = 3;
const AT_A_TIME = 50;
/** What may come and go: compiled code, caches of the engine. */
const SLACK: Partial<Left> = { heapBytes: 1_000_000, liveObjects: 100 };
/** Tries, 10 ms apart, until the host has closed its last socket. */
const TRIES = 500;
const LINE = new TextEncoder().encode("a line\n");

/** What a round leaves. */
type Left = Tables & Heap & { readonly sockets: number };

/** Sends back the first bytes that come, and ends. */
class Answer extends Protocol {
  #transport: Transport | null = null;

  override connectionMade(transport: Transport): void {
    this.#transport = transport;
  }

  override dataReceived(data: Uint8Array): void {
    this.#transport?.write(data);
    this.#transport?.close();
  }
}

/** Sends a line, and keeps what comes until the end. */
class Question extends Protocol {
  readonly over = new Event();
  received = 0;

  override connectionMade(transport: Transport): void {
    transport.write(LINE);
  }

  override dataReceived(data: Uint8Array): void {
    this.received += data.length;
  }

  override connectionLost(): void {
    this.over.set();
  }
}

function* askByStreams(server: Server): Coroutine<number> {
  const [reader, writer] = yield* openConnection(...(server.sockets[0].getsockname() as [string, number]));
  writer.write(LINE);
  const { length } = yield* reader.read();
  writer.close();
  yield* writer.waitClosed();
  return length;
}

function* askByProtocol(server: Server): Coroutine<number> {
  const path = server.sockets[0].getsockname() as string;
  const [, protocol] = yield* createUnixConnection(() => new Question(), path);
  yield* protocol.over.wait();
  return protocol.received;
}

/**
 * Opens and closes connections in ten rounds: half by streams over TCP, half by protocols over a path. The server ends
 * first: so no address has to rest for a minute. `tell` is called with a line after each round.
 * @returns what has grown
 * @throws Error when a line does not come back
 */
export async function playConnections(count: number, tell: (line: string) => void): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "wasyncio-"));
  const loop = new EventLoop();
  try {
    const servers = await loop.runUntilComplete(listen(join(folder, "s")));
    const before = openSockets();
    const rounds: Left[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      await loop.runUntilComplete(playRound(servers, count / ROUNDS));
      const left = { sockets: await socketsLeft(before), ...readTables(loop), ...(await readHeap()) };
      rounds.push(left);
      const { sockets, slots, pages, heapBytes } = left;
      const heap = `${(heapBytes / 1e6).toFixed(2)} MB of heap`;
      tell(`${(count / ROUNDS) * round} connections: ${sockets} sockets, ${slots} slots, ${pages} pages, ${heap}`);
    }
    return grownIn(rounds.slice(WARM_UP));
  } finally {
    loop.close();
    rmSync(folder, { recursive: true });
  }
}

function* listen(path: string): Coroutine<readonly [streams: Server, protocols: Server]> {
  const streams = yield* startServer(
    function* (reader, writer) {
      writer.write(yield* reader.readline());
      writer.close();
      yield* writer.waitClosed();
    },
    "127.0.0.1",
    0,
  );
  return [streams, yield* createUnixServer(() => new Answer(), path)];
}

function* playRound([streams, protocols]: readonly [Server, Server], count: number): Coroutine<void> {
  let left = count;
  function* play(): Coroutine<void> {
    while (left-- > 0) {
      const received = yield* left % 2 === 0 ? askByStreams(streams) : askByProtocol(protocols);
      if (received !== LINE.length) throw new Error(`${received} bytes came back of ${LINE.length}`);
    }
  }
  yield* gather(...Array.from({ length: AT_A_TIME }, play));
}

/** Sockets that the process has; one that listens at a path counts, too. */
const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap" || name === "PipeWrap").length;

/** As soon as there are no more sockets than `before`, or when they have had time enough: how many more there are. */
async function socketsLeft(before: number): Promise<number> {
  for (let tries = TRIES; tries > 0 && openSockets() > before; tries--)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return openSockets() - before;
}

function grownIn([first, ...others]: readonly Left[]): string[] {
  return others.flatMap((left, index) =>
    (Object.keys(left) as (keyof Left)[])
      .filter((what) => left[what] > first[what] + (SLACK[what] ?? 0))
      .map((what) => `${what} from ${first[what]} to ${left[what]} in round ${index + 2 + WARM_UP}`),
  );
}
