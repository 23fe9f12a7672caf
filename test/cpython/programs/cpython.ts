// Real CPython beside us: pyodide, loaded once in a process, runs batches of programs.

import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { type PyodideAPI, loadPyodide, version } from "pyodide";
import { type Program, TABLES, type Trace } from "./program.ts";

export interface CPython {
  /** "CPython 3.14.2, pyodide 314.0.7". */
  readonly name: string;
  /** Runs programs, each in a loop of its own, and returns their traces. */
  run(programs: readonly Program[]): Trace[];
}

let loading: Promise<CPython> | null = null;

/** Loads it, on the first call: about two seconds. */
export function loadCPython(): Promise<CPython> {
  return (loading ??= load());
}

/** Python, with the files of python/ and of another folder for it to import. */
export async function loadPython(folder?: string): Promise<PyodideAPI> {
  // Left alone it looks for its files beside the caller in a stack, where source maps lead it astray.
  const indexURL = dirname(createRequire(import.meta.url).resolve("pyodide"));
  const python = await loadPyodide({ indexURL });
  for (const sources of [resolve(import.meta.dirname, "python"), ...(folder === undefined ? [] : [folder])]) {
    for (const file of readdirSync(sources).filter((name) => name.endsWith(".py"))) {
      python.FS.writeFile(file, readFileSync(resolve(sources, file)));
    }
  }
  // `return` in a `finally` draws a warning; programs do it to see that it is the same here.
  python.runPython("import sys, warnings; sys.path.insert(0, '.'); warnings.simplefilter('ignore')");
  return python;
}

async function load(): Promise<CPython> {
  const python = await loadPython();
  const interpreter = python.pyimport("interpreter") as Interpreter;
  interpreter.configure(JSON.stringify(TABLES));
  const release = python.runPython("sys.version.split()[0]") as string;
  return {
    name: `CPython ${release}, pyodide ${version}`,
    run: (programs) => JSON.parse(interpreter.run_programs(JSON.stringify(programs))) as Trace[],
  };
}

/** interpreter.py. */
interface Interpreter {
  configure(tables: string): void;
  run_programs(programs: string): string;
}
