// A test of test262 runs in a realm of its own, as it stands or lowered.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import vm from "node:vm";
import { lowerAsync } from "wasyncio/transform";
import type { TestFile } from "./suite.ts";

/** How many turns of the host a test may take to end. */
const TURNS = 60;
/** How long a script may take at a stretch, in milliseconds: one that loops for ever is ended. */
const LIMIT = 10_000;

export class Realms {
  readonly #checkout: string;
  readonly #helpers: vm.Script;
  readonly #harness = new Map<string, vm.Script>();

  /** `helpers` is a script whose value is what lowered files import. */
  constructor(checkout: string, helpers: string) {
    this.#checkout = checkout;
    this.#helpers = new vm.Script(helpers, { filename: "helpers.js" });
  }

  /** Runs a test. Returns what is wrong, or null. */
  async run(test: TestFile, isLowered: boolean): Promise<string | null> {
    let outcome: string | null | undefined;
    const end = (error?: unknown): void => void (outcome ??= error === undefined ? null : inWords(error));
    const realm = vm.createContext({ $DONE: (error?: unknown) => outcome === undefined && end(error), print() {} });
    try {
      const helpers: unknown = this.#helpers.runInContext(realm);
      Object.assign(realm, { $262: hostObject(realm), require: () => helpers });
      for (const each of ["assert.js", "sta.js", ...test.includes])
        this.#included(each, isLowered).runInContext(realm, { timeout: LIMIT });
      const source = (test.isStrict ? '"use strict";\n' : "") + test.source;
      script(source, test.name, isLowered).runInContext(realm, { timeout: LIMIT });
      if (!test.isAsync) return outcome ?? null;
      for (let i = 0; i < TURNS && outcome === undefined; i++) await turn();
      return outcome === undefined ? "does not end" : outcome;
    } catch (error) {
      return inWords(error);
    }
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
