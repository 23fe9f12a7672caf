// Random programs in real CPython and here: the same trace, or the seed that shows the difference.

import { execFile } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { sideBySide } from "./compare.ts";
import { type CPython, loadCPython } from "./cpython.ts";
import { type Outcome, differs, runBoth, shrink } from "./differ.ts";
import { generate } from "./generator.ts";
import { type Program, number } from "./program.ts";

const COUNT = 1_000;
const BATCH = 100;
const seed = Number(process.env["WASYNCIO_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
const corpus = resolve(import.meta.dirname, "corpus");

let cpython: CPython;
beforeAll(async () => {
  cpython = await loadCPython();
}, 60_000);

function explain(name: string, outcome: Outcome): string {
  const { program, theirs, ours } = shrink(cpython, outcome);
  return `${name} differs from ${cpython.name}:\n${JSON.stringify(program)}\n${sideBySide(theirs, ours)}`;
}

test(`${COUNT} random programs of seed ${seed} do what they do in CPython`, { timeout: 120_000 }, () => {
  let events = 0;
  for (let first = 0; first < COUNT; first += BATCH) {
    const programs = Array.from({ length: BATCH }, (_, index) => generate(seed, first + index));
    for (const [index, outcome] of runBoth(cpython, programs).entries()) {
      events += outcome.theirs.length;
      if (differs(outcome)) throw new Error(explain(`program ${first + index} of seed ${seed}`, outcome));
    }
  }
  expect(events / COUNT).toBeGreaterThan(45);
});

describe("programs that once differed, here or with a bug planted", () => {
  test.each(readdirSync(corpus).filter((file) => file.endsWith(".json")))("%s", (file) => {
    const program = number(JSON.parse(readFileSync(resolve(corpus, file), "utf8")) as Program);
    for (const outcome of runBoth(cpython, [program])) {
      if (differs(outcome)) throw new Error(explain(file, outcome));
    }
  });
});

test("npm run fuzz runs more of them", { timeout: 60_000 }, async () => {
  const root = resolve(import.meta.dirname, "../../..");
  const command = ["scripts/run-ts.mjs", "test/cpython/programs/fuzz.ts", "--seed", "1", "--count", "3"];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root });
  expect(stdout).toContain("programs 0 to 2: 3 ran, 0 differ");
});
