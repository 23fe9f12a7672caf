// npm run test262 -- --suite PATH: the tests of async code in a checkout of tc39/test262, as they stand and lowered.
// Only those count that pass as they stand, on this engine. Those that fail lowered are listed, in a table for each
// thing that lowered code runs on, which may only become shorter: --update writes it anew.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { Realms } from "./realm.ts";
import { hasLoop, scriptOf } from "./runners.ts";
import { readSuite } from "./suite.ts";

const { values } = parseArgs({
  options: {
    suite: { type: "string" },
    on: { type: "string", default: hasLoop ? "loop" : "promises" },
    only: { type: "string", default: "" },
    update: { type: "boolean", default: false },
  },
});
const { suite, on, only, update } = values;
if (suite === undefined || (on !== "loop" && on !== "promises"))
  throw new TypeError("npm run test262 -- --suite PATH [--on loop|promises] [--only TEXT] [--update]");

// Tests reject promises that nobody looks at.
process.on("unhandledRejection", () => {});

const realms = new Realms(resolve(suite), await scriptOf(on));
const failures: string[] = [];
const counts = new Map<string, { passed: number; failed: number; notCounted: number }>();
for (const test of readSuite(resolve(suite)).filter(({ name }) => name.includes(only))) {
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
const table = resolve(import.meta.dirname, `failures-on-${on}.txt`);
const nameIn = (line: string): string => line.split(": ")[0] ?? "";
const listed = existsSync(table) ? readFileSync(table, "utf8").trim().split("\n").map(nameIn) : [];
const known = new Set(listed);
const unknown = failures.filter((line) => !known.has(nameIn(line)));
if (update) writeFileSync(table, failures.map((line) => `${line}\n`).join(""));
else if (unknown.length > 0) {
  console.error(`${unknown.length} fail that the table does not list:\n${unknown.join("\n")}`);
  process.exitCode = 1;
} else if (only === "" && failures.length < known.size)
  console.log(`${known.size - failures.length} of the table pass: write it anew by --update`);
