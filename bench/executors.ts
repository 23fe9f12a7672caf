// `npm run bench:executors`: what a job costs a pool of two threads, beside the pools that others use on Node, and
// concurrent.futures under asyncio.
//
// Processor time of the whole process, all threads of it, for a job that gives back what it is given: what is left is
// the pool's own. Each measurement has a process of its own, and all sides of a case are measured next to each other in
// each round.

import type { ExecutorCase, ExecutorSide } from "./children/executors.ts";
import { bundleChild, root, runChild } from "./harness/child.ts";
import { type CommonOptions, createCommand, describeRun, requireEngine, conclude } from "./harness/options.ts";
import { type Job, progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable } from "./harness/table.ts";
import { PYTHONS } from "./sides.ts";

const ROUNDS = 5;
const CASES: readonly ExecutorCase[] = ["at once", "one by one"];
const SIDES: readonly ExecutorSide[] = ["ours", "piscina", "tinypool", "workerpool"];
const ASYNCIO = "asyncio, ThreadPoolExecutor";
const ALL = [...SIDES, ASYNCIO] as const;

const { host, rounds, json } = createCommand("bench:executors", "Measures what a job costs a pool of threads.", ROUNDS)
  .parse()
  .opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(host);
const program = await bundleChild("executors");
const python = PYTHONS[PYTHONS.length - 1];

const nameOf = (test: ExecutorCase, side: string): string => `${test}: ${side}`;

function measure(test: ExecutorCase, side: (typeof ALL)[number]): Promise<number> {
  if (side === ASYNCIO) return runChild([python, `${root}/bench/python/executors.py`], [test]);
  return runChild([...engine.command, program], [root, side, test]);
}

const groups = CASES.map((test) =>
  ALL.map((side): Job<number> => ({ name: nameOf(test, side), measure: () => measure(test, side) })),
);
const { results, failures } = await runRounds(groups, rounds, progressOnStderr());

for (const test of CASES) {
  const first = results.get(nameOf(test, "ours"));
  const lines = [[`jobs ${test}`, "us", "ours / it"]];
  for (const side of ALL) {
    const samples = results.get(nameOf(test, side));
    if (samples === undefined || first === undefined) continue;
    const ratio = summarize(first.map((figure, round) => figure / (samples[round] ?? NaN))).median;
    lines.push([side, Math.min(...samples).toFixed(1), ratio.toFixed(2)]);
  }
  console.log(`\n${alignTable(lines)}`);
}
console.log(
  `\nMicroseconds of processor time a job, all threads, least of ${rounds} rounds; ratio: median of the rounds.`,
);
console.log(`${run.machine}; ${engine.version}.`);
conclude(json, failures, {
  ...run,
  engine: engine.version,
  rounds,
  microseconds: Object.fromEntries(results),
});
