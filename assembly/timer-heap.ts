// The heap of timers that came out of order. What is added stands behind it, in no order but that of age, until
// somebody asks for the first: many that are added at once may then be sorted instead.

import { heapBase } from "./memory";
import { isBefore, keyIn, place, timerIn } from "./timer-entries";

/** Entries, ordered or not. */
export let heapCount: i32 = 0;
/** How many of them, from the first on, are a heap. */
export let orderedCount: i32 = 0;

export function emptyHeap(): void {
  heapCount = 0;
  orderedCount = 0;
}

export function addToHeap(key: u64, timer: u64): void {
  place(heapBase, heapCount++, key, timer);
}

/** Makes one heap of all. */
export function orderHeap(): void {
  for (; orderedCount < heapCount; orderedCount++) {
    siftUp(orderedCount, 0, keyIn(heapBase, orderedCount), timerIn(heapBase, orderedCount));
  }
}

/** Takes the first off. All must be ordered. */
export function removeFirstOfHeap(): void {
  orderedCount = --heapCount;
  if (heapCount > 0) siftDown(0, keyIn(heapBase, heapCount), timerIn(heapBase, heapCount));
}

/** Makes a heap of the first `count` entries, which are in any order, and drops the others. */
export function keepOfHeap(count: i32): void {
  heapCount = count;
  orderedCount = count;
  for (let index = (count >> 1) - 1; index >= 0; index--) {
    siftDown(index, keyIn(heapBase, index), timerIn(heapBase, index));
  }
}

/** Moves the hole at `hole` up, no higher than `top`, to where the given timer belongs. */
function siftUp(hole: i32, top: i32, key: u64, timer: u64): void {
  while (hole > top) {
    const parent = (hole - 1) >> 1;
    if (isBefore(heapBase, parent, key, timer)) break;
    move(parent, hole);
    hole = parent;
  }
  place(heapBase, hole, key, timer);
}

/** Moves the hole at `hole` down to a leaf along the smaller children, and the given timer up from there. */
function siftDown(hole: i32, key: u64, timer: u64): void {
  const top = hole;
  for (let child = 2 * hole + 1; child < heapCount; child = 2 * hole + 1) {
    const right = child + 1;
    if (right < heapCount && isBefore(heapBase, right, keyIn(heapBase, child), timerIn(heapBase, child))) child = right;
    move(child, hole);
    hole = child;
  }
  siftUp(hole, top, key, timer);
}

function move(from: i32, to: i32): void {
  place(heapBase, to, keyIn(heapBase, from), timerIn(heapBase, from));
}
