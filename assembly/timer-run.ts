// The run of timers: sorted, added to at its end and consumed from its front.

import { runBase } from "./memory";
import { ENTRY_SIZE, isBefore, keyIn, place, timerIn } from "./timer-entries";

/** The places of the run in its table: from the first to one before the end. */
export let runFirst: i32 = 0;
export let runEnd: i32 = 0;

export function emptyRun(): void {
  runFirst = 0;
  runEnd = 0;
}

export function addToRun(key: u64, timer: u64): void {
  place(runBase, runEnd++, key, timer);
}

export function removeFirstOfRun(): void {
  runFirst++;
}

/** Moves the run to the beginning of its table. */
export function shiftRun(): void {
  const count = runEnd - runFirst;
  memory.copy(runBase, runBase + <usize>runFirst * ENTRY_SIZE, <usize>count * ENTRY_SIZE);
  keepOfRun(count);
}

/** Leaves the first `count` entries of the table in the run. */
export function keepOfRun(count: i32): void {
  runFirst = 0;
  runEnd = count;
}

/** Merges `count` sorted entries into the run, which begins its table and has room for them. Goes from the back. */
export function mergeIntoRun(entries: usize, count: i32): void {
  let old = runEnd - 1;
  runEnd += count;
  let hole = runEnd - 1;
  for (let index = count - 1; index >= 0; index--) {
    const key = keyIn(entries, index);
    const timer = timerIn(entries, index);
    for (; old >= 0 && !isBefore(runBase, old, key, timer); old--) {
      place(runBase, hole--, keyIn(runBase, old), timerIn(runBase, old));
    }
    place(runBase, hole--, key, timer);
  }
}
