// The documents whose programs are run.

import type { Host } from "./project.ts";

export interface Document {
  /** From the root of the repository. */
  readonly path: string;
  /** Blocks of which language have to be run. */
  readonly runs: "all" | "ts";
  /** Where its programs print the same. */
  readonly hosts: readonly Host[];
  /** Whether its async functions are lowered as they are loaded. */
  readonly lowered?: boolean;
}

export const DOCUMENTS: readonly Document[] = [
  { path: "README.md", runs: "ts", hosts: ["node26"] },
  { path: "docs/guide.md", runs: "ts", hosts: ["node26", "deno", "bun"] },
  { path: "docs/async.md", runs: "ts", hosts: ["node26"], lowered: true },
  { path: "docs/testing.md", runs: "all", hosts: ["node26"] },
];
