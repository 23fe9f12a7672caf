// Servers: when they listen, whom they take in, and what they wait for when they are closed. The rules over a network
// in the hands of the test; what sockets of the system make of them stands in the facts of test/cpython.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Coroutine, Future, type Task, allTasks, createTask, sleep } from "wasyncio";
import {
  Protocol,
  type Server,
  type ServerOptions,
  createServer,
  createUnixServer,
  startServer,
} from "wasyncio/streams";
import type { StreamEnd } from "../../../src/drivers/network.ts";
import { attemptAwait } from "../../support/outcomes.ts";
import { ManualEnd } from "./manual-end.ts";
import { Stage } from "../../support/manual-stage.ts";
import { ManualNetwork, inTheHandsOf } from "./manual-network.ts";

const current = vi.hoisted(() => ({ network: null as unknown as ManualNetwork }));
vi.mock("../../../src/hosts/node/network.ts", () => ({ createNetwork: () => inTheHandsOf(() => current.network) }));

let network: ManualNetwork;
let stage: Stage;
let running: Promise<unknown>;
beforeEach(() => {
  network = new ManualNetwork();
  current.network = network;
  stage = new Stage();
});
afterEach(async () => {
  stage.loop.stop();
  stage.turn();
  await running?.catch(() => {});
  stage.loop.close();
});

const protocol = (): Protocol => new Protocol();

/** Runs a program to where it waits for the network, and gives what it hands out. */
function start<T>(program: (give: (value: T) => void) => Coroutine<unknown>): { value: T | null } {
  const given: { value: T | null } = { value: null };
  running = stage.start(() => program((value) => (given.value = value)));
  return given;
}

/** Answers a listener: it listens. */
function listens(index = network.listeners.length - 1): void {
  const { target, events } = network.listeners[index];
  const address =
    "path" in target ? target.path : ([target.host, target.port === 0 ? 5000 + index : target.port] as const);
  events.listening({ address, close: () => void (network.listeners[index].isClosed = true) });
  stage.turn();
}

/** The latest listener does not listen. */
function refuses(code: string): void {
  network.listeners.at(-1)?.events.failed({ code, message: `listen ${code}` });
  stage.turn();
}

/** A server that listens, of a program that goes on for ever. */
function serving(factory: () => Protocol = protocol): Server {
  const given = start<Server>(function* (give) {
    give(yield* createServer(factory, "127.0.0.1", 0));
    yield* sleep(1e6);
  });
  listens();
  return given.value as Server;
}

/** Somebody connects. */
function arrives(end: StreamEnd = new ManualEnd()): ManualEnd {
  network.listeners.at(-1)?.events.accepted(end);
  stage.turn();
  return end as ManualEnd;
}

/** Runs something beside the program. */
function beside<T>(program: Coroutine<T>): Task<T> {
  const task = stage.loop.createTask(program);
  stage.turn();
  return task;
}

describe("listening", () => {
  test("on each address of a name, one socket after the other", () => {
    network.names.set("a.example", ["::1", "127.0.0.1", "::1"]);
    const given = start<Server>(function* (give) {
      give(yield* createServer(protocol, ["a.example", "127.0.0.2"], 80, { backlog: 7, reusePort: true }));
      yield* sleep(1e6);
    });
    for (let socket = 0; socket < 3; socket++) listens();
    const common = { port: 80, backlog: 7, reusePort: true };
    expect(network.listeners.map(({ target }) => target)).toEqual([
      { host: "::1", ...common },
      { host: "127.0.0.1", ...common },
      { host: "127.0.0.2", ...common },
    ]);
    expect(String(given.value)).toBe("<Server sockets=('::1', 80), ('127.0.0.1', 80), ('127.0.0.2', 80)>");
    expect(given.value?.isServing()).toBe(true);
  });

  test("on all addresses where none is named", () => {
    start(() => createServer(protocol, null, 80));
    listens();
    expect(network.listeners.map(({ target }) => (target as { host: string }).host)).toEqual(["0.0.0.0", "::"]);
  });

  test("on all addresses by one socket, where that takes both families", () => {
    network.takesBothFamilies = true;
    start(() => createServer(protocol, null, 80));
    listens();
    expect(network.listeners.map(({ target }) => (target as { host: string }).host)).toEqual(["::"]);
  });

  test("an address that the machine does not have is left out", () => {
    const given = start<Server>(function* (give) {
      give(yield* createServer(protocol, ["127.0.0.1", "::1", "127.0.0.2"], 80));
      yield* sleep(1e6);
    });
    listens();
    refuses("EAFNOSUPPORT");
    listens();
    expect(String(given.value)).toBe("<Server sockets=('127.0.0.1', 80), ('127.0.0.2', 80)>");
    expect(network.listeners.map(({ isClosed }) => isClosed)).toEqual([false, true, false]);
  });

  test("where the machine has none of them, there is no server", async () => {
    start(() => createServer(protocol, ["127.0.0.8", "::1"], 80));
    refuses("EADDRNOTAVAIL");
    refuses("EADDRNOTAVAIL");
    await expect(running).rejects.toThrow("could not bind on any address out of [('127.0.0.8', 80), ('::1', 80)]");
    await expect(running).rejects.toMatchObject({ name: "OSError", code: null });
  });

  test("who waits for it is cancelled when the server is closed", () => {
    const given = start<Server>(function* (give) {
      give(yield* createServer(protocol, "127.0.0.1", 80, { startServing: false }));
      yield* sleep(1e6);
    });
    const server = given.value as Server;
    const forever = beside(server.serveForever());
    server.close();
    for (let turn = 0; turn < 3; turn++) stage.turn();
    expect(forever.cancelled()).toBe(true);
    expect(network.listeners.map(({ isClosed }) => isClosed)).toEqual([true]);
  });

  test("late, where that is asked for", () => {
    const given = start<Server>(function* (give) {
      give(yield* createUnixServer(protocol, "/a/path", { startServing: false }));
      yield* sleep(1e6);
    });
    expect(network.listeners).toEqual([]);
    expect([given.value?.isServing(), given.value?.sockets]).toEqual([false, []]);
    const starting = beside((given.value as Server).startServing());
    listens();
    expect([starting.done(), given.value?.sockets.map(String)]).toEqual([true, ["<TransportSocket '/a/path'>"]]);
    expect(beside((given.value as Server).startServing()).done()).toBe(true);
    expect(network.listeners.length).toBe(1);
  });

  test("a socket that cannot listen closes those before it", async () => {
    start(() => createServer(protocol, ["127.0.0.1", "127.0.0.2"], 80));
    listens();
    network.listeners[1].events.failed({ code: "EADDRINUSE", message: "listen EADDRINUSE" });
    stage.turn();
    await expect(running).rejects.toThrow(
      "error while attempting to bind on address ('127.0.0.2', 80): listen EADDRINUSE",
    );
    await expect(running).rejects.toMatchObject({ name: "OSError", code: "EADDRINUSE" });
    expect(network.listeners.map(({ isClosed }) => isClosed)).toEqual([true, true]);
  });

  test("a task that is cancelled meanwhile leaves nobody listening", async () => {
    start(function* () {
      const task = createTask(createServer(protocol, ["127.0.0.1", "127.0.0.2"], 80));
      stage.loop.callLater(1, () => task.cancel());
      yield* task;
    });
    listens();
    stage.turn(1);
    await expect(running).rejects.toThrow();
    expect(network.listeners.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    listens(1); // the system was quicker
    expect(network.listeners[1].isClosed).toBe(true);
  });

  test("a fault later is reported", () => {
    serving();
    network.listeners[0].events.failed({ code: "EMFILE", message: "accept EMFILE" });
    stage.turn();
    expect(stage.reports).toEqual([
      ["socket.accept() out of system resource", expect.objectContaining({ code: "EMFILE" })],
    ]);
  });
});

describe("who connects", () => {
  test("gets a protocol of his own, in a task", () => {
    const log: string[] = [];
    let count = 0;
    class Counted extends Protocol {
      readonly #number = ++count;
      override connectionMade(): void {
        log.push(`made ${this.#number}`);
      }
    }
    serving(() => new Counted());
    network.listeners[0].events.accepted(new ManualEnd());
    network.listeners[0].events.accepted(new ManualEnd());
    expect(log).toEqual([]);
    stage.turn();
    expect(log).toEqual(["made 1", "made 2"]);
  });

  test("is sent away when there is no protocol for him: the server goes on", () => {
    let fails = true;
    stage.loop.setDebug(true);
    serving(() => {
      if (fails) throw new RangeError("no protocol");
      return new Protocol();
    });
    expect(arrives().log).toEqual(["abort"]);
    expect(stage.reports).toEqual([
      ["Error on transport creation for incoming connection", new RangeError("no protocol")],
    ]);
    fails = false;
    expect(arrives().log).toEqual(["resume"]);
  });

  test("is sent away when his task is cancelled before its first step", () => {
    serving();
    const before = new Set<unknown>(stage.loop.pendingTasks());
    const end = new ManualEnd();
    network.listeners[0].events.accepted(end);
    stage.loop.callSoon(() => {
      for (const task of allTasks()) if (!before.has(task)) task.cancel();
    });
    stage.turn();
    expect(end.log).toEqual(["abort"]);
  });

  test("is sent away when the server is closed before his turn", () => {
    const server = serving();
    const end = new ManualEnd();
    network.listeners[0].events.accepted(end);
    server.close();
    stage.turn();
    expect(end.log).toEqual(["abort"]);
  });

  test("is sent away when the loop is closed before his turn", async () => {
    serving();
    const [waiting, taken] = [new ManualEnd(), arrives()];
    network.listeners[0].events.accepted(waiting);
    stage.loop.stop();
    stage.turn();
    await running.catch(() => {});
    stage.loop.close();
    expect(network.listeners[0].isClosed).toBe(true);
    expect([waiting.log.at(-1), taken.log.at(-1)]).toEqual(["abort", "abort"]);
    stage = new Stage();
  });
});

describe("closing", () => {
  test("ends the listening alone: connections go on, and are waited for", () => {
    const server = serving();
    const [first, second] = [arrives(), arrives()];
    const closed = beside(server.waitClosed());
    server.close();
    server.close();
    stage.turn();
    expect(network.listeners[0].isClosed).toBe(true);
    expect([server.isServing(), server.sockets, String(server)]).toEqual([false, [], "<Server sockets=()>"]);
    expect([first.log, closed.done()]).toEqual([["resume"], false]);
    server.closeClients();
    stage.turn();
    expect([first.log.at(-1), second.log.at(-1), closed.done()]).toEqual(["close", "close", true]);
    expect(beside(server.waitClosed()).done()).toBe(true);
  });

  test("abortClients ends connections at once, and the server with them", () => {
    const server = serving();
    const end = arrives();
    server.close();
    server.abortClients();
    stage.turn();
    expect(end.log).toEqual(["resume", "pause", "abort"]);
    expect(beside(server.waitClosed()).done()).toBe(true);
  });

  test("a connection that ends by itself is waited for no longer", () => {
    const server = serving();
    const end = arrives();
    server.close();
    const closed = beside(server.waitClosed());
    end.events.closed({ code: "ECONNRESET", message: "read ECONNRESET" });
    stage.turn();
    expect(closed.done()).toBe(true);
  });

  test("who waits may be cancelled, and the others go on waiting", () => {
    const server = serving();
    const [one, other] = [beside(server.waitClosed()), beside(server.waitClosed())];
    one.cancel();
    stage.turn();
    server.close();
    stage.turn();
    expect([one.cancelled(), other.cancelled(), other.done()]).toEqual([true, false, true]);
  });

  test("a server that is closed serves no more", () => {
    const server = serving();
    server.close();
    for (const again of [server.startServing(), server.serveForever()]) {
      expect(beside(attemptAwait(again)).result()).toBe(`RuntimeError('server ${String(server)} is closed')`);
    }
  });
});

describe("serving for ever", () => {
  test("is for one at a time, and ends the server and its connections when it is cancelled", () => {
    const server = serving();
    const end = arrives();
    const forever = beside(server.serveForever());
    expect(beside(attemptAwait(server.serveForever())).result()).toMatch(
      /is already being awaited on serveForever\(\)/,
    );
    forever.cancel();
    stage.turn();
    expect([forever.cancelled(), end.log.at(-1), network.listeners[0].isClosed]).toEqual([true, "close", true]);
  });

  test("is cancelled when somebody closes the server", () => {
    const server = serving();
    const forever = beside(server.serveForever());
    server.close();
    stage.turn();
    expect(forever.cancelled()).toBe(true);
  });

  test("listens, where nobody has told it to before", () => {
    const given = start<Server>(function* (give) {
      give(yield* createServer(protocol, "127.0.0.1", 80, { startServing: false }));
      yield* sleep(1e6);
    });
    const forever = beside((given.value as Server).serveForever());
    listens();
    expect([forever.done(), given.value?.isServing()]).toEqual([false, true]);
    forever.cancel();
    stage.turn();
  });

  test("a block closes the server whatever happens in it, and waits for its connections", () => {
    const server = serving();
    const end = arrives();
    const gate = new Future<void>({ loop: stage.loop });
    const block = beside(
      server.with(function* () {
        yield* gate;
        throw new RangeError("in the block");
      }),
    );
    gate.setResult();
    stage.turn();
    expect([block.done(), network.listeners[0].isClosed, end.log]).toEqual([false, true, ["resume"]]);
    end.events.closed(null);
    stage.turn();
    expect(block.exception()).toEqual(new RangeError("in the block"));
  });
});

describe("bad input is refused at the call", () => {
  test.each<[what: string, call: () => unknown, error: new () => Error]>([
    ["no factory", () => createServer(null as never, "127.0.0.1", 0), TypeError],
    ["a host that is none", () => createServer(protocol, 1 as never, 0), TypeError],
    ["no host at all", () => createServer(protocol, [], 0), RangeError],
    ["a host that is none among others", () => createServer(protocol, ["127.0.0.1", 1 as never], 0), TypeError],
    ["a port that is a text", () => createServer(protocol, null, "80" as never), TypeError],
    ["a port out of range", () => createServer(protocol, null, 65_536), RangeError],
    ["a backlog of none", () => createServer(protocol, null, 0, { backlog: 0 }), RangeError],
    ["half a backlog", () => createServer(protocol, null, 0, { backlog: 1.5 }), TypeError],
    ["a family that there is not", () => createServer(protocol, null, 0, { family: 5 as never }), RangeError],
    ["a number for a truth", () => createServer(protocol, null, 0, { reusePort: 1 as never }), TypeError],
    ["an option that there is not", () => createServer(protocol, null, 0, { reuse: true } as ServerOptions), TypeError],
    ["an empty path", () => createUnixServer(protocol, ""), TypeError],
    ["a path that is a number", () => createUnixServer(protocol, 1 as never), TypeError],
    ["no callback", () => startServer(null as never), TypeError],
    ["a limit of none", () => startServer(() => {}, null, 0, { limit: 0 }), RangeError],
  ])("%s", async (_, call, error) => {
    running = stage.start(function* () {
      expect(call).toThrow(error);
    });
    await running;
    expect(network.listeners).toEqual([]);
  });

  test("outside a running loop", () => {
    expect(() => createServer(protocol, "127.0.0.1", 0)).toThrow("no running event loop");
  });
});
