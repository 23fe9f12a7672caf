// `npm run bench:io`: what a message costs a server of sockets, beside the engine's own sockets, asyncio and uvloop.
//
// Processor time of the server, all of its threads, for a message that is sent back; the messages come from another
// process. Each measurement has a server of its own, and all sides of a case are measured next to each other in each
// round. CPython gives the memory of a read back to the system each time, unless it is told not to: it is told.

import type { EchoSide } from "./children/echo-server.ts";
import { type Server, bundleChild, libraryUrl, root, runChild, startServer } from "./harness/child.ts";
import { type CommonOptions, createCommand, describeRun, requireEngine, writeJson } from "./harness/options.ts";
import { type Job, progressOnStderr, runRounds } from "./harness/rounds.ts";
import { summarize } from "./harness/statistics.ts";
import { alignTable } from "./harness/table.ts";
import { PYTHONS } from "./sides.ts";

const ROUNDS = 5;

/** A case: so many connections with one message of so many bytes under way on each, in lines of so many. */
interface Case {
  readonly name: string;
  readonly connections: number;
  readonly size: number;
  readonly count: number;
  readonly line: number;
  /** The ways to write the server that are measured. */
  readonly ways: readonly Exclude<EchoSide, "engine" | "node:net">[];
}

const CASES: readonly Case[] = [
  {
    name: "1 KiB, 10 connections",
    connections: 10,
    size: 1024,
    count: 20_000,
    line: 1024,
    ways: ["streams", "protocol"],
  },
  {
    name: "1 KiB, 100 connections",
    connections: 100,
    size: 1024,
    count: 20_000,
    line: 1024,
    ways: ["streams", "protocol"],
  },
  { name: "100 KiB, 10 connections", connections: 10, size: 102_400, count: 2000, line: 102_400, ways: ["streams"] },
  { name: "100 lines, 10 connections", connections: 10, size: 10_000, count: 2000, line: 100, ways: ["lines"] },
];

/** Keeps CPython from giving memory back. */
const TUNED = {
  MALLOC_TRIM_THRESHOLD_: "268435456",
  MALLOC_MMAP_THRESHOLD_: "33554432",
  MALLOC_TOP_PAD_: "67108864",
};

const { host, rounds, json } = createCommand("bench:io", "Measures what a message costs a server of sockets.", ROUNDS)
  .parse()
  .opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(host);
const node = await requireEngine("node");
const [program, load] = await Promise.all([bundleChild("echo-server"), bundleChild("echo-load")]);
const doors = ["index", "streams/index"].map((file) => libraryUrl(root, `dist/${file}.js`)).join();

const ours = (side: EchoSide) => () => startServer<Ready>([...engine.command, program], [doors, side]);
const python = (loop: string, side: EchoSide) => () =>
  startServer<Ready>([PYTHONS[PYTHONS.length - 1], `${root}/bench/python/echo.py`], [loop, side], TUNED);

interface Ready {
  readonly port: number;
}

interface Side {
  readonly name: string;
  start(): Promise<Server<Ready>>;
}

/** All that serve a case, ours first. */
function sidesOf({ ways }: Case): readonly Side[] {
  const engines: Side[] = [{ name: "node:net", start: ours("node:net") }];
  if (engine.kind !== "node")
    engines.push({ name: engine.kind === "bun" ? "Bun.listen" : "Deno.listen", start: ours("engine") });
  return [
    ...ways.map((way) => ({ name: `ours, ${way}`, start: ours(way) })),
    ...engines,
    ...["asyncio", "uvloop"].flatMap((loop) =>
      ways.map((way) => ({ name: `${loop}, ${way}`, start: python(loop, way) })),
    ),
  ];
}

const nameOf = (test: Case, side: Side): string => `${test.name}: ${side.name}`;

const groups = CASES.map((test) =>
  sidesOf(test).map((side): Job<number> => ({ name: nameOf(test, side), measure: () => measure(test, side) })),
);
const { results, failures } = await runRounds(groups, rounds, progressOnStderr());

async function measure({ connections, size, count, line }: Case, { start }: Side): Promise<number> {
  const { ready, pid, stop } = await start();
  const numbers = [ready.port, pid, connections, size, count, line].map(String);
  try {
    return await runChild([...node.command, load], numbers);
  } finally {
    stop();
  }
}

for (const test of CASES) {
  const sides = sidesOf(test);
  const first = results.get(nameOf(test, sides[0]));
  const lines = [[test.name, "us", "ours / it"]];
  for (const side of sides) {
    const samples = results.get(nameOf(test, side));
    if (samples === undefined || first === undefined) continue;
    const ratio = summarize(first.map((figure, round) => figure / samples[round])).median;
    lines.push([side.name, Math.min(...samples).toFixed(1), ratio.toFixed(2)]);
  }
  console.log(`\n${alignTable(lines)}`);
}
console.log(`\nMicroseconds of the server's processor time a message, least of ${rounds} rounds; ratio: median of the`);
console.log("rounds, our first way over the other side.");
console.log(`${run.machine}; ${engine.version}, messages from ${node.version}.`);
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
