// The source maps of the package: what they tell debuggers.

import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const dist = resolve(import.meta.dirname, "../../dist");
const maps = readdirSync(dist, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".js.map"))
  .map((file) => JSON.parse(readFileSync(join(dist, file), "utf8")) as Record<string, unknown[]>);

test("every source is marked as the library's: debuggers leave its frames out", () => {
  expect(maps.length).toBeGreaterThan(10);
  for (const { sources = [], ignoreList, x_google_ignoreList } of maps) {
    const all = [...sources.keys()];
    expect([ignoreList, x_google_ignoreList]).toEqual([all, all]);
  }
});

test("and comes with its text", () => {
  for (const { sources = [], sourcesContent } of maps) expect(sourcesContent).toHaveLength(sources.length);
});
