// `npm run soak:sockets`: ten thousand exchanges between two of our ends over real sockets.

import { Command, InvalidArgumentError } from "commander";
import { playExchanges } from "./exchanges.ts";

const program = new Command("npm run soak:sockets --")
  .description("Has two ends exchange bytes in random pieces, and break off at random. What arrives is what was sent.")
  .option("--count <number>", "exchanges", wholeNumber, 10_000)
  .option("--seed <number>", "plays a seed again", wholeNumber, 1 + Math.floor(Math.random() * 2 ** 32))
  .allowExcessArguments(false);
const { count, seed } = program.parse().opts<{ count: number; seed: number }>();

const started = performance.now();
try {
  const { bytes, reports } = await playExchanges(seed, count);
  for (const report of reports) console.error(`soak: ${report}`);
  const seconds = (performance.now() - started) / 1000;
  console.log(`soak: ${count} exchanges of seed ${seed}, ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s`);
  process.exitCode = reports.length === 0 ? 0 : 1;
} catch (error) {
  const errors = error instanceof AggregateError ? error.errors : [error];
  for (const each of errors) console.error("soak:", each);
  process.exitCode = 1;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 1.");
  return Number(text);
}
