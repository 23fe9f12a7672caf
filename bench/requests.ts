// `npm run bench:requests`: what a request costs a server under `handler`, beside the same server as a plain async
// function.
//
// Processor time, because a server that waits costs nothing. Once for a whole server, over sockets, with the requests
// from another process; and once for the layer alone, by calling the fetch handler. Each measurement has a process of
// its own, and all sides of a figure are measured next to each other in each round.
//
// On workerd the clock stands still while a worker runs: there is only the whole server, as the system sees it. And a
// loop cannot be shared.

import { ANSWERS, type Answer, SIDES, type Side } from "./children/answers.ts";
import { type Server, bundleChild, libraryUrl, root, runChild, startServer } from "./harness/child.ts";
import { ENGINES, type EngineName } from "./harness/engine.ts";
import {
  type CommonOptions,
  createCommand,
  describeRun,
  requireEngine,
  required,
  conclude,
} from "./harness/options.ts";
import { type Job, progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable } from "./harness/table.ts";
import { findWorkerd } from "./harness/workerd.ts";

const ROUNDS = 5;
const CONCURRENCY = 50;
/** Requests of a measurement: of a whole server, and of the layer alone. */
const COUNT = { server: 10_000, layer: 60_000 };

type What = keyof typeof COUNT;
type Measure = (side: Side, answer: Answer, count: string) => Promise<number>;

/** What is measured on a host. */
interface Subject {
  readonly version: string;
  readonly sides: readonly Side[];
  readonly measures: Partial<Record<What, Measure>>;
}

const { host, rounds, json } = createCommand("bench:requests", "Measures what a request costs a server.", ROUNDS, [
  ...ENGINES,
  "workerd",
])
  .parse()
  .opts<Omit<CommonOptions, "host"> & { host: EngineName | "workerd" }>();
const run = describeRun();
const node = await requireEngine("node");
const load = await bundleChild("load");
const subject = host === "workerd" ? await onWorkerd() : await onEngine(host);
const { sides, version } = subject;
const measures = Object.entries(subject.measures) as [What, Measure][];
const nameOf = (what: What, side: Side, answer: Answer): string => `${what} ${answer}, ${side}`;

const groups = measures.flatMap(([what, measure]) =>
  ANSWERS.map((answer) =>
    sides.map((side): Job<number> => ({
      name: nameOf(what, side, answer),
      measure: () => measure(side, answer, String(COUNT[what])),
    })),
  ),
);

const { results, failures } = await runRounds(groups, rounds, progressOnStderr());

for (const [what] of measures) print(what);
console.log(`\nMicroseconds of processor time a request, medians of ${rounds} rounds; ${CONCURRENCY} at once.`);
console.log(`${run.machine}; ${version}, requests from ${node.version}.`);
conclude(json, failures, {
  ...run,
  engine: version,
  rounds,
  microseconds: Object.fromEntries(results),
});

async function onEngine(name: EngineName): Promise<Subject> {
  const engine = await requireEngine(name);
  const doors = ["index", "edge/index", "node-http/index"].map((file) => libraryUrl(root, `dist/${file}.js`)).join();
  const [layer, program] = await Promise.all([bundleChild("layer"), bundleChild("fetch-server")]);
  return {
    version: engine.version,
    sides: SIDES,
    measures: {
      server: async (side, answer, count) => {
        const server = await startServer<{ port: number }>([...engine.command, program], [doors, side, answer]);
        return measureServer(server, count);
      },
      layer: (side, answer, count) =>
        runChild([...engine.command, layer], [doors, side, answer, count, String(CONCURRENCY)]),
    },
  };
}

async function onWorkerd(): Promise<Subject> {
  const { version, start } = required(await findWorkerd("worker"));
  return {
    version,
    sides: SIDES.filter((side) => side !== "handler"),
    measures: {
      server: async (side, answer, count) => {
        const server = await start({ SIDE: side, ANSWER: answer });
        return measureServer(server, count, String(server.pid));
      },
    },
  };
}

async function measureServer(
  { ready, stop }: Server<{ port: number }>,
  count: string,
  ...pid: string[]
): Promise<number> {
  try {
    return await runChild([...node.command, load], [String(ready.port), count, String(CONCURRENCY), ...pid]);
  } finally {
    stop();
  }
}

/** A table of medians, with the ratio of each round to the plain server of that round. */
function print(what: What): void {
  const lines = [[what, ...sides, `${sides[1]} / plain`]];
  for (const answer of ANSWERS) {
    const all = sides.map((side) => results.get(nameOf(what, side, answer)));
    if (all.includes(undefined)) continue;
    const [plain, ours] = all as [number[], number[]];
    const figures = (all as number[][]).map((samples) => summarize(samples).median.toFixed(1));
    const ratio = summarize(ours.map((figure, round) => figure / plain[round])).median;
    lines.push([answer, ...figures, ratio.toFixed(2)]);
  }
  console.log(`\n${alignTable(lines)}`);
}
