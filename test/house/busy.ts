// `npm run test:busy`: the tests, again and again, on a machine that has its hands full. Prints which of them fails how
// often.
//
// A test that fails now and then says nothing of the code any more. Mostly it depends on how fast it is run: here it is
// run slowly.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Command } from "commander";
import { positiveInteger } from "../../bench/harness/options.ts";
import { exec, root } from "../../scripts/exec.mjs";

/** What vitest writes of a file, as far as it matters here. */
interface FileResult {
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
}

/** Works until its parent is gone, however that ends. */
const BURN = "const parent = process.ppid; while (process.ppid === parent);";

const { runs, files, burners } = new Command("npm run test:busy --")
  .description(
    "Runs the tests again and again, beside processes that keep all cores busy. Ends with 1 when a test has failed.",
  )
  .option("--runs <number>", "how often", positiveInteger, 10)
  .option("--files <file...>", "files of tests, or parts of their names; all without it", [])
  .option("--burners <number>", "processes that keep the cores busy", positiveInteger, availableParallelism())
  .allowExcessArguments(false)
  .showHelpAfterError()
  .parse()
  .opts<{ runs: number; files: string[]; burners: number }>();

/** Runs the tests once. Returns the names of those that failed, and of files that could not be run. */
async function failuresOfRun(report: string): Promise<string[]> {
  // The report has the names; the errors, those outside the tests too, are in the output, which a failure prints.
  const options = ["--allowOnly=false", "--reporter=dot", "--reporter=json", `--outputFile.json=${report}`];
  const passed = await exec("vitest", ["run", ...options, ...files], { capture: true }).then(
    () => true,
    () => false,
  );
  if (passed) return [];
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as { testResults: FileResult[] };
  const failed = testResults
    .filter(({ status }) => status === "failed")
    .flatMap(({ name, assertionResults }) => {
      const tests = assertionResults.filter(({ status }) => status === "failed").map(({ fullName }) => fullName);
      return (tests.length > 0 ? tests : ["cannot be run"]).map((test) => `${relative(root, name)}: ${test}`);
    });
  return failed.length > 0 ? failed : ["an error outside the tests"];
}

const counts = new Map<string, number>();
const folder = mkdtempSync(join(tmpdir(), "wasyncio-busy-"));
const burning: ChildProcess[] = [];
try {
  for (let burner = 0; burner < burners; burner++) burning.push(spawn(process.execPath, ["--eval", BURN]));
  for (let run = 1; run <= runs; run++) {
    const started = performance.now();
    const failures = await failuresOfRun(join(folder, `${run}.json`));
    for (const name of failures) counts.set(name, (counts.get(name) ?? 0) + 1);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(`run ${run} of ${runs}: ${failures.length} failed, ${seconds} s`);
  }
} finally {
  for (const burner of burning) burner.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}

for (const [name, count] of [...counts].sort(([, left], [, right]) => right - left)) {
  console.log(`${String(count).padStart(5)} of ${runs}  ${name}`);
}
console.log(
  `test:busy: ${counts.size === 0 ? "nothing" : `${counts.size} tests`} failed in ${runs} runs beside ${burners} busy processes`,
);
process.exitCode = counts.size === 0 ? 0 : 1;
