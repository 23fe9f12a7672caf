// `npm run soak`: millions of tasks, timers and queue items through every primitive, in virtual time and on this host.

import { Command, InvalidArgumentError } from "commander";
import { scenarios } from "./scenarios.ts";
import { type Row, soak } from "./soak.ts";

const ROUNDS = 20;
const WARM_UP = 4;

interface Options {
  operations: number;
  only: string[];
}

process.setSourceMapsEnabled(false); // each stack that debug mode takes would be translated
const options = readOptions();
const started = performance.now();
const failures: string[] = [];
for (const on of ["virtual time", "host"] as const) {
  const chosen = Object.entries(scenarios[on]).filter(([name]) => options.only.includes(name));
  if (chosen.length === 0) continue;
  const { rows, failures: found } = await soak({
    scenarios: Object.fromEntries(chosen),
    on,
    operations: options.operations,
    rounds: ROUNDS,
    warmUp: WARM_UP,
    tell: (line) => console.log(`soak: ${line}`),
  });
  console.log(`\n${on}\n${rows.map(describe).join("\n")}\n`);
  failures.push(...found.map((failure) => `${on}, ${failure}`));
}
for (const failure of failures) console.error(`soak: not flat: ${failure}`);
console.log(`soak: ${failures.length === 0 ? "all flat" : "failed"}, ${seconds(performance.now() - started)}`);
process.exitCode = failures.length === 0 ? 0 : 1;

function readOptions(): Options {
  const names = [...new Set(Object.values(scenarios).flatMap((each) => Object.keys(each)))];
  const program = new Command("npm run soak --")
    .description("Runs every primitive for long, and fails when slots, tables, wasm pages or the heap grow.")
    .option("--operations <number>", "tasks, timers and queue items, on each of the two loops", wholeNumber, 10_000_000)
    .option("--only <name>", "only this primitive; may be given more than once", oneOf(names), [])
    .addHelpText("after", `\nPrimitives: ${names.join("; ")}`)
    .allowExcessArguments(false);
  const { operations, only } = program.parse().opts<Options>();
  return { operations, only: only.length > 0 ? only : names };
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 1.");
  return Number(text);
}

function oneOf(names: readonly string[]): (text: string, chosen: string[]) => string[] {
  return (text, chosen) => {
    if (!names.includes(text)) throw new InvalidArgumentError(`Expected one of: ${names.join("; ")}.`);
    return [...chosen, text];
  };
}

function describe({ name, operations, seconds: taken }: Row): string {
  const each = `${((taken / operations) * 1e6).toFixed(2)} µs each`;
  return `  ${name.padEnd(32)} ${operations.toLocaleString("en").padStart(12)} in ${taken.toFixed(2).padStart(6)} s, ${each}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
