// Time limits: of a session for all its requests, of one request in their place, and of any block around some.

import { type Coroutine, TimeoutError, run, timeout, wrapFuture } from "wasyncio";
import { ClientSession, ServerTimeoutError } from "wasyncio/client";
import { serve } from "wasyncio/node-http";

// a site of our own, which takes as long as it is told to
const site = await serve(async (request) => {
  const ms = Number(new URL(request.url).searchParams.get("ms"));
  await new Promise((resolve) => setTimeout(resolve, ms));
  return new Response(`after ${ms} ms`);
});

await run(function* () {
  const limits = { total: 1, connect: 0.5 };
  const baseUrl = site.url.replace("localhost", "127.0.0.1");
  yield* new ClientSession({ baseUrl, timeout: limits }).with(function* (session) {
    const read = (ms: number, total?: number): Coroutine<string> =>
      session
        .get("/", { params: { ms }, timeout: total === undefined ? {} : { total } })
        .with((response) => response.text());
    try {
      yield* read(60_000);
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      console.log(`of the session: ${error.message}`);
    }
    console.log(`of the request: ${yield* read(1200, 60)}`);
    try {
      yield* timeout(0.1).with(() => read(60_000, 60));
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      console.log(`of a block, and no fault of the server's: ${!(error instanceof ServerTimeoutError)}`);
    }
  });
  yield* wrapFuture(site.close());
});

// Prints:
// of the session: timed out after 1 s
// of the request: after 1200 ms
// of a block, and no fault of the server's: true
