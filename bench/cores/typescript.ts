// In the place of src/core/core.ts: the same names, over the core in TypeScript.

export * from "../../src/core/core.ts";
export { createTypeScriptCore as createCore } from "../../test/support/typescript-core/core.ts";
