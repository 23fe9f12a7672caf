// `npm run fuzz`: random programs against real CPython, as many as one likes.
//
// A program is named by a seed and its number: `--seed 7 --start 1234 --count 1` runs that one again, as long as the
// generator stays as it is; what was found is kept as a program in corpus/.

import { fork } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { sideBySide } from "./compare.ts";
import { type CPython, loadCPython } from "./cpython.ts";
import { type Outcome, differs, runBoth, shrink } from "./differ.ts";
import { generate } from "./generator.ts";

const BATCH = 100;

interface Options {
  seed: number;
  start: number;
  count: number;
  workers: number;
  stop: number;
  save?: true;
}

/** What a worker has done since it last told. */
interface Progress {
  programs: number;
  events: number;
  failures: number;
}

const options = readOptions();
const total: Progress = { programs: 0, events: 0, failures: 0 };
const started = performance.now();
if (process.send !== undefined) await hunt((progress) => process.send?.(progress));
else if (options.workers > 1)
  await Promise.all(Array.from({ length: options.workers }, (_, index) => startWorker(index)));
else await hunt(note);
if (process.send === undefined) report();
process.exitCode = total.failures > 0 ? 1 : 0;
process.disconnect?.();

function readOptions(): Options {
  const random = Math.floor(Math.random() * 2 ** 32);
  const program = new Command("npm run fuzz --")
    .description("Runs random programs in CPython's asyncio and in wasyncio, and compares what happens.")
    .addOption(
      new Option("--seed <number>", "seed of the programs").argParser(wholeNumber).default(random, "a random one"),
    )
    .option("--start <number>", "number of the first program", wholeNumber, 0)
    .option("--count <number>", "how many programs", wholeNumber, 10_000)
    .option("--workers <number>", "processes that share the work", wholeNumber, 1)
    .option("--stop <number>", "how many failures each process shows before it gives up", wholeNumber, 5)
    .option("--save", "write failing programs, made minimal, to test/cpython/programs/corpus/");
  return program.parse().opts<Options>();
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("Expected a whole number.");
  return value;
}

/** Runs this process's programs. */
async function hunt(tell: (progress: Progress) => void): Promise<void> {
  const cpython = await loadCPython();
  if (process.send === undefined) console.log(`fuzz: ${cpython.name}, seed ${options.seed}`);
  const end = options.start + options.count;
  let failures = 0;
  for (let first = options.start; first < end && failures < options.stop; first += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, end - first) }, (_, index) => first + index);
    const outcomes = runBatch(cpython, numbers);
    const failing = outcomes.flatMap((outcome, index) => (differs(outcome) ? [[first + index, outcome] as const] : []));
    for (const [index, outcome] of failing.slice(0, options.stop - failures)) showFailure(cpython, index, outcome);
    failures += failing.length;
    const events = outcomes.reduce((sum, { theirs }) => sum + theirs.length, 0);
    tell({ programs: numbers.length, events, failures: failing.length });
  }
}

function runBatch(cpython: CPython, numbers: readonly number[]): Outcome[] {
  try {
    return runBoth(
      cpython,
      numbers.map((index) => generate(options.seed, index)),
    );
  } catch (error) {
    // Python itself gave up: too deep a recursion, or memory.
    console.error(`\nfuzz: programs ${numbers[0]} to ${numbers.at(-1)} of seed ${options.seed} ended the interpreter`);
    throw error;
  }
}

function showFailure(cpython: CPython, index: number, outcome: Outcome): void {
  const smallest = shrink(cpython, outcome);
  const text = JSON.stringify(smallest.program, null, 1);
  const name = `${options.seed}-${index}`;
  console.log(`\n\nfuzz: program ${index} of seed ${options.seed} differs. The smallest one that does:\n`);
  console.log(compact(smallest.program));
  console.log(`\n${sideBySide(smallest.theirs, smallest.ours, { before: 40 })}\n`);
  if (options.save !== true) return;
  const folder = resolve(import.meta.dirname, "corpus");
  mkdirSync(folder, { recursive: true });
  writeFileSync(resolve(folder, `${name}.json`), `${text}\n`);
  console.log(`fuzz: written to test/cpython/programs/corpus/${name}.json: give it a name that says what it found`);
}

/** A program as JSON, a line for each statement. */
function compact(program: unknown): string {
  const text = JSON.stringify(program, (key, value: unknown) => (key === "id" ? undefined : value));
  return text.replaceAll(/\[?\{"(op|soft|catches)"/g, (match) => `\n  ${match}`);
}

function startWorker(index: number): Promise<void> {
  const share = Math.ceil(options.count / options.workers / BATCH) * BATCH;
  const start = options.start + index * share;
  const count = Math.max(0, Math.min(share, options.start + options.count - start));
  const values = { seed: options.seed, start, count, stop: options.stop };
  const flags = Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const runner = resolve(import.meta.dirname, "../../../scripts/run-ts.mjs");
  return new Promise((done, fail) => {
    const worker = fork(runner, [import.meta.filename, ...flags, ...(options.save === true ? ["--save"] : [])]);
    worker.on("message", (progress) => note(progress as Progress));
    worker.on("error", fail);
    worker.on("exit", (code) => (code === 0 || code === 1 ? done() : fail(new Error(`a worker ended with ${code}`))));
  });
}

function note({ programs, events, failures }: Progress): void {
  total.programs += programs;
  total.events += events;
  total.failures += failures;
  const rate = total.programs / ((performance.now() - started) / 1000);
  const line = `fuzz: ${total.programs} of ${options.count}, ${rate.toFixed(0)} a second, ${total.failures} differ`;
  if (process.stdout.isTTY) process.stdout.write(`\r${line}  `);
  else if (total.programs % 5000 < programs) console.log(line);
}

function report(): void {
  const { programs, events, failures } = total;
  const last = options.start + options.count - 1;
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `\nfuzz: seed ${options.seed}, programs ${options.start} to ${last}: ${programs} ran, ${failures} differ; ` +
      `${(events / Math.max(1, programs)).toFixed(1)} events a program, ${(programs / seconds).toFixed(0)} programs a second`,
  );
}
