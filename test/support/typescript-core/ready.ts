// The ready queue: a ring of entries (slot << ENTRY_SHIFT | kind), its size a power of two.

import { ENTRY_SHIFT } from "../../../src/core/abi.ts";

export class Ready {
  count = 0;
  /** Whether the host waits, and does not know that there is something to do. */
  #resting = false;
  readonly #wake: () => void;
  #entries = new Int32Array(1024);
  #first = 0;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  reset(): void {
    this.count = 0;
    this.#first = 0;
    this.#resting = false;
  }

  push(entry: number): void {
    this.append(entry);
    if (this.count === 1) this.wakeHost();
  }

  /** Adds an entry for the scheduler itself: a host that drives it does not rest. */
  append(entry: number): void {
    if (this.count === this.#entries.length) this.#grow();
    this.#entries[(this.#first + this.count++) & (this.#entries.length - 1)] = entry;
  }

  rest(): void {
    if (this.count === 0) this.#resting = true;
  }

  endRest(): void {
    this.#resting = false;
  }

  /** Tells the host, if it waits, that there is something to do. */
  wakeHost(): void {
    if (!this.#resting) return;
    this.#resting = false;
    this.#wake();
  }

  /** Takes the first entry. The ring must not be empty. */
  shift(): number {
    const entry = this.#entries[this.#first];
    this.#first = (this.#first + 1) & (this.#entries.length - 1);
    this.count--;
    return entry;
  }

  at(index: number): number {
    return this.#entries[(this.#first + index) & (this.#entries.length - 1)];
  }

  /** Takes a slot's entries out. Returns how many of them were among the first `count`. */
  drop(slot: number, count: number): number {
    const entries = this.count;
    let dropped = 0;
    this.count = 0;
    for (let index = 0; index < entries; index++) {
      const entry = this.at(index);
      if (entry >> ENTRY_SHIFT !== slot) this.append(entry);
      else if (index < count) dropped++;
    }
    return dropped;
  }

  #grow(): void {
    const old = this.#entries;
    this.#entries = new Int32Array(2 * old.length);
    this.#entries.set(old.subarray(this.#first));
    this.#entries.set(old.subarray(0, this.#first), old.length - this.#first);
    this.#first = 0;
  }
}
