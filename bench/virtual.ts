// `npm run bench:virtual`: how many timers a second virtual time fires, here, in sinon's fake timers and in Effect's
// TestClock.
//
// Each measurement has a process of its own (children/virtual.ts). The ratio is ours over a peer's: how many times
// faster.

import { bundleChild, ownDoors, runChild } from "./harness/child.ts";
import { type CommonOptions, createCommand, describeRun, requireEngine, conclude } from "./harness/options.ts";
import { progressOnStderr, runRounds } from "./harness/rounds.ts";
import { type Summary, summarize } from "./harness/statistics.ts";
import { alignTable, formatFigure, formatRange, formatRatio } from "./harness/table.ts";

const ROUNDS = 5;
const WARM_UP = 0.5;
const MEASURE = 1;
const SLEEPERS = [100, 10_000, 1_000_000];
/** Timers a second that we want, by sleepers. */
const TARGETS = new Map([
  [100, 1_500_000],
  [10_000, 1_000_000],
  [1_000_000, 1_000_000],
]);
const PATTERNS = ["apart", "together"];
const SIDES = {
  wasyncio: { title: "wasyncio", most: Infinity },
  sinon: { title: "sinon, callbacks", most: Infinity },
  "sinon-async": { title: "sinon, async", most: Infinity },
  // It keeps its sleepers in a sorted array, where each costs more the more there are.
  effect: { title: "Effect TestClock", most: 10_000 },
};

const options = createCommand("bench:virtual", "Measures timers a second in virtual time.", ROUNDS)
  .parse()
  .opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(options.host);
const program = await bundleChild("virtual");

interface Cell {
  side: keyof typeof SIDES;
  pattern: string;
  sleepers: number;
}

const keyOf = ({ side, pattern, sleepers }: Cell): string => `${sleepers} sleepers ${pattern} in ${side}`;
const rows = SLEEPERS.flatMap((sleepers) =>
  PATTERNS.map((pattern) => Object.keys(SIDES).map((side) => ({ side, pattern, sleepers }) as Cell)),
);
const { results, failures } = await runRounds(
  rows.map((cells) =>
    cells
      .filter(({ side, sleepers }) => sleepers <= SIDES[side].most)
      .map((cell) => ({ name: keyOf(cell), measure: () => measure(cell) })),
  ),
  options.rounds,
  progressOnStderr(),
);

const summaryOf = (cell: Cell): Summary | null => {
  const samples = results.get(keyOf(cell));
  return samples === undefined ? null : summarize(samples);
};
const lines = [["timers a second", ...Object.values(SIDES).map(({ title }) => title)]];
for (const cells of rows) {
  const summaries = cells.map(summaryOf);
  const [own] = summaries;
  const { pattern, sleepers } = cells[0];
  const texts = summaries.map((summary) => {
    if (summary === null) return "-";
    const figure = formatFigure(summary.median);
    return own === null || summary === own ? figure : `${figure} ${formatRatio(own.median / summary.median)}`;
  });
  lines.push([`${sleepers.toLocaleString("en-US")} sleepers, ${pattern}`, ...texts]);
  lines.push(["", ...summaries.map(formatRange)]);
}
console.log(`\n${alignTable(lines)}\n`);
console.log(`Medians of ${options.rounds} rounds, slowest..fastest below; ratio = wasyncio / other.`);
for (const pattern of PATTERNS) console.log(describeTargets(pattern));
console.log(`${run.machine}; ${engine.version}.`);
conclude(options.json, failures, {
  ...run,
  engine: engine.version,
  rounds: options.rounds,
  timersPerSecond: Object.fromEntries(rows.flat().map((cell) => [keyOf(cell), summaryOf(cell)])),
});

function measure({ side, pattern, sleepers }: Cell): Promise<number> {
  const figures = [sleepers, WARM_UP, MEASURE].map(String);
  return runChild<number>([...engine.command, program], [side, ownDoors(), pattern, ...figures]);
}

function describeTargets(pattern: string): string {
  const missed = SLEEPERS.filter((sleepers) => {
    const own = summaryOf({ side: "wasyncio", pattern, sleepers });
    return own === null || own.median < (TARGETS.get(sleepers) as number);
  });
  const wanted = [...TARGETS].map(
    ([sleepers, rate]) => `${rate.toLocaleString("en-US")} with ${sleepers.toLocaleString("en-US")}`,
  );
  const not = missed.length === 0 ? "" : `; not with ${missed.map((it) => it.toLocaleString("en-US")).join(", ")}`;
  return `Targets, ${pattern} (${wanted.join(", ")}): ${SLEEPERS.length - missed.length} of ${SLEEPERS.length} hold${not}.`;
}
