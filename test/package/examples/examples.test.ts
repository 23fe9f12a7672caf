// Every small program prints what the block at its end says.

import { readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../../support/processes.ts";
import { runExample } from "./support.ts";

const programs = readdirSync(resolve(root, "examples")).filter((name) => /^\d+-.*\.ts$/.test(name));

/** Seconds in the output, as in "took 0.3 s". */
const SECONDS = /\b\d+\.\d+(?= s\b)/g;

describe.concurrent("the example", () => {
  // The programs keep time: on a machine that stood still at the wrong moment, one may be late for itself.
  test.each(programs)("%s prints what it says", { retry: 2, timeout: 30_000 }, async (program) => {
    const promised = promisedOutput(program);
    const { end, stdout, stderr } = await runExample(program);
    expect({ end, stderr, stdout: stdout.replace(SECONDS, "…") }).toEqual({
      end: 0,
      stderr: "",
      stdout: promised.replace(SECONDS, "…"),
    });
    const late = secondsIn(stdout).map((seconds, index) => seconds - secondsIn(promised)[index]);
    expect(late.every((seconds) => seconds >= 0 && seconds < 2)).toBe(true);
  });

  test("for each number that has one are all there", () => {
    const numbers = new Set(programs.map((name) => Number.parseInt(name)));
    expect([...numbers]).toEqual([1, 2, 3, 4, 5, 6, 7, 9, 10, 12, 13, 14, 19, 20, 21, 22, 23]);
  });
});

/** The comment block behind "Prints:". */
function promisedOutput(program: string): string {
  const [, block] = readFileSync(resolve(root, "examples", program), "utf8").split("\n// Prints:\n");
  return block.replaceAll(/^\/\/ ?/gm, "");
}

function secondsIn(output: string): number[] {
  return [...output.matchAll(SECONDS)].map(Number);
}
