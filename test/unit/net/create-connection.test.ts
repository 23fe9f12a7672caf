// Which addresses are tried, when, and what is told when none answers; over a network in the hands of the test.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CancelledError, type Coroutine, ExceptionGroup, createTask } from "wasyncio";
import { ConnectionRefusedError, OSError, Protocol, createConnection, createUnixConnection } from "wasyncio/streams";
import { ManualEnd } from "./manual-end.ts";
import { Stage } from "../../support/manual-stage.ts";
import { type Attempt, ManualNetwork, REFUSED, inTheHandsOf } from "./manual-network.ts";

const current = vi.hoisted(() => ({ network: null as unknown as ManualNetwork }));
vi.mock("../../../src/hosts/node/network.ts", () => ({ createNetwork: () => inTheHandsOf(() => current.network) }));

let network: ManualNetwork;
let stage: Stage;
beforeEach(() => {
  network = new ManualNetwork();
  current.network = network;
  stage = new Stage();
});
afterEach(() => {
  stage.loop.stop();
  stage.turn();
  stage.loop.close();
});

const protocol = (): Protocol => new Protocol();

/** Connects to a name of these addresses. */
function connecting(
  addresses: readonly string[],
  options: Parameters<typeof createConnection>[3] = {},
): Promise<string> {
  network.names.set("a.example", addresses);
  return stage.start(() => remoteOf(createConnection(protocol, "a.example", 80, options)));
}

function* remoteOf(connecting: ReturnType<typeof createConnection>): Coroutine<string> {
  const [transport] = yield* connecting;
  return String((transport.getExtraInfo("peername") as [string])[0]);
}

/** An attempt ends with a connection. */
function succeed(attempt: Attempt): ManualEnd {
  const { target } = attempt;
  const end = new ManualEnd(["127.0.0.1", 1], "path" in target ? target.path : [target.host, target.port]);
  attempt.events.connected(end);
  stage.turn();
  return end;
}

function fail(attempt: Attempt, code = "ECONNREFUSED"): void {
  attempt.events.failed({ ...REFUSED, code, message: `connect ${code}` });
  stage.turn();
}

describe("one address after the other", () => {
  test("an address is not looked up", async () => {
    const result = stage.start(() => remoteOf(createConnection(protocol, "127.0.0.1", 80)));
    succeed(network.attempts[0]);
    expect(await result).toBe("127.0.0.1");
    expect(network.questions).toEqual([]);
  });

  test("a name is left to a network that connects by name", async () => {
    network.connectsByName = true;
    const result = stage.start(() => remoteOf(createConnection(protocol, "a.example", 80)));
    succeed(network.attempts[0]);
    expect(await result).toBe("a.example");
    expect(network.questions).toEqual([]);
  });

  test("the next one is tried when one has failed, in the system's order", async () => {
    const result = connecting(["::1", "::2", "127.0.0.1", "127.0.0.2"]);
    expect(network.addresses).toEqual(["::1"]);
    stage.turn(1000);
    expect(network.addresses).toEqual(["::1"]);
    fail(network.attempts[0]);
    fail(network.attempts[1]);
    expect(network.addresses).toEqual(["::1", "::2", "127.0.0.1"]);
    succeed(network.attempts[2]);
    expect(await result).toBe("127.0.0.1");
  });

  test("the name is asked for a family", () => {
    void connecting(["127.0.0.1"], { family: 4, flags: 8 });
    expect(network.questions).toEqual([["a.example", { family: 4, flags: 8 }]]);
  });

  test("a name without an address", async () => {
    await expect(connecting([])).rejects.toThrow(OSError);
    expect(network.attempts).toEqual([]);
  });

  test("a name that is not known", async () => {
    const result = stage.start(() => createConnection(protocol, "b.example", 80));
    await expect(result).rejects.toMatchObject({ name: "GaiError", code: "ENOTFOUND" });
  });
});

describe("what is told when all have failed", () => {
  test("the error of a single address", async () => {
    const result = connecting(["127.0.0.1"]);
    fail(network.attempts[0]);
    await expect(result).rejects.toThrow(ConnectionRefusedError);
    await expect(result).rejects.toThrow("Connect call failed ('127.0.0.1', 80)");
    await expect(result).rejects.toMatchObject({ code: "ECONNREFUSED", errno: 111, syscall: "connect" });
  });

  test("all of several addresses, as one error or as a group", async () => {
    for (const allErrors of [false, true]) {
      network.attempts.length = 0;
      const result = connecting(["127.0.0.1", "127.0.0.2"], { allErrors });
      fail(network.attempts[0]);
      fail(network.attempts[1], "ETIMEDOUT");
      if (allErrors) {
        const error = await result.catch((error: unknown) => error);
        expect(error).toBeInstanceOf(ExceptionGroup);
        expect((error as ExceptionGroup).message).toBe("create_connection failed");
        expect((error as ExceptionGroup).errors.map((each) => (each as Error & { code: string }).code)).toEqual([
          "ECONNREFUSED",
          "ETIMEDOUT",
        ]);
      } else {
        await expect(result).rejects.toThrow(
          "Multiple exceptions: Connect call failed ('127.0.0.1', 80): connect ECONNREFUSED, " +
            "Connect call failed ('127.0.0.2', 80): connect ETIMEDOUT",
        );
      }
    }
  });

  test("a group of one", async () => {
    const result = connecting(["127.0.0.1"], { allErrors: true });
    fail(network.attempts[0]);
    await expect(result).rejects.toThrow(ExceptionGroup);
  });
});

describe("addresses side by side", () => {
  test("the next one is tried when the delay is over, or when one has failed before", async () => {
    const result = connecting(["::1", "::2", "::3", "::4"], { happyEyeballsDelay: 0.25 });
    expect(network.addresses).toEqual(["::1"]);
    stage.turn(0.2);
    expect(network.addresses).toEqual(["::1"]);
    stage.turn(0.05);
    expect(network.addresses).toEqual(["::1", "::2"]);
    fail(network.attempts[1]);
    expect(network.addresses).toEqual(["::1", "::2", "::3"]);
    succeed(network.attempts[0]);
    expect(await result).toBe("::1");
    expect([0, 2].map((index) => network.attempts[index].isGivenUp)).toEqual([false, true]);
  });

  test("families take turns, after the first one by default", () => {
    void connecting(["::1", "::2", "::3", "127.0.0.1"], { happyEyeballsDelay: 0.25 });
    for (let time = 0; time < 3; time++) stage.turn(0.25);
    expect(network.addresses).toEqual(["::1", "127.0.0.1", "::2", "::3"]);
  });

  test.each([
    [0, ["::1", "::2", "::3", "127.0.0.1", "127.0.0.2"]],
    [1, ["::1", "127.0.0.1", "::2", "127.0.0.2", "::3"]],
    [2, ["::1", "::2", "127.0.0.1", "::3", "127.0.0.2"]],
    [9, ["::1", "::2", "::3", "127.0.0.1", "127.0.0.2"]],
  ])("interleave: %d", async (interleave, order) => {
    const result = connecting(["::1", "::2", "::3", "127.0.0.1", "127.0.0.2"], { interleave });
    for (let attempt = 0; attempt < 5; attempt++) fail(network.attempts[attempt]);
    expect(network.addresses).toEqual(order);
    await expect(result).rejects.toThrow(OSError);
  });

  test("of two that connect in one turn the first is taken, and the other is ended", async () => {
    const result = connecting(["::1", "::2"], { happyEyeballsDelay: 0.25 });
    stage.turn(0.25);
    const ends = network.attempts.map(({ target, events }) => {
      const end = new ManualEnd(["127.0.0.1", 1], [(target as { host: string }).host, 80]);
      events.connected(end);
      return end;
    });
    stage.turn();
    expect(await result).toBe("::1");
    expect(ends.map(({ log }) => log.includes("abort"))).toEqual([false, true]);
  });
});

describe("where from", () => {
  test("an address of the same family is taken", async () => {
    network.names.set("here", ["::5", "127.0.0.5"]);
    void connecting(["127.0.0.1"], { localAddr: ["here", 1234] });
    expect(network.attempts[0].target).toMatchObject({ localHost: "127.0.0.5", localPort: 1234 });
  });

  test("none of the same family", async () => {
    const result = connecting(["127.0.0.1"], { localAddr: ["::5", 0] });
    await expect(result).rejects.toThrow("no matching local address with family found");
    expect(network.attempts).toEqual([]);
  });
});

describe("what is not taken is not left", () => {
  test("a task that is cancelled gives its attempt up", async () => {
    const result = stage.start(function* () {
      const task = createTask(createConnection(protocol, "127.0.0.1", 80));
      stage.loop.callLater(1, () => task.cancel());
      yield* task;
    });
    stage.turn(1);
    await expect(result).rejects.toThrow(CancelledError);
    expect(network.attempts[0].isGivenUp).toBe(true);
  });

  test("a connection that comes when the task was cancelled is ended", async () => {
    const result = stage.start(function* () {
      const task = createTask(createConnection(protocol, "127.0.0.1", 80));
      stage.loop.callLater(1, () => task.cancel());
      yield* task;
    });
    const end = new ManualEnd();
    stage.host.time += 1;
    network.attempts[0].events.connected(end); // in the turn in which the timer is due
    stage.turn();
    await result.catch(() => {});
    stage.turn();
    expect(end.log.at(-1)).toMatch(/abort|close/);
  });

  test("a factory that throws ends the connection", async () => {
    const result = stage.start(() =>
      createConnection(
        () => {
          throw new RangeError("no protocol");
        },
        "127.0.0.1",
        80,
      ),
    );
    const end = succeed(network.attempts[0]);
    await expect(result).rejects.toThrow(new RangeError("no protocol"));
    expect(end.log).toEqual(["abort"]);
  });

  test("a factory that gives no protocol ends the connection, and says so", async () => {
    const result = stage.start(() => remoteOf(createConnection(() => 5 as never, "127.0.0.1", 80)));
    const end = succeed(network.attempts[0]);
    await expect(result).rejects.toThrow(new TypeError("Invalid protocol: expected a protocol, got 5"));
    expect(end.log).toEqual(["abort"]);
  });

  test("a transport takes no other thing for a protocol", async () => {
    const result = stage.start(function* () {
      const [transport] = yield* createConnection(protocol, "127.0.0.1", 80);
      const before = transport.getProtocol();
      expect(() => transport.setProtocol({} as never)).toThrow(/^Invalid protocol: expected a protocol, got /);
      expect(transport.getProtocol()).toBe(before);
      return "as before";
    });
    succeed(network.attempts[0]);
    expect(await result).toBe("as before");
  });

  test("a loop that is closed gives up what is under way", async () => {
    const result = stage.start(() => createUnixConnection(protocol, "/a/path"));
    stage.loop.stop();
    stage.turn();
    await result.catch(() => {});
    stage.loop.close();
    expect(network.attempts).toMatchObject([{ target: { path: "/a/path" }, isGivenUp: true }]);
  });
});

describe("sockets of the host's own", () => {
  test("are taken in the place of an address", async () => {
    const end = new ManualEnd();
    const result = stage.start(() => remoteOf(createConnection(protocol, null, null, { sock: end })));
    stage.turn();
    expect(await result).toBe("127.0.0.1");
    expect(network.attempts).toEqual([]);
  });
});
