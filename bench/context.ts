// `npm run bench:context`: what it costs that tasks keep the host's asynchronous context.
//
// The same cases with no storage in use, and inside an `als.run`; beside a checkout of before, if one is named. The
// cost is the processor's time of the process, which the engine's other threads count in, and a busy machine does not.

import { bundleChild, libraryUrl, root, runChild } from "./harness/child.ts";
import {
  type CommonOptions,
  checkout,
  createCommand,
  describeRun,
  requireEngine,
  conclude,
} from "./harness/options.ts";
import { progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable, formatFigure } from "./harness/table.ts";
import { cases } from "./cases.ts";

const ROUNDS = 5;
const CASES = ["sleep-one-task", "sleep-1000-tasks", "gather", "queue-ping-pong"];

interface Options extends CommonOptions {
  baseline?: string;
}

const options = createCommand("bench:context", "Measures what keeping the host's contexts costs.", ROUNDS)
  .option("--baseline <folder>", "another checkout, built, that keeps none", checkout)
  .parse()
  .opts<Options>();
const run = describeRun();
const engine = await requireEngine(options.host);
const program = await bundleChild("context");

const sides = [
  { name: "not in use", folder: root, use: "unused" },
  { name: "in use", folder: root, use: "used" },
  ...(options.baseline === undefined ? [] : [{ name: "baseline", folder: options.baseline, use: "unused" }]),
];
const keyOf = (name: string, side: string): string => `${name}, ${side}`;
const groups = CASES.map((name) =>
  sides.map(({ name: side, folder, use }) => ({
    name: keyOf(name, side),
    measure: () =>
      runChild<number>([...engine.command, program], [libraryUrl(folder), name, String(cases[name].operations), use]),
  })),
);
const { results, failures } = await runRounds(groups, options.rounds, progressOnStderr());
const medianOf = (name: string, side: string): number => {
  const samples = results.get(keyOf(name, side));
  return samples === undefined ? NaN : summarize(samples).median;
};
const reference = options.baseline === undefined ? "not in use" : "baseline";

const lines = CASES.map((name) => {
  const before = medianOf(name, reference);
  const cells = sides.map(({ name: side }) => {
    const figure = medianOf(name, side);
    const ratio = side === reference ? "" : ` (${(figure / before).toFixed(2)}x)`;
    return `${formatFigure(figure)}${ratio}`;
  });
  return [cases[name].title, ...cells, formatFigure(medianOf(name, "in use") - medianOf(name, "not in use"))];
});
const header = ["ns of the processor", ...sides.map(({ name }) => name), "more in use"];
console.log(`\n${alignTable([header, ...lines])}\n`);
console.log(`Medians of ${options.rounds} rounds; ratio = side / ${reference}. ${run.machine}; ${engine.version}.`);
conclude(options.json, failures, {
  ...run,
  engine: engine.version,
  rounds: options.rounds,
  figures: Object.fromEntries(results),
});
