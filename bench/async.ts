// `npm run bench:async`: what a lowered async function costs, beside the engine's own and beside generators.
//
// The cost is the processor's time of the process. A call of the engine's takes one tick, as a lowered one does; a
// generator that is delegated to takes none.

import { bundleChild, libraryUrl, root, runChild } from "./harness/child.ts";
import { type CommonOptions, createCommand, describeRun, requireEngine, conclude } from "./harness/options.ts";
import { progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable, formatFigure } from "./harness/table.ts";

const ROUNDS = 5;
const PROGRAMS = {
  calls: "a call that is awaited",
  closures: "the same, of an arrow function made for it",
  chains: "an await in a chain of ten",
  all: "one of ten in Promise.all",
  iteration: "a value of for await",
  rejections: "a rejection in a chain of ten",
};
const SIDES = ["native", "lowered", "generators"];

const options = createCommand("bench:async", "Measures lowered async functions.", ROUNDS).parse().opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(options.host);
const program = await bundleChild("async");

const doors = [libraryUrl(root), libraryUrl(root, "dist/lowered/index.js")];
const keyOf = (name: string, side: string): string => `${name}, ${side}`;
const groups = Object.keys(PROGRAMS).map((name) =>
  SIDES.map((side) => ({
    name: keyOf(name, side),
    measure: () => runChild<number>([...engine.command, program], [...doors, side, name]),
  })),
);
const { results, failures } = await runRounds(groups, options.rounds, progressOnStderr());
const medianOf = (name: string, side: string): number => {
  const samples = results.get(keyOf(name, side));
  return samples === undefined ? NaN : summarize(samples).median;
};

const lines = Object.entries(PROGRAMS).map(([name, title]) => {
  const [native, lowered, generators] = SIDES.map((side) => medianOf(name, side)) as [number, number, number];
  const ratios = [`${(lowered / native).toFixed(2)}x`, `${(lowered / generators).toFixed(2)}x`];
  return [title, ...[native, lowered, generators].map(formatFigure), ...ratios];
});
const header = ["ns of the processor", ...SIDES, "lowered / native", "lowered / generators"];
console.log(`\n${alignTable([header, ...lines])}\n`);
console.log(`Medians of ${options.rounds} rounds. ${run.machine}; ${engine.version}.`);
conclude(options.json, failures, {
  ...run,
  engine: engine.version,
  rounds: options.rounds,
  figures: Object.fromEntries(results),
});
