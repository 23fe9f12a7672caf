// The hosts: how each is found, and how it is made to run a bundle of the suite.

import { type EngineName, binaryOf, installOf, nodes, ownNode } from "../../scripts/engines.mjs";
import type { Condition } from "./bundle.ts";
import { browsers } from "./launchers/browser.ts";
import { commandHost } from "./launchers/command.ts";
import { workerd } from "./launchers/workerd.ts";
import type { Order, Outcome } from "./suite/index.ts";

/** A host that is there. */
export interface FoundHost {
  readonly version: string;
  /** Runs the suite in a folder that `bundleSuite` has made. */
  run(folder: string, order: Order): Promise<Outcome>;
  /** The command that runs a program, on hosts that have processes; `allow` is what Deno is to be allowed. */
  readonly command?: (file: string, allow?: readonly string[]) => readonly string[];
}

/** A host as it is picked. */
export interface Host {
  readonly name: string;
  readonly condition: Condition;
  /** How it is installed. */
  readonly install: string;
  /** The host, or null where it is not installed. */
  find(): Promise<FoundHost | null>;
}

const denoFlags = (allow: readonly string[] = []): readonly string[] => [
  "run",
  "--quiet",
  "--no-prompt",
  "--no-lock",
  ...allow,
];

/**
 * Bun reserves four gigabytes of addresses for each wasm memory, and thousands of them at once make it fifteen times
 * slower.
 */
const SMALL_MEMORIES = { BUN_JSC_useWasmFastMemory: "0" };

/** A host that is an engine from npm. */
function engine(name: EngineName, condition: Condition, open: (file: string) => Promise<FoundHost>): Host {
  return {
    name,
    condition,
    install: installOf(name),
    async find() {
      const file = binaryOf(name);
      return file === null ? null : open(file);
    },
  };
}

export const HOSTS: readonly Host[] = [
  ...nodes.map((name) => engine(name, "node", (file) => commandHost(file, (program) => [program]))),
  // Node, without anything that only Node has.
  { ...engine(ownNode, "default", (file) => commandHost(file, (program) => [program])), name: "generic" },
  engine("deno", "deno", (file) => commandHost(file, (program, allow) => [...denoFlags(allow), program])),
  engine("bun", "bun", (file) => commandHost(file, (program) => [program], SMALL_MEMORIES)),
  engine("workerd", "workerd", workerd),
  ...browsers,
];
