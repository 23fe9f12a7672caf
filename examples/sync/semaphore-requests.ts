// A thousand requests through a semaphore of ten: the server never sees more than ten at once.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Coroutine, Semaphore, abortable, gather, run } from "wasyncio";

let atOnce = 0;
let mostAtOnce = 0;
const server = createServer((_request, response) => {
  mostAtOnce = Math.max(mostAtOnce, ++atOnce);
  setTimeout(() => {
    atOnce--;
    response.end("hello");
  }, 2);
});

function* fetchStatus(url: string, semaphore: Semaphore): Coroutine<number> {
  using _permit = yield* semaphore.acquire();
  return yield* abortable(async (signal) => {
    const response = await fetch(url, { signal });
    await response.text();
    return response.status;
  });
}

function* main(): Coroutine<void> {
  const { port } = server.address() as AddressInfo;
  const semaphore = new Semaphore(10);
  const requests = Array.from({ length: 1000 }, (_, index) =>
    fetchStatus(`http://127.0.0.1:${port}/${index}`, semaphore),
  );
  const statuses = yield* gather(requests);
  console.log(`${statuses.filter((status) => status === 200).length} answers`);
  console.log(`${mostAtOnce} requests at most at once`);
}

server.listen(0, "127.0.0.1");
await once(server, "listening");
await run(main());
server.close();

// Prints:
// 1000 answers
// 10 requests at most at once
