// Sockets in a simulation: nothing outside can happen while it runs, so they are refused.

import { describe, expect, test } from "vitest";
import { type Coroutine, sleep } from "wasyncio";
import {
  DatagramProtocol,
  Protocol,
  connectReadPipe,
  createDatagramEndpoint,
  createServer,
  getaddrinfo,
  openConnection,
  openStream,
  openUnixConnection,
  startServer,
} from "wasyncio/streams";
import { OutsideError, runSync, simulate } from "wasyncio/testing";
import { attemptAwait } from "../../support/outcomes.ts";

const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();

describe("in a simulation", () => {
  test.each<[string, () => Coroutine<unknown>, what?: string]>([
    ["openConnection", () => openConnection("127.0.0.1", 80)],
    ["openConnection by name", () => openConnection("localhost", 80)],
    ["openUnixConnection", () => openUnixConnection("/a")],
    ["startServer", () => startServer(() => {}, "127.0.0.1", 0)],
    ["createServer on all addresses", () => createServer(() => new Protocol(), null, 0)],
    ["getaddrinfo", () => getaddrinfo("localhost")],
    ["createDatagramEndpoint", () => createDatagramEndpoint(() => new DatagramProtocol(), { family: 4 })],
    ["connectReadPipe", () => connectReadPipe(() => new Protocol(), readable)],
    ["openStream", () => openStream(readable, writable), "streams of the host"],
  ])("%s is refused, with the task, the place and what to do instead", (_, call, what = "the network") => {
    function* client(): Coroutine<void> {
      yield* sleep(1);
      yield* call();
    }
    const { status, error } = simulate(client);
    expect([status, error]).toEqual(["error", expect.any(OutsideError)]);
    const { message } = error as Error;
    expect(message).toMatch(new RegExp(`^Task-1 used ${what} inside a simulation at .*network\\.test\\.ts`));
    expect(message).toContain(": nothing outside can happen while it runs; give the program streams that stand in");
    expect([readable.locked, writable.locked]).toEqual([false, false]);
  });
});

test("virtual time without a simulation refuses sockets, too", () => {
  expect(runSync(() => attemptAwait(openConnection("127.0.0.1", 80)))).toBe(
    "RuntimeError('Cannot use the network in virtual time')",
  );
});
