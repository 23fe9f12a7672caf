// Rows as the chapters of the table write them.

import type { Coroutine } from "wasyncio";
import type { Row, Rule } from "./rules.ts";
import type { World } from "./world.ts";

export function nothing(): void {}

/** A coroutine that waits for an iteration. */
export function* waiting(): Coroutine<number> {
  yield undefined as never;
  return 1;
}

/** A body that waits for nothing. */
export function* empty(): Coroutine<void> {}

/** A row of the table. */
export function row<S = null>(
  name: string,
  parameter: string,
  rule: Rule,
  call: (value: never, world: World, subject: S) => unknown,
  subject?: (world: World) => S,
): Row {
  return { name, parameter, rule, call, subject: subject ?? (() => null) };
}
