// The core's tables and the one place where memory grows.
//
// The tables lie behind each other, in the order of their numbers, at the end of memory. A table grows in place: those
// behind it are moved up. So the core never holds a freed copy of a table, and its size is the sum of its tables.
// Doubling allocators were the obvious other design; they need up to twice the memory at the moment of growth.
//
// ┌ static data, TLSF heap ┬ ready ┬ deadlines ┬ timers ┬ slots ┬ containers ┬ blocks ┐
// └ strings, typed arrays ─┴───────┴───────────┴────────┴───────┴────────────┴────────┘
//
// The other modules keep no address of their own beyond these bases: a base changes only in `growTable`.

export const TABLE_READY: i32 = 0;
export const TABLE_DEADLINES: i32 = 1;
export const TABLE_TIMERS: i32 = 2;
export const TABLE_SLOTS: i32 = 3;
export const TABLE_CONTAINERS: i32 = 4;
export const TABLE_BLOCKS: i32 = 5;
const TABLE_COUNT: i32 = 6;

const PAGE_BYTES: usize = 65536;
/** One page less than wasm can address: the end of 65,536 pages is 2^32, which no usize holds. */
const MOST_PAGES: i32 = 65535;

/** Ready ring: i32 entries. */
export let readyBase: usize = 0;
/** Timer heap: u64 keys. */
export let deadlinesBase: usize = 0;
/** Timer heap: u64 sequence and slot. */
export let timersBase: usize = 0;
/** Slot records. */
export let slotsBase: usize = 0;
/** Container records. */
export let containersBase: usize = 0;
/** Rings, stacks and heaps of the containers. */
export let blocksBase: usize = 0;

/** One past the last table. */
let tablesEnd: usize = 0;
/** One past the memory that belongs to the tables. */
let ownedEnd: usize = 0;
/** Most bytes that memory may grow to. */
let limitBytes: usize = 0;

/** Lays out empty tables at the end of memory. `limitPages` is the most pages of 64 KiB that memory may grow to. */
export function initializeMemory(limitPages: i32): void {
  heap.free(heap.alloc(16)); // TLSF takes the memory that is there now; what is grown from here on is the tables'
  limitBytes = <usize>max(min(limitPages, MOST_PAGES), 0) * PAGE_BYTES;
  ownedEnd = <usize>memory.size() * PAGE_BYTES;
  tablesEnd = ownedEnd;
  readyBase = ownedEnd;
  deadlinesBase = ownedEnd;
  timersBase = ownedEnd;
  slotsBase = ownedEnd;
  containersBase = ownedEnd;
  blocksBase = ownedEnd;
}

/** Bytes of memory in all. */
export function memoryBytes(): usize {
  return <usize>memory.size() * PAGE_BYTES;
}

/** Adds `bytes` (a multiple of 8) to a table. Returns false, and changes nothing, when memory is refused. */
export function growTable(table: i32, bytes: usize): bool {
  if (<usize>memory.size() * PAGE_BYTES != ownedEnd && !moveTables()) return false;
  if (!ensureMemory(<u64>tablesEnd + bytes)) return false;
  const end = baseOf(table + 1);
  memory.copy(end + bytes, end, tablesEnd - end);
  memory.fill(end, 0, bytes);
  for (let behind = table + 1; behind < TABLE_COUNT; behind++) setBase(behind, baseOf(behind) + bytes);
  tablesEnd += bytes;
  return true;
}

/** Moves all tables behind memory that the TLSF heap has taken: rare, for the core's own strings are small. */
function moveTables(): bool {
  const target = <usize>memory.size() * PAGE_BYTES;
  const bytes = tablesEnd - readyBase;
  const owned = ownedEnd;
  ownedEnd = target;
  if (!ensureMemory(<u64>target + bytes)) {
    ownedEnd = owned;
    return false;
  }
  const shift = target - readyBase;
  memory.copy(target, readyBase, bytes);
  for (let table = 0; table < TABLE_COUNT; table++) setBase(table, baseOf(table) + shift);
  tablesEnd += shift;
  return true;
}

function ensureMemory(end: u64): bool {
  if (end <= ownedEnd) return true;
  if (end > limitBytes) return false;
  const pages = (<usize>end - ownedEnd + PAGE_BYTES - 1) / PAGE_BYTES;
  if (memory.grow(<i32>pages) < 0) return false;
  ownedEnd += pages * PAGE_BYTES;
  return true;
}

function baseOf(table: i32): usize {
  if (table == TABLE_READY) return readyBase;
  if (table == TABLE_DEADLINES) return deadlinesBase;
  if (table == TABLE_TIMERS) return timersBase;
  if (table == TABLE_SLOTS) return slotsBase;
  if (table == TABLE_CONTAINERS) return containersBase;
  if (table == TABLE_BLOCKS) return blocksBase;
  return tablesEnd;
}

function setBase(table: i32, base: usize): void {
  if (table == TABLE_READY) readyBase = base;
  else if (table == TABLE_DEADLINES) deadlinesBase = base;
  else if (table == TABLE_TIMERS) timersBase = base;
  else if (table == TABLE_SLOTS) slotsBase = base;
  else if (table == TABLE_CONTAINERS) containersBase = base;
  else blocksBase = base;
}
