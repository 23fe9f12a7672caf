// Cancels tasks at each point of connecting, accepting, reading, sending, serving and closing, over real sockets, and
// counts what the host has open before and after: nothing may be left.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { CancelledError, type Coroutine, EventLoop, type Task, allTasks, createTask, sleep, waitFor } from "wasyncio";
import {
  OSError,
  Protocol,
  type StreamReader,
  type StreamWriter,
  createConnection,
  openConnection,
  openUnixConnection,
  startServer,
  startUnixServer,
} from "wasyncio/streams";
import { bytes } from "../../support/bytes.ts";
import { addressOf } from "../../support/servers.ts";

/** More than a system takes in for a reader that does not read. */
const MUCH = 16 * 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), "wasyncio-"));
afterAll(() => rmSync(folder, { recursive: true }));
let sockets = 0;

/** What a program finds: a server for each way to behave, with its port. */
interface World {
  /** Answers lines. */
  readonly echo: number;
  /** Sends nothing and reads nothing. */
  readonly silent: number;
  /** Nobody listens there. */
  readonly free: number;
  readonly path: string;
}

function* answer(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  try {
    for (;;) {
      const line = yield* reader.readline();
      if (line.length === 0) break;
      writer.write(line);
      yield* writer.drain();
    }
  } catch (error) {
    if (!(error instanceof OSError)) throw error; // the client has gone
  } finally {
    writer.close();
  }
}

function* keepSilent(_reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  (writer.transport as unknown as { pauseReading(): void }).pauseReading();
}

const line = bytes("a line\n");

/** What is cancelled. Each closes what it was given, as a program has to. */
const programs: Readonly<Record<string, (world: World) => Coroutine<unknown>>> = {
  *connecting({ echo }) {
    const [transport] = yield* createConnection(() => new Protocol(), "127.0.0.1", echo);
    transport.abort();
  },
  *"connecting by name"({ echo }) {
    const [, writer] = yield* openConnection("localhost", echo);
    writer.close();
  },
  *"connecting to several addresses at a time"({ echo }) {
    const [, writer] = yield* openConnection("localhost", echo, { happyEyeballsDelay: 0 });
    writer.close();
  },
  *"connecting where nobody listens"({ free }) {
    try {
      yield* openConnection("127.0.0.1", free);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
    }
  },
  *"connecting, with a deadline"({ echo }) {
    const [, writer] = yield* waitFor(openConnection("127.0.0.1", echo), 10);
    writer.close();
  },
  *"connecting to a path"({ path }) {
    const [, writer] = yield* openUnixConnection(path);
    writer.close();
  },
  *reading({ echo }) {
    const [reader, writer] = yield* openConnection("127.0.0.1", echo);
    try {
      writer.write(line);
      yield* reader.readline();
      writer.writeEof();
      yield* reader.read();
    } finally {
      writer.close();
    }
  },
  *draining({ echo }) {
    const [reader, writer] = yield* openConnection("127.0.0.1", echo);
    const reading = createTask(reader.read());
    try {
      writer.write(bytes(`${"x".repeat(60_000)}\n`.repeat(100)));
      yield* writer.drain();
      writer.writeEof();
      yield* reading;
    } finally {
      reading.cancel();
      (writer.transport as unknown as { abort(): void }).abort();
    }
  },
  *"draining to one that reads nothing"({ silent }) {
    const [, writer] = yield* openConnection("127.0.0.1", silent);
    try {
      writer.write(new Uint8Array(MUCH));
      yield* waitFor(writer.drain(), 0.01);
    } catch (error) {
      if (error instanceof CancelledError) throw error;
    } finally {
      (writer.transport as unknown as { abort(): void }).abort();
    }
  },
  *closing({ echo }) {
    const [, writer] = yield* openConnection("127.0.0.1", echo);
    writer.write(line);
    writer.close();
    yield* writer.waitClosed();
  },
  *"starting a server"() {
    const server = yield* startServer(answer, "127.0.0.1", 0);
    yield* server.with(() => sleep(0));
  },
  *"starting a server on all addresses"() {
    const server = yield* startServer(answer, "localhost", 0);
    server.close();
    yield* server.waitClosed();
  },
  *"starting a server late"() {
    const server = yield* startServer(answer, "127.0.0.1", 0, { startServing: false });
    try {
      yield* server.startServing();
    } finally {
      server.close();
    }
  },
  *"starting a server on a path"() {
    const server = yield* startUnixServer(answer, join(folder, `mine-${sockets++}`));
    server.close();
  },
  *"serving a client"() {
    const server = yield* startServer(answer, "127.0.0.1", 0);
    yield* server.with(function* () {
      const [reader, writer] = yield* openConnection(...addressOf(server));
      try {
        writer.write(line);
        yield* reader.readline();
      } finally {
        writer.close();
      }
    });
  },
  *"serving forever"() {
    const server = yield* startServer(answer, "127.0.0.1", 0);
    const client = createTask(openConnection(...addressOf(server)));
    try {
      yield* waitFor(server.serveForever(), 0.02);
    } catch (error) {
      if (error instanceof CancelledError) throw error;
    } finally {
      server.close();
      client.cancel();
      if (client.done() && !client.failed) client.result()[1].close();
    }
  },
};

/** What is open in the host: sockets, those that listen, and what is under way to become one. */
function openHandles(): number {
  return process.getActiveResourcesInfo().filter((kind) => /^(TCP|Pipe|GetAddrInfo)/.test(kind)).length;
}

/** When the program is cancelled: behind which of its suspensions, and how long behind that. */
interface Point {
  readonly suspension: number;
  readonly delay: (typeof DELAYS)[number];
  /** Whether all that runs is cancelled with it: what accepts connections, what serves them. */
  readonly everybody: boolean;
}

const DELAYS = ["in the next iteration", "two iterations later", "a turn later", "three turns later"] as const;

/** Passes a coroutine's steps on, and tells of each of its suspensions. */
function* watched<T>(coroutine: Coroutine<T>, suspended: () => void): Coroutine<T> {
  let step = coroutine.next();
  while (step.done !== true) {
    suspended();
    try {
      step = coroutine.next(yield step.value);
    } catch (error) {
      step = coroutine.throw(error);
    }
  }
  return step.value;
}

/** Runs a program, and cancels it at a point. Returns how often it was suspended. */
async function play(program: (world: World) => Coroutine<unknown>, point: Point | null): Promise<number> {
  const loop = new EventLoop();
  loop.setExceptionHandler(() => {}); // tasks of servers that were cancelled
  let suspensions = 0;
  function* main(): Coroutine<void> {
    const path = join(folder, `socket-${sockets++}`);
    const [echo, silent] = [yield* startServer(answer, "127.0.0.1", 0), yield* startServer(keepSilent, "127.0.0.1", 0)];
    const unix = yield* startUnixServer(answer, path);
    const closed = yield* startServer(answer, "127.0.0.1", 0);
    const world = { echo: addressOf(echo)[1], silent: addressOf(silent)[1], free: addressOf(closed)[1], path };
    closed.close();
    const before = new Set<unknown>(allTasks());
    const strike = (): void => {
      for (const each of allTasks())
        if (!before.has(each) && (point?.everybody === true || each === task)) each.cancel();
    };
    const task: Task<unknown> = createTask(
      watched(program(world), () => {
        if (++suspensions === point?.suspension) later(loop, point.delay, strike);
      }),
    );
    try {
      yield* task;
    } catch (error) {
      if (!(error instanceof CancelledError) || point === null) throw error;
    }
    for (const server of [echo, silent, unix]) {
      server.close();
      server.abortClients();
      yield* server.waitClosed();
    }
  }
  try {
    await loop.runUntilComplete(main());
  } finally {
    loop.close();
  }
  return suspensions;
}

function later(loop: EventLoop, delay: Point["delay"], call: () => void): void {
  const turns = { "a turn later": 1, "three turns later": 3 }[delay as string] ?? 0;
  const afterTurns = (left: number): void => {
    if (left > 0) setImmediate(() => afterTurns(left - 1));
    else if (!loop.isClosed()) loop.callSoonThreadsafe(call);
  };
  if (turns > 0) afterTurns(turns);
  else if (delay === "two iterations later") loop.callSoon(() => loop.callSoon(call));
  else loop.callSoon(call);
}

/** Waits until no more is open than before. */
async function closedAgain(before: number): Promise<number> {
  for (let turn = 0; turn < 400 && openHandles() > before; turn++)
    await new Promise((resolve) => setTimeout(resolve, turn < 20 ? 0 : 5));
  return openHandles();
}

describe.each(Object.entries(programs))("nothing is left open of %s", (_, program) => {
  test.each([false, true])("cancelled anywhere, everybody with it: %s", async (everybody) => {
    const before = openHandles();
    const suspensions = await play(program, null);
    expect(await closedAgain(before)).toBeLessThanOrEqual(before);
    expect(suspensions).toBeGreaterThan(0);
    for (let suspension = 1; suspension <= suspensions; suspension++) {
      for (const delay of DELAYS) {
        await play(program, { suspension, delay, everybody });
        const after = await closedAgain(before);
        expect(
          after,
          `suspension ${suspension}, ${delay}: ${process.getActiveResourcesInfo().join()}`,
        ).toBeLessThanOrEqual(before);
      }
    }
  });
});
