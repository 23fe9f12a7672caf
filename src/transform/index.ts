// The door `wasyncio/transform`: async functions lowered to generators that a task of the loop drives.

export { lowerAsync } from "./lower-async.ts";
export type { LowerAsyncOptions, Lowered } from "./lower-async.ts";
