// `npm run bench:schedules`: how many complete schedules `explore` tries in a second of the processor, by strategy,
// beside fast-check's scheduler; and how many runs with a fault `sweep` makes.
//
// Each measurement has a process of its own (children/schedules.ts). The ratio is ours over fast-check's: how many
// times more.

import { resolve } from "node:path";
import { build } from "esbuild";
import { esbuildPlugin } from "wasyncio/transform";
import { bundleChild, ownDoors, root, runChild } from "./harness/child.ts";
import { type CommonOptions, createCommand, describeRun, requireEngine, conclude } from "./harness/options.ts";
import { progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable, formatFigure, formatRange, formatRatio } from "./harness/table.ts";

const ROUNDS = 5;
const WARM_UP = 1;
const MEASURE = 1;
const PEER = "fast-check";
const STRATEGIES = ["fifo", "random", "pct", "uniform", "delay", "exhaustive", "portfolio"];
const SWEEP = "sweep";
/** Of 1,000 jobs each: explored, and as often as the engine runs them on its own promises. */
const JOBS = "1,000 p-queue jobs";
const NATIVE_JOBS = `${JOBS}, natively`;
const SIDES = [...STRATEGIES, PEER, SWEEP, JOBS, NATIVE_JOBS];

/** What we want: so many a second, or so many times as many as fast-check. */
const TARGETS: readonly { readonly side: string; readonly rate?: number; readonly ratio?: number }[] = [
  { side: "random", rate: 250_000 },
  ...STRATEGIES.map((side) => ({ side, ratio: side === "exhaustive" ? 10 : 20 })),
  { side: SWEEP, rate: 25_000 },
  { side: JOBS, rate: 500 },
];

const options = createCommand(
  "bench:schedules",
  "Measures schedules of 15 steps a second, and runs of a sweep.",
  ROUNDS,
)
  .parse()
  .opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(options.host);
const program = await bundleChild("schedules");
const jobs = new Map([
  [JOBS, await bundleJobs(true)],
  [NATIVE_JOBS, await bundleJobs(false)],
]);

const { results, failures } = await runRounds(
  [SIDES.map((side) => ({ name: side, measure: () => measure(side) }))],
  options.rounds,
  progressOnStderr(),
);

const summaries = new Map([...results].map(([side, samples]) => [side, summarize(samples)]));
const peer = summaries.get(PEER)?.median ?? NaN;
const lines = [["a second of the processor", "median", "range", "ratio"]];
for (const side of SIDES) {
  const summary = summaries.get(side) ?? null;
  if (summary === null) lines.push([side, "-", "", ""]);
  else
    lines.push([
      side,
      formatFigure(summary.median),
      formatRange(summary),
      side === SWEEP || jobs.has(side) ? "" : formatRatio(summary.median / peer),
    ]);
}
console.log(`\n${alignTable(lines)}\n`);
console.log(
  `Schedules: three tasks of five steps each. Sweep: four tasks with a lock, about 100 points. Medians of ${options.rounds} rounds; ratio = ours / fast-check's scheduler.`,
);
for (const { side, rate, ratio } of TARGETS) {
  const median = summaries.get(side)?.median ?? NaN;
  const wanted = rate === undefined ? `${ratio} times fast-check's` : `${rate.toLocaleString("en-US")} a second`;
  const isHeld = rate === undefined ? median / peer >= (ratio as number) : median >= rate;
  console.log(`Target: ${side}, ${wanted}: ${isHeld ? "held" : "not held"}.`);
}
console.log(`${run.machine}; ${engine.version}.`);
conclude(options.json, failures, {
  ...run,
  engine: engine.version,
  rounds: options.rounds,
  perSecond: Object.fromEntries(summaries),
});

function measure(side: string): Promise<number> {
  const ofJobs = jobs.get(side);
  if (ofJobs !== undefined)
    return runChild<number>([...engine.command, ofJobs], side === NATIVE_JOBS ? ["native"] : []);
  return runChild<number>([...engine.command, program], [side, ownDoors(), String(WARM_UP), String(MEASURE)]);
}

/** Bundles the jobs with p-queue: lowered, both of them, or as they stand. */
async function bundleJobs(isLowered: boolean): Promise<string> {
  const outfile = resolve(root, `build/bench/p-queue-${isLowered ? "lowered" : "native"}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: ["bench/children/p-queue.mjs"],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    nodePaths: [resolve(root, "tools/promise-libraries/node_modules")],
    external: ["wasyncio"],
    plugins: isLowered ? [esbuildPlugin({ packages: ["p-queue", "p-timeout", "eventemitter3"], root })] : [],
  });
  return outfile;
}
