// `requests.mjs PORT COUNT SECONDS KEEP_ALIVE`: one HTTP request after the other, so many, or for so long. Prints their
// latencies in milliseconds.

import { Agent, get } from "node:http";

const WARM_UP = 20;

const [port, count, seconds, keepAlive] = process.argv.slice(2);
const agent = new Agent({ keepAlive: keepAlive === "true", maxSockets: 1 });

const request = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    get({ host: "127.0.0.1", port, agent }, (response) => {
      response.resume().on("end", () => resolve(performance.now() - started));
    }).on("error", reject);
  });

for (let i = 0; i < WARM_UP; i++) await request();
const latencies: number[] = [];
const end = performance.now() + Number(seconds) * 1000;
while (latencies.length < Number(count) && performance.now() < end) latencies.push(await request());
agent.destroy();
console.log(JSON.stringify(latencies));
