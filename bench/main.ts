// `npm run bench`: what operations cost here and on our peers, measured in one run.
//
// How a number is made. A case is measured on a side by a child process of its own, one at a time, that loads only that
// side's library, warms up, and then repeats the case for a while (harness/meter.ts); its figure is nanoseconds an
// operation. Rounds are interleaved (harness/rounds.ts). The table gives the median of the rounds, the fastest and the
// slowest. A ratio is a peer's median over ours. Each batch counts its own operations, and a wrong count fails the
// measurement.

import { Option } from "commander";
import { cases } from "./cases.ts";
import { bundleChild, root } from "./harness/child.ts";
import { DEFAULT_ENGINE } from "./harness/engine.ts";
import {
  type CommonOptions,
  checkout,
  createCommand,
  describeRun,
  listOf,
  requireEngine,
  writeJson,
} from "./harness/options.ts";
import { type Outcome, progressOnStderr, runRounds } from "./harness/rounds.ts";
import { type Summary, summarize } from "./harness/statistics.ts";
import { alignTable, formatTable } from "./harness/table.ts";
import { JavaScriptSides, PEERS, type Peer, type Side, findPythonSides, measureCase, measureMixed } from "./sides.ts";
import { ALONE, describeTargets } from "./targets.ts";

const ROUNDS = 5;
const BUDGET = { warmUp: 0.6, measure: 0.25 };
const QUICK = { rounds: 2, budget: { warmUp: 0.25, measure: 0.1 } };

interface Options extends CommonOptions {
  only: string[];
  peers?: Peer[];
  cores?: true;
  mixed?: true;
  quick?: true;
  baseline?: string;
  list?: true;
}

const command = createCommand("bench", "Measures what operations cost in wasyncio and in its peers.", ROUNDS)
  .addOption(
    new Option("--only <cases>", "only these cases, separated by commas")
      .argParser(listOf(Object.keys(cases)))
      .default(Object.keys(cases), "all"),
  )
  .addOption(
    new Option("--peers <peers>", `only these peers, separated by commas: ${PEERS.join(", ")}`).argParser(
      listOf(PEERS),
    ),
  )
  .option("--cores", "our runtime over its wasm core and over one in TypeScript; peers only if named")
  .option("--mixed", "all cases in one process, beside 100 MB of live heap; and ours alone, to compare")
  .option("--quick", "fewer and shorter measurements: about a minute")
  .option("--baseline <folder>", "another checkout, built, as one more peer", checkout)
  .option("--list", "list the cases, and who has a program for each");
const options = command.parse().opts<Options>();
if (options.list) {
  const header = ["case", "operation", "asyncio", "native", "effect", "effection"];
  const lines = Object.entries(cases).map(([name, it]) => [
    name,
    it.title,
    "yes",
    ...(["native", "effect", "effection"] as const).map((peer) => (it[peer] === undefined ? "-" : "yes")),
  ]);
  console.log(alignTable([header, ...lines]));
  process.exit(0);
}

const { rounds, budget } = options.quick
  ? { ...QUICK, ...(command.getOptionValueSource("rounds") === "cli" && { rounds: options.rounds }) }
  : { rounds: options.rounds, budget: BUDGET };
const run = describeRun();
const started = performance.now();
const skipped: string[] = [];
const sides = await findSides();
const [own] = sides;
const keyOf = (name: string, side: Side): string => `${name} on ${side.name}`;
const { results, failures } = await (options.mixed ? measureAllMixed() : measureAlone(sides));
report();
process.exitCode = [...failures.keys()].some((key) => key === own.name || key.endsWith(` on ${own.name}`)) ? 1 : 0;

async function findSides(): Promise<Side[]> {
  const engine = await requireEngine(options.host);
  const javaScript = new JavaScriptSides(
    { case: await bundleChild("case"), mixed: await bundleChild("mixed") },
    engine,
  );
  const sides = options.cores ? await javaScript.cores() : [await javaScript.own("wasyncio", root)];
  if (options.mixed) sides.push({ ...sides[0], name: ALONE, version: "" });
  if (options.baseline) sides.push(await javaScript.own("baseline", options.baseline));
  const peers = options.peers ?? (options.cores ? [] : PEERS);
  const python = await findPythonSides();
  for (const peer of peers) {
    const side = peer === "asyncio" || peer === "uvloop" ? python[peer] : await javaScript.peer(peer);
    if (typeof side === "string") skipped.push(`${peer} skipped: ${side}`);
    else sides.push(side);
  }
  return sides;
}

/** Measures each case in a process of its own. */
function measureAlone(which: readonly Side[]): Promise<Outcome<number>> {
  const groups = options.only.map((name) =>
    which
      .filter((side) => side.cases.has(name))
      .map((side) => ({ name: keyOf(name, side), measure: () => measureCase(side, name, budget) })),
  );
  return runRounds(groups, rounds, progressOnStderr());
}

/** Measures the cases of each side in one process, and our own alone, too. */
async function measureAllMixed(): Promise<Outcome<number>> {
  const alone = await measureAlone(sides.filter((side) => side.name === ALONE));
  let seed = 0;
  const mixed = sides
    .filter((side) => side.name !== ALONE)
    .map((side) => ({ name: side.name, measure: () => measureMixed(side, options.only, budget, ++seed) }));
  const outcome = await runRounds([mixed], rounds, progressOnStderr());
  for (const side of sides) {
    const passes = outcome.results.get(side.name) ?? [];
    for (const name of options.only) {
      const figures = passes.flatMap((figuresOf) => figuresOf[name] ?? []);
      if (figures.length > 0) alone.results.set(keyOf(name, side), figures);
    }
  }
  return { results: alone.results, failures: new Map([...alone.failures, ...outcome.failures]) };
}

function report(): void {
  const rows = options.only.map((name) => ({
    name,
    title: cases[name].title,
    summaries: sides.map((side): Summary | null => {
      const samples = results.get(keyOf(name, side));
      return samples === undefined ? null : summarize(samples);
    }),
  }));
  const measured = rows.flatMap(({ name, summaries: [ours, ...others] }) =>
    others.flatMap((summary, i) =>
      ours && summary ? [{ name, other: sides[i + 1].name, ratio: summary.median / ours.median }] : [],
    ),
  );
  const targets = options.host === DEFAULT_ENGINE ? describeTargets(measured) : [];
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const table = formatTable(
    sides.map((side) => side.name),
    rows,
  );
  console.log(`\n${table}\n`);
  console.log(
    `Medians of ${rounds} rounds, fastest..slowest below; ratio = other / ${own.name}; - where a peer has no such notion.`,
  );
  for (const line of targets) console.log(line);
  const versions = sides.map((side) => side.version).filter((version) => version !== "");
  console.log(`${run.machine}; ${versions.join("; ")}. ${seconds} s.`);
  if (run.busy !== null) console.log(run.busy);
  for (const line of skipped) console.log(line);
  for (const [key, message] of failures) console.log(`${key} failed: ${message}`);

  writeJson(options.json, {
    ...run,
    host: options.host,
    rounds,
    budget,
    sides: Object.fromEntries(sides.map((side) => [side.name, side.version])),
    skipped,
    failures: Object.fromEntries(failures),
    targets,
    cases: Object.fromEntries(
      rows.map(({ name, title, summaries }) => [
        name,
        {
          title,
          nsPerOperation: Object.fromEntries(sides.map((side, i) => [side.name, summaries[i]]).filter(([, it]) => it)),
        },
      ]),
    ),
  });
}
