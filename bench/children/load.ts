// `load.mjs PORT COUNT CONCURRENCY [PID]`: so many requests, so many at once. Prints the processor time of the server
// for each, in microseconds: as it says itself, or as Linux says of its process, where it cannot know.

import { readFileSync } from "node:fs";
import { Agent, get } from "node:http";

/** Requests before any is measured: by then the engines have compiled what they will. */
const WARM_UP = 20_000;

/** Microseconds of a tick, in which Linux counts. */
const TICK = 10_000;

const [port, count, concurrency, pid] = process.argv.slice(2);
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

async function microseconds(): Promise<number> {
  if (pid === undefined) return Number(await request("/cpu"));
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK; // in the program and in the system
}

await send(WARM_UP);
const before = await microseconds();
await send(Number(count));
const after = await microseconds();
agent.destroy();
console.log(JSON.stringify((after - before) / Number(count)));
