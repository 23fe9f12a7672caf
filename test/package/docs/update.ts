// Writes into the documents what their programs and commands print now, and replaces the tokens of old ones everywhere.
// Lines of an excerpt that are no longer printed have to be seen to by hand. Usage: node scripts/run-ts.mjs
// test/package/docs/update.ts

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { root } from "../../../scripts/exec.mjs";
import { DOCUMENTS } from "./documents.ts";
import { examplesOf } from "./examples.ts";
import { Project, tokensIn } from "./project.ts";

for (const { path } of DOCUMENTS) {
  const file = resolve(root, path);
  let document = readFileSync(file, "utf8");
  const { examples } = examplesOf(document);
  for (let index = 0; index < examples.length; index++) {
    // Anew each time: tokens of earlier outputs stand in later programs.
    const current = examplesOf(document);
    const example = current.examples[index];
    const { text, start, line } = example.output;
    const project = new Project(current);
    const printed = await project.outputOf(example);
    project.remove();
    if (printed === text) continue;
    console.log(`${path}: line ${line}`);
    document = document.slice(0, start) + printed + document.slice(start + text.length);
    const tokens = tokensIn(printed);
    for (const [place, token] of tokensIn(text).entries())
      document = document.replaceAll(token, tokens[place] ?? token);
    writeFileSync(file, document);
  }
}
