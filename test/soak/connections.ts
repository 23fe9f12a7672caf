// `npm run soak:connections`: a million short connections between two of our ends over real sockets.

import { Command, InvalidArgumentError } from "commander";
import { playConnections } from "./short-connections.ts";

const program = new Command("npm run soak:connections --")
  .description("Opens and closes connections, and fails when sockets, slots, tables or the heap grow.")
  .option("--count <number>", "connections", tenths, 1_000_000)
  .allowExcessArguments(false);
const { count } = program.parse().opts<{ count: number }>();

const started = performance.now();
const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
const grown = await playConnections(count, (line) => console.log(`soak: ${line}, ${seconds()}`));
for (const failure of grown) console.error(`soak: not flat: ${failure}`);
console.log(
  `soak: ${count.toLocaleString("en")} connections in ${seconds()}: ${grown.length === 0 ? "flat" : "failed"}`,
);
process.exitCode = grown.length === 0 ? 0 : 1;

function tenths(text: string): number {
  if (!/^[1-9]\d*0$/.test(text)) throw new InvalidArgumentError("Expected a whole number of tens.");
  return Number(text);
}
