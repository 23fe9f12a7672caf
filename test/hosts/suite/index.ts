// The suite: the same tests on every host. It asks the host for nothing but timers, promises and what the library
// itself asks for.

import { run, sleep } from "wasyncio";
import { testCore } from "./core.ts";
import { digestOf } from "./digest.ts";
import { testFacts } from "./facts.ts";
import { testGlobals } from "./globals.ts";
import { testHost } from "./host.ts";
import { testNetwork } from "./network.ts";
import { testPeer } from "./peer.ts";
import { testProcesses } from "./processes.ts";
import { testPrograms } from "./programs.ts";
import { testRandom } from "./random.ts";
import { Report, type Result } from "./report.ts";

const PARTS: Record<PartName, (report: Report, sockets: Sockets) => Promise<void> | void> = {
  core: testCore,
  facts: testFacts,
  programs: testPrograms,
  globals: testGlobals,
  random: testRandom,
  host: testHost,
  network: (report, { folder }) => testNetwork(report, folder),
  peer: (report, { peer }) => testPeer(report, peer),
  processes: testProcesses,
};

export type PartName = "core" | "facts" | "programs" | "globals" | "random" | "host" | "network" | "peer" | "processes";

/** What the tests of sockets need from outside. */
export interface Sockets {
  /** A folder for Unix sockets. */
  readonly folder: string;
  /** The port of ../peer.ts. */
  readonly peer: number;
}

/** What is to be run. */
export interface Order {
  readonly parts: readonly PartName[];
  /** Programs in the digest; none at all by default. */
  readonly digestPrograms?: number;
  /** For the parts that use sockets. */
  readonly sockets?: Sockets;
}

/** What came of it. */
export interface Outcome {
  readonly results: readonly Result[];
  readonly digest?: string;
}

export async function runSuite({
  parts,
  digestPrograms = 0,
  sockets = { folder: "", peer: 0 },
}: Order): Promise<Outcome> {
  const report = new Report((name) => console.warn(name)); // the last ones are shown when the host hangs
  for (const part of parts) await PARTS[part](report, sockets);
  if (digestPrograms === 0) return { results: report.results };
  return { results: report.results, digest: await digestOf(digestPrograms) };
}

/** What comes of a run where the module is loaded: its result, or its error in words. */
export function earlyRun(): Promise<string> {
  return run(() => sleep(0.001, "result")).catch(String);
}
