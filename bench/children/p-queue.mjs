// How many schedules of 1,000 jobs of p-queue `explore` tries in a second of the processor: the library is as it comes
// from npm, and lowered with this file. With "native", how often the engine runs the same on its own promises.

import PQueue from "p-queue";
import { explore } from "wasyncio/testing";

const JOBS = 1000;
const RUNS = 50;
const SECONDS = 3;

async function main() {
  const queue = new PQueue({ concurrency: 5 });
  let count = 0;
  const job = async () => {
    await Promise.resolve();
    count++;
  };
  for (let index = 0; index < JOBS; index++) void queue.add(job);
  await queue.onIdle();
  if (count !== JOBS) throw new Error(`${count} jobs are done`);
}

function processorSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const isNative = process.argv[2] === "native";
let rate = 0;
for (const until = processorSeconds() + SECONDS; processorSeconds() < until;) {
  const began = processorSeconds();
  if (isNative) for (let run = 0; run < RUNS; run++) await main();
  else {
    const { failure } = explore(main, { runs: RUNS, orders: "javascript" });
    if (failure !== null) throw failure.toError();
  }
  rate = RUNS / (processorSeconds() - began);
}
console.log(rate);
