// `npm run bench`: what operations cost here and on our peers, measured in one run.
//
// How a number is made. A case is measured on a side by a child process of its own, one at a time, that loads only that side's
// library, warms up, and then repeats the case for a while (meter.ts); its figure is nanoseconds an operation. Rounds are
// interleaved: each round measures every case on every side once, in an order that turns with the rounds, so that a slow
// minute of the machine falls on all of them. The table gives the median of the rounds, the fastest and the slowest.
// A ratio is a peer's median over ours. Each batch counts its own operations, and a wrong count fails the measurement.

import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { build } from "esbuild";
import { cases } from "./cases.ts";
import type { Budget } from "./meter.ts";
import { PEERS, type Peer, type Side, findPeer, measure, ownSide } from "./sides.ts";
import { type Summary, summarize } from "./statistics.ts";
import { formatTable } from "./table.ts";

const root = resolve(import.meta.dirname, "..");
const measureJs = resolve(root, "build/bench/measure.js");

const DEFAULT = { runs: 5, budget: { warmUp: 0.35, measure: 0.25 } };
const QUICK = { runs: 2, budget: { warmUp: 0.25, measure: 0.1 } };

interface Options {
  only: string[];
  peers: Peer[];
  runs?: number;
  quick?: true;
  json?: string;
  baseline?: string;
}

const options = readOptions();
const { runs, budget } = { ...(options.quick ? QUICK : DEFAULT), ...(options.runs && { runs: options.runs }) };
const busy = describeLoad();
const started = performance.now();
await bundleMeasure();
const { sides, skipped } = await findSides();
const failures = new Map<string, string>();
const samples = await measureAll(runs, budget);
report();
process.exitCode = [...failures.keys()].some((key) => key.endsWith(`on ${sides[0].name}`)) ? 1 : 0;

function readOptions(): Options {
  const program = new Command("npm run bench --")
    .description("Measures what operations cost in wasyncio and in its peers.")
    .addOption(
      new Option("--only <cases>", "only these cases, separated by commas")
        .argParser(listOf(Object.keys(cases)))
        .default(Object.keys(cases), "all"),
    )
    .addOption(
      new Option("--peers <peers>", "only these peers, separated by commas")
        .argParser(listOf(PEERS))
        .default([...PEERS], "all"),
    )
    .option("--runs <number>", `rounds (default: ${DEFAULT.runs}, quick ${QUICK.runs})`, positiveInteger)
    .option("--quick", "fewer and shorter measurements: about a minute")
    .option("--json <file>", "write all figures to a file", writableFile)
    .option("--baseline <folder>", "another checkout, built, as one more peer", checkout)
    .addHelpText("after", `\nCases: ${Object.keys(cases).join(", ")}\nPeers: ${PEERS.join(", ")}`)
    .allowExcessArguments(false)
    .showHelpAfterError()
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
  return program.parse().opts<Options>();
}

function listOf<T extends string>(known: readonly T[]): (text: string) => T[] {
  return (text) => {
    const names = text.split(",").map((name) => name.trim());
    const unknown = names.filter((name) => !known.includes(name as T));
    if (unknown.length > 0) throw new InvalidArgumentError(`Unknown: ${unknown.join(", ")}.`);
    return known.filter((name) => names.includes(name));
  };
}

function positiveInteger(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 1.");
  return Number(text);
}

function writableFile(file: string): string {
  const folder = dirname(resolve(file));
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new InvalidArgumentError(`No folder ${folder}.`);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new InvalidArgumentError("It is a folder.");
  return file;
}

function checkout(folder: string): string {
  if (!statSync(resolve(folder, "dist/index.js"), { throwIfNoEntry: false })) {
    throw new InvalidArgumentError(`No built checkout: ${folder}.`);
  }
  return folder;
}

/** The measuring program as plain JavaScript, so that no child has to translate it. Libraries stay outside. */
async function bundleMeasure(): Promise<void> {
  mkdirSync(dirname(measureJs), { recursive: true });
  await build({
    entryPoints: [resolve(import.meta.dirname, "measure.ts")],
    outfile: measureJs,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
  });
}

async function findSides(): Promise<{ sides: Side[]; skipped: string[] }> {
  const sides = [await ownSide("wasyncio", root, measureJs)];
  const skipped: string[] = [];
  if (options.baseline) sides.push(await ownSide("baseline", resolve(options.baseline), measureJs));
  for (const peer of options.peers) {
    const side = await findPeer(peer, root, measureJs);
    if (typeof side === "string") skipped.push(`${peer} skipped: ${side}`);
    else sides.push(side);
  }
  return { sides, skipped };
}

/** Says so when the machine has other work: it makes all figures too high, and ours most, which need the compiler's threads. */
function describeLoad(): string | null {
  const [load] = loadavg();
  if (load < cpus().length / 2) return null;
  return `The machine was busy at the start, with a load of ${load.toFixed(1)}: do not trust these figures.`;
}

/** Samples by case and side. */
async function measureAll(runs: number, budget: Budget): Promise<Map<string, Map<Side, number[]>>> {
  const samples = new Map(options.only.map((name) => [name, new Map<Side, number[]>()]));
  const total = runs * options.only.reduce((sum, name) => sum + sides.filter((side) => side.cases.has(name)).length, 0);
  let done = 0;
  for (let run = 0; run < runs; run++) {
    for (const [name, ofCase] of samples) {
      for (let i = 0; i < sides.length; i++) {
        const side = sides[(i + run) % sides.length];
        const key = `${name} on ${side.name}`;
        if (!side.cases.has(name) || failures.has(key)) continue;
        showProgress(done++, total, `${key}, round ${run + 1} of ${runs}`);
        try {
          const sample = await measure(side, name, budget);
          if (!ofCase.has(side)) ofCase.set(side, []);
          ofCase.get(side)!.push(sample);
        } catch (error) {
          failures.set(key, (error as Error).message);
        }
      }
    }
    if (!process.stderr.isTTY) console.error(`bench: round ${run + 1} of ${runs} done, ${elapsed()} s`);
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  return samples;
}

function showProgress(done: number, total: number, what: string): void {
  if (!process.stderr.isTTY) return;
  const left = done < 10 ? "" : `, ${Math.ceil(((performance.now() - started) / 1000 / done) * (total - done))} s left`;
  process.stderr.write(`\r\x1b[K${done} of ${total}${left}: ${what}`);
}

function elapsed(): string {
  return ((performance.now() - started) / 1000).toFixed(0);
}

function report(): void {
  const summaryOf = (name: string, side: Side): Summary | null => {
    const ofSide = samples.get(name)!.get(side);
    return ofSide ? summarize(ofSide) : null;
  };
  const rows = options.only.map((name) => ({
    name,
    title: cases[name].title,
    summaries: sides.map((side) => summaryOf(name, side)),
  }));
  const machine = `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, ${process.platform} ${process.arch}`;

  console.log(
    `\n${formatTable(
      sides.map((side) => side.name),
      rows,
    )}\n`,
  );
  console.log(
    `Medians of ${runs} rounds, fastest..slowest below; ratio = peer / wasyncio; - where a peer has no such notion.`,
  );
  console.log(`${machine}; ${sides.map((side) => side.version).join("; ")}. ${elapsed()} s.`);
  if (busy !== null) console.log(busy);
  for (const line of skipped) console.log(line);
  for (const [key, message] of failures) console.log(`${key} failed: ${message}`);

  if (options.json === undefined) return;
  const figures = {
    date: new Date().toISOString(),
    machine,
    busy,
    runs,
    budget,
    sides: Object.fromEntries(sides.map((side) => [side.name, side.version])),
    skipped,
    failures: Object.fromEntries(failures),
    cases: Object.fromEntries(
      rows.map(({ name, title, summaries }) => [
        name,
        {
          title,
          nsPerOperation: Object.fromEntries(sides.map((side, i) => [side.name, summaries[i]]).filter(([, it]) => it)),
        },
      ]),
    ),
  };
  writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
}
