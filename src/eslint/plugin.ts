// The plugin: its rules, and the flat configurations that turn them on. ESLint names it in messages, oxlint the rules
// after it.

import type { Rule } from "./rule.ts";
import { noFloatingCoroutine } from "./rules/no-floating-coroutine.ts";
import { noOpenBlock } from "./rules/no-open-block.ts";
import { noPlainYield } from "./rules/no-plain-yield.ts";
import { noSwallowedCancellation } from "./rules/no-swallowed-cancellation.ts";

/** A flat configuration, for the array that eslint.config.js exports. */
export interface Config {
  readonly name: string;
  readonly files?: string[];
  readonly languageOptions?: { readonly parserOptions: { readonly projectService: true } };
  readonly plugins: Record<string, Plugin>;
  readonly rules: Record<string, "error" | "off">;
}

/** What `wasyncio/eslint` exports, for ESLint 9 and 10 and for oxlint's `jsPlugins`. */
export interface Plugin {
  readonly meta: { readonly name: string; readonly namespace: string };
  readonly rules: Record<
    "no-floating-coroutine" | "no-open-block" | "no-plain-yield" | "no-swallowed-cancellation",
    Rule
  >;
  readonly configs: {
    /** All rules, by what each file itself says. They use types where the configuration gives some. */
    readonly recommended: Config;
    /** The same for TypeScript's files, with types: needs typescript-eslint's parser. */
    readonly typescript: Config;
  };
}

const NAME = "wasyncio";

const rules: Plugin["rules"] = {
  "no-floating-coroutine": noFloatingCoroutine,
  "no-open-block": noOpenBlock,
  "no-plain-yield": noPlainYield,
  "no-swallowed-cancellation": noSwallowedCancellation,
};

const recommended = {
  plugins: {} as Record<string, Plugin>,
  rules: {
    ...Object.fromEntries(Object.keys(rules).map((name) => [`${NAME}/${name}`, "error" as const])),
    // A generator without yield is a coroutine that never waits.
    "require-yield": "off" as const,
  },
};

const plugin: Plugin = {
  meta: { name: NAME, namespace: NAME },
  rules,
  configs: {
    recommended: { name: `${NAME}/recommended`, ...recommended },
    typescript: {
      name: `${NAME}/typescript`,
      files: ["**/*.ts", "**/*.tsx", "**/*.mts", "**/*.cts"],
      languageOptions: { parserOptions: { projectService: true } },
      ...recommended,
    },
  },
};
recommended.plugins[NAME] = plugin;

export default plugin;
