// The engines that programs are run on, as far as that can be said without running them.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { binaryOf, nodes, ownNode } from "../../scripts/engines.mjs";
import tools from "../../tools/engines/package.json" with { type: "json" };

const installed = Object.keys(tools.optionalDependencies).map((name) => name.split("-"));

test("every Node is there for the same platforms", () => {
  const platformsOf = (node: string): string[] =>
    installed.filter(([name]) => name === node).map(([, ...platform]) => platform.join("-"));
  const [first, ...others] = [...new Set(installed.map(([name = ""]) => name))].map(platformsOf);
  expect(first).toContain("linux-x64");
  for (const platforms of others) expect(platforms).toEqual(first);
});

test("the Node that runs this is among them, once, as itself", () => {
  expect(nodes.filter((name) => name === ownNode)).toEqual([ownNode]);
  expect(binaryOf(ownNode)).toBe(process.execPath);
  expect(nodes).toEqual(expect.arrayContaining(["node20", "node24", "node26"]));
});

test.each(["package-lock.json", ...["docs", "engines", "eslint"].map((tool) => `tools/${tool}/package-lock.json`)])(
  "%s says what is installed, and not from where",
  (file) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
    expect(text).toContain('"integrity"');
    expect(text).not.toContain('"resolved"');
  },
);
