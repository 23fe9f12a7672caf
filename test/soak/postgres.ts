// `npm run soak:postgres`: tasks that are cancelled at random moments of what they do with PostgreSQL.

import { Command, InvalidArgumentError } from "commander";
import { startPostgres } from "../support/postgres-server.ts";
import { playCancels } from "./cancels.ts";

const program = new Command("npm run soak:postgres --")
  .description("Cancels tasks at random moments of their statements. No other statement is hit, no connection is lost.")
  .option("--count <number>", "cancels", wholeNumber, 500)
  .option("--seed <number>", "plays a seed again", wholeNumber, 1 + Math.floor(Math.random() * 2 ** 32))
  .allowExcessArguments(false);
const { count, seed } = program.parse().opts<{ count: number; seed: number }>();

const server = await startPostgres();
try {
  const started = performance.now();
  const place = { host: "127.0.0.1", port: server.port, user: "postgres", database: "postgres" };
  const { cut, stray, leaked, left } = await playCancels(place, seed, count);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`soak: ${count} tasks of seed ${seed}, ${cut} cancelled before their end, in ${seconds} s`);
  for (const error of stray) console.error(`soak: ${error}`);
  console.log(`soak: ${stray.length} stray cancels, ${leaked} connections lost, ${left} things left behind`);
  process.exitCode = stray.length + leaked + left === 0 ? 0 : 1;
} finally {
  await server.stop();
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 1.");
  return Number(text);
}
