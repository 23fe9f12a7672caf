// What is measured: our side and its peers, each with the command that makes one measurement of it.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { cases } from "./cases.ts";
import type { Budget } from "./meter.ts";

const exec = promisify(execFile);

/** Seconds after which a measurement counts as hung. */
const LIMIT = 60;

export const PEERS = ["native", "effect", "effection", "asyncio", "uvloop"] as const;
export type Peer = (typeof PEERS)[number];

export interface Side {
  /** Heading of its column. */
  name: string;
  /** What exactly it is. */
  version: string;
  /** The command, to which the name of the case and the figures of the measurement are added. */
  command: string[];
  /** Names of the cases that it has a program for. */
  cases: Set<string>;
}

/** Our own side, of a checkout that is built. */
export async function ownSide(name: string, root: string, measureJs: string): Promise<Side> {
  const { version } = JSON.parse(await readFile(resolve(root, "package.json"), "utf8")) as { version: string };
  return {
    name,
    version: `${name} ${version} on Node ${process.versions.node}`,
    command: [
      process.execPath,
      "--expose-gc",
      measureJs,
      "wasyncio",
      pathToFileURL(resolve(root, "dist/index.js")).href,
    ],
    cases: new Set(Object.keys(cases)),
  };
}

/** A peer, or the reason why it cannot be measured here. */
export async function findPeer(peer: Peer, root: string, measureJs: string): Promise<Side | string> {
  switch (peer) {
    case "native":
    case "effect":
    case "effection":
      return javaScriptSide(peer, root, measureJs);
    case "asyncio":
    case "uvloop":
      return pythonSide(peer, root);
  }
}

async function javaScriptSide(peer: "native" | "effect" | "effection", root: string, measureJs: string): Promise<Side> {
  let version = `promises and timers of Node ${process.versions.node}`;
  if (peer !== "native") {
    const path = resolve(root, "node_modules", peer, "package.json");
    version = (JSON.parse(await readFile(path, "utf8")) as { version: string }).version;
  }
  return {
    name: peer,
    version: `${peer} ${version}`.replace("native promises", "the engine's own promises"),
    command: [process.execPath, "--expose-gc", measureJs, peer, peer === "native" ? "" : peer],
    cases: new Set(Object.keys(cases).filter((name) => cases[name][peer] !== undefined)),
  };
}

/** The first of the usual interpreters that can import the module. */
async function pythonSide(module: "asyncio" | "uvloop", root: string): Promise<Side | string> {
  const measurePy = resolve(root, "bench/python/measure.py");
  for (const python of ["python3", "/usr/bin/python3"]) {
    try {
      const { stdout } = await exec(python, [measurePy, module]);
      const found = JSON.parse(stdout) as { version: string; cases: string[] };
      return {
        name: module,
        version: found.version,
        command: [python, measurePy, module],
        cases: new Set(found.cases),
      };
    } catch {
      // No such interpreter, or it has no such module: the next one may.
    }
  }
  return module === "uvloop"
    ? "no python3 can import uvloop (Debian: apt-get install python3-uvloop)"
    : "there is no python3";
}

/** Measures a case once. Returns nanoseconds an operation. Throws Error, with the last words of the process, when it fails. */
export async function measure(side: Side, name: string, budget: Budget): Promise<number> {
  const [program, ...args] = side.command as [string, ...string[]];
  const figures = [cases[name].operations, budget.warmUp, budget.measure].map(String);
  // Debug mode, left on in somebody's shell, would be measured too.
  const env = { ...process.env, WASYNCIO_DEBUG: "", PYTHONASYNCIODEBUG: "", NODE_OPTIONS: "" };
  try {
    const { stdout } = await exec(program, [...args, name, ...figures], { env, timeout: LIMIT * 1000 });
    const figure = Number(stdout);
    if (!(figure > 0)) throw new Error(`printed ${JSON.stringify(stdout)} in place of a figure`);
    return figure;
  } catch (error) {
    const { killed, stderr } = error as { killed?: boolean; stderr?: string };
    if (killed === true) throw new Error(`did not end within ${LIMIT} s`);
    const message = /^\w*(?:Error|Exception)\b.*/m.exec(stderr ?? "")?.[0];
    throw message === undefined ? error : new Error(message);
  }
}
