// Writes into the documents what their programs and commands print now, and the files that they show as these are now;
// replaces the tokens of old outputs everywhere. Lines of an excerpt that are no longer printed have to be seen to by
// hand. Usage: node scripts/run-ts.mjs test/package/docs/update.ts

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { root } from "../../../scripts/exec.mjs";
import type { Block } from "./blocks.ts";
import { DOCUMENTS } from "./documents.ts";
import { examplesOf } from "./examples.ts";
import { Project, tokensIn } from "./project.ts";

for (const { path, hosts, lowered } of DOCUMENTS) {
  const file = resolve(root, path);
  let document = readFileSync(file, "utf8");
  const replace = ({ start, text, line }: Block, current: string): void => {
    if (current === text) return;
    console.log(`${path}: line ${line}`);
    document = document.slice(0, start) + current + document.slice(start + text.length);
  };
  // Anew each time: what was replaced has moved what follows, and tokens of earlier outputs stand in later programs.
  const { shown, examples } = examplesOf(document);
  for (const index of shown.keys()) {
    const { path: source, block } = examplesOf(document).shown[index];
    replace(block, readFileSync(resolve(root, source), "utf8"));
  }
  for (const index of examples.keys()) {
    const current = examplesOf(document);
    const { output } = current.examples[index];
    const project = new Project(current, lowered);
    const printed = await project.outputOf(current.examples[index], hosts[0]);
    project.remove();
    replace(output, printed);
    const tokens = tokensIn(printed);
    for (const [place, token] of tokensIn(output.text).entries())
      document = document.replaceAll(token, tokens[place] ?? token);
    writeFileSync(file, document);
  }
}
