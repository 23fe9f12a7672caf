// The door `wasyncio/vitest`: vitest's `test` with simulated programs.

export { test } from "./test.ts";
export type { SimulatedEach, SimulatedTest, SimulatedTestOptions } from "./test.ts";
