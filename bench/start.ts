// `npm run bench:start`: what a fresh process takes to import the library and to run a first program.

import type { Start } from "./children/start.ts";
import { bundleChild, libraryUrl, root, runChild } from "./harness/child.ts";
import {
  type CommonOptions,
  checkout,
  conclude,
  createCommand,
  describeRun,
  requireEngine,
} from "./harness/options.ts";
import { type Job, progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable, formatRatio } from "./harness/table.ts";

const ROUNDS = 12;
const OURS = "wasyncio";
const BASELINE = "baseline";
const COLUMNS = {
  import: ({ import: ms }: Start) => ms,
  "first run": ({ run }: Start) => run,
  both: (start: Start) => start.import + start.run,
  "both, processor time": ({ importCpu, runCpu }: Start) => importCpu + runCpu,
};

const options = createCommand("bench:start", "Measures how long the library takes to start.", ROUNDS)
  .option("--baseline <folder>", "another checkout, built, to compare with", checkout)
  .parse()
  .opts<CommonOptions & { baseline?: string }>();
const run = describeRun();
const engine = await requireEngine(options.host);
const child = await bundleChild("start");

const startOf = (name: string, folder: string): Job<Start> => ({
  name,
  measure: () => runChild<Start>([...engine.command, child], [libraryUrl(folder)]),
});
const jobs = [startOf(OURS, root)];
if (options.baseline !== undefined) jobs.push(startOf(BASELINE, options.baseline));

const { results, failures } = await runRounds([jobs], options.rounds, progressOnStderr());

const medianOf = (name: string, figure: (start: Start) => number): number =>
  summarize((results.get(name) ?? []).map(figure)).median;
const lines = [["ms", ...Object.keys(COLUMNS)]];
for (const { name } of jobs.filter((job) => results.has(job.name)))
  lines.push([name, ...Object.values(COLUMNS).map((figure) => medianOf(name, figure).toFixed(1))]);
if (jobs.every(({ name }) => results.has(name)) && jobs.length > 1)
  lines.push([
    `${OURS} over ${BASELINE}`,
    ...Object.values(COLUMNS).map((figure) => formatRatio(medianOf(OURS, figure) / medianOf(BASELINE, figure))),
  ]);
console.log(`\n${alignTable(lines)}`);
console.log(`Medians of ${options.rounds} rounds, each in a process of its own.`);
console.log(`${run.machine}; ${engine.version}.`);
conclude(options.json, failures, {
  ...run,
  engine: engine.version,
  rounds: options.rounds,
  figures: Object.fromEntries(results),
});
