// The timer heap, ordered by (deadline, sequence), in three typed arrays: an object for each timer would be a load more
// for each comparison. Sequences count on to 2^53: they are never given out anew.

import type { Ready } from "./ready.ts";
import type { Slot, Slots } from "./slots.ts";

/** asyncio's _MIN_SCHEDULED_TIMER_HANDLES: smaller heaps are not compacted. */
const COMPACTION_MINIMUM = 100;
/**
 * Where the wasm core, whose sequences end here, numbers its timers anew and drops the dead ones: so that is done here,
 * too.
 */
const SEQUENCE_LIMIT = 2 ** 40;

export class Timers {
  /** Timers in the heap, dead ones too. */
  count = 0;
  deadCount = 0;
  readonly #slots: Slots;
  readonly #ready: Ready;
  #deadlines = new Float64Array(256);
  #sequences = new Float64Array(256);
  #numbers = new Int32Array(256);
  #nextSequence: number;

  constructor(slots: Slots, ready: Ready, firstSequence: number) {
    this.#slots = slots;
    this.#ready = ready;
    this.#nextSequence = firstSequence;
  }

  reset(firstSequence: number): void {
    this.count = 0;
    this.deadCount = 0;
    this.#nextSequence = firstSequence;
  }

  push(slot: Slot, deadline: number): void {
    const sequence = this.#nextSequence++;
    if (sequence === SEQUENCE_LIMIT) this.#compact();
    if (this.count === this.#deadlines.length) this.#grow();
    slot.timer = sequence;
    this.#siftUp(this.count++, 0, deadline + 0, sequence, slot.number); // -0 becomes 0
    this.#ready.wakeHost();
  }

  /** Marks a slot's timer as dead, if it has one in the heap. */
  cancel(slot: Slot): void {
    if (slot.timer === 0) return;
    slot.timer = 0;
    this.deadCount++;
  }

  /** The earliest deadline. The heap must not be empty. */
  first(): number {
    return this.#deadlines[0];
  }

  /** Takes the first timer off. Returns its slot, or null when it is dead. */
  pop(): Slot | null {
    const slot = this.slotAt(0);
    this.#removeFirst();
    if (slot === null) this.deadCount--;
    else slot.timer = 0;
    return slot;
  }

  /** Drops dead timers: all of them when they are the greater part of a large heap, else those at the head. */
  prune(): void {
    if (this.count > COMPACTION_MINIMUM && 2 * this.deadCount > this.count) {
      this.#compact();
      return;
    }
    while (this.deadCount > 0 && this.count > 0 && this.slotAt(0) === null) {
      this.deadCount--;
      this.#removeFirst();
    }
  }

  deadlineAt(index: number): number {
    return this.#deadlines[index];
  }

  /** The slot of the timer at a place in the heap, or null when it is dead. */
  slotAt(index: number): Slot | null {
    const slot = this.#slots.all[this.#numbers[index]];
    return slot.timer === this.#sequences[index] ? slot : null;
  }

  #place(index: number, deadline: number, sequence: number, number: number): void {
    this.#deadlines[index] = deadline;
    this.#sequences[index] = sequence;
    this.#numbers[index] = number;
  }

  /** Moves the hole at `hole` up, no higher than `top`, to where the given timer belongs. */
  #siftUp(hole: number, top: number, deadline: number, sequence: number, number: number): void {
    const deadlines = this.#deadlines;
    const sequences = this.#sequences;
    while (hole > top) {
      const parent = (hole - 1) >> 1;
      const above = deadlines[parent];
      if (above < deadline || (above === deadline && sequences[parent] < sequence)) break;
      this.#place(hole, above, sequences[parent], this.#numbers[parent]);
      hole = parent;
    }
    this.#place(hole, deadline, sequence, number);
  }

  /** Moves the hole at `hole` down to a leaf along the smaller children, and the given timer up from there. */
  #siftDown(hole: number, deadline: number, sequence: number, number: number): void {
    const deadlines = this.#deadlines;
    const sequences = this.#sequences;
    const top = hole;
    for (let child = 2 * hole + 1; child < this.count; child = 2 * hole + 1) {
      const right = child + 1;
      if (right < this.count) {
        const left = deadlines[child];
        if (deadlines[right] < left || (deadlines[right] === left && sequences[right] < sequences[child]))
          child = right;
      }
      this.#place(hole, deadlines[child], sequences[child], this.#numbers[child]);
      hole = child;
    }
    this.#siftUp(hole, top, deadline, sequence, number);
  }

  #removeFirst(): void {
    const last = --this.count;
    if (last > 0) this.#siftDown(0, this.#deadlines[last], this.#sequences[last], this.#numbers[last]);
  }

  #compact(): void {
    let live = 0;
    for (let index = 0; index < this.count; index++) {
      if (this.slotAt(index) === null) continue;
      this.#place(live++, this.#deadlines[index], this.#sequences[index], this.#numbers[index]);
    }
    this.count = live;
    this.deadCount = 0;
    for (let index = (live >> 1) - 1; index >= 0; index--) {
      this.#siftDown(index, this.#deadlines[index], this.#sequences[index], this.#numbers[index]);
    }
  }

  #grow(): void {
    const capacity = 2 * this.#deadlines.length;
    const deadlines = new Float64Array(capacity);
    const sequences = new Float64Array(capacity);
    const numbers = new Int32Array(capacity);
    deadlines.set(this.#deadlines);
    sequences.set(this.#sequences);
    numbers.set(this.#numbers);
    this.#deadlines = deadlines;
    this.#sequences = sequences;
    this.#numbers = numbers;
  }
}
