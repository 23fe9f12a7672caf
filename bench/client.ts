// `npm run bench:client`: what a request costs a client, beside others of Node, and aiohttp.
//
// Processor time of the client's process, all threads of it, with a hundred requests under way at once over connections
// that are kept; the server is a process of its own. All sides are measured next to each other in each round.

import type { ClientSide } from "./children/client.ts";
import { bundleChild, root, runChild, startServer } from "./harness/child.ts";
import { type CommonOptions, conclude, createCommand, describeRun, requireEngine } from "./harness/options.ts";
import { type Job, progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable } from "./harness/table.ts";

const ROUNDS = 5;
const SIDES: readonly ClientSide[] = ["ours", "node:http", "undici.request", "fetch"];
const AIOHTTP = "aiohttp";
const ALL = [...SIDES, AIOHTTP] as const;
/** Debian's, which python3-aiohttp is for. */
const PYTHON = "/usr/bin/python3";

const { host, rounds, json } = createCommand("bench:client", "Measures what a request costs a client.", ROUNDS)
  .parse()
  .opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(host);
const [program, server] = await Promise.all([bundleChild("client"), bundleChild("client-server")]);
const { ready: port, stop } = await startServer<number>([...engine.command, server], []);

function measure(side: (typeof ALL)[number]): Promise<number> {
  if (side === AIOHTTP) return runChild([PYTHON, `${root}/bench/python/client.py`], [String(port)]);
  return runChild([...engine.command, program], [root, side, String(port)]);
}

const jobs = ALL.map((side): Job<number> => ({ name: side, measure: () => measure(side) }));
const { results, failures } = await runRounds([jobs], rounds, progressOnStderr());
stop();

const first = results.get("ours") ?? [];
const lines = [["a request", "us", "ours / it"]];
for (const side of ALL) {
  const samples = results.get(side);
  if (samples === undefined) continue;
  const ratio = summarize(first.map((figure, round) => figure / (samples[round] ?? NaN))).median;
  lines.push([side, Math.min(...samples).toFixed(0), ratio.toFixed(2)]);
}
console.log(`\n${alignTable(lines)}\n`);
console.log(`Microseconds of processor time, all threads, least of ${rounds} rounds; ratio: median of the rounds.`);
console.log(`${run.machine}; ${engine.version}.`);
conclude(json, failures, { ...run, engine: engine.version, rounds, microseconds: Object.fromEntries(results) });
