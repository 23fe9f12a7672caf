// The facts of asyncio 3.14: the traces of CPython, or those that docs/differences.md accounts for.

import semantics from "../../cpython/facts/data/semantics.json" with { type: "json" };
import { groups } from "../../cpython/facts/facts.ts";
import { asData, inJavaScript } from "../../cpython/facts/words.ts";
import { type Report, same } from "./report.ts";

const expected = new Map((semantics as { id: string; expect: unknown }[]).map((row) => [row.id, row.expect]));

/** Facts for which somebody listens, or a child starts: hosts ask for leave, or have none of it. */
const OUTSIDE = /^(SERVER-|TRANSPORT-(?!12)|STREAM-1[23]|SUBPROC-0(?![479]))/;

/** Facts for which threads import a module: a bundle has none. test/package/installed has executors on each host. */
const IN_THREADS = /^THREAD-0/;

export const testFacts = (report: Report): Promise<void> =>
  testAll(report, (id) => !OUTSIDE.test(id) && !IN_THREADS.test(id));
export const testOutsideFacts = (report: Report): Promise<void> => testAll(report, (id) => OUTSIDE.test(id));

async function testAll(report: Report, isMeant: (id: string) => boolean): Promise<void> {
  for (const [id, fact] of Object.values(groups).flatMap(Object.entries)) {
    if (!isMeant(id)) continue;
    if (typeof fact === "function") {
      await report.test(`fact ${id}`, async () => same(asData(await fact()), inJavaScript(expected.get(id))));
    } else if (fact.kind !== "excused") {
      await report.test(`fact ${id}, ${fact.kind}`, async () => same(asData(await fact.program()), fact.trace));
    }
  }
}
