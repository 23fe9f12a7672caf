// Many pages at once against one after the other: `gather` over a session, which has a hundred connections at most.

import { type Coroutine, gather, getRunningLoop, run, wrapFuture } from "wasyncio";
import { ClientSession } from "wasyncio/client";
import { serve } from "wasyncio/node-http";

const COUNT = 200;
// a site of our own: it takes 5 ms for a page
const site = await serve(async () => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return new Response("a page");
});

const fetchStatus = (session: ClientSession): Coroutine<number> =>
  session.get("/").with(function* (response) {
    yield* response.read();
    return response.status;
  });

function* timed(work: () => Coroutine<number[]>): Coroutine<number> {
  const loop = getRunningLoop();
  const begun = loop.time();
  const statuses = yield* work();
  console.log(`${statuses.length} pages, all there: ${statuses.every((status) => status === 200)}`);
  return loop.time() - begun;
}

await run(function* () {
  yield* new ClientSession({ baseUrl: site.url.replace("localhost", "127.0.0.1") }).with(function* (session) {
    const atOnce = yield* timed(function* () {
      return yield* gather(Array.from({ length: COUNT }, () => fetchStatus(session)));
    });
    const oneByOne = yield* timed(function* () {
      const statuses: number[] = [];
      for (let page = 0; page < COUNT; page++) statuses.push(yield* fetchStatus(session));
      return statuses;
    });
    console.log(`at once is faster: ${atOnce < oneByOne}`);
  });
  yield* wrapFuture(site.close());
});

// Prints:
// 200 pages, all there: true
// 200 pages, all there: true
// at once is faster: true
