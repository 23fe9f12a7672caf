// Futures of the library that others settle: those behind gather, wait, shield, a task group. They know what they come
// from, so that a deadlock can tell what is really waited for.

import { type Derivation, Future } from "./future.ts";
import type { Loop } from "./loop.ts";

/** A future that is done when, or soon after, some of its sources are. */
export class DerivedFuture<T> extends Future<T> {
  /** @internal */
  static override readonly name: string = "Future"; // it is no class of its own in asyncio's messages
  declare readonly derivation: Derivation;

  /** @param sources read when somebody asks */
  constructor(loop: Loop, operation: string, sources: Iterable<Future<unknown>>) {
    super(loop.own);
    this.derivation = { operation, sources };
  }
}
