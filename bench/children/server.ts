// `server.mjs DOORS WHAT`: an HTTP server, beside a busy loop or alone. Prints { port, sliceMs }, and serves until it
// is ended.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beBusy } from "./busy.ts";
import { loadLibrary } from "./library.ts";

export interface Served {
  port: number;
  sliceMs: number;
}

const [doors, what] = process.argv.slice(2) as [string, "alone" | "beside tasks"];
const library = await loadLibrary(doors);
const server = createServer((_, response) => response.end("hello"));
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  const sliceMs = new library.EventLoop().host.slice * 1000;
  console.log(JSON.stringify({ port, sliceMs } satisfies Served));
  if (what === "beside tasks") void library.run(() => beBusy(library, () => false));
});
