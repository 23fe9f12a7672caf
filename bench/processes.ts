// `npm run bench:processes`: what it costs to start a child and to wait for it, beside the host's own call, asyncio and
// uvloop.
//
// Processor time of the process that starts the children, all of its threads. Ours and the host's are measured in one
// process, because its memory decides what the system's part is.

import type { SpawnCase, SpawnFigures } from "./children/spawn.ts";
import { bundleChild, libraryUrl, root, runChild } from "./harness/child.ts";
import { type CommonOptions, createCommand, describeRun, requireEngine, conclude } from "./harness/options.ts";
import { type Job, progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable } from "./harness/table.ts";
import { PYTHONS } from "./sides.ts";

const ROUNDS = 5;
/** Batches of ten children of one measurement. */
const BATCHES = 50;

const CASES: Readonly<Record<SpawnCase, string>> = {
  silent: "/bin/true",
  piped: "/bin/echo, read by a pipe",
};

type Figures = SpawnFigures & Readonly<Partial<Record<"asyncio" | "uvloop", number>>>;

const description = "Measures what it costs to start a child and to wait for it.";
const { host, rounds, json } = createCommand("bench:processes", description, ROUNDS).parse().opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(host);
const program = await bundleChild("spawn");
const doors = ["index", "subprocess/index"].map((file) => libraryUrl(root, `dist/${file}.js`)).join();
const python = [PYTHONS[PYTHONS.length - 1], `${root}/bench/python/spawn.py`];

const NAMES: Readonly<Record<keyof Figures, string>> = {
  ours: "ours",
  node: "node:child_process",
  engine: engine.kind === "bun" ? "Bun.spawn" : "Deno.Command",
  asyncio: "asyncio",
  uvloop: "uvloop",
};

const jobsOf = (test: SpawnCase): Job<Figures>[] => [
  {
    name: `${test}: ${engine.version}`,
    measure: () => runChild([...engine.command, program], [doors, test, String(BATCHES)]),
  },
  ...(["asyncio", "uvloop"] as const).map((loop) => ({
    name: `${test}: ${loop}`,
    measure: () => runChild<Figures>(python, [loop, test, String(10 * BATCHES)]),
  })),
];

const tests = Object.keys(CASES) as SpawnCase[];
const { results, failures } = await runRounds(tests.map(jobsOf), rounds, progressOnStderr());

/** The figures of a case, by side, in the order of the rounds. */
function figuresOf(test: SpawnCase): Map<keyof Figures, number[]> {
  const measured = jobsOf(test).flatMap(({ name }) => results.get(name) ?? []);
  const sides = (Object.keys(NAMES) as (keyof Figures)[]).map(
    (side) => [side, measured.flatMap((figures) => figures[side] ?? [])] as const,
  );
  return new Map(sides.filter(([, samples]) => samples.length > 0));
}

for (const test of tests) {
  const figures = figuresOf(test);
  const ours = figures.get("ours") ?? [];
  const lines = [...figures].map(([side, samples]) => [
    NAMES[side],
    Math.min(...samples).toFixed(0),
    ours.length === 0 ? "" : summarize(ours.map((figure, round) => figure / samples[round])).median.toFixed(2),
  ]);
  console.log(`\n${alignTable([[CASES[test], "us", "ours / it"], ...lines])}`);
}
console.log(
  `\nMicroseconds of the parent's processor time a child, least of ${rounds} rounds; ratio: median of the rounds.`,
);
console.log(`${run.machine}; ${engine.version}.`);
conclude(json, failures, {
  ...run,
  engine: engine.version,
  rounds,
  microseconds: Object.fromEntries(tests.map((test) => [test, Object.fromEntries(figuresOf(test))])),
});
