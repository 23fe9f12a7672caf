// Runs the tests of a library in its checkout, as they stand or lowered.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { binaryOf } from "../../../scripts/engines.mjs";
import { run } from "../../support/processes.ts";
import type { RunnerName, Suite } from "./suites.ts";
import { type Results, readTap } from "./tap.ts";

interface Runner {
  /** The file that is run, of a package; null: Node itself runs tests. */
  readonly main: string | null;
  readonly args: readonly string[];
  /** Where its class of tests is, if it does not await what they return. */
  readonly starts?: string;
}

const RUNNERS: Readonly<Record<RunnerName, Runner>> = {
  ava: { main: "ava/entrypoints/cli.mjs", args: ["--tap", "--serial", "--no-worker-threads", "--timeout=2m"] },
  mocha: { main: "mocha/bin/mocha.js", args: ["--reporter=tap", "--timeout=10000"], starts: "mocha/lib/runnable.js" },
  node: { main: null, args: ["--test", "--test-reporter=tap"] },
  tape: { main: "tape/bin/tape", args: [], starts: "tape/lib/test.js" },
};

/** Seconds that all tests of a library may take. */
const LIMIT = 300;

interface Package {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  wasyncio?: object;
}

/** A library in a folder, with all that its tests need installed there or above. */
export class Checkout {
  readonly version: string;
  readonly #suite: Suite;
  readonly #folder: string;

  /** Its package.json names what is lowered: the library itself, its tests, and what it depends on. */
  constructor(suite: Suite, folder: string) {
    this.#suite = suite;
    this.#folder = folder;
    const file = join(folder, "package.json");
    const found = JSON.parse(readFileSync(file, "utf8")) as Package;
    this.version = found.version;
    found.wasyncio = { packages: Object.keys(found.dependencies ?? {}) };
    writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
  }

  async run(isLowered: boolean): Promise<{ readonly results: Results; readonly output: string }> {
    const { runner, files = "test.js" } = this.#suite;
    const { main, args, starts } = RUNNERS[runner];
    const inside = new URL("inside.mjs", import.meta.url);
    if (starts !== undefined) inside.searchParams.set("starts", this.#fileOf(starts));
    const flags = [
      ...(files.endsWith(".ts") ? ["--import=tsx"] : []),
      ...(isLowered ? [`--import=${inside.href}`] : []),
    ];
    const command = [binaryOf("node26") ?? process.execPath];
    // The tests of ava have processes of their own.
    if (runner !== "ava") command.push(...flags);
    if (main !== null) command.push(this.#fileOf(main));
    command.push(...args);
    if (runner === "ava") command.push(...flags.map((flag) => `--node-arguments=${flag}`));
    command.push(files);
    const { stdout, stderr } = await run(command, { cwd: this.#folder, limit: LIMIT });
    return { results: readTap(stdout), output: stdout + stderr };
  }

  /** A file of a package, where the checkout finds that: what it exports is another matter. */
  #fileOf(path: string): string {
    for (let folder = this.#folder; ; folder = dirname(folder)) {
      const file = join(folder, "node_modules", path);
      if (existsSync(file)) return file;
      if (folder === dirname(folder)) throw new Error(`${this.#suite.name} needs ${path}, which is not installed`);
    }
  }
}
