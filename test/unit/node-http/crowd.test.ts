// Hundreds of clients at once, over real sockets, a third of which go away in the middle.

import { expect, test } from "vitest";
import { serve } from "wasyncio/node-http";
import { expectCrowdServed } from "../edge/crowd/expect.ts";
import { fetch } from "../edge/crowd/worker.ts";

const SEED = Number(process.env["WASYNCIO_SEED"] ?? 20_250_701);

test("a crowd is served, and leaves nothing behind", async () => {
  const errors: unknown[] = [];
  await using server = await serve(fetch, { host: "127.0.0.1", onError: (error) => errors.push(error) });
  await expectCrowdServed("node", server.url, {
    loop: "shared",
    requests: 1200,
    concurrency: 200,
    percentBrokenOff: 50,
    seed: SEED,
  });
  await server.close();
  expect(errors).toEqual([]);
});
