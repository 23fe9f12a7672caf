// The plugin as configurations bring it in: in every version of ESLint, and in the types of each.

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import plugin from "wasyncio/eslint";
import { root } from "../../../scripts/exec.mjs";
import { VERSIONS, load, typeScript } from "./eslint.ts";

const PROGRAM = `import { sleep } from "wasyncio";
function* quick() { return 1; }
function* main() {
  quick();
  try {
    yield sleep(1);
    yield* sleep(1);
  } catch {}
}
main;
`;

describe.each(VERSIONS)("ESLint $ESLint.version", ({ Linter }) => {
  const found = (code: string, config: object[], file: string) =>
    new Linter().verify(code, config, file).map(({ line, ruleId, message }) => `${line} ${ruleId ?? message}`);
  const all = ["4 wasyncio/no-floating-coroutine", "6 wasyncio/no-plain-yield", "8 wasyncio/no-swallowed-cancellation"];

  test("has all rules by the recommended configuration, and no require-yield", () => {
    const config = [{ rules: { "require-yield": "error" } }, plugin.configs.recommended];
    expect(found(PROGRAM, config, "program.js")).toEqual(all);
  });

  test("takes TypeScript's files with another parser, by the same configuration", () => {
    const config = [
      { files: ["**/*.ts"], languageOptions: { parser: load("@typescript-eslint/parser") } },
      plugin.configs.recommended,
    ];
    expect(found(PROGRAM.replace("main()", "main(): Generator"), config, "program.ts")).toEqual(all);
  });

  test("has types by the configuration for TypeScript", () => {
    const { configs } = plugin;
    expect(configs.typescript.languageOptions?.parserOptions).toEqual({ projectService: true });
    const config = [{ ...configs.typescript, languageOptions: typeScript }];
    const code = `import type { Queue } from "wasyncio";\nexport const take = (queue: Queue<number>) => {\n  queue.get();\n};`;
    expect(found(code, config, "program.ts")).toEqual(["3 wasyncio/no-floating-coroutine"]);
    expect(found(code, [plugin.configs.typescript], "program.js").join()).not.toContain("wasyncio/");
  });
});

test("the plugin has the types that each version of ESLint asks for", () => {
  const ts = load("typescript") as TypeScript;
  const file = join(root, "tools/eslint/eslint.config.mts");
  const text = VERSIONS.map(
    ({ ESLint: { version } }, index) => `
      import { type ESLint as ESLint${index}, type Linter as Linter${index} } from "${version.startsWith("9.") ? "eslint9" : "eslint"}";
      import { defineConfig as define${index} } from "${version.startsWith("9.") ? "eslint9" : "eslint"}/config";
      export const plugin${index}: ESLint${index}.Plugin = wasyncio;
      export const config${index}: Linter${index}.Config[] = [wasyncio.configs.recommended, wasyncio.configs.typescript];
      export const defined${index} = define${index}([wasyncio.configs.recommended, wasyncio.configs.typescript]);`,
  );
  const source = `import wasyncio from "wasyncio/eslint";${text.join("")}`;
  const { options } = ts.getParsedCommandLineOfConfigFile(join(root, "tsconfig.json"), {}, ts.sys);
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  Object.assign(host, {
    readFile: (name: string) => (name === file ? source : readFile(name)),
    fileExists: (name: string) => name === file || fileExists(name),
    getSourceFile: (name: string, target: unknown) =>
      name === file ? ts.createSourceFile(name, source, target) : getSourceFile(name, target),
  });
  const program = ts.createProgram([file], options, host);
  expect(ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), host)).toBe("");
});

interface TypeScript {
  readonly sys: object;
  getParsedCommandLineOfConfigFile(file: string, options: object, host: object): { options: object };
  createCompilerHost(options: object): {
    readFile(name: string): string | undefined;
    fileExists(name: string): boolean;
    getSourceFile(name: string, target: unknown): object | undefined;
  };
  createSourceFile(name: string, text: string, target: unknown): object;
  createProgram(files: readonly string[], options: object, host: object): object;
  getPreEmitDiagnostics(program: object): readonly object[];
  formatDiagnostics(diagnostics: readonly object[], host: object): string;
}
