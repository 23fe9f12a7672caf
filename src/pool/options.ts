// What a pool is told, checked at the call.

import type { Awaitable } from "../runtime/awaitable.ts";
import { checkCount, checkFunction, checkNames, wholeFrom } from "../support/checks.ts";
import { type Delay, secondsOf } from "../support/delay.ts";

/** How many there are, and for how long. */
export interface PoolLimits {
  /** How many entering the pool makes, and how many stay however long nobody uses them: from 0. Default: 0. */
  min?: number;
  /** How many there are at most: a whole number from 1. Default: 10. */
  max?: number;
  /** Longest time that `acquire` may take, for the wait and what has to be made; null: any. Default: null. */
  acquireTimeout?: Delay | null;
  /** How long one is used before another takes its place; null: for ever. Default: null. */
  maxLifetime?: Delay | null;
  /** How long one waits to be used before it is destroyed; null: for ever. Default: null. */
  maxIdle?: Delay | null;
}

/** Options of `ResourcePool`. */
export interface ResourcePoolOptions<T> extends PoolLimits {
  /** Makes one. When it is cancelled or fails it has to leave nothing behind. */
  create: () => Awaitable<T>;
  /** Gives one up, for good. No cancellation enters it; what it throws goes to the loop's exception handler. */
  destroy?: (resource: T) => Awaitable<unknown> | void;
  /** Whether one that has waited is still good: asked before it is given out again. One that is not is replaced. */
  check?: (resource: T) => Awaitable<boolean> | boolean;
}

export const LIMITS: readonly (keyof PoolLimits)[] = ["min", "max", "acquireTimeout", "maxLifetime", "maxIdle"];
const OPTIONS: readonly string[] = ["create", "destroy", "check", ...LIMITS];

/** The limits, with defaults and in seconds. */
export interface CheckedLimits {
  readonly min: number;
  readonly max: number;
  readonly acquireTimeout: number | null;
  readonly maxLifetime: number;
  readonly maxIdle: number;
}

export function checkPoolOptions<T>(options: ResourcePoolOptions<T>): CheckedLimits {
  const { create, destroy, check } = checkNames(options, OPTIONS);
  checkFunction(create, "create");
  if (destroy !== undefined) checkFunction(destroy, "destroy");
  if (check !== undefined) checkFunction(check, "check");
  return checkLimits(options);
}

export function checkLimits(options: PoolLimits): CheckedLimits {
  const { min = 0, max = 10, acquireTimeout = null, maxLifetime = null, maxIdle = null } = options;
  checkCount(max, "max");
  if (wholeFrom(0, min, "min") > max)
    throw new RangeError(`Invalid min: expected a whole number from 0 to max, which is ${max}, got ${min}`);
  return {
    min,
    max,
    acquireTimeout: acquireTimeout === null ? null : secondsOf(acquireTimeout, "acquireTimeout"),
    maxLifetime: maxLifetime === null ? Infinity : secondsOf(maxLifetime, "maxLifetime"),
    maxIdle: maxIdle === null ? Infinity : secondsOf(maxIdle, "maxIdle"),
  };
}
