// `npm run bench:requests`: what a request costs a server under `handler`, beside the same server as a plain async
// function.
//
// Processor time, because a server that waits costs nothing. Once for a whole server, over sockets, with the requests
// from another process; and once for the layer alone, by calling the fetch handler. Each measurement has a process of
// its own, and all sides of a figure are measured next to each other in each round.

import { ANSWERS, type Answer, SIDES, type Side } from "./children/answers.ts";
import { bundleChild, libraryUrl, root, runChild, startServer } from "./harness/child.ts";
import { type CommonOptions, createCommand, describeRun, requireEngine, writeJson } from "./harness/options.ts";
import { type Job, progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable } from "./harness/table.ts";

const ROUNDS = 5;
const CONCURRENCY = 50;
/** Requests of a measurement: of a whole server, and of the layer alone. A loop for each takes too long for so many. */
const COUNT = { server: 6000, layer: 60_000 };
const FEWER = 10;

const options = createCommand("bench:requests", "Measures what a request costs a server.", ROUNDS)
  .parse()
  .opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(options.host);
const node = await requireEngine("node");
const doors = ["index", "edge/index", "node-http/index"].map((file) => libraryUrl(root, `dist/${file}.js`)).join();
const program = {
  layer: await bundleChild("layer"),
  server: await bundleChild("fetch-server"),
  load: await bundleChild("load"),
};

type What = keyof typeof COUNT;
const nameOf = (what: What, side: Side, answer: Answer): string => `${what} ${answer}, ${side}`;

const groups = (["server", "layer"] as const).flatMap((what) =>
  ANSWERS.map((answer) =>
    SIDES.map((side): Job<number> => ({
      name: nameOf(what, side, answer),
      measure: () => {
        const count = String(side === "handler, a loop each" ? COUNT[what] / FEWER : COUNT[what]);
        return what === "layer" ? measureLayer(side, answer, count) : measureServer(side, answer, count);
      },
    })),
  ),
);

const { results, failures } = await runRounds(groups, options.rounds, progressOnStderr());

print("server");
print("layer");
console.log(`\nMicroseconds of processor time a request, medians of ${options.rounds} rounds; ${CONCURRENCY} at once.`);
console.log(`${run.machine}; ${engine.version}, requests from ${node.version}.`);
if (run.busy !== null) console.log(run.busy);
for (const [key, message] of failures) console.log(`${key} failed: ${message}`);
process.exitCode = failures.size > 0 ? 1 : 0;
writeJson(options.json, {
  ...run,
  engine: engine.version,
  rounds: options.rounds,
  failures: Object.fromEntries(failures),
  microseconds: Object.fromEntries(results),
});

function measureLayer(side: Side, answer: Answer, count: string): Promise<number> {
  return runChild([...engine.command, program.layer], [doors, side, answer, count, String(CONCURRENCY)]);
}

async function measureServer(side: Side, answer: Answer, count: string): Promise<number> {
  const server = await startServer<{ port: number }>([...engine.command, program.server], [doors, side, answer]);
  try {
    const args = [String(server.ready.port), count, String(CONCURRENCY)];
    return await runChild([...node.command, program.load], args);
  } finally {
    server.stop();
  }
}

/** A table of medians, with the ratio of each round to the plain server of that round. */
function print(what: What): void {
  const lines = [[what, ...SIDES, "handler / plain"]];
  for (const answer of ANSWERS) {
    const [plain, ours, each] = SIDES.map((side) => results.get(nameOf(what, side, answer)));
    if (plain === undefined || ours === undefined || each === undefined) continue;
    const figures = [plain, ours, each].map((samples) => summarize(samples).median.toFixed(1));
    const ratio = summarize(ours.map((figure, round) => figure / plain[round])).median;
    lines.push([answer, ...figures, ratio.toFixed(2)]);
  }
  console.log(`\n${alignTable(lines)}`);
}
