// Sorts entries of timers by digits, the lowest first: in each pass those of a digit go, in the order they are in,
// behind those of lower digits. Only digits that differ have a pass: of deadlines that are near to each other, few do.

import { SLOT_BITS } from "./abi";
import { ENTRY_SIZE, IDENTITY, isBefore, keyIn, timerIn } from "./timer-entries";

const DIGIT_BITS: u64 = 8;
const DIGIT_MASK: u64 = (1 << DIGIT_BITS) - 1;
const PLACES_SIZE: i32 = 4 << (<i32>DIGIT_BITS);

/** Of each digit: where the next entry with it goes. */
const places = memory.data(PLACES_SIZE);

/**
 * Sorts `count` entries by deadline and age, with the room of as many at `scratch`. They are by age already from entry
 * `young` on, behind which nothing is older.
 */
export function sortEntries(entries: usize, count: i32, scratch: usize, young: i32): void {
  sortByDigits(entries, count, scratch, 0, 0);
  // Equal deadlines keep their order, which may be wrong where they were not by age.
  if (young < 2 || isSorted(entries, count)) return;
  sortByDigits(entries, count, scratch, IDENTITY, SLOT_BITS);
  sortByDigits(entries, count, scratch, 0, 0);
}

function isSorted(entries: usize, count: i32): bool {
  for (let index = 1; index < count; index++) {
    if (!isBefore(entries, index - 1, keyIn(entries, index), timerIn(entries, index))) return false;
  }
  return true;
}

/** Sorts by the u64 at `offset` of each entry, from its bit `lowest` on. */
function sortByDigits(entries: usize, count: i32, scratch: usize, offset: usize, lowest: u64): void {
  const size = <usize>count * ENTRY_SIZE;
  const different = differentBits(entries + offset, size);
  let from = entries;
  let to = scratch;
  for (let shift = lowest; shift < 64; shift += DIGIT_BITS) {
    if (((different >> shift) & DIGIT_MASK) == 0) continue;
    findPlaces(from + offset, size, shift);
    for (let entry = from; entry < from + size; entry += ENTRY_SIZE) {
      const counter = counterOf(load<u64>(entry + offset), shift);
      const place = load<u32>(counter);
      store<u32>(counter, place + <u32>ENTRY_SIZE);
      store<u64>(to + place, load<u64>(entry));
      store<u64>(to + place, load<u64>(entry, IDENTITY), IDENTITY);
    }
    const sorted = to;
    to = from;
    from = sorted;
  }
  if (from != entries) memory.copy(entries, from, size);
}

function differentBits(first: usize, size: usize): u64 {
  let all: u64 = 0;
  let common: u64 = ~(<u64>0);
  for (let at = first; at < first + size; at += ENTRY_SIZE) {
    all |= load<u64>(at);
    common &= load<u64>(at);
  }
  return all ^ common;
}

/** Counts the digits, and lays out where the entries of each begin. */
function findPlaces(first: usize, size: usize, shift: u64): void {
  memory.fill(places, 0, PLACES_SIZE);
  for (let at = first; at < first + size; at += ENTRY_SIZE) {
    const counter = counterOf(load<u64>(at), shift);
    store<u32>(counter, load<u32>(counter) + <u32>ENTRY_SIZE);
  }
  let next: u32 = 0;
  for (let counter = places; counter < places + PLACES_SIZE; counter += 4) {
    const bytes = load<u32>(counter);
    store<u32>(counter, next);
    next += bytes;
  }
}

function counterOf(value: u64, shift: u64): usize {
  return places + ((<usize>((value >> shift) & DIGIT_MASK)) << 2);
}
