// The core's tables and the one place where memory grows.
//
// The tables lie behind each other, in the order of their numbers, at the end of memory. A table grows in place: those
// behind it are moved up. So the core never holds a freed copy of a table, and its size is the sum of its tables.
// Doubling allocators were the obvious other design; they need up to twice the memory at the moment of growth.
//
// ┌ static data, heap ─────┬ ready ┬ timers' heap ┬ timers' run ┬ slots ┬ containers ┬ blocks ┐
// └ strings, typed arrays ─┴───────┴──────────────┴─────────────┴───────┴────────────┴────────┘
//
// AssemblyScript's heap is what the static data leave of the first page, and never grows: what an inspection makes is
// bounded by the rows of a page, and each begins with the whole heap.
//
// The other modules keep no address of their own beyond these bases: a base changes only in `growTable`.

export const TABLE_READY: i32 = 0;
export const TABLE_HEAP: i32 = 1;
export const TABLE_RUN: i32 = 2;
export const TABLE_SLOTS: i32 = 3;
export const TABLE_CONTAINERS: i32 = 4;
export const TABLE_BLOCKS: i32 = 5;

const PAGE_BYTES: usize = 65536;
/** One page less than wasm can address: the end of 65,536 pages is 2^32, which no usize holds. */
const MOST_PAGES: i32 = 65535;

/** Ready ring: i32 entries. */
export let readyBase: usize = 0;
/** Timers that came out of order: entries as in timer-entries.ts. */
export let heapBase: usize = 0;
/** Timers in order: entries of the same kind. */
export let runBase: usize = 0;
/** Slot records. */
export let slotsBase: usize = 0;
/** Container records. */
export let containersBase: usize = 0;
/** Rings, stacks and heaps of the containers. */
export let blocksBase: usize = 0;

/** One past the last table. */
let tablesEnd: usize = 0;
/** Most bytes that memory may grow to. */
let limitBytes: usize = 0;

/** Lays out empty tables at the end of memory. `limitPages` is the most pages of 64 KiB that memory may grow to. */
export function initializeMemory(limitPages: i32): void {
  limitBytes = <usize>max(min(limitPages, MOST_PAGES), 0) * PAGE_BYTES;
  tablesEnd = memoryBytes();
  readyBase = tablesEnd;
  heapBase = tablesEnd;
  runBase = tablesEnd;
  slotsBase = tablesEnd;
  containersBase = tablesEnd;
  blocksBase = tablesEnd;
}

/** Bytes of memory in all. */
export function memoryBytes(): usize {
  return <usize>memory.size() * PAGE_BYTES;
}

/** Adds `bytes` (a multiple of 8) to a table. Returns false, and changes nothing, when memory is refused. */
export function growTable(table: i32, bytes: usize): bool {
  if (!ensureMemory(<u64>tablesEnd + bytes)) return false;
  const end = endOf(table);
  memory.copy(end + bytes, end, tablesEnd - end);
  memory.fill(end, 0, bytes);
  if (table < TABLE_HEAP) heapBase += bytes;
  if (table < TABLE_RUN) runBase += bytes;
  if (table < TABLE_SLOTS) slotsBase += bytes;
  if (table < TABLE_CONTAINERS) containersBase += bytes;
  if (table < TABLE_BLOCKS) blocksBase += bytes;
  tablesEnd += bytes;
  return true;
}

function ensureMemory(end: u64): bool {
  const bytes = memoryBytes();
  if (end <= bytes) return true;
  if (end > limitBytes) return false;
  return memory.grow(<i32>((<usize>end - bytes + PAGE_BYTES - 1) / PAGE_BYTES)) >= 0;
}

/** One past a table, where the next one begins. */
function endOf(table: i32): usize {
  if (table == TABLE_READY) return heapBase;
  if (table == TABLE_HEAP) return runBase;
  if (table == TABLE_RUN) return slotsBase;
  if (table == TABLE_SLOTS) return containersBase;
  if (table == TABLE_CONTAINERS) return blocksBase;
  return tablesEnd;
}
