// The programs of others: every file of this repository's packages that is async is lowered, and is a program again.

import { readFileSync, readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import { lowerAsync } from "wasyncio/transform";

const folder = resolve(import.meta.dirname, "../../../node_modules");

/** Files that are no programs: templates, and tests of parsers. None so far. */
const REFUSED: readonly string[] = [];

test("every file of node_modules is lowered, parses and keeps its lines", () => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.d)\.[cm]?[jt]sx?$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const [refused, broken]: [string[], string[]] = [[], []];
  let loweredFiles = 0;
  for (const file of files) {
    const code = readFileSync(join(folder, file), "utf8");
    if (!/\basync\b/.test(code)) continue;
    try {
      const result = lowerAsync(code, { file });
      if (result === null) continue;
      loweredFiles++;
      if (!isProgram(file, code, result.code)) broken.push(file);
    } catch (error) {
      expect((error as Error).message).toMatch(/^Cannot lower .*:\d+:\d+: |^Cannot lower .* at .*:\d+:\d+: /);
      refused.push(file);
    }
  }
  expect(broken).toEqual([]);
  expect(refused).toEqual(REFUSED);
  expect(loweredFiles).toBeGreaterThan(300);
});

function isProgram(file: string, code: string, text: string): boolean {
  const lang = file.endsWith(".tsx") ? "tsx" : file.endsWith("ts") ? "ts" : "jsx";
  const sourceType = text.includes(`from "wasyncio/lowered"`) ? "module" : "commonjs";
  const { errors } = parseSync(file, text, { lang, sourceType });
  return errors.length === 0 && text.split("\n").length === code.split("\n").length;
}
