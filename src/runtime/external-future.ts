// A future that something outside of its loop is to settle.
//
// Of an ordinary future nobody knows who will settle it. When only such futures are waited for and nothing keeps the
// process alive, the run ends as a deadlock. This one says that somebody is expected.

import { Future } from "./future.ts";
import type { Loop } from "./loop.ts";

export class ExternalFuture<T> extends Future<T> {
  /** @internal An accessor, because V8 of Node 20 compiles a class without fields for ever when it defines this. */
  static override get name(): string {
    return "Future";
  }

  constructor(loop: Loop) {
    super(loop.own);
    this.loop.arrivals.expect(1);
  }

  protected override settle(state: number, outcome: unknown): void {
    super.settle(state, outcome);
    const { arrivals, inTurn } = this.loop;
    if (!inTurn) arrivals.admit("future");
    arrivals.expect(-1);
  }
}
