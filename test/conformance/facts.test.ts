// The facts of asyncio 3.14, each a program in Python with the trace that CPython gave: the same program here gives the same trace,
// or it stands in docs/differences.md with the reason.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isDifferent, isExcused } from "./fact.ts";
import { groups } from "./facts.ts";
import { asData, inJavaScript, sameButForWords } from "./words.ts";

interface Row {
  readonly id: string;
  readonly text: string;
  readonly tags: readonly string[];
  readonly expect: unknown;
}

const rows = JSON.parse(readFileSync(new URL("data/semantics.json", import.meta.url), "utf8")) as Row[];
const row = new Map(rows.map((row) => [row.id, row]));
const facts = Object.values(groups).flatMap((group) => Object.entries(group));

for (const [id, fact] of facts) {
  if (isExcused(fact)) continue;
  const expected = inJavaScript(row.get(id)?.expect);
  if (isDifferent(fact)) {
    test(`${id} differs: ${fact.because}`, async () => {
      expect(asData(await fact.program())).toEqual(fact.trace);
      expect(fact.trace, "gives asyncio's trace after all").not.toEqual(expected);
    });
  } else {
    test(`${id} ${row.get(id)?.text}`, async () => {
      expect(asData(await fact())).toEqual(expected);
    });
  }
}

describe("the account", () => {
  const kept = facts.filter(([, fact]) => typeof fact === "function");
  const reworded = facts.filter(
    ([id, fact]) => isDifferent(fact) && sameButForWords(fact.trace, inJavaScript(row.get(id)?.expect)),
  );
  const excused = facts.filter((entry) => !kept.includes(entry) && !reworded.includes(entry));

  test("has each fact once", () => {
    expect(facts.map(([id]) => id).sort()).toEqual(rows.map(({ id }) => id).sort());
  });

  test("is the one in docs/differences.md", () => {
    const page = readFileSync(new URL("../../docs/differences.md", import.meta.url), "utf8");
    const listed = [...page.matchAll(/^\| ([A-Z]+-\d+) \| (.*) \|$/gm)].map(([, id, why]) => [id, why]);
    const reasons = excused.map(([id, fact]) => [id, (fact as { because: string }).because]);
    expect(listed).toEqual(reasons.sort());
    expect(page).toContain(
      `Of the ${rows.length} facts, ${kept.length} hold to the letter, ${reworded.length} in JavaScript's words, and ${excused.length} do not apply:`,
    );
  });
});
