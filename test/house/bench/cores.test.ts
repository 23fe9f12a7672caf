// Our runtime over each core that the bench measures: each is the core that it is called, and does the work of every
// case.

import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import type * as wasyncio from "wasyncio";
import { cases } from "../../../bench/cases.ts";
import { CORES, type CoreName, bundleOver } from "../../../bench/cores/bundle.ts";
import { root } from "../../../bench/harness/child.ts";

/** Files that a bundle has of a core, and of no other. */
const FILES: Record<CoreName, string[]> = {
  wasm: ["src/core/decoded.ts"],
  typescript: ["test/support/typescript-core/core.ts", "test/support/typescript-core/digest.ts"],
  "typescript-no-digest": ["test/support/typescript-core/core.ts", "bench/cores/no-digest.ts"],
};

const fromHere = (): void => {};
const TIMEOUT = 60_000;

describe.each(CORES)("the bundle over the core %s", (core) => {
  const bundle = bundleOver(core, root, "node");

  test("has that core in it, and no other", async () => {
    const text = await readFile(await bundle, "utf8");
    const files = new Set(Object.values(FILES).flat());
    expect([...files].filter((file) => text.includes(`// ${file}\n`)).sort()).toEqual(FILES[core].toSorted());
  });

  test.each(Object.entries(cases))("counts the operations of %s", { timeout: TIMEOUT }, async (_, it) => {
    const library = (await import(pathToFileURL(await bundle).href)) as typeof wasyncio;
    expect(await library.run(() => it.wasyncio(library)(fromHere))).toBe(it.operations);
  });
});
