// The programs of README.md, run as a reader would: each prints what stands below it.

import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const folder = resolve(root, "build/readme");
const programs = [
  ...readFileSync(resolve(root, "README.md"), "utf8").matchAll(/```ts\n(.*?)```\n\n```text\n(.*?)```/gs),
].map(([, program, output]) => ({ program, output }));

describe("README.md", () => {
  it("has programs", () => expect(programs.length).toBeGreaterThan(2));

  it.each(programs)("prints what it says: program %#", async ({ program, output }) => {
    const file = resolve(folder, `program-${programs.findIndex((entry) => entry.program === program)}.ts`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, program);
    const { stdout } = await promisify(execFile)(process.execPath, ["scripts/run-ts.mjs", file], { cwd: root });
    expect(stdout).toBe(output);
  });
});
