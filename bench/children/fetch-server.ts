// `fetch-server.mjs DOORS SIDE ANSWER`: an HTTP server as its engine has one, over node:http, Deno.serve or Bun.serve.
// Prints { port }, and answers "/cpu" with the processor time that it has used, in microseconds.

import type { serve as ServeNode } from "wasyncio/node-http";
import { type Answer, type Fetch, type Side, makeFetch } from "./answers.ts";

interface Engines {
  Deno?: {
    serve(
      options: { port: number; hostname: string; onListen(address: { port: number }): void },
      fetch: Fetch,
    ): unknown;
  };
  Bun?: { serve(options: { port: number; hostname: string; fetch: Fetch }): { port: number } };
}

const [doors, side, answer] = process.argv.slice(2) as [string, Side, Answer];
const answering = await makeFetch(doors, side, answer);
const hostname = "127.0.0.1";
const { Deno, Bun } = globalThis as unknown as Engines;

const fetch: Fetch = (request) => {
  if (!request.url.endsWith("/cpu")) return answering(request);
  const { user, system } = process.cpuUsage();
  return Promise.resolve(Response.json(user + system));
};

const ready = (port: number): void => console.log(JSON.stringify({ port }));

if (Deno !== undefined) {
  Deno.serve({ port: 0, hostname, onListen: ({ port }) => ready(port) }, fetch);
} else if (Bun !== undefined) {
  ready(Bun.serve({ port: 0, hostname, fetch }).port);
} else {
  const { serve } = (await import(doors.split(",")[2])) as { serve: typeof ServeNode };
  ready((await serve(fetch, { host: hostname })).port);
}
