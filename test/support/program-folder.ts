// Programs in a Node process of their own, over a bundle of the sources as they are now, for a host that the test
// names.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { esbuildPlugin } from "../../scripts/wasm-plugins.mjs";
import { type Ended, type Running, root, start } from "./processes.ts";

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

  /** Starts a program, given as the text of a module. `args` are Node's. */
  start(source: string, options: { env?: Record<string, string>; args?: string[] } = {}): Running {
    const file = join(this.#folder, `program-${++this.#count}.mjs`);
    writeFileSync(file, source);
    return start([process.execPath, ...(options.args ?? []), file], { env: options.env ?? {} });
  }

  /** Runs a program to its end. */
  run(source: string, options: { env?: Record<string, string>; args?: string[] } = {}): Promise<Ended> {
    return this.start(source, options).ended;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
