// The files of tc39/test262: which of them are about async code, and what each says of itself.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, sep } from "node:path";

export interface TestFile {
  /** From the folder "test" on: "language/expressions/await/syntax-await-has-UnaryExpression.js" */
  readonly name: string;
  readonly source: string;
  /** Files of "harness" that it needs. */
  readonly includes: readonly string[];
  readonly isStrict: boolean;
  /** Whether it ends by calling $DONE. */
  readonly isAsync: boolean;
}

/** What is tried, each with the word that a test has to have in its code. */
const CHAPTERS: readonly (readonly [folder: string, word: RegExp])[] = [
  ["language", /\b(async|await)\b/],
  ["built-ins/Promise", /\bPromise\b/],
];

/** Not tried: they import other files, or are about syntax that is refused before anything runs. */
const NOT_TRIED = /^\s*negative:|^flags:.*\b(module|raw)\b|\bimport(\.defer|\.source)?\s*\(/m;

/** The tests of a checkout. */
export function readSuite(checkout: string): TestFile[] {
  if (!existsSync(join(checkout, "harness/assert.js"))) throw new Error(`${checkout} is no checkout of tc39/test262`);
  return CHAPTERS.flatMap(([folder, word]) => filesIn(checkout, folder, word));
}

function filesIn(checkout: string, folder: string, word: RegExp): TestFile[] {
  const names = readdirSync(join(checkout, "test", folder), { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".js") && !name.includes("_FIXTURE"))
    .map((name) => join(folder, name).split(sep).join("/"))
    .sort()
    .flatMap((name) => {
      const source = readFileSync(join(checkout, "test", name), "utf8");
      const [, facts = ""] = /\/\*---([^]*?)---\*\//.exec(source) ?? [];
      if (NOT_TRIED.test(source) || !word.test(source.replace(/\/\*[^]*?\*\/|\/\/.*/g, ""))) return [];
      const flags = /^flags:\s*\[(.*)\]/m.exec(facts)?.[1] ?? "";
      const isStrict = /\bonlyStrict\b/.test(flags);
      return [{ name, source, includes: includesIn(facts), isStrict, isAsync: /\basync\b/.test(flags) }];
    });
}

/** `includes: [a.js, b.js]`, or a list of lines. */
function includesIn(facts: string): string[] {
  const [, inline, lines = ""] = /^includes:[ ]*(?:\[(.*)\]|((?:\n[ ]+-.*)*))/m.exec(facts) ?? [];
  return (inline ?? lines).split(/[,\n]/).flatMap((each) => /[\w-]+\.js/.exec(each)?.[0] ?? []);
}
