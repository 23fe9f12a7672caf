// `layer.mjs DOORS SIDE ANSWER COUNT CONCURRENCY`: calls a fetch handler in its own process, without a server. Prints
// the processor time of a request in microseconds.

import { type Answer, type Side, makeFetch } from "./answers.ts";

/** Calls before any is measured: by then the engine has compiled what it will. */
const WARM_UP = 60_000;

const [doors, side, answer, count, concurrency] = process.argv.slice(2) as [string, Side, Answer, string, string];
const fetch = await makeFetch(doors, side, answer);

async function send(total: number): Promise<void> {
  let sent = 0;
  const client = async (): Promise<void> => {
    while (sent++ < total) await fetch(new Request("http://localhost/page"));
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, client));
}

const microseconds = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

await send(WARM_UP);
const before = microseconds();
await send(Number(count));
console.log(JSON.stringify((microseconds() - before) / Number(count)));
