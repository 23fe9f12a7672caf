// Rows and situations as the chapters of the tables write them.

import type { Coroutine } from "wasyncio";
import type { VirtualEventLoop } from "wasyncio/testing";
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

/** A call that is made in the wrong place. */
export interface Situated {
  /** As `publicNames` has it. */
  readonly name: string;
  /** Makes what the call is made on: something of a loop, where that is possible. */
  readonly make: (loop: VirtualEventLoop) => unknown;
  readonly call: (subject: never, loop: VirtualEventLoop) => unknown;
}

/** Calls that are made on the same thing. */
export function situated<S>(
  make: (loop: VirtualEventLoop) => S,
  calls: Record<string, (subject: S, loop: VirtualEventLoop) => unknown>,
): Situated[] {
  return Object.entries(calls).map(([name, call]) => ({ name, call, make }));
}
