// ESLint in the versions that the plugin is for, from tools/eslint: typescript-eslint needs an older TypeScript than
// the package does.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "vitest";
import plugin from "wasyncio/eslint";
import { root } from "../../../scripts/exec.mjs";

const tools = `${root}/tools/eslint/package.json`;
if (!existsSync(`${root}/tools/eslint/node_modules`))
  throw new Error("ESLint is not installed: node scripts/setup.mjs --eslint");

/** Loads a package of tools/eslint. */
export const load: (name: string) => unknown = createRequire(tools);

/** A program that a rule has nothing to say about. */
export interface Valid {
  readonly name?: string;
  readonly code: string;
  readonly filename?: string;
}

/** A program and what a rule has to say about it. */
export interface Invalid extends Valid {
  readonly errors: readonly { readonly messageId: string; readonly suggestions?: number | readonly object[] }[];
}

/** A complaint, as ESLint gives it. */
export interface Message {
  readonly ruleId: string | null;
  readonly message: string;
  readonly line: number;
}

interface RuleTester {
  run(name: string, rule: object, programs: { valid: readonly Valid[]; invalid: readonly Invalid[] }): void;
}

interface ESLintModule {
  readonly RuleTester: { new (config: object): RuleTester; describe: unknown; it: unknown };
  readonly Linter: new () => { verify(code: string, config: object | object[], file?: string): Message[] };
  readonly ESLint: {
    new (options: object): {
      lintFiles(patterns: readonly string[]): Promise<{ filePath: string; messages: Message[] }[]>;
    };
    readonly version: string;
  };
}

export const VERSIONS = ["eslint9", "eslint"].map((name) => load(name) as ESLintModule);

/** typescript-eslint's parser with the types of the project, also for files that are not there. */
export const typeScript = {
  parser: load("@typescript-eslint/parser"),
  parserOptions: {
    projectService: { allowDefaultProject: ["*.ts"], defaultProject: "tsconfig.json" },
    tsconfigRootDir: root,
  },
};

type RuleName = keyof typeof plugin.rules;

/** Tries a rule on programs in every version of ESLint. */
export function tryRule(rule: RuleName, valid: readonly string[], invalid: readonly Invalid[]): void {
  tryWith({}, rule, { valid: valid.map((code) => ({ code })), invalid });
}

/** The same with types: each program begins with these lines, and is called what follows. */
export function tryTyped(rule: RuleName, head: string, valid: readonly string[], invalid: readonly Invalid[]): void {
  const typed = <P extends Valid>(program: P): P => ({
    ...program,
    name: program.code,
    code: head + program.code,
    filename: "program.ts",
  });
  tryWith({ languageOptions: typeScript }, rule, {
    valid: valid.map((code) => typed({ code })),
    invalid: invalid.map(typed),
  });
}

function tryWith(
  config: object,
  rule: RuleName,
  programs: { valid: readonly Valid[]; invalid: readonly Invalid[] },
): void {
  for (const { RuleTester, ESLint } of VERSIONS) {
    RuleTester.describe = describe;
    RuleTester.it = (title: string, body: () => void) => test(title, body);
    describe(`ESLint ${ESLint.version}`, () => new RuleTester(config).run(rule, plugin.rules[rule], programs));
  }
}
