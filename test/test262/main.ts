// npm run test262 -- --suite PATH: the tests of async code in a checkout of tc39/test262, as they stand and lowered.
// Only those count that pass as they stand, on this engine. Those that fail lowered are listed in failures.txt, which
// may only become shorter: it is written anew by --update.

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildSync } from "esbuild";
import { Realms } from "./realm.ts";
import { readSuite } from "./suite.ts";

const TABLE = resolve(import.meta.dirname, "failures.txt");

const { values } = parseArgs({
  options: { suite: { type: "string" }, only: { type: "string", default: "" }, update: { type: "boolean" } },
});
if (values.suite === undefined) throw new Error("Where is tc39/test262? npm run test262 -- --suite PATH");
const { only, update = false } = values;

// Tests reject promises that nobody looks at.
process.on("unhandledRejection", () => {});

const realms = new Realms(resolve(values.suite), hostHelpers());
const failures: string[] = [];
const counts = new Map<string, { passed: number; failed: number; notCounted: number }>();
for (const test of readSuite(resolve(values.suite)).filter(({ name }) => name.includes(only))) {
  const chapter = test.name.split("/")[0] ?? "";
  const count = counts.get(chapter) ?? { passed: 0, failed: 0, notCounted: 0 };
  counts.set(chapter, count);
  if ((await realms.run(test, false)) !== null) count.notCounted++;
  else {
    const wrong = await realms.run(test, true);
    if (wrong === null) count.passed++;
    else {
      count.failed++;
      failures.push(`${test.name}: ${wrong}`);
    }
  }
}

for (const [chapter, { passed, failed, notCounted }] of counts) {
  const share = ((100 * passed) / (passed + failed)).toFixed(2);
  console.log(`${chapter}: ${passed} of ${passed + failed} pass (${share} %); ${notCounted} do not pass as they stand`);
}
const nameIn = (line: string): string => line.split(": ")[0] ?? "";
const known = new Set(readFileSync(TABLE, "utf8").split("\n").map(nameIn));
const fresh = failures.filter((line) => !known.has(nameIn(line)));
if (update) writeFileSync(TABLE, failures.map((line) => `${line}\n`).join(""));
else if (fresh.length > 0) {
  console.error(`${fresh.length} fail that are not in failures.txt:\n${fresh.join("\n")}`);
  process.exitCode = 1;
} else if (only === "" && failures.length < known.size - 1)
  console.log(`${known.size - 1 - failures.length} of failures.txt pass: write it anew by --update`);

/** What lowered files import, over the promises of the realm that evaluates it. */
function hostHelpers(): string {
  const entry = resolve(import.meta.dirname, "../support/host-helpers.ts");
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "helpers",
    target: "es2022",
  });
  return `${outputFiles[0]?.text ?? ""}\nhelpers`;
}
