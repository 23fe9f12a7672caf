// The programs and commands of the documents, run as a reader would: each prints what stands below it.
//
// When what they print has changed on purpose: node scripts/run-ts.mjs test/package/docs/update.ts

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../../scripts/exec.mjs";
import { DOCUMENTS } from "./documents.ts";
import { examplesOf } from "./examples.ts";
import { Project } from "./project.ts";

describe.each(DOCUMENTS)("$path", ({ path, runs, hosts, lowered }) => {
  const all = examplesOf(readFileSync(resolve(root, path), "utf8"));
  let project: Project;

  beforeAll(() => {
    project = new Project(all, lowered);
  });

  afterAll(() => project.remove());

  it("has programs", () => expect(all.examples.length).toBeGreaterThan(1));

  it("has no block that is not run", () => {
    const blocks = all.unused.filter(({ language }) => runs === "all" || language === runs);
    expect(blocks.map(({ line, language }) => `${language} at line ${line}`)).toEqual([]);
  });

  it("shows files of the repository as they are", () => {
    for (const { path, block } of all.shown) expect(block.text).toBe(readFileSync(resolve(root, path), "utf8"));
  });

  it("has programs that compile", async () => expect(await project.compile()).toBe(""));

  const cases = all.examples.map((example) => [example.output.line, example] as const);
  describe.each(hosts)("on %s", (host) => {
    it.each(cases)("prints what it says: line %i", async (_, example) => {
      expect(await project.outputOf(example, host)).toBe(example.output.text);
    });
  });
});
