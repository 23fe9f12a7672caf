// Several pages at once, one of which fails: `gather` throws its error, or returns it beside the results.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Coroutine, abortable, gather, run } from "wasyncio";

/** A server on this machine that answers, or hangs up. */
const server = createServer((request, response) => {
  if (request.url === "/broken") request.socket.destroy();
  else response.end(`this is ${request.url}`);
});

function* fetchText(path: string): Coroutine<string> {
  const { port } = server.address() as AddressInfo;
  return yield* abortable(async (signal) => (await fetch(`http://127.0.0.1:${port}${path}`, { signal })).text());
}

function* main(): Coroutine<void> {
  const paths = ["/one", "/broken", "/two"];

  const outcomes = yield* gather(paths.map(fetchText), { returnExceptions: true });
  for (const outcome of outcomes) console.log(String(outcome));

  try {
    yield* gather(paths.map(fetchText));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // what fetch fails with
    console.log(`gather failed: ${String(error)}`);
  }
}

server.listen(0, "127.0.0.1");
await once(server, "listening");
await run(main());
server.close();

// Prints:
// this is /one
// TypeError: fetch failed
// this is /two
// gather failed: TypeError: fetch failed
