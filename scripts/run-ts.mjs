// Runs a TypeScript program on any supported Node: node scripts/run-ts.mjs examples/crawl.ts [arguments].
// In this very process: signals, exit code and `process.argv` are the program's own, as if Node had started it.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [, , program] = process.argv;
if (program === undefined) {
  console.error("usage: node scripts/run-ts.mjs PROGRAM.ts [arguments]");
  process.exit(2);
}
await import("./typescript.mjs");
process.argv.splice(1, 2, resolve(program));
await import(pathToFileURL(process.argv[1]).href);
