// A fetch handler that is a coroutine: each request is a task, and what it begins ends when the client goes away.
// The same handler runs on workerd (`export default { fetch }`), Deno (`Deno.serve(fetch)`) and Bun
// (`Bun.serve({ fetch })`).

import { type Coroutine, gather, run, sleep, wrapFuture } from "wasyncio";
import { type WriteChunk, background, handler, streamOf } from "wasyncio/edge";
import { serve } from "wasyncio/node-http";

function* load(part: string): Coroutine<string> {
  yield* sleep(0.01);
  return `${part} is loaded`;
}

function* count(write: WriteChunk): Coroutine<void> {
  try {
    for (let number = 1; ; number++) {
      yield* write(`${number} `);
      yield* sleep(0.5);
    }
  } finally {
    console.log("server: nobody counts any more");
  }
}

function* writeLog(path: string): Coroutine<void> {
  yield* sleep(0.5);
  console.log(`server: ${path} was answered`);
}

const fetchPage = handler(
  function* (request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/count") return new Response(streamOf(count));
    if (pathname === "/slow") yield* sleep(3600);
    if (pathname === "/broken") throw new Error("not for the client");
    const parts = yield* gather(load("head"), load("body"));
    background(writeLog(pathname)); // goes on behind the answer
    return new Response(parts.join(", "));
  },
  { deadline: 1, onError: (error) => console.log(`server: ${String(error)}`) },
);

function* main(): Coroutine<void> {
  const server = yield* wrapFuture(serve(fetchPage));
  for (const path of ["/broken", "/page", "/slow"]) {
    const response = yield* wrapFuture(fetch(server.url + path));
    console.log(`${path}: ${response.status} ${yield* wrapFuture(response.text())}`);
  }

  const { body } = yield* wrapFuture(fetch(`${server.url}/count`));
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const { value } = yield* wrapFuture(reader.read());
  console.log(`/count: ${new TextDecoder().decode(value)}and so on`);
  yield* wrapFuture(reader.cancel());
  yield* wrapFuture(server.close());
}

await run(main());

// Prints:
// server: Error: not for the client
// /broken: 500 Internal Server Error
// /page: 200 head is loaded, body is loaded
// server: /page was answered
// /slow: 504 Gateway Timeout
// /count: 1 and so on
// server: nobody counts any more
