// A folder in which test runners find the package as it is in the sources now, and the tests that they are to run.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../../../scripts/exec.mjs";
import { peers } from "../../../scripts/doors.mjs";
import { esbuildPlugin } from "../../../scripts/wasm-plugins.mjs";
import { binaryOf } from "../../../scripts/engines.mjs";
import { type Ended, run } from "../../hosts/process.ts";

const DOORS = { ".": "index", "./testing": "testing/index", "./vitest": "vitest/index" };
const CONDITIONS = ["deno", "bun", "node"];

/** The file of an engine from npm. Throws Error where it is not installed. */
function engine(name: "deno" | "bun"): string {
  const file = binaryOf(name);
  if (file === null) throw new Error(`Cannot run ${name}: it is not installed. Run "npm ci".`);
  return file;
}

const VITEST = join(root, "node_modules/vitest/vitest.mjs");

/** What runs a file of tests, or a program with its arguments. */
const COMMANDS = {
  vitest: () => [process.execPath, VITEST, "run", "--pool=threads", "--testTimeout=120000"],
  "node:test": () => [process.execPath, "--test", "--test-reporter=spec"],
  deno: () => [engine("deno"), "test", "--quiet", "--no-lock", "--allow-env=WASYNCIO_REPLAY"],
  bun: () => [engine("bun"), "test", "--timeout=120000"],
  "node program": () => [process.execPath],
  "deno program": () => [engine("deno"), "run", "--quiet", "--no-lock"],
  "bun program": () => [engine("bun")],
};

export type Command = keyof typeof COMMANDS;

export class RunnerProject {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<RunnerProject> {
    const folder = mkdtempSync(join(tmpdir(), "wasyncio-runners-"));
    const installed = join(folder, "node_modules/wasyncio");
    await Promise.all(CONDITIONS.map((condition) => bundle(condition, join(installed, condition))));
    const targets = (file: string): object =>
      Object.fromEntries(CONDITIONS.map((condition) => [condition, `./${condition}/${file}.js`]));
    const exports = Object.fromEntries(Object.entries(DOORS).map(([door, file]) => [door, targets(file)]));
    writeFileSync(join(installed, "package.json"), JSON.stringify({ name: "wasyncio", type: "module", exports }));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
    symlinkSync(join(root, "node_modules/vitest"), join(folder, "node_modules/vitest"));
    return new RunnerProject(folder);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.#folder, name), text);
  }

  /** Runs a command to its end. */
  run(command: Command, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    return run([...COMMANDS[command](), ...args], {
      cwd: this.#folder,
      env: { BUN_JSC_useWasmFastMemory: "0", ...env },
      limit: 150,
    });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function bundle(condition: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: Object.values(DOORS).map((file) => `src/${file}.ts`),
    outbase: "src",
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "neutral",
    conditions: [condition],
    external: ["node:*", ...peers],
    target: "es2022",
    plugins: [esbuildPlugin],
    logLevel: "silent",
  });
}
