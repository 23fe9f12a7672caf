// From names to addresses, and back, over a network in the hands of the test.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Coroutine, sleep, waitFor } from "wasyncio";
import { type AddrInfoOptions, type InetAddress, getaddrinfo, getnameinfo } from "wasyncio/streams";
import { familyOf } from "../../../src/net/names.ts";
import { Stage } from "../../support/manual-stage.ts";
import { ManualNetwork, inTheHandsOf } from "./manual-network.ts";

const current = vi.hoisted(() => ({ network: null as unknown as ManualNetwork }));
vi.mock("../../../src/hosts/node/network.ts", () => ({ createNetwork: () => inTheHandsOf(() => current.network) }));

let network: ManualNetwork;
let stage: Stage;
beforeEach(() => {
  network = new ManualNetwork();
  current.network = network;
  stage = new Stage();
});
afterEach(() => stage.loop.close());

/** What a program gives that waits for the network alone. */
async function given<T>(program: () => Coroutine<T>): Promise<T> {
  const result = stage.start(program);
  stage.turn();
  return await result;
}

describe("getaddrinfo", () => {
  test("gives all addresses of a name, in the system's order, with the port", async () => {
    network.names.set("a.example", ["::1", "127.0.0.1"]);
    expect(await given(() => getaddrinfo("a.example", 80, { family: 0, flags: 1 }))).toEqual([
      { family: 6, address: ["::1", 80, 0, 0] },
      { family: 4, address: ["127.0.0.1", 80] },
    ]);
    expect(network.questions).toEqual([["a.example", { family: 0, flags: 1 }]]);
  });

  test("an address is its own, and nobody is asked", async () => {
    expect(await given(() => getaddrinfo("127.0.0.1"))).toEqual([{ family: 4, address: ["127.0.0.1", 0] }]);
    expect(await given(() => getaddrinfo("fe80::1%eth0", 1))).toEqual([
      { family: 6, address: ["fe80::1%eth0", 1, 0, 0] },
    ]);
    await expect(given(() => getaddrinfo("::1", 80, { family: 4 }))).rejects.toThrow(
      "getaddrinfo() returned empty list for '::1'",
    );
    expect(network.questions).toEqual([]);
  });

  test("null is this machine", async () => {
    network.names.set("localhost", ["127.0.0.1"]);
    expect(await given(() => getaddrinfo(null, 80))).toEqual([{ family: 4, address: ["127.0.0.1", 80] }]);
  });

  test("a name that is not known", async () => {
    await expect(given(() => getaddrinfo("b.example"))).rejects.toMatchObject({
      name: "GaiError",
      code: "ENOTFOUND",
      message: "Cannot find the address of 'b.example': getaddrinfo ENOTFOUND b.example",
    });
  });

  test("an answer that comes too late is nobody's", async () => {
    let answer = (): void => {};
    network.resolve = (_name, _options, answers) => void (answer = () => answers.answered([]));
    const result = stage.start(function* () {
      yield* waitFor(getaddrinfo("a.example"), 1);
    });
    stage.turn(1);
    await expect(result).rejects.toThrow("timed out");
    answer();
    expect(stage.reports).toEqual([]);
  });

  test.each<[what: string, args: unknown[], error: new () => Error]>([
    ["a host that is a number", [1], TypeError],
    ["a port that is a text", ["a", "80"], TypeError],
    ["a port out of range", ["a", -1], RangeError],
    ["half a port", ["a", 1.5], TypeError],
    ["a family that there is not", ["a", 1, { family: 2 }], RangeError],
    ["flags that are a text", ["a", 1, { flags: "1" }], TypeError],
    ["negative flags", ["a", 1, { flags: -1 }], RangeError],
    ["an option that there is not", ["a", 1, { type: 1 }], TypeError],
  ])("%s is refused at the call", async (_, args, error) => {
    await given(function* () {
      expect(() => getaddrinfo(...(args as [string, number, AddrInfoOptions]))).toThrow(error);
      yield* sleep(0);
    });
  });
});

describe("getnameinfo", () => {
  test("gives the names of an address and a port", async () => {
    expect(await given(() => getnameinfo(["127.0.0.1", 80]))).toEqual(["a.example", "http"]);
  });

  test.each<[what: string, address: unknown]>([
    ["a text", "127.0.0.1"],
    ["a name", ["localhost", 80]],
    ["no host", [null, 80]],
    ["a port that is a text", ["127.0.0.1", "80"]],
  ])("%s is refused at the call", async (_, address) => {
    await given(function* () {
      expect(() => getnameinfo(address as InetAddress)).toThrow(TypeError);
      yield* sleep(0);
    });
  });
});

test.each<[text: string, family: 0 | 4 | 6]>([
  ["127.0.0.1", 4],
  ["0.0.0.0", 4],
  ["256.0.0.1", 0],
  ["1.2.3", 0],
  ["1.2.3.4.5", 0],
  ["1.2.3.x", 0],
  ["::", 6],
  ["::ffff:127.0.0.1", 6],
  ["fe80::1%lo", 6],
  ["a:b:x", 0],
  ["localhost", 0],
  ["", 0],
])("the family of %s is %d", (text, family) => {
  expect(familyOf(text)).toBe(family);
});
