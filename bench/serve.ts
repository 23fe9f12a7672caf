// `npm run bench:serve`: what a request costs an app of ours that says hello, beside a plain async function behind the
// same node:http, uvicorn and aiohttp.
//
// Processor time of the server, with the requests from another process. Each measurement has a server of its own, and
// all sides are measured next to each other in each round. Both Python servers run on uvloop, uvicorn with httptools
// where that is installed.

import type { HelloSide } from "./children/hello.ts";
import { bundleChild, libraryUrl, root, runChild, startServer } from "./harness/child.ts";
import { type CommonOptions, conclude, createCommand, describeRun, requireEngine } from "./harness/options.ts";
import { progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable } from "./harness/table.ts";
import { PYTHONS } from "./sides.ts";

const ROUNDS = 5;
const CONCURRENCY = 50;
/** Requests of a measurement. */
const COUNT = 20_000;

const { host, rounds, json } = createCommand("bench:serve", "Measures what a request costs an app.", ROUNDS)
  .parse()
  .opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(host);
const node = await requireEngine("node");
const [program, load] = await Promise.all([bundleChild("hello"), bundleChild("load")]);
const doors = ["index", "node-http/index", "serve/index"].map((file) => libraryUrl(root, `dist/${file}.js`)).join();

const javaScript = (side: HelloSide) => [...engine.command, program, doors, side];
const python = (side: string) => [PYTHONS[PYTHONS.length - 1], `${root}/bench/python/hello.py`, side];

const SIDES: Readonly<Record<string, readonly string[]>> = {
  app: javaScript("app"),
  plain: javaScript("plain"),
  uvicorn: python("uvicorn"),
  aiohttp: python("aiohttp"),
};

const jobs = Object.entries(SIDES).map(([name, command]) => ({ name, measure: () => measure(command) }));
const { results, failures } = await runRounds([jobs], rounds, progressOnStderr());

async function measure(command: readonly string[]): Promise<number> {
  const [file, ...args] = command as [string, ...string[]];
  const { ready, pid, stop } = await startServer<{ port: number }>([file], args);
  try {
    return await runChild([...node.command, load], [ready.port, COUNT, CONCURRENCY, pid].map(String));
  } finally {
    stop();
  }
}

const own = results.get("app") ?? [];
const lines = [["hello", "us", "app / it"]];
for (const [name, samples] of results) {
  const ratio = summarize(own.map((figure, round) => figure / samples[round])).median;
  lines.push([name, summarize(samples).median.toFixed(1), ratio.toFixed(2)]);
}
console.log(`\n${alignTable(lines)}`);
console.log(
  `\nMicroseconds of the server's processor time a request, medians of ${rounds} rounds; ${CONCURRENCY} at once.`,
);
console.log(`${run.machine}; ${engine.version}, requests from ${node.version}.`);
conclude(json, failures, { ...run, engine: engine.version, rounds, microseconds: Object.fromEntries(results) });
