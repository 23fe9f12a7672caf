// `npm run bench:turns`: how a loop shares its process with everything else that runs there.
//
// What a turn of the host costs; how soon a loop that waits is woken by the outside; how long a server in the same
// process takes to answer while a thousand tasks never wait; what is left for the loop when the others never wait; and
// what an idle loop asks for. Each measurement has a process of its own, and the requests come from yet another one.

import type { Idle } from "./children/idle.ts";
import type { Served } from "./children/server.ts";
import type { Share } from "./children/share.ts";
import type { WakeUp } from "./children/wake.ts";
import { bundleChild, ownDoors, runChild, startServer } from "./harness/child.ts";
import { type CommonOptions, createCommand, describeRun, requireEngine, conclude } from "./harness/options.ts";
import { type Job, progressOnStderr, runRounds } from "./harness/rounds.ts";
import { percentile, summarize } from "./harness/statistics.ts";
import { alignTable, formatFigure } from "./harness/table.ts";

const ROUNDS = 5;
const REQUESTS = 400;
const MOST_SECONDS = 5;
const BURNS_MS = [1, 4, 16];
const SECONDS = 1;

/** What one measurement found, by name. */
type Figures = Record<string, number>;

const options = createCommand("bench:turns", "Measures how a loop shares its process with the rest.", ROUNDS)
  .parse()
  .opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(options.host);
const node = await requireEngine("node");
const doors = ownDoors();
const program = {
  macrotasks: await bundleChild("macrotasks"),
  server: await bundleChild("server"),
  requests: await bundleChild("requests"),
  share: await bundleChild("share"),
  idle: await bundleChild("idle"),
  wake: await bundleChild("wake"),
};
let sliceMs = NaN;

const servers = ["alone", "beside tasks"].flatMap((what) =>
  [true, false].map((keepAlive): Job<Figures> => ({
    name: `server ${what}, ${keepAlive ? "one connection" : "a connection each"}`,
    measure: () => measureServer(what, keepAlive),
  })),
);
const shares = BURNS_MS.map((burn): Job<Figures> => ({
  name: `others burn ${burn} ms a turn`,
  measure: async () => ({ ...((await runOn(program.share, doors, String(burn), String(SECONDS))) as Share) }),
}));
const idles = ["nothing", "loop"].map((what): Job<Figures> => ({
  name: what === "loop" ? "a loop that waits for a timer" : "a process without a loop",
  measure: async () => ({ ...((await runOn(program.idle, doors, what)) as Idle) }),
}));
const macrotasks: Job<Figures> = {
  name: "macrotasks",
  measure: async () => (await runOn(program.macrotasks)) as Figures,
};
const wakeUps: Job<Figures> = {
  name: "by a promise that a message settles",
  measure: async () => ({ ...((await runOn(program.wake, doors)) as WakeUp) }),
};

const { results, failures } = await runRounds(
  [[macrotasks], [wakeUps], servers, shares, idles],
  options.rounds,
  progressOnStderr(),
);

print("a turn of the host, ns", [macrotasks], ["setImmediate", "MessageChannel", "setTimeout"], formatFigure);
print("a wake-up from outside, us", [wakeUps], ["wakeUp", "message"], (us) => us.toFixed(1));
print(`latency, ms (a slice is ${sliceMs} ms)`, servers, ["p50", "p99", "slowest"], (ms) => ms.toFixed(2));
print("latency, slices", servers, ["p50", "p99", "slowest"], (ms) => (ms / sliceMs).toFixed(2));
print("the loop's share", shares, ["share", "othersTurns"], (figure) => figure.toFixed(2));
print("in a second of waiting", idles, ["armed", "timers", "immediates", "cpuMs"], formatFigure);
console.log(`Medians of ${options.rounds} rounds. armed: timers at the beginning of the second.`);
console.log(`${run.machine}; ${engine.version}, requests from ${node.version}.`);
conclude(options.json, failures, {
  ...run,
  engine: engine.version,
  rounds: options.rounds,
  sliceMs,
  figures: Object.fromEntries(results),
});

function runOn(program: string, ...args: string[]): Promise<unknown> {
  return runChild([...engine.command, program], args);
}

async function measureServer(what: string, keepAlive: boolean): Promise<Figures> {
  const server = await startServer<Served>([...engine.command, program.server], [doors, what]);
  try {
    ({ sliceMs } = server.ready);
    const args = [server.ready.port, REQUESTS, MOST_SECONDS, keepAlive].map(String);
    const latencies = await runChild<number[]>([...node.command, program.requests], args);
    return { p50: percentile(latencies, 50), p99: percentile(latencies, 99), slowest: Math.max(...latencies) };
  } finally {
    server.stop();
  }
}

/** A table of the jobs' medians. */
function print(
  title: string,
  jobs: readonly Job<Figures>[],
  columns: string[],
  format: (figure: number) => string,
): void {
  const lines = [[title, ...columns]];
  for (const { name } of jobs) {
    const figures = results.get(name);
    if (figures === undefined) continue;
    lines.push([name, ...columns.map((column) => format(summarize(figures.map((each) => each[column])).median))]);
  }
  console.log(`\n${alignTable(lines)}`);
}
