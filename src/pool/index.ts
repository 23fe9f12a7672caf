// The door `wasyncio/pool`: what takes long to make, kept and lent.

export { ResourcePool, type CloseOptions, type PoolStatistics } from "./resource-pool.ts";
export type { PoolLimits, ResourcePoolOptions } from "./options.ts";
export type { Acquisition } from "./acquisition.ts";
