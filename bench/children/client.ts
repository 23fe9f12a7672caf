// Measures what a request costs a client, for one side: prints microseconds of processor time a request, of all threads
// of the process. A hundred requests are under way at once; each answer is read as text.

import { createRequire } from "node:module";
import { Agent, get } from "node:http";
import { pathToFileURL } from "node:url";
import type * as wasyncio from "wasyncio";
import type * as client from "wasyncio/client";

export type ClientSide = "ours" | "node:http" | "fetch" | "undici.request";

const AT_ONCE = 100;
const WARM_UP = 3000;
const COUNT = 10_000;

const [folder = "", side = "ours", port = ""] = process.argv.slice(2);
const url = `http://127.0.0.1:${port}/`;

type Undici = {
  Agent: new (options: object) => object;
  request(url: string, options: object): Promise<{ body: { text(): Promise<string> } }>;
};

async function requestOf(): Promise<() => Promise<unknown>> {
  if (side === "fetch") return async () => await (await fetch(url)).text();
  if (side === "undici.request") {
    const file = createRequire(`${folder}/tools/client/package.json`).resolve("undici");
    const { default: undici } = (await import(pathToFileURL(file).href)) as { default: Undici };
    const dispatcher = new undici.Agent({ connections: AT_ONCE });
    return async () => await (await undici.request(url, { dispatcher })).body.text();
  }
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  return () =>
    new Promise((resolve, reject) => {
      get(url, { agent }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve(text));
      }).on("error", reject);
    });
}

function report(before: NodeJS.CpuUsage): never {
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify((user + system) / COUNT));
  process.exit(0);
}

if (side === "ours") {
  const { gather, run } = (await import(pathToFileURL(`${folder}/dist/index.js`).href)) as typeof wasyncio;
  const { ClientSession } = (await import(pathToFileURL(`${folder}/dist/client/index.js`).href)) as typeof client;
  await run(function* () {
    const session = new ClientSession();
    const worker = function* (count: number): wasyncio.Coroutine<void> {
      for (let i = 0; i < count; i++) yield* session.get(url).with((response) => response.text());
    };
    const all = (count: number) => gather(Array.from({ length: AT_ONCE }, () => worker(count / AT_ONCE)));
    yield* all(WARM_UP);
    const before = process.cpuUsage();
    yield* all(COUNT);
    report(before);
  });
} else {
  const request = await requestOf();
  const worker = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await request();
  };
  const all = (count: number) => Promise.all(Array.from({ length: AT_ONCE }, () => worker(count / AT_ONCE)));
  await all(WARM_UP);
  const before = process.cpuUsage();
  await all(COUNT);
  report(before);
}
