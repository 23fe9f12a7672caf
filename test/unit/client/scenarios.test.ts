// The client's scenarios on this host; `npm run test:hosts` plays them on all.

import WebSocket from "ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "wasyncio";
import type { SessionOptions } from "wasyncio/client";
import { SCENARIOS, play } from "../../support/client-scenarios.ts";
import { type HttpPeer, startHttpPeer } from "../../support/http-peer.ts";

let server: HttpPeer;

beforeAll(async () => {
  server = await startHttpPeer();
});
afterAll(() => server.close());

/** Node 20 has no web sockets of its own. */
const own: SessionOptions = { webSocket: WebSocket };

describe("over node:http", () => {
  test.each(Object.entries(SCENARIOS))("%s", async (_, scenario) => {
    const options = { ...own, ...scenario.options };
    expect(await run(() => play({ ...scenario, options }, server.world))).toEqual(scenario.expected);
  });
});

describe("over fetch", () => {
  const fetch = (url: string, init: RequestInit): Promise<Response> => globalThis.fetch(url, init);

  // A fetch of the program's has no setting for proxies.
  test.each(Object.entries(SCENARIOS).filter(([name]) => !name.startsWith("a proxy")))("%s", async (_, scenario) => {
    const options = { ...own, fetch, ...scenario.options };
    expect(await run(() => play({ ...scenario, options }, server.world))).toEqual(scenario.expected);
  });
});

test("nobody is left connected", async () => {
  await expect.poll(() => server.open).toBe(0);
});
