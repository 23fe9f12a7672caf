// Requests in threads, each of which has one at a time: by a pool, by the loop's default executor, and by `toThread`.

import { type Coroutine, gather, run, wrapFuture } from "wasyncio";
import { ThreadPoolExecutor, job, runInExecutor, setDefaultExecutor, toThread } from "wasyncio/executors";
import { serve } from "wasyncio/node-http";

const getStatus = job(import.meta, async function getStatus(url: string) {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
});

let open = 0;
let most = 0;

/** A site of our own, which counts who is there. It is begun inside of `run`, for threads import this file, too. */
const begin = () =>
  serve(async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, 2));
    open--;
    return new Response("a page");
  });

function* main(): Coroutine<void> {
  const site = yield* wrapFuture(begin());
  const url = site.url.replace("localhost", "127.0.0.1");
  const urls = Array.from({ length: 100 }, (_, page) => `${url}/${page}`);

  const pool = new ThreadPoolExecutor({ maxWorkers: 4 }); // by default four more than there are cores, 32 at most
  const statuses = yield* gather(urls.map((each) => runInExecutor(pool, getStatus, each)));
  console.log(
    `${statuses.filter((status) => status === 200).length} answers, never more than four at once: ${most <= 4}`,
  );

  setDefaultExecutor(pool); // which `run` shuts down at its end
  console.log(yield* gather([runInExecutor(null, getStatus, url), toThread(getStatus, url)]));
  yield* wrapFuture(site.close());
}

await run(main);

// Prints:
// 100 answers, never more than four at once: true
// [ 200, 200 ]
