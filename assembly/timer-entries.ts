// An entry of a timer table, 16 bytes: the deadline as a u64 that compares as the f64 does, and the timer's identity,
// sequence << SLOT_BITS | slot. Entries are ordered by both, so that equal deadlines fire in the order they were made.

/** Bytes of an entry. */
export const ENTRY_SIZE: usize = 16;
/** Where the identity stands in an entry. */
export const IDENTITY: usize = 8;

export function keyIn(table: usize, index: i32): u64 {
  return load<u64>(table + <usize>index * ENTRY_SIZE);
}

export function timerIn(table: usize, index: i32): u64 {
  return load<u64>(table + <usize>index * ENTRY_SIZE, IDENTITY);
}

export function place(table: usize, index: i32, key: u64, timer: u64): void {
  const entry = table + <usize>index * ENTRY_SIZE;
  store<u64>(entry, key);
  store<u64>(entry, timer, IDENTITY);
}

/** Whether an entry of a table comes before the given one. */
export function isBefore(table: usize, index: i32, key: u64, timer: u64): bool {
  const other = keyIn(table, index);
  return other < key || (other == key && timerIn(table, index) < timer);
}
