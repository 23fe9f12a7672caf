// Runs a TypeScript program on any supported Node: node scripts/run-ts.mjs examples/crawl.ts [arguments].
// In this very process: signals, exit code and `process.argv` are the program's own, as if Node had started it.

import { register } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [, , program] = process.argv;
if (program === undefined) {
  console.error("usage: node scripts/run-ts.mjs PROGRAM.ts [arguments]");
  process.exit(2);
}
if (process.env.npm_lifecycle_event) mergeEchoedInterrupts();
register("./typescript-hooks.mjs", import.meta.url);
process.setSourceMapsEnabled(true);
process.argv.splice(1, 2, resolve(program));
await import(pathToFileURL(process.argv[1]).href);

/**
 * Ctrl-C goes to every process of the terminal, and npm sends its own on to the script that it runs: the program would
 * see two, and take the second for an impatient user's. No hand is that fast, so a second one so soon is dropped.
 */
function mergeEchoedInterrupts(milliseconds = 100) {
  const emit = process.emit;
  const ignore = () => {};
  process.emit = function (event, ...rest) {
    if (event !== "SIGINT") return emit.call(this, event, ...rest);
    if (process.listeners("SIGINT").includes(ignore)) return true;
    // Listening also keeps Node from ending the process if the program's listener has removed itself.
    process.on("SIGINT", ignore);
    setTimeout(() => process.off("SIGINT", ignore), milliseconds).unref();
    return emit.call(this, event, ...rest);
  };
}
