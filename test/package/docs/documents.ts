// The documents whose programs are run.

export interface Document {
  /** From the root of the repository. */
  readonly path: string;
  /** Blocks of which language have to be run. */
  readonly runs: "all" | "ts";
}

export const DOCUMENTS: readonly Document[] = [
  { path: "README.md", runs: "ts" },
  { path: "docs/guide.md", runs: "ts" },
  { path: "docs/testing.md", runs: "all" },
];
