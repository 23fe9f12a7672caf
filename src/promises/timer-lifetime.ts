// How long the process lives for the timers of lowered modules: natively it does not for those of which `unref` was
// called. They stand in the loop as others do, or their order would be another one; when none but they are left, the
// host arms its own timer likewise.

import { timersIn } from "../core/dumps.ts";
import type { Loop } from "../runtime/loop.ts";

/** A timer of the host's on a loop. */
interface Timer {
  readonly isPending: boolean;
}

export class TimerLifetime {
  readonly #loop: Loop;
  /** Those for which the process does not live; some that have fired, too. */
  readonly #unreferenced = new Set<Timer>();

  /** @param loop one of real time: in virtual time there is no process */
  constructor(loop: Loop) {
    this.#loop = loop;
  }

  ref(timer: Timer): void {
    this.#unreferenced.delete(timer);
    this.changed();
  }

  unref(timer: Timer): void {
    this.#unreferenced.add(timer);
    this.#loop.timersKeepAlive ??= () => this.#anyKeepsAlive();
    this.changed();
  }

  /** Has a loop that rests look again; in its turn it does so at the end of that. */
  changed(): void {
    if (!this.#loop.inTurn) this.#loop.arrivals.wake();
  }

  #anyKeepsAlive(): boolean {
    const pending = timersIn(this.#loop.core);
    if (this.#unreferenced.size < pending) return true;
    for (const each of this.#unreferenced) if (!each.isPending) this.#unreferenced.delete(each);
    return this.#unreferenced.size < pending;
  }
}
