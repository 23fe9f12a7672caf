// `npm run bench:forms`: what a block costs by the form that it is written in.
//
// The cost is the processor's time of the process. Each form is a process of its own: what one makes an engine forget
// would be the next one's cost.

import { bundleChild, libraryUrl, root, runChild } from "./harness/child.ts";
import { type CommonOptions, conclude, createCommand, describeRun, requireEngine } from "./harness/options.ts";
import { progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable, formatFigure } from "./harness/table.ts";

const ROUNDS = 5;
const BLOCKS = { lock: "lock", timeout: "timeout", group: "group with a task" };
const FORMS = {
  closure: "with(function* () {...})",
  arrow: "with(() => body())",
  hoisted: "with(body)",
  inPlace: "in place",
  using: "using",
  compiledUsing: "using, compiled",
  waitFor: "waitFor(body())",
};

const command = createCommand("bench:forms", "Measures blocks by the form that they are written in.", ROUNDS);
const options = command.parse().opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(options.host);
const program = await bundleChild("forms");

const library = libraryUrl(root);
const keyOf = (block: string, form: string): string => `${block}, ${form}`;
const groups = Object.keys(BLOCKS).map((block) =>
  Object.keys(FORMS).map((form) => ({
    name: keyOf(block, form),
    measure: () => runChild<number | null>([...engine.command, program], [library, form, block]),
  })),
);
const { results, failures } = await runRounds(groups, options.rounds, progressOnStderr());
const cellOf = (block: string, form: string): string => {
  const samples = (results.get(keyOf(block, form)) ?? []).filter((each) => each !== null);
  return samples.length === 0 ? "-" : formatFigure(summarize(samples).median);
};

const lines = Object.entries(BLOCKS).map(([block, title]) => [
  title,
  ...Object.keys(FORMS).map((form) => cellOf(block, form)),
]);
console.log(`\n${alignTable([["ns of the processor", ...Object.values(FORMS)], ...lines])}\n`);
console.log(`Medians of ${options.rounds} rounds. ${run.machine}; ${engine.version}.`);
conclude(options.json, failures, {
  ...run,
  engine: engine.version,
  rounds: options.rounds,
  figures: Object.fromEntries(results),
});
