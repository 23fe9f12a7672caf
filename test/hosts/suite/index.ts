// The suite: the same tests on every host. It asks the host for nothing but timers, promises and what the library
// itself asks for.

import { run, sleep } from "wasyncio";
import type { World } from "../../support/client-scenarios.ts";
import { testClient } from "./client.ts";
import { testCore } from "./core.ts";
import { digestOf } from "./digest.ts";
import { testFacts, testOutsideFacts } from "./facts.ts";
import { testGlobals } from "./globals.ts";
import { testHost } from "./host.ts";
import { testLowered } from "./lowered.ts";
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
  lowered: testLowered,
  globals: testGlobals,
  random: testRandom,
  host: testHost,
  outsideFacts: testOutsideFacts,
  network: testNetwork,
  peer: testPeer,
  processes: testProcesses,
  client: testClient,
};

export type PartName =
  | "core"
  | "facts"
  | "programs"
  | "lowered"
  | "globals"
  | "random"
  | "host"
  | "outsideFacts"
  | "network"
  | "peer"
  | "processes"
  | "client";

/** What the tests of sockets need from outside. */
export interface Sockets {
  /** A folder for Unix sockets. */
  readonly folder: string;
  /** The ports of ../peer.ts, without TLS and with it. */
  readonly peer: number;
  readonly securedPeer: number;
  readonly certificates: Pems;
  /** Where ../../support/http-peer.ts is. */
  readonly http: World;
}

/** An authority, the certificates that it has signed for "localhost" and for a client, and their keys, in PEM. */
export interface Pems {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

const NO_SOCKETS: Sockets = {
  folder: "",
  peer: 0,
  securedPeer: 0,
  certificates: { authority: "", certificate: "", key: "", clientCertificate: "", clientKey: "" },
  http: { url: "", otherUrl: "", nowhere: "" },
};

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

export async function runSuite({ parts, digestPrograms = 0, sockets = NO_SOCKETS }: Order): Promise<Outcome> {
  const report = new Report((name) => console.warn(name)); // the last ones are shown when the host hangs
  for (const part of parts) await PARTS[part](report, sockets);
  if (digestPrograms === 0) return { results: report.results };
  return { results: report.results, digest: await digestOf(digestPrograms) };
}

/** What comes of a run where the module is loaded: its result, or its error in words. */
export function earlyRun(): Promise<string> {
  return run(() => sleep(0.001, "result")).catch(String);
}
