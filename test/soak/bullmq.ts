// `npm run soak:bullmq`: two thousand jobs through a queue whose workers, Redis and submitter are killed meanwhile.

import { Command, InvalidArgumentError } from "commander";
import { playKills } from "./queue-kills.ts";

const program = new Command("npm run soak:bullmq --")
  .description("Kills workers, Redis and the submitter of jobs at random moments. Each job gives its result, once.")
  .option("--count <number>", "jobs", wholeNumber, 2000)
  .option("--kills <number>", "how often each of them is killed", wholeNumber, 2)
  .option("--seed <number>", "plays a seed again", wholeNumber, 1 + Math.floor(Math.random() * 2 ** 32))
  .allowExcessArguments(false);
const { count, kills, seed } = program.parse().opts<{ count: number; kills: number; seed: number }>();

const started = performance.now();
const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
console.log(`soak: ${count} jobs, seed ${seed}`);
const { runs, repeated, reports } = await playKills(seed, count, kills, (line) =>
  console.log(`soak: ${line}, ${seconds()}`),
);
for (const report of reports.slice(0, 20)) console.error(`soak: ${report}`);
console.log(
  `soak: ${count} jobs, ${kills} kills each of workers, Redis and submitters in ${seconds()}: ` +
    `${runs} runs, ${repeated} jobs more than once, ${reports.length === 0 ? "each gave its result, once" : "failed"}`,
);
process.exitCode = reports.length === 0 ? 0 : 1;

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 1.");
  return Number(text);
}
