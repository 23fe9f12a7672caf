// The door `wasyncio/vitest`: vitest's `test` with simulated programs, and a plugin for those made of promises.

export { simulatedPromises } from "./simulated-promises.ts";
export { test } from "./test.ts";
export type { SimulatedEach, SimulatedTest, SimulatedTestOptions } from "./test.ts";
