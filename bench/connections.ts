// `npm run bench:connections`: how much memory a server has for a connection on which nothing happens, beside the
// engine's own sockets, asyncio and uvloop.
//
// The other ends are in another process. One message has been sent back on each connection; then garbage is collected,
// and what the process has more than with a hundred connections is divided by the number of those that were added.

import type { Memory } from "./children/echo-server.ts";
import { type EchoServer, echoServers } from "./echo-servers.ts";
import { bundleChild, startServer } from "./harness/child.ts";
import { type CommonOptions, createCommand, describeRun, requireEngine, conclude } from "./harness/options.ts";
import { progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable, formatFigure } from "./harness/table.ts";

const ROUNDS = 3;
const FIRST = 100;
const ADDED = 10_000;
const COLUMNS: Record<keyof Memory, string> = {
  resident: "resident",
  heap: "JavaScript heap",
  external: "its arrays' memory",
};

const { host, rounds, json } = createCommand("bench:connections", "Measures the memory of idle connections.", ROUNDS)
  .parse()
  .opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(host);
const node = await requireEngine("node");
const load = await bundleChild("idle-load");
const servers = (await echoServers(engine))("tcp", ["streams", "protocol"]);
const jobs = servers.map((server) => ({ name: server.name, measure: () => measure(server) }));
const { results, failures } = await runRounds([jobs], rounds, progressOnStderr());

function each(figureOf: (what: keyof Memory) => number): Memory {
  return { resident: figureOf("resident"), heap: figureOf("heap"), external: figureOf("external") };
}

/** Bytes of a connection. */
async function measure({ start }: EchoServer): Promise<Memory> {
  const { ready, ask, stop } = await start();
  const add = (count: number) => startServer<number>([...node.command, load], [ready.port, count].map(String));
  const loads = [await add(FIRST)];
  try {
    const before = await ask<Memory>();
    loads.push(await add(ADDED));
    const after = await ask<Memory>();
    return each((what) => (after[what] - before[what]) / ADDED);
  } finally {
    for (const { stop: leave } of loads) leave();
    stop();
  }
}

const lines = [["bytes of an idle connection", ...Object.values(COLUMNS)]];
for (const { name } of servers) {
  const samples = results.get(name);
  if (samples === undefined) continue;
  const medians = each((what) => summarize(samples.map((sample) => sample[what])).median);
  const cells = (Object.keys(COLUMNS) as (keyof Memory)[]).map((what) => medians[what]);
  lines.push([name, ...cells.map((figure) => (Number.isNaN(figure) ? "-" : formatFigure(figure)))]);
}
console.log(`\n${alignTable(lines)}`);
console.log(`\nMedians of ${rounds} rounds; ${ADDED.toLocaleString("en")} connections.`);
console.log(`${run.machine}; ${engine.version}.`);
conclude(json, failures, {
  ...run,
  engine: engine.version,
  rounds,
  bytes: Object.fromEntries(results),
});
