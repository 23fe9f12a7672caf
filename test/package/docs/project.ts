// A reader's project: a folder outside the repository, with the package as it is built, and the files of a document.

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { root } from "../../../scripts/exec.mjs";
import { type EngineName, binaryOf } from "../../../scripts/engines.mjs";
import { type Ended, run } from "../../hosts/process.ts";
import type { Example, Examples } from "./examples.ts";

/** Seconds after which a program counts as hung. */
const LIMIT = 150;

/** This Node with TypeScript, which the oldest of those that are supported does not have. */
const NODE = [process.execPath, "--import", pathToFileURL(resolve(root, "scripts/typescript.mjs")).href];

/** Where programs are run. */
export type Host = "node26" | "deno" | "bun";

const HOSTS: Readonly<Record<Host, () => readonly string[]>> = {
  node26: () => [engine("node26")], // which knows TypeScript by itself
  deno: () => [engine("deno"), "run", "--quiet", "--no-lock", "--allow-all"],
  bun: () => [engine("bun")],
};

/** What the commands of a document stand for. */
const COMMANDS: Readonly<Record<string, () => readonly string[]>> = {
  "npx vitest": () => [process.execPath, resolve(root, "node_modules/vitest/vitest.mjs")],
  "node --test": () => [...NODE, "--test", "--test-reporter=spec"], // as in a terminal; Node 20 has another for pipes
  "deno test": () => [engine("deno"), "test", "--quiet", "--no-lock"],
  "bun test": () => [engine("bun"), "test"],
};

function engine(name: EngineName): string {
  const file = binaryOf(name);
  if (file === null)
    throw new Error(`Cannot run ${name}: it is not installed. Run "node scripts/setup.mjs --engines".`);
  return file;
}

/** Packages that programs of the documents import, by the folders of the repository that have them. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  ".": ["vitest", "@types/node", "oxc-parser", "bullmq", "ioredis"],
  "tools/guide": ["@opentelemetry", "@types/express", "express", "fastify", "hono", "pino"],
};

/** For a document that shows no settings of its own. */
const SETTINGS = {
  compilerOptions: {
    target: "es2022",
    lib: ["es2023", "dom"],
    module: "nodenext",
    types: ["node"],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
  },
};
const FILES = { include: ["*.ts"], exclude: ["*.deno.test.ts", "*.bun.test.ts"] };

export class Project {
  readonly #folder = mkdtempSync(join(tmpdir(), "wasyncio-docs-"));
  readonly #flags: readonly string[];

  /** @param lowered whether async functions are lowered as Node loads them */
  constructor({ files, settings = SETTINGS }: Examples, lowered = false) {
    this.#flags = lowered ? ["--import", "wasyncio/register"] : [];
    const installed = join(this.#folder, "node_modules/wasyncio");
    mkdirSync(join(this.#folder, "node_modules/@types"), { recursive: true });
    cpSync(resolve(root, "dist"), join(installed, "dist"), { recursive: true });
    cpSync(resolve(root, "package.json"), join(installed, "package.json"));
    for (const [folder, names] of Object.entries(PACKAGES)) {
      for (const name of names)
        symlinkSync(resolve(root, folder, "node_modules", name), join(this.#folder, "node_modules", name), "junction");
    }
    const manifest = { private: true, type: "module", devDependencies: { "@types/node": "*" } };
    writeFileSync(join(this.#folder, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(this.#folder, "tsconfig.json"), JSON.stringify({ ...settings, ...FILES }));
    for (const [file, text] of files) writeFileSync(join(this.#folder, file), text);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /**
   * What an example prints today: for an excerpt those of its lines that are printed, in the same order, with today's
   * tokens. `host` is where it is run, if it is a program.
   */
  async outputOf({ run: what, output }: Example, host: Host): Promise<string> {
    const isProgram = "file" in what;
    const { end, stdout, stderr } = await (isProgram
      ? this.#run([...HOSTS[host](), ...this.#flags, what.file])
      : this.#command(what.command));
    const fails = !isProgram && what.fails;
    if ((end !== 0) !== fails) throw new Error(`It ended with ${end}:\n${stdout}${stderr}`);
    return isProgram ? this.#plain(stdout) : excerpt(this.#plain(stdout + stderr), output.text);
  }

  /** Compiles the files, but those for other engines. Resolves to what the compiler has to say. */
  async compile(): Promise<string> {
    return (await this.#run([process.execPath, resolve(root, "node_modules/typescript/bin/tsc")])).stdout;
  }

  /** Runs a line of a shell: variables, a command, and words for it. */
  #command(line: string): Promise<Ended> {
    const words = line.split(" ");
    const env: Record<string, string> = {};
    while (words[0]?.includes("=")) {
      const [name = "", value = ""] = (words.shift() as string).split("=");
      env[name] = value;
    }
    const command = COMMANDS[words.splice(0, 2).join(" ")];
    if (command === undefined) throw new Error(`Cannot run: ${line}`);
    return this.#run([...command(), ...words], env);
  }

  #run(command: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    return run(command, { cwd: this.#folder, env: { BUN_JSC_useWasmFastMemory: "0", ...env }, limit: LIMIT });
  }

  /** Without colours, and without what comes before the names of files. */
  #plain(text: string): string {
    return stripVTControlCharacters(text)
      .replaceAll(`${pathToFileURL(this.#folder).href}/`, "")
      .replaceAll(`${this.#folder}/`, "");
  }
}

const TOKEN = /\bw1[\w-]{8,}/g;

/** The tokens in a text. */
export const tokensIn = (text: string): string[] => text.match(TOKEN) ?? [];

/**
 * The lines of `expected` as they stand in an output, in this order, with the output's tokens. Throws Error when one is
 * missing.
 */
function excerpt(output: string, expected: string): string {
  const printed = output.split("\n");
  let from = 0;
  const lines = expected.split("\n").map((line) => {
    const wanted = line.trim().replaceAll(TOKEN, "");
    if (wanted === "") return line;
    const at = printed.findIndex((each, index) => index >= from && each.replaceAll(TOKEN, "").includes(wanted));
    if (at < 0) throw new Error(`Cannot find this line in the output: ${line}\n${output}`);
    from = at + 1;
    const tokens = tokensIn(printed[at]);
    return line.replaceAll(TOKEN, (token) => tokens.shift() ?? token);
  });
  return lines.join("\n");
}
