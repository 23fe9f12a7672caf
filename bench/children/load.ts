// `load.mjs PORT COUNT CONCURRENCY`: so many requests, so many at once. Prints the processor time of the server for
// each, in microseconds, as it says itself.

import { Agent, get } from "node:http";

const WARM_UP = 0.3;

const [port, count, concurrency] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(concurrency) });

const request = (path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, agent, path }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });

async function send(total: number): Promise<void> {
  let sent = 0;
  const client = async (): Promise<void> => {
    while (sent++ < total) await request("/page");
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, client));
}

await send(Math.round(Number(count) * WARM_UP));
const before = Number(await request("/cpu"));
await send(Number(count));
const after = Number(await request("/cpu"));
agent.destroy();
console.log(JSON.stringify((after - before) / Number(count)));
