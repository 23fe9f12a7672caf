// How a loop shares its process, in what can be counted: turns, timers, requests for turns. What can only be timed is
// measured by `npm run bench:turns`.

import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Coroutine, EventLoop, type Host, gather, sleep } from "wasyncio";
import { createHost } from "../../../src/hosts/node/clock.ts";
import { iteration } from "../../support/counters.ts";

afterEach(() => vi.restoreAllMocks());

const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** The host of this process, which tells of each turn before the loop gets it. */
function tellingHost(beforeTurn: () => void): Host {
  const host = createHost();
  const start = host.start.bind(host);
  host.start = ({ turn, exhausted }) => {
    start({
      turn() {
        beforeTurn();
        turn();
      },
      exhausted,
    });
  };
  return host;
}

/** Runs a program in a loop of its own. */
async function runOn<T>(host: Host, main: Coroutine<T>): Promise<T> {
  const loop = new EventLoop(host);
  try {
    return await loop.runUntilComplete(main);
  } finally {
    loop.close();
  }
}

/** A thousand tasks that never wait for anything, until `over` says so. */
function* beBusy(over: () => boolean): Coroutine<void> {
  function* busy(): Coroutine<void> {
    while (!over()) yield* sleep(0);
  }
  yield* gather(Array.from({ length: 1000 }, busy));
}

describe("a busy loop", () => {
  const TURNS = 20;

  test("takes turns with the immediates of others: one each", async () => {
    let log = "";
    const others = (): void => {
      log += "o";
      if (log.length < 2 * TURNS) setImmediate(others);
    };
    setImmediate(others);
    await runOn(
      tellingHost(() => (log += "L")),
      beBusy(() => log.length >= 2 * TURNS),
    );
    const shared = log.slice(0, 2 * TURNS - 2); // at the end one of the two is alone
    expect(shared).toMatch(/^o?(Lo)*L?$/);
    expect(shared.length).toBeGreaterThan(TURNS);
  });

  test("has one turn between two timers of others that are due", async () => {
    const turnsBetween: number[] = [];
    let turns = 0;
    const fire = (): void => {
      turnsBetween.push(turns);
      turns = 0;
      if (turnsBetween.length < TURNS) setTimeout(fire, 1);
    };
    setTimeout(fire, 1);
    await runOn(
      tellingHost(() => turns++),
      beBusy(() => turnsBetween.length >= TURNS),
    );
    // A slice is four milliseconds: the timer is due behind the first; the host may look at its clock before that.
    expect(Math.max(...turnsBetween.slice(1))).toBeLessThanOrEqual(2);
  });

  test("lets what a socket has received through behind every turn", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {}); // the other end goes while an echo is on its way, and resets the connection
      socket.pipe(socket);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket: Socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    await once(socket, "connect");
    const turnsOfTrips: number[] = [];
    let turns = 0;
    socket.on("data", () => {
      turnsOfTrips.push(turns);
      turns = 0;
      socket.write("x");
    });
    socket.write("x");
    await runOn(
      tellingHost(() => turns++),
      beBusy(() => turnsOfTrips.length >= TURNS),
    );
    socket.destroy();
    server.close();
    const sorted = turnsOfTrips.sort((left, right) => left - right);
    expect(sorted[TURNS >> 1]).toBeLessThanOrEqual(3); // there and back, and what the system needs
  });
});

describe("an idle loop", () => {
  test("has one timer armed, gets no turn and asks for none", async () => {
    const realImmediate = setImmediate;
    // A copy of the library that finds the spies: it keeps what it finds when it is loaded.
    const immediates = vi.spyOn(globalThis, "setImmediate");
    const timers = vi.spyOn(globalThis, "setTimeout");
    vi.resetModules();
    const library = await import("wasyncio");
    const loop = library.newEventLoop();
    const task = loop.createTask(
      (function* (): Coroutine<void> {
        yield* library.gather(Array.from({ length: 1000 }, (_, i) => library.sleep(1000 + i)));
      })(),
    );
    const run = loop.runUntilComplete(task);
    while (timers.mock.calls.length === 0) await new Promise<void>((resolve) => void realImmediate(resolve));
    const look = () => ({ immediates: immediates.mock.calls.length, iterations: iteration(loop) });
    const asleep = look();
    await wait(100);
    expect(look()).toEqual(asleep);
    expect(timers.mock.calls.map(([, ms]) => ms)).toEqual([expect.closeTo(1_000_000, -4), 100]);
    loop.callSoonThreadsafe(() => task.cancel());
    await expect(run).rejects.toThrow(library.CancelledError);
    loop.close();
  });

  test("arms nothing when nothing has a deadline", async () => {
    const timers = vi.spyOn(globalThis, "setTimeout");
    let turns = 0;
    const loop = new EventLoop(tellingHost(() => turns++));
    const future = loop.createFuture();
    const run = loop.runUntilComplete(future);
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    expect([turns, timers.mock.calls.length]).toEqual([1, 0]);
    loop.callSoonThreadsafe(() => future.setResult());
    await run;
    loop.close();
  });
});
