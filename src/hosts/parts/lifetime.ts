// How long a process lives for a loop: while that runs, and somebody outside is expected to wake it. Neither a listener
// to a signal nor a future does that of itself.

import type { HostEvents } from "../../drivers/clock.ts";
import type { Exhaustion } from "./timer-host.ts";

const DAY_MS = 86_400_000;

/** What one loop keeps its process alive by, and how it is told when nothing does. */
export class Lifetime implements Exhaustion {
  readonly #exhaustion: Exhaustion | null;
  #running = false;
  #expecting = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #timers = { setInterval, clearInterval }; // as in timer-host.ts

  /** @param exhaustion tells all loops of the process; null where nobody can tell */
  constructor(exhaustion: Exhaustion | null) {
    this.#exhaustion = exhaustion;
  }

  watch(events: HostEvents): void {
    this.#exhaustion?.watch(events);
    this.#running = true;
    this.#update();
  }

  unwatch(events: HostEvents): void {
    this.#exhaustion?.unwatch(events);
    this.#running = false;
    this.#update();
  }

  keepAlive(expecting: boolean): void {
    this.#expecting = expecting;
    this.#update();
  }

  #update(): void {
    const { setInterval, clearInterval } = this.#timers;
    clearInterval(this.#timer);
    if (this.#running && this.#expecting) this.#timer = setInterval(() => {}, DAY_MS);
  }
}
