// What is measured: our side and its peers, each with the command that makes one measurement of it.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { CORES, bundleOver } from "./cores/bundle.ts";
import type { Case } from "./case.ts";
import { cases } from "./cases.ts";
import { libraryUrl, root, runChild } from "./harness/child.ts";
import type { Engine } from "./harness/engine.ts";
import type { Budget } from "./harness/meter.ts";

const exec = promisify(execFile);

export const PEERS = ["native", "effect", "effection", "asyncio", "uvloop"] as const;
export type Peer = (typeof PEERS)[number];

export interface Side {
  /** Heading of its column. */
  name: string;
  /** What exactly it is. */
  version: string;
  /** The command, to which the name of the case and the figures of the measurement are added. */
  command: readonly string[];
  /** The command that measures cases in one process, to which their names and the figures are added. */
  mixed: readonly string[];
  /** Names of the cases that it has a program for. */
  cases: ReadonlySet<string>;
}

type Programs = Pick<Case, "wasyncio" | "native" | "effect" | "effection">;

/** Makes the sides of JavaScript. */
export class JavaScriptSides {
  readonly #programs: Record<"case" | "mixed", string>;
  readonly #engine: Engine;

  /**
   * @param programs the bundled children/case.ts and children/mixed.ts
   * @param engine runs all of them, so that they can be compared
   */
  constructor(programs: Record<"case" | "mixed", string>, engine: Engine) {
    this.#programs = programs;
    this.#engine = engine;
  }

  /** Our own side, of a checkout that is built. */
  async own(name: string, folder: string): Promise<Side> {
    return this.#side(name, `${name} ${await versionOf(folder)} on ${this.#engine.version}`, this.#engine, [
      "wasyncio",
      libraryUrl(folder),
    ]);
  }

  /** Our own sources over each of the cores. */
  async cores(): Promise<Side[]> {
    const titles = { wasm: "wasm core", typescript: "TypeScript core", "typescript-no-digest": "without digest" };
    const sides: Side[] = [];
    for (const core of CORES) {
      const file = await bundleOver(core, root, this.#engine.kind);
      const version = core === "wasm" ? `wasyncio ${await versionOf(root)} on ${this.#engine.version}` : "";
      sides.push(this.#side(titles[core], version, this.#engine, ["wasyncio", libraryUrl(root, file)]));
    }
    return sides;
  }

  /** The engine's own promises, or a library. */
  async peer(name: "native" | "effect" | "effection"): Promise<Side> {
    if (name === "native") {
      return this.#side(name, `native: promises and timers of ${this.#engine.version}`, this.#engine, [name, ""]);
    }
    const version = await versionOf(resolve(root, "node_modules", name));
    return this.#side(name, `${name} ${version} on ${this.#engine.version}`, this.#engine, [name, name]);
  }

  #side(name: string, version: string, engine: Engine, [key, library]: [keyof Programs, string]): Side {
    const commandOf = (program: string) => [...engine.command, program, key, library];
    return {
      name,
      version,
      command: commandOf(this.#programs.case),
      mixed: commandOf(this.#programs.mixed),
      cases: new Set(Object.keys(cases).filter((it) => cases[it][key] !== undefined)),
    };
  }
}

async function versionOf(folder: string): Promise<string> {
  return (JSON.parse(await readFile(resolve(folder, "package.json"), "utf8")) as { version: string }).version;
}

export const PYTHONS = ["python3", "/usr/bin/python3"];

/**
 * Python's sides, or why one cannot be measured: both in one interpreter where one has both, so that they can be
 * compared.
 */
export async function findPythonSides(): Promise<Record<"asyncio" | "uvloop", Side | string>> {
  const found = await Promise.all(
    PYTHONS.map(async (python) => ({
      asyncio: await inPython(python, "asyncio"),
      uvloop: await inPython(python, "uvloop"),
    })),
  );
  const best = found.find(({ uvloop }) => uvloop !== null) ?? found.find(({ asyncio }) => asyncio !== null);
  return {
    asyncio: best?.asyncio ?? "there is no python3",
    uvloop: best?.uvloop ?? "no python3 can import uvloop (Debian: apt-get install python3-uvloop)",
  };
}

async function inPython(python: string, module: "asyncio" | "uvloop"): Promise<Side | null> {
  const measurePy = resolve(root, "bench/python/measure.py");
  try {
    const { stdout } = await exec(python, [measurePy, module]);
    const { version, cases } = JSON.parse(stdout) as { version: string; cases: string[] };
    const command = [python, measurePy, module];
    return { name: module, version, command, mixed: [...command, "--mixed"], cases: new Set(cases) };
  } catch {
    return null; // no such interpreter, or it has no such module
  }
}

/** Seconds after which cases in one process count as hung. */
const MIXED_LIMIT = 600;

/**
 * Measures cases in one process, in an order that follows from the seed. Returns nanoseconds an operation, several for
 * each case.
 */
export function measureMixed(side: Side, names: readonly string[], budget: Budget, seed: number) {
  const wanted = names.filter((name) => side.cases.has(name)).map((name) => `${name}:${cases[name].operations}`);
  const figures = [budget.warmUp, budget.measure, seed].map(String);
  return runChild<Record<string, number[]>>(side.mixed, [wanted.join(), ...figures], MIXED_LIMIT);
}

/** Measures a case once. Returns nanoseconds an operation. Throws Error when that fails. */
export async function measureCase(side: Side, name: string, budget: Budget): Promise<number> {
  const figures = [cases[name].operations, budget.warmUp, budget.measure].map(String);
  const figure = await runChild<number>(side.command, [name, ...figures]);
  if (!(figure > 0)) throw new Error(`printed ${figure} in place of a figure`);
  return figure;
}
