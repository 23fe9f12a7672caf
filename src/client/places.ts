// Places: how many requests may be under way at once, in all and to one host. A place is held from before there is a
// connection until the block of the response has ended, so no server sees more connections than there are places.

import type { Coroutine } from "../runtime/suspension.ts";
import type { Hold } from "../sync/hold.ts";
import { Semaphore } from "../sync/semaphore.ts";

/** A place that somebody has. */
export interface Place {
  release(): void;
}

interface HostPlaces {
  readonly semaphore: Semaphore;
  /** Who has a place there, or waits for one. */
  users: number;
}

const FREE: Place = { release: () => {} };

export class Places {
  readonly #all: Semaphore | null;
  readonly #limitPerHost: number;
  readonly #hosts = new Map<string, HostPlaces>();

  /** Of each 0 is no limit. */
  constructor(limit: number, limitPerHost: number) {
    this.#all = limit === 0 ? null : new Semaphore(limit);
    this.#limitPerHost = limitPerHost;
  }

  /** Whether there is none for a host now. */
  isFull(host: string): boolean {
    return this.#all?.locked() === true || this.#hosts.get(host)?.semaphore.locked() === true;
  }

  /**
   * Takes a place, and waits for one. The host's comes first: who waits for that has none of all the others' places.
   */
  *take(host: string): Coroutine<Place> {
    if (this.#limitPerHost === 0) return this.#all === null ? FREE : yield* this.#all.acquire();
    const places = this.#enter(host);
    let hold: Hold | null = null;
    try {
      hold = yield* places.semaphore.acquire();
      const other = this.#all === null ? FREE : yield* this.#all.acquire();
      return new HostPlace(hold, other, () => this.#leave(host, places));
    } catch (error) {
      hold?.release();
      this.#leave(host, places);
      throw error;
    }
  }

  #enter(host: string): HostPlaces {
    let places = this.#hosts.get(host);
    if (places === undefined) {
      places = { semaphore: new Semaphore(this.#limitPerHost), users: 0 };
      this.#hosts.set(host, places);
    }
    places.users++;
    return places;
  }

  #leave(host: string, places: HostPlaces): void {
    places.users--;
    if (places.users === 0) this.#hosts.delete(host);
  }
}

class HostPlace implements Place {
  readonly #hold: Hold;
  readonly #other: Place;
  readonly #leave: () => void;
  #isHeld = true;

  constructor(hold: Hold, other: Place, leave: () => void) {
    this.#hold = hold;
    this.#other = other;
    this.#leave = leave;
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#other.release();
    this.#hold.release();
    this.#leave();
  }
}
