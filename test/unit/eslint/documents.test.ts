// The programs of the documents are as the plugin has them. So is the rest of the repository, which the gate's lint
// sees to: oxlint with the built plugin.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import plugin from "wasyncio/eslint";
import { root } from "../../../scripts/exec.mjs";
import { blocksOf } from "../../package/docs/blocks.ts";
import { VERSIONS, load } from "./eslint.ts";

const DOCUMENTS = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)];

/** What is shown as a mistake is followed by this. */
const WRONG = /wrong/;

test.each(DOCUMENTS.filter((name) => name.endsWith(".md")))("%s", (file) => {
  const { Linter } = VERSIONS[0];
  const config = [
    { files: ["**/*.ts"], languageOptions: { parser: load("@typescript-eslint/parser") } },
    plugin.configs.recommended,
  ];
  const complaints = blocksOf(readFileSync(join(root, file), "utf8"))
    .filter(({ language, info }) => /^[jt]s$/.test(language) && !WRONG.test(info))
    .flatMap(({ line, text }) =>
      new Linter()
        .verify(text, config, "program.ts")
        .map((message) => `${line + message.line}: ${message.ruleId} ${message.message}`),
    );
  expect(complaints).toEqual([]);
});
