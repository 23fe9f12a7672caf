// The command `wasyncio`, in a process of its own, as npx runs it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import packageJson from "../../../package.json" with { type: "json" };
import { type Ended, root, run } from "../../support/processes.ts";

const folder = mkdtempSync(join(root, "build/cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

const command = (...args: string[]): Promise<Ended> =>
  run([process.execPath, join(root, packageJson.bin.wasyncio), ...args], { cwd: folder });

/** Writes a module that the command is given. */
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};

describe("wasyncio", () => {
  test("tells what there is", async () => {
    const { end, stdout, stderr } = await command("--help");
    expect([end, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Usage: wasyncio COMMAND/);
    expect(stdout).toMatch(/\n {2}worker +runs jobs of a queue/);
  });

  test("tells its version", async () => {
    expect(await command("--version")).toEqual({ end: 0, stdout: `${packageJson.version}\n`, stderr: "" });
  });

  test.each([
    ["nothing", [], /^wasyncio: a command is missing\n\nUsage/],
    ["what there is not", ["wrok"], /^wasyncio: there is no command 'wrok'\n\nUsage/],
    ["a name of the language's", ["constructor"], /^wasyncio: there is no command 'constructor'/],
  ])("refuses %s with code 2", async (_, args, message) => {
    const { end, stdout, stderr } = await command(...args);
    expect([end, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });
});

describe("wasyncio worker", () => {
  const job = (name: string): string =>
    `import { job } from "wasyncio/executors"; export const f = job(import.meta, function ${name}() {});`;

  test("tells how it is called", async () => {
    const { end, stdout } = await command("worker", "--help");
    expect(end).toBe(0);
    expect(stdout).toMatch(/^Usage: wasyncio worker --queue NAME/);
  });

  test.each([
    ["no queue", ["jobs.mjs"], "--queue is missing"],
    ["no module", ["--queue", "q"], "a module is missing"],
    ["an option that there is not", ["--que", "q", "jobs.mjs"], "Unknown option '--que'"],
    [
      "what is no number",
      ["--queue", "q", "--concurrency", "many", "jobs.mjs"],
      "--concurrency is a number: got 'many'",
    ],
    [
      "half a job",
      ["--queue", "q", "--concurrency", "1.5", "jobs.mjs"],
      "concurrency must be greater than 0, and whole",
    ],
    ["a lock that is too short", ["--queue", "q", "--lock", "1", "jobs.mjs"], "lock must be 10 s at least: got 1"],
    ["a queue that there cannot be", ["--queue", "a:b", "jobs.mjs"], "Invalid queue: expected a name without a colon"],
    ["what is no address", ["--queue", "q", "--connection", "here", "jobs.mjs"], "Invalid connection: expected a URL"],
    ["a file that is not there", ["--queue", "q", "nowhere.mjs"], "cannot load nowhere.mjs: there is no such file"],
  ])("refuses %s with code 2", async (_, args, message) => {
    file("jobs.mjs", job("only"));
    const { end, stdout, stderr } = await command("worker", ...args);
    expect([end, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`wasyncio worker: ${message}`);
    expect(stderr).not.toContain("    at "); // no stack
  });

  test("fails when there is no job", async () => {
    const { end, stderr } = await command("worker", "--queue", "q", file("empty.mjs", ""));
    expect(end).toBe(1);
    expect(stderr).toMatch(/^TypeError: Cannot serve a queue: nothing was made a job\(\)/);
  });

  test("shows where a module fails that it loads", async () => {
    const { end, stderr } = await command("worker", "--queue", "q", file("fails.mjs", "\nnowhere();"));
    expect(end).toBe(1);
    expect(stderr).toMatch(/ReferenceError: nowhere is not defined\n +at .*fails\.mjs:2/);
  });

  test("says what reads TypeScript, where Node does not", async () => {
    const reads = (process.features as { typescript?: unknown }).typescript;
    const { end, stderr } = await command("worker", "--queue", "q", file("jobs.ts", "const nothing: null = null;"));
    expect(end).toBe(reads ? 1 : 2);
    expect(stderr).toMatch(
      reads
        ? /nothing was made a job/
        : /^wasyncio worker: Unknown file extension ".ts" for .*jobs\.ts: if it is TypeScript, take/,
    );
  });
});
