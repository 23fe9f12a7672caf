// `npm run bench:processes`: what it costs to start a child and to wait for it, beside the host's own call, asyncio and
// uvloop.
//
// Processor time of the process that starts the children, all of its threads: most of it is the system's, for a copy of
// the process, and grows with its memory. All sides of a case are measured next to each other in each round, each in a
// process of its own.

import type { SpawnSide } from "./children/spawn.ts";
import { bundleChild, libraryUrl, root, runChild } from "./harness/child.ts";
import { type CommonOptions, createCommand, describeRun, requireEngine, writeJson } from "./harness/options.ts";
import { type Job, progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable } from "./harness/table.ts";
import { PYTHONS } from "./sides.ts";

const ROUNDS = 9;
/** Children of one measurement. */
const COUNT = "150";

const { host, rounds, json } = createCommand(
  "bench:processes",
  "Measures what it costs to start a child and to wait for it.",
  ROUNDS,
)
  .parse()
  .opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(host);
const program = await bundleChild("spawn");
const doors = ["index", "subprocess/index"].map((file) => libraryUrl(root, `dist/${file}.js`)).join();

const CASES = ["/bin/true, no pipe", "/bin/echo, its output by a pipe"] as const;

interface Side {
  readonly name: string;
  measure(): Promise<number>;
}

/** All sides of a case, ours first. */
function sidesOf(name: (typeof CASES)[number]): readonly Side[] {
  const suffix = name === CASES[0] ? "" : ", pipe";
  const here = (side: string): Promise<number> =>
    runChild([...engine.command, program], [doors, `${side}${suffix}` satisfies string as SpawnSide, COUNT]);
  const python = (loop: string): Promise<number> =>
    runChild([PYTHONS[PYTHONS.length - 1], `${root}/bench/python/spawn.py`], [loop, `ours${suffix}`, COUNT]);
  const own = engine.kind === "bun" ? "Bun.spawn" : "Deno.Command";
  return [
    { name: "ours", measure: () => here("ours") },
    { name: "node:child_process", measure: () => here("node") },
    ...(engine.kind === "node" ? [] : [{ name: own, measure: () => here("engine") }]),
    ...["asyncio", "uvloop"].map((loop) => ({ name: loop, measure: () => python(loop) })),
  ];
}

const nameOf = (test: string, side: Side): string => `${test}: ${side.name}`;

const groups = CASES.map((test) =>
  sidesOf(test).map((side): Job<number> => ({ name: nameOf(test, side), measure: side.measure })),
);
const { results, failures } = await runRounds(groups, rounds, progressOnStderr());

for (const test of CASES) {
  const sides = sidesOf(test);
  const first = results.get(nameOf(test, sides[0]));
  const lines = [[test, "us", "ours / it"]];
  for (const side of sides) {
    const samples = results.get(nameOf(test, side));
    if (samples === undefined || first === undefined) continue;
    const ratio = summarize(first.map((figure, round) => figure / samples[round])).median;
    lines.push([side.name, Math.min(...samples).toFixed(0), ratio.toFixed(2)]);
  }
  console.log(`\n${alignTable(lines)}`);
}
console.log(
  `\nMicroseconds of the parent's processor time a child, least of ${rounds} rounds; ratio: median of the rounds.`,
);
console.log(`${run.machine}; ${engine.version}.`);
if (run.busy !== null) console.log(run.busy);
for (const [key, message] of failures) console.log(`${key} failed: ${message}`);
process.exitCode = failures.size > 0 ? 1 : 0;
writeJson(json, {
  ...run,
  engine: engine.version,
  rounds,
  failures: Object.fromEntries(failures),
  microseconds: Object.fromEntries(results),
});
