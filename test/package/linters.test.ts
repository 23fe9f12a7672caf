// The built plugin in oxlint, as docs/eslint.md configures it. ESLint has it in test/unit/eslint, and with the packed
// package.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { root, start } from "../support/processes.ts";
import { blocksOf } from "./docs/blocks.ts";

const folder = mkdtempSync(join(tmpdir(), "wasyncio-oxlint-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAM = `import { Queue, sleep } from "wasyncio";

export class Worker {
  readonly #jobs = new Queue<string>();
  *start() {
    this.run();
  }
  *run() {
    try {
      yield* sleep(1);
      yield this.#jobs.get();
    } catch (error) {
      console.log(error);
    }
    this.#jobs?.join();
  }
}
`;

test("oxlint takes the plugin, and finds what ESLint does without types", async () => {
  const document = readFileSync(join(root, "docs/eslint.md"), "utf8");
  const [config] = blocksOf(document).filter(({ language }) => language === "json");
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/wasyncio"), "junction");
  writeFileSync(join(folder, ".oxlintrc.json"), config.text);
  writeFileSync(join(folder, "program.ts"), PROGRAM);
  const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
  const { stdout } = await start([process.execPath, oxlint, "--format=unix", "program.ts"], { cwd: folder }).ended;
  const found = [...stdout.matchAll(/^program\.ts:(\d+):.*\(([\w-]+)\)\]$/gm)].map(
    ([, line, rule]) => `${line} ${rule}`,
  );
  expect(found.sort()).toEqual([
    "11 no-plain-yield",
    "12 no-swallowed-cancellation",
    "15 no-floating-coroutine",
    "6 no-floating-coroutine",
  ]);
});
