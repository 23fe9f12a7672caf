// Programs in a Node process of their own, against a bundle of the sources as they are now.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { esbuildPlugin } from "../../scripts/wasm-plugins.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** How a program ended, and what it wrote. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  seconds: number;
}

/** A program that runs. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Resolves when the program has written `text`. */
  wrote(text: string): Promise<void>;
}

/** A folder in which programs can import "./wasyncio.mjs". */
export class ProgramFolder {
  readonly #folder: string;
  #count = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param condition the host that the library is bundled for, as package.json's "imports" calls it */
  static async create(condition = "node"): Promise<ProgramFolder> {
    const folder = mkdtempSync(join(tmpdir(), "wasyncio-"));
    await build({
      absWorkingDir: root,
      stdin: { contents: `export * from "./src/index.ts"; export * from "./src/testing/index.ts";`, resolveDir: root },
      outfile: join(folder, "library/wasyncio.mjs"),
      bundle: true,
      format: "esm",
      platform: "neutral",
      conditions: [condition],
      target: "es2022",
      plugins: [esbuildPlugin],
      logLevel: "silent",
    });
    writeFileSync(join(folder, "wasyncio.mjs"), `export * from "./library/wasyncio.mjs";`);
    return new ProgramFolder(folder);
  }

  /** Starts a program, given as the text of a module. */
  start(source: string, options: { env?: Record<string, string>; args?: string[] } = {}): Running {
    const file = join(this.#folder, `program-${++this.#count}.mjs`);
    writeFileSync(file, source);
    const started = performance.now();
    const child = spawn(process.execPath, [...(options.args ?? []), file], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_OPTIONS: "", ...options.env },
    });
    const output = { stdout: "", stderr: "" };
    const listeners = new Set<() => void>();
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        output[name] += chunk;
        for (const listener of listeners) listener();
      });
    }
    const ended = new Promise<Ended>((resolve) => {
      child.on("close", (code, signal) =>
        resolve({ code, signal, ...output, seconds: (performance.now() - started) / 1000 }),
      );
    });
    const wrote = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (output.stdout.includes(text)) resolve();
        };
        listeners.add(look);
        look();
        void ended.then(() => reject(new Error(`ended without writing ${text}: ${output.stdout}${output.stderr}`)));
      });
    return { child, ended, wrote };
  }

  run(source: string, options: { env?: Record<string, string>; args?: string[] } = {}): Promise<Ended> {
    return this.start(source, options).ended;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
