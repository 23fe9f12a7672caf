// The facts of asyncio 3.14, each a program in Python with the trace that CPython gave: the same program here gives the
// same trace, or it stands in docs/differences.md with the reason.

import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { TaskGroup, Timeout } from "wasyncio";
import { inPlace } from "../../support/in-place.ts";
import type { Fact } from "./fact.ts";
import { groups } from "./facts.ts";
import { asData, inJavaScript, withoutWords } from "./words.ts";

interface Row {
  readonly id: string;
  readonly text: string;
  readonly tags: readonly string[];
  readonly expect: unknown;
}

const rows = JSON.parse(readFileSync(new URL("data/semantics.json", import.meta.url), "utf8")) as Row[];
const row = new Map(rows.map((row) => [row.id, row]));
const facts = Object.values(groups).flatMap((group) => Object.entries(group));

for (const [id, fact] of facts) tryFact(id, fact);

describe("with blocks in place", () => {
  beforeEach(() => {
    for (const { prototype } of [Timeout, TaskGroup]) {
      vi.spyOn(prototype as Timeout, "with").mockImplementation(function (this: Timeout, body) {
        return inPlace(this, body as never);
      });
    }
  });
  afterEach(() => void vi.restoreAllMocks());

  for (const group of [groups.timeout, groups["task-group"], groups.cancel, groups.eager])
    for (const [id, fact] of Object.entries(group)) tryFact(id, fact);
});

function tryFact(id: string, fact: Fact): void {
  const { text, expect: trace } = row.get(id) as Row;
  const expected = inJavaScript(trace);
  if (typeof fact === "function") {
    test(`${id} ${text}`, async () => {
      expect(asData(await fact())).toEqual(expected);
    });
  } else if (fact.kind !== "excused") {
    test(`${id} ${fact.kind}: ${fact.because}`, async () => {
      expect(asData(await fact.program())).toEqual(fact.trace);
      expect(fact.trace, "gives asyncio's trace after all").not.toEqual(expected);
      if (fact.kind === "reworded")
        expect(withoutWords(fact.trace), "differs in more than words").toEqual(withoutWords(expected));
    });
  }
}

describe("the account", () => {
  const page = readFileSync(new URL("../../../docs/differences.md", import.meta.url), "utf8");
  const listOf = (kind: string) =>
    facts
      .flatMap(([id, fact]) => (typeof fact === "object" && fact.kind === kind ? [`| ${id} | ${fact.because} |`] : []))
      .sort();
  const [reworded, different, excused] = [listOf("reworded"), listOf("different"), listOf("excused")];

  test("has each fact once", () => {
    expect(facts.map(([id]) => id).sort()).toEqual(rows.map(({ id }) => id).sort());
  });

  test("is the one in docs/differences.md", () => {
    const kept = facts.length - reworded.length - different.length - excused.length;
    expect(page).toContain(
      `Of ${rows.length} facts, ${kept} hold to the letter, ${reworded.length} in other words, ${different.length} differ and ${excused.length} do not apply.`,
    );
    const listed = page.split("\n").filter((line) => /^\| [A-Z]+-\d+ \|/.test(line));
    expect(listed).toEqual([...reworded, ...different, ...excused]);
  });
});
