// Families of scenarios: the same with one, two and three waiters, so that there is a first, a middle and a last one.

import type { Scenario, World } from "./sweep.ts";

/** A scenario for `n` waiters. */
export type Family = (w: World, n: number) => void;

/** Names for tasks: "a", "b"... */
export function names(n: number): string[] {
  return ["a", "b", "c", "d", "e", "f"].slice(0, n);
}

/** Scenarios of families, by name and size: "lock_released 2". */
export function ofSizes(families: Readonly<Record<string, Family>>): Record<string, Scenario> {
  const scenarios: Record<string, Scenario> = {};
  for (const [name, family] of Object.entries(families)) {
    for (const n of [1, 2, 3]) scenarios[`${name} ${n}`] = (w) => family(w, n);
  }
  return scenarios;
}
