// What the compiler says of a forgotten star, in the words that people read.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { root, start } from "../../support/processes.ts";

const folder = mkdtempSync(join(tmpdir(), "wasyncio-messages-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAM = `import { type Coroutine, createTask, run, sleep } from "wasyncio";
declare function load(): Promise<string>;
declare function work(): Coroutine<number>;
function* yieldsCoroutine(): Coroutine<void> { yield sleep(1); }
function* yieldsPromise(): Coroutine<void> { yield load(); }
function* yieldsTask(): Coroutine<void> { yield createTask(work()); }
void run(function* () { yield work(); });
function* returns(): Coroutine<number> { return work(); }
function* assigns(): Coroutine<void> { const n: number = work(); }
void [yieldsCoroutine, yieldsPromise, yieldsTask, returns, assigns];
`;

test("a plain yield is told which star it needs, and a value that is none what it is", async () => {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/wasyncio"), "junction");
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  writeFileSync(join(folder, "program.ts"), PROGRAM);
  const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--pretty", "false"];
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = await start([process.execPath, tsc, ...options, "program.ts"], { cwd: folder }).ended;
  const told = stdout.split(/\n(?=program\.ts)/).map((text) => {
    const [, line] = /^program\.ts\((\d+),/.exec(text) ?? [];
    return `${line}: ${/\[yieldNeedsItsStar\]|'Coroutine<number>' is not assignable to type 'number'/.exec(text)?.[0]}`;
  });
  const isCoroutine = "'Coroutine<number>' is not assignable to type 'number'";
  const star = "[yieldNeedsItsStar]";
  expect(told).toEqual([
    `4: ${star}`,
    `5: ${star}`,
    `6: ${star}`,
    `7: ${star}`,
    `8: ${isCoroutine}`,
    `9: ${isCoroutine}`,
  ]);
});
