// `npm run bench:io`: what a message costs a server of sockets, beside the engine's own sockets, asyncio and uvloop.
//
// Processor time of the server, all of its threads, for a message that is sent back; the messages come from another
// process. Each measurement has a server of its own, and all sides of a case are measured next to each other in each
// round. CPython gives the memory of a read back to the system each time, unless it is told not to: it is told.

import type { Transport } from "./children/echo-load.ts";
import { type EchoServer, type Way, echoServers } from "./echo-servers.ts";
import { bundleChild, runChild } from "./harness/child.ts";
import { type CommonOptions, createCommand, describeRun, requireEngine, conclude } from "./harness/options.ts";
import { progressOnStderr, runRounds } from "./harness/rounds.ts";
import { alignTable } from "./harness/table.ts";
import { Certificates } from "../test/support/certificates.ts";

const ROUNDS = 5;

/** A case: so many connections with one message of so many bytes under way on each, in lines of so many. */
interface Case {
  readonly name: string;
  readonly transport: Transport;
  readonly connections: number;
  readonly size: number;
  readonly count: number;
  readonly line: number;
  /** The ways to write the server that are measured. */
  readonly ways: readonly Way[];
}

const KIB: Case = {
  name: "1 KiB, 10 connections",
  transport: "tcp",
  connections: 10,
  size: 1024,
  count: 50_000,
  line: 1024,
  ways: ["streams", "protocol"],
};
const CASES: readonly Case[] = [
  KIB,
  { ...KIB, name: "1 KiB, 100 connections", connections: 100 },
  { ...KIB, name: "100 KiB, 10 connections", size: 102_400, count: 5000, line: 102_400, ways: ["streams"] },
  { ...KIB, name: "100 lines, 10 connections", size: 10_000, count: 5000, line: 100, ways: ["lines"] },
  { ...KIB, name: "1 KiB with TLS, 10 connections", transport: "tls", count: 20_000 },
  { ...KIB, name: "a datagram of 1 KiB, 10 sockets", transport: "udp", ways: ["datagrams"] },
];

const { host, rounds, json } = createCommand("bench:io", "Measures what a message costs a server of sockets.", ROUNDS)
  .parse()
  .opts<CommonOptions>();
const run = describeRun();
const engine = await requireEngine(host);
const node = await requireEngine("node");
const load = await bundleChild("echo-load");
const certificates = new Certificates();
const serversOf = await echoServers(engine, certificates.make("localhost", "DNS:localhost"));

const nameOf = (test: Case, server: EchoServer): string => `${test.name}: ${server.name}`;

const groups = CASES.map((test) =>
  serversOf(test.transport, test.ways).map((server) => ({
    name: nameOf(test, server),
    measure: () => measure(test, server),
  })),
);
const { results, failures } = await runRounds(groups, rounds, progressOnStderr());
certificates.remove();

async function measure({ transport, connections, size, count, line }: Case, { start }: EchoServer): Promise<number> {
  const { ready, pid, stop } = await start();
  const numbers = [ready.port, pid, connections, size, count, line].map(String);
  try {
    return await runChild([...node.command, load], [transport, ...numbers]);
  } finally {
    stop();
  }
}

for (const test of CASES) {
  const servers = serversOf(test.transport, test.ways);
  const first = results.get(nameOf(test, servers[0]));
  const lines = [[test.name, "us", "ours / it"]];
  for (const server of servers) {
    const samples = results.get(nameOf(test, server));
    if (samples === undefined || first === undefined) continue;
    const least = Math.min(...samples);
    lines.push([server.name, least.toFixed(1), (Math.min(...first) / least).toFixed(2)]);
  }
  console.log(`\n${alignTable(lines)}`);
}
console.log(
  `\nMicroseconds of the server's processor time a message, least of ${rounds} rounds; ratio of these, our first way`,
);
console.log("over the other side.");
console.log(`${run.machine}; ${engine.version}, messages from ${node.version}.`);
conclude(json, failures, {
  ...run,
  engine: engine.version,
  rounds,
  microseconds: Object.fromEntries(results),
});
