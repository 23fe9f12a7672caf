// `npm run bench:scale`: what a task and a timer cost when there are ten thousand, a hundred thousand, a million of
// them.
//
// Each measurement has a process of its own (children/scale.ts). A figure is the mean over all tasks or timers of a
// process, and the median of the rounds; the ratio is to the first column's: 1 where cost does not grow.

import { CORES, bundleOver } from "./cores/bundle.ts";
import type { ScaleFigures } from "./children/scale.ts";
import { bundleChild, libraryUrl, ownDoors, root, runChild } from "./harness/child.ts";
import { type CommonOptions, createCommand, describeRun, requireEngine, conclude } from "./harness/options.ts";
import { progressOnStderr, runRounds } from "./harness/rounds.ts";
import { type Summary, summarize } from "./harness/statistics.ts";
import { alignTable, formatCell } from "./harness/table.ts";

const ROUNDS = 5;
const WARM_UP = 0.5;
const MEASURE = 0.5;
const COUNTS = [10_000, 100_000, 1_000_000];
const KINDS = { tasks: ["start", "sleep", "wake", "finish"], timers: ["add", "fire", "cancel"] };

interface Options extends CommonOptions {
  cores?: true;
}

const options = createCommand("bench:scale", "Measures what tasks and timers cost when there are many.", ROUNDS)
  .option("--cores", "over the wasm core and over one in TypeScript")
  .parse()
  .opts<Options>();
const run = describeRun();
const engine = await requireEngine(options.host);
const program = await bundleChild("scale");
const sides: [name: string, doors: string][] = [];
if (options.cores) {
  for (const core of CORES.slice(0, 2))
    sides.push([`${core} core`, libraryUrl(root, await bundleOver(core, root, engine.kind))]);
} else {
  sides.push(["wasyncio", ownDoors()]);
}

const keyOf = (side: string, kind: string, count: number): string => `${count} ${kind} on ${side}`;
const groups = Object.keys(KINDS).flatMap((kind) =>
  COUNTS.map((count) =>
    sides.map(([side, doors]) => ({
      name: keyOf(side, kind, count),
      measure: () =>
        runChild<ScaleFigures>([...engine.command, program], [doors, kind, ...[count, WARM_UP, MEASURE].map(String)]),
    })),
  ),
);
const { results, failures } = await runRounds(groups, options.rounds, progressOnStderr());

const figures: Record<string, Record<string, Summary | null>> = {};
for (const [side] of sides) {
  const lines = [["", ...COUNTS.map((count) => count.toLocaleString("en-US"))]];
  for (const [kind, phases] of Object.entries(KINDS)) {
    const one = kind.slice(0, -1);
    const rows: [title: string, figureOf: (it: ScaleFigures) => number][] = [
      ...phases.map((phase): (typeof rows)[number] => [`${one}, ${phase}, ns`, (it) => it.phases[phase]]),
      [`${one}, all of it, ns`, ({ phases: all }) => Object.values(all).reduce((sum, ns) => sum + ns)],
      [`${one}, bytes of the core`, (it) => it.coreBytes],
      [`${one}, bytes of JavaScript heap`, (it) => it.heapBytes],
    ];
    for (const [title, figureOf] of rows) {
      const summaries = COUNTS.map((count) => {
        const samples = results.get(keyOf(side, kind, count));
        return samples === undefined ? null : summarize(samples.map(figureOf));
      });
      figures[`${side}: ${title}`] = Object.fromEntries(COUNTS.map((count, i) => [count, summaries[i]]));
      lines.push([title, ...summaries.map((summary, i) => formatCell(summary, i === 0 ? null : summaries[0]))]);
    }
  }
  console.log(`\n${alignTable([[side, ...lines[0].slice(1)], ...lines.slice(1)])}`);
}
console.log(`\nMedians of ${options.rounds} rounds, with the ratio to the first column.`);
console.log(`${run.machine}; ${engine.version}.`);
conclude(options.json, failures, {
  ...run,
  engine: engine.version,
  rounds: options.rounds,
  figures,
});
