// `npm run bench:multiprocessing`: a shared value that two threads, or processes, count up under its lock, and a
// question of a blocked thread to a loop, beside CPython's multiprocessing and run_coroutine_threadsafe.
//
// Time on the clock, for what is measured is how long one waits for another. Each measurement has a process of its own,
// and both sides of a case are measured next to each other in each round.

import { bundleChild, root, runChild } from "./harness/child.ts";
import { type CommonOptions, conclude, createCommand, describeRun, requireEngine } from "./harness/options.ts";
import { type Job, progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable } from "./harness/table.ts";
import { PYTHONS } from "./sides.ts";

const ROUNDS = 5;
const CASES = ["increments under the lock", "coroutine of another thread"] as const;
const SIDES = ["ours", "CPython"] as const;

const { host, rounds, json } = createCommand("bench:multiprocessing", "Measures what threads share.", ROUNDS)
  .parse()
  .opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(host);
const program = await bundleChild("multiprocessing");
const python = PYTHONS[PYTHONS.length - 1];

const nameOf = (test: string, side: string): string => `${test}: ${side}`;

function measure(test: string, side: (typeof SIDES)[number]): Promise<number> {
  if (side === "ours") return runChild([...engine.command, program], [root, test]);
  return runChild([python, `${root}/bench/python/shared.py`], [test]);
}

const groups = CASES.map((test) =>
  SIDES.map((side): Job<number> => ({ name: nameOf(test, side), measure: () => measure(test, side) })),
);
const { results, failures } = await runRounds(groups, rounds, progressOnStderr());

const lines = [["", "ours, us", "CPython, us", "ours / it"]];
for (const test of CASES) {
  const [ours = [], theirs = []] = SIDES.map((side) => results.get(nameOf(test, side)));
  const ratio = summarize(ours.map((figure, round) => figure / (theirs[round] ?? NaN))).median;
  lines.push([test, Math.min(...ours).toFixed(1), Math.min(...theirs).toFixed(1), ratio.toFixed(2)]);
}
console.log(`\n${alignTable(lines)}`);
console.log(`\nMicroseconds on the clock each, least of ${rounds} rounds; ratio: median of the rounds.`);
console.log(`${run.machine}; ${engine.version}.`);
conclude(json, failures, { ...run, engine: engine.version, rounds, microseconds: Object.fromEntries(results) });
