// A thousand requests, of which ten are under way at once: a semaphore around each, or the session's own limit.

import { type Coroutine, Semaphore, gather, run, wrapFuture } from "wasyncio";
import { ClientSession } from "wasyncio/client";
import { serve } from "wasyncio/node-http";

let open = 0;
let most = 0;
// a site of our own, which counts who is there
const site = await serve(async () => {
  most = Math.max(most, ++open);
  await new Promise((resolve) => setTimeout(resolve, 1));
  open--;
  return new Response("a page");
});
const baseUrl = site.url.replace("localhost", "127.0.0.1");

const load = (session: ClientSession): Coroutine<number> =>
  session.get("/").with(function* (response) {
    return (yield* response.read()).length;
  });

await run(function* () {
  yield* new ClientSession({ baseUrl }).with(function* (session) {
    const semaphore = new Semaphore(10);
    const sizes = yield* gather(Array.from({ length: 1000 }, () => semaphore.with(() => load(session))));
    console.log(`${sizes.length} pages, never more than ten at once: ${most <= 10}`);
  });
  most = 0;
  yield* new ClientSession({ baseUrl, limit: 10 }).with(function* (session) {
    const sizes = yield* gather(Array.from({ length: 1000 }, () => load(session)));
    console.log(`${sizes.length} pages, never more than ten at once: ${most <= 10}`);
  });
  yield* wrapFuture(site.close());
});

// Prints:
// 1000 pages, never more than ten at once: true
// 1000 pages, never more than ten at once: true
