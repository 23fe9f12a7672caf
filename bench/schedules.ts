// `npm run bench:schedules`: how many complete schedules a second `explore` tries, by strategy, beside fast-check's
// scheduler.
//
// Each measurement has a process of its own (children/schedules.ts). The ratio is ours over fast-check's: how many
// times more.

import { bundleChild, ownDoors, runChild } from "./harness/child.ts";
import { type CommonOptions, createCommand, describeRun, requireEngine, writeJson } from "./harness/options.ts";
import { progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable, formatFigure, formatRange, formatRatio } from "./harness/table.ts";

const ROUNDS = 5;
const WARM_UP = 1;
const MEASURE = 1;
const PEER = "fast-check";
const SIDES = ["fifo", "random", "pct", "uniform", "delay", "exhaustive", "portfolio", PEER];
/** Schedules a second that we want of each strategy. */
const TARGET = 200_000;

const options = createCommand("bench:schedules", "Measures schedules of 15 steps a second.", ROUNDS)
  .parse()
  .opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(options.host);
const program = await bundleChild("schedules");

const { results, failures } = await runRounds(
  [SIDES.map((side) => ({ name: side, measure: () => measure(side) }))],
  options.rounds,
  progressOnStderr(),
);

const summaries = new Map([...results].map(([side, samples]) => [side, summarize(samples)]));
const peer = summaries.get(PEER)?.median ?? NaN;
const lines = [["schedules a second", "median", "range", "ratio"]];
for (const side of SIDES) {
  const summary = summaries.get(side) ?? null;
  if (summary === null) lines.push([side, "-", "", ""]);
  else lines.push([side, formatFigure(summary.median), formatRange(summary), formatRatio(summary.median / peer)]);
}
console.log(`\n${alignTable(lines)}\n`);
console.log(
  `Three tasks of five steps each. Medians of ${options.rounds} rounds; ratio = ours / fast-check's scheduler.`,
);
const missed = SIDES.filter((side) => side !== PEER && !((summaries.get(side)?.median ?? 0) >= TARGET));
const not = missed.length === 0 ? "" : `; not with ${missed.join(", ")}`;
const [own, held] = [SIDES.length - 1, SIDES.length - 1 - missed.length];
console.log(`Target, ${TARGET.toLocaleString("en-US")} a second on one core: ${held} of ${own} strategies hold${not}.`);
console.log(`${run.machine}; ${engine.version}.`);
if (run.busy !== null) console.log(run.busy);
for (const [side, message] of failures) console.log(`${side} failed: ${message}`);
process.exitCode = failures.size > 0 ? 1 : 0;
writeJson(options.json, {
  ...run,
  engine: engine.version,
  rounds: options.rounds,
  failures: Object.fromEntries(failures),
  schedulesPerSecond: Object.fromEntries(summaries),
});

function measure(side: string): Promise<number> {
  return runChild<number>([...engine.command, program], [side, ownDoors(), String(WARM_UP), String(MEASURE)]);
}
