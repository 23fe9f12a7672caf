// The hosts: how each is found, and how it is made to run a bundle of the suite.

import { type Condition, root } from "./bundle.ts";
import { browsers } from "./drivers/browser.ts";
import { commandHost } from "./drivers/command.ts";
import { workerd } from "./drivers/workerd.ts";
import { NPM, binaryOf } from "./drivers/packages.ts";
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

/** Bun reserves four gigabytes of addresses for each wasm memory, and thousands of them at once make it fifteen times slower. */
const SMALL_MEMORIES = { BUN_JSC_useWasmFastMemory: "0" };

export const HOSTS: readonly Host[] = [
  {
    name: "node",
    condition: "node",
    install: "it is the one that runs this",
    find: () => commandHost(process.execPath, (file) => [file]),
  },
  {
    name: "generic",
    condition: "default",
    install: "it is Node, without anything that only Node has",
    find: () => commandHost(process.execPath, (file) => [file]),
  },
  {
    name: "deno",
    condition: "deno",
    install: NPM,
    find: () => commandHost(binaryOf("deno", root), (file, allow) => [...denoFlags(allow), file]),
  },
  {
    name: "bun",
    condition: "bun",
    install: NPM,
    find: () => commandHost(binaryOf("bun", root), (file) => [file], SMALL_MEMORIES),
  },
  { name: "workerd", condition: "workerd", install: NPM, find: () => workerd(binaryOf("workerd", root)) },
  ...browsers,
];
