// The door `wasyncio/eslint`: a plugin for ESLint, with its configurations.

export { default } from "./plugin.ts";
export type { Config, Plugin } from "./plugin.ts";
export type { Rule, RuleMeta } from "./rule.ts";
