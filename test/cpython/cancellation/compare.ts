// Compares a chapter with what CPython did, which data/ holds.
//
// After a change of a scenario: node scripts/run-ts.mjs test/cpython/cancellation/record.ts

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Chapter, type Table, sweep } from "./sweep.ts";

/** Makes a test of each scenario of a chapter. */
export function compareWithCPython(name: string, chapter: Chapter): void {
  const recorded = JSON.parse(readFileSync(new URL(`data/${name}.json`, import.meta.url), "utf8")) as Record<
    string,
    Table | string
  >;

  test("there are as many scenarios as CPython was asked about", () => {
    expect(Object.keys(chapter.scenarios)).toEqual(Object.keys(recorded));
  });

  test.each(Object.entries(chapter.scenarios))("%s", (scenario, program) => {
    const expected = recorded[scenario];
    expect(sweep(program, chapter)).toEqual(typeof expected === "string" ? recorded[expected] : expected);
  });
}
