// A test of test262 runs in a realm of its own, as it stands or lowered.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import vm from "node:vm";
import { lowerAsync } from "wasyncio/transform";
import type { Runner } from "./runners.ts";
import type { TestFile } from "./suite.ts";

/** How many turns of the host a test may take to end. */
const TURNS = 60;
/** How long a script may take at a stretch, in milliseconds: one that loops for ever is ended. */
const LIMIT = 10_000;

/** What a host has beside the language, and the library needs. */
const HOST = {
  AbortController,
  AbortSignal,
  TextDecoder,
  TextEncoder,
  URL,
  clearTimeout,
  console,
  performance,
  setTimeout,
};

export class Realms {
  readonly #checkout: string;
  readonly #runner: vm.Script;
  readonly #harness = new Map<string, vm.Script>();

  /** `runner` is a script whose value is a `Runner`. */
  constructor(checkout: string, runner: string) {
    this.#checkout = checkout;
    this.#runner = new vm.Script(runner, { filename: "runner.js" });
  }

  /** Runs a test. Returns what is wrong, or null. */
  async run(test: TestFile, isLowered: boolean): Promise<string | null> {
    let outcome: string | null | undefined;
    const told = (error?: unknown): void => void (outcome ??= error === undefined ? null : inWords(error));
    const realm = vm.createContext(isLowered ? { ...HOST } : {});
    const start = (end: (error?: unknown) => void): void => {
      Object.assign(realm, { $DONE: end, $262: hostObject(realm), print() {} });
      for (const each of ["assert.js", "sta.js", ...test.includes])
        this.#included(each, isLowered).runInContext(realm, { timeout: LIMIT });
      const source = (test.isStrict ? '"use strict";\n' : "") + test.source;
      script(source, test.name, isLowered).runInContext(realm, { timeout: LIMIT });
    };
    try {
      if (isLowered) {
        const { helpers, run } = this.#runner.runInContext(realm) as Runner;
        Object.assign(realm, { require: () => helpers });
        run(start, test.isAsync, told);
      } else {
        start(told);
        if (!test.isAsync) told();
      }
    } catch (error) {
      told(error);
    }
    for (let i = 0; i < TURNS && outcome === undefined; i++) await turn();
    return outcome === undefined ? "does not end" : outcome;
  }

  #included(name: string, isLowered: boolean): vm.Script {
    const key = `${name} ${isLowered}`;
    let found = this.#harness.get(key);
    if (found === undefined) {
      found = script(readFileSync(join(this.#checkout, "harness", name), "utf8"), name, isLowered);
      this.#harness.set(key, found);
    }
    return found;
  }
}

function script(source: string, file: string, isLowered: boolean): vm.Script {
  const lowered = isLowered ? lowerAsync(source, { file, format: "commonjs" }) : null;
  // The scripts of a realm share its variables: each may import the same.
  const code = lowered?.code.replace(/const (\{.*?\} = require\("wasyncio\/lowered"\);)/, "var $1") ?? source;
  return new vm.Script(code, { filename: file });
}

/** What test262 asks of a host. */
function hostObject(realm: vm.Context): object {
  return {
    global: vm.runInContext("globalThis", realm),
    evalScript: (source: string): unknown => vm.runInContext(source, realm),
    createRealm: () => hostObject(vm.createContext({})),
    detachArrayBuffer: (buffer: ArrayBuffer) => structuredClone(buffer, { transfer: [buffer] }),
    gc() {},
  };
}

function inWords(error: unknown): string {
  const [line = ""] = String((error as Error | null)?.message ?? error).split("\n");
  return line.slice(0, 120);
}
