// `npm run soak:serve`: a service of several workers under load, whose workers are reloaded, killed and blocked.

import { Command, InvalidArgumentError } from "commander";
import { type Plan, playService } from "./service.ts";

const program = new Command("npm run soak:serve --")
  .description("Reloads, kills and blocks the workers of a service under load. Nothing is lost but what was in one.")
  .option("--reloads <number>", "times that all workers are replaced", wholeNumber, 3)
  .option("--kills <number>", "workers that are killed", wholeNumber, 3)
  .option("--blocks <number>", "workers whose loop is blocked", wholeNumber, 1)
  .option("--workers <number>", "workers", wholeNumber, 2)
  .option("--clients <number>", "clients, with a connection each", wholeNumber, 20)
  .allowExcessArguments(false);

const started = performance.now();
const outcome = await playService(program.parse().opts<Plan>(), (line) => console.log(`soak: ${line}`));
const { answers, cut, lost, slowest, code } = outcome;
for (const failure of lost.slice(0, 20)) console.error(`soak: lost: ${failure}`);
if (code !== 0) console.error(`soak: the service ended with exit code ${code}`);
console.log(`soak: a blocked worker was replaced within ${slowest.toFixed(2)} s`);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(`soak: ${answers.toLocaleString("en")} answers, ${cut} cut, ${lost.length} lost in ${seconds} s`);
process.exitCode = lost.length === 0 && code === 0 ? 0 : 1;

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 0.");
  return Number(text);
}
