// Containers: the order of a queue's items. The host keeps the values in cells; the core says into which cell a value
// goes and from which cell the next one comes.
//
// One block of memory a container, cells numbered from 0: a number stays with its value when the block grows.
//
// ┌───────────────────────┬──────────────────┬──────────────────┐
// │ priorities            │ order            │ free cells       │
// │ f64[capacity]         │ i32[capacity]    │ i32[capacity]    │
// │ by place in the order │ ring, stack, heap│ stack            │
// └───────────────────────┴──────────────────┴──────────────────┘
//
// The priority order is a binary heap that moves exactly as Python's heapq does, because that is what decides which of
// two equal items comes first. Numbers are compared in number-heap.ts, other priorities by the host: there comparisons
// come first and moves after them, so that one that fails leaves the heap as it was. The host's `compare` may call the
// core: what it does to the container being compared makes the comparison fail, and since memory may grow in it,
// neither an address nor a reference to a record is kept across a comparison, nor across what grows a block.
//
// Blocks come in powers of two and are reused by size; offsets count from the table's base, which moves.

import {
  CONTAINER_COMPARED,
  CONTAINER_FIFO,
  CONTAINER_LIFO,
  CONTAINER_PRIORITY,
  E_COMPARE,
  E_EMPTY,
  E_FULL,
  E_KIND,
  E_NOT_A_NUMBER,
  E_NO_MEMORY,
  E_STALE,
} from "./abi";
import { compare } from "./host";
import { popNumber, pushNumber } from "./number-heap";
import { TABLE_BLOCKS, TABLE_CONTAINERS, blocksBase, containersBase, growTable } from "./memory";

// ┌──────┬───────┬──────────┬───────┬───────┬───────┬──────────┬─────────┐
// │ kind │ bound │ capacity │ count │ first │ block │ nextFree │ changes │
// │ +0   │ +4    │ +8       │ +12   │ +16   │ +20   │ +24      │ +28     │   i32 each
// └──────┴───────┴──────────┴───────┴───────┴───────┴──────────┴─────────┘
@unmanaged
class Container {
  /** CONTAINER_FIFO... ; FREED when the record is free. */
  kind: i32;
  /** Most values that it holds; any number when it is not positive. */
  bound: i32;
  /** Cells of its block, a power of two; 0: it has none. */
  capacity: i32;
  /** Values in it. */
  count: i32;
  /** Of a ring: place of the first one. */
  first: i32;
  /** Offset of its block. */
  block: i32;
  /** The next free record, when this one is free. */
  nextFree: i32;
  /** Goes up whenever what a comparison relies on changes; is never reset. */
  changes: i32;
}

const RECORD_BYTES: usize = offsetof<Container>();
const FREED: i32 = -1;

const CELL_BYTES: usize = 16;
const FIRST_CAPACITY: i32 = 8;
const LAST_CAPACITY: i32 = 1 << 26;

let containerCapacity: i32 = 0;
let freshContainer: i32 = 0;
let freeContainer: i32 = -1;
/** Bytes of the block table that were given out at least once. */
let freshBlock: usize = 0;
let blocksBytes: usize = 0;
/** Offset of the first free block by log2 of its capacity, or -1; the next one's offset stands in the block. */
const freeBlocks = memory.data(32 * 4);

export function initializeContainers(): void {
  containerCapacity = 0;
  freshContainer = 0;
  freeContainer = -1;
  freshBlock = 0;
  blocksBytes = 0;
  for (let size = 0; size < 32; size++) store<i32>(freeBlocks + (size << 2), -1);
}

/**
 * Creates a container that holds at most `bound` values, or any number when `bound` is not positive. Returns its
 * number, or E_NO_MEMORY.
 */
export function createContainer(kind: i32, bound: i32): i32 {
  if (kind < CONTAINER_FIFO || kind > CONTAINER_COMPARED) return E_KIND;
  let container = freeContainer;
  if (container >= 0) {
    freeContainer = recordOf(container).nextFree;
  } else {
    if (freshContainer == containerCapacity) {
      const added = containerCapacity == 0 ? 32 : containerCapacity;
      if (!growTable(TABLE_CONTAINERS, <usize>added * RECORD_BYTES)) return E_NO_MEMORY;
      containerCapacity += added;
    }
    container = freshContainer++;
  }
  const record = recordOf(container);
  record.kind = kind;
  record.bound = bound;
  record.capacity = 0;
  record.count = 0;
  record.first = 0;
  record.block = 0;
  return container;
}

/** Destroys a container and what it holds. Returns 0 or E_STALE. */
export function destroyContainer(container: i32): i32 {
  if (!exists(container)) return E_STALE;
  const record = recordOf(container);
  record.changes++;
  releaseBlock(record.block, record.capacity);
  record.kind = FREED;
  record.nextFree = freeContainer;
  freeContainer = container;
  return 0;
}

/**
 * Lets the host's `compare` order a priority container from here on. The values in it must be in that order too.
 * Returns 0 or an error.
 */
export function compareContainer(container: i32): i32 {
  if (!exists(container)) return E_STALE;
  const record = recordOf(container);
  if (record.kind <= CONTAINER_LIFO) return E_KIND;
  record.kind = CONTAINER_COMPARED;
  return 0;
}

/**
 * The cell that the next `put` will use, or E_FULL, E_NO_MEMORY, E_STALE: the host writes the value there before `put`
 * compares it.
 */
export function reserveCell(container: i32): i32 {
  if (!exists(container)) return E_STALE;
  const record = recordOf(container);
  const count = record.count;
  if (record.bound > 0 && count >= record.bound) return E_FULL;
  if (count == record.capacity && !growContainer(container)) return E_NO_MEMORY;
  return load<i32>(freeCells(container) + ((<usize>count) << 2));
}

/** Puts the reserved cell in its place. Returns the cell, or an error with nothing changed. */
export function put(container: i32, priority: f64): i32 {
  if (isNaN(priority)) return E_NOT_A_NUMBER;
  const cell = reserveCell(container);
  if (cell < 0) return cell;
  const record = recordOf(container);
  const kind = record.kind;
  const count = record.count;
  if (kind == CONTAINER_PRIORITY) {
    pushNumber(priorities(container), order(container), count, priority, cell);
  } else if (kind == CONTAINER_COMPARED) {
    const place = placeFromLeaf(container, count, cell);
    if (place < 0) return place;
    raise(container, count, place, cell);
    recordOf(container).changes++;
  } else {
    let place = count;
    if (kind == CONTAINER_FIFO) {
      place += record.first;
      if (place >= record.capacity) place -= record.capacity;
    }
    setOrder(container, place, cell);
  }
  recordOf(container).count = count + 1;
  return cell;
}

/** Takes the next value's cell. Returns the cell, E_EMPTY, or an error with nothing changed. */
export function take(container: i32): i32 {
  if (!exists(container)) return E_STALE;
  const record = recordOf(container);
  const kind = record.kind;
  const count = record.count - 1;
  if (count < 0) return E_EMPTY;
  let cell: i32;
  if (kind == CONTAINER_FIFO) {
    const first = record.first;
    cell = orderAt(container, first);
    record.first = first + 1 == record.capacity ? 0 : first + 1;
  } else if (kind == CONTAINER_LIFO) {
    cell = orderAt(container, count);
  } else if (kind == CONTAINER_PRIORITY) {
    cell = orderAt(container, 0);
    popNumber(priorities(container), order(container), count);
  } else {
    cell = orderAt(container, 0);
    if (count > 0) {
      const last = orderAt(container, count);
      const leaf = descend(container, count);
      if (leaf < 0) return leaf;
      const place = placeOnPath(container, leaf, last);
      if (place < 0) return place;
      lower(container, place, last);
    }
    recordOf(container).changes++;
  }
  recordOf(container).count = count;
  store<i32>(freeCells(container) + ((<usize>count) << 2), cell);
  return cell;
}

/** The cell at `index` in the order of storage (a heap's for priorities), or E_EMPTY, E_STALE: for printing a queue. */
export function cellAt(container: i32, index: i32): i32 {
  if (!exists(container)) return E_STALE;
  const record = recordOf(container);
  if (<u32>index >= <u32>record.count) return E_EMPTY;
  if (record.kind == CONTAINER_FIFO) {
    index += record.first;
    if (index >= record.capacity) index -= record.capacity;
  }
  return orderAt(container, index);
}

// ── The heap of compared values, as heapq moves it ──────────────────────────────────────────────────────────────────

/** Whether the value in `left` comes before the one in `right`: 1, 0, or E_COMPARE. */
function precedes(container: i32, left: i32, right: i32): i32 {
  const changes = recordOf(container).changes;
  const before = compare(left, right);
  return before < 0 || recordOf(container).changes != changes ? E_COMPARE : before;
}

/** Where `cell`, added at the leaf `place`, rises to. */
function placeFromLeaf(container: i32, place: i32, cell: i32): i32 {
  while (place > 0) {
    const parent = (place - 1) >> 1;
    const before = precedes(container, cell, orderAt(container, parent));
    if (before < 0) return before;
    if (before == 0) break;
    place = parent;
  }
  return place;
}

/** Moves the cells between `place` and the leaf `from` down by one and puts `cell` at `place`. */
function raise(container: i32, from: i32, place: i32, cell: i32): void {
  while (from > place) {
    const parent = (from - 1) >> 1;
    setOrder(container, from, orderAt(container, parent));
    from = parent;
  }
  setOrder(container, place, cell);
}

/** The leaf that a hole at the root sinks to, in a heap of `count` cells. */
function descend(container: i32, count: i32): i32 {
  let place = 0;
  let child = 1;
  while (child < count) {
    const right = child + 1;
    if (right < count) {
      const before = precedes(container, orderAt(container, child), orderAt(container, right));
      if (before < 0) return before;
      if (before == 0) child = right;
    }
    place = child;
    child = 2 * place + 1;
  }
  return place;
}

/** Where `cell` goes on the path from the root to `leaf`, once the cells on it have moved up by one. */
function placeOnPath(container: i32, leaf: i32, cell: i32): i32 {
  let place = leaf;
  while (place > 0) {
    const before = precedes(container, cell, orderAt(container, place));
    if (before < 0) return before;
    if (before == 0) break;
    place = (place - 1) >> 1;
  }
  return place;
}

/** Puts `cell` at `place` and moves the cells from there to the root up by one; the root's drops out. */
function lower(container: i32, place: i32, cell: i32): void {
  for (;;) {
    const above = orderAt(container, place);
    setOrder(container, place, cell);
    if (place == 0) return;
    cell = above;
    place = (place - 1) >> 1;
  }
}

// ── Records and blocks ─────────────────────────────────────────────────────────────────────────────────────────────

function exists(container: i32): bool {
  return <u32>container < <u32>freshContainer && recordOf(container).kind != FREED;
}

function recordOf(container: i32): Container {
  return changetype<Container>(containersBase + <usize>container * RECORD_BYTES);
}

function priorities(container: i32): usize {
  return blocksBase + <usize>recordOf(container).block;
}

function order(container: i32): usize {
  return priorities(container) + ((<usize>recordOf(container).capacity) << 3);
}

function freeCells(container: i32): usize {
  return order(container) + ((<usize>recordOf(container).capacity) << 2);
}

function orderAt(container: i32, place: i32): i32 {
  return load<i32>(order(container) + ((<usize>place) << 2));
}

function setOrder(container: i32, place: i32, cell: i32): void {
  store<i32>(order(container) + ((<usize>place) << 2), cell);
}

/** Moves a full container to a block of twice the size. */
function growContainer(container: i32): bool {
  const capacity = recordOf(container).capacity;
  const grown = capacity == 0 ? FIRST_CAPACITY : capacity << 1;
  if (grown > LAST_CAPACITY) return false;
  const block = acquireBlock(grown);
  if (block < 0) return false;
  const record = recordOf(container);
  const target = blocksBase + <usize>block;
  const newOrder = target + ((<usize>grown) << 3);
  const newFree = newOrder + ((<usize>grown) << 2);
  if (capacity > 0) {
    const first = record.first;
    const old = order(container);
    memory.copy(target, priorities(container), (<usize>capacity) << 3);
    memory.copy(newOrder, old + ((<usize>first) << 2), (<usize>(capacity - first)) << 2);
    memory.copy(newOrder + ((<usize>(capacity - first)) << 2), old, (<usize>first) << 2);
    releaseBlock(record.block, capacity);
  }
  for (let cell = capacity; cell < grown; cell++) store<i32>(newFree + ((<usize>cell) << 2), cell);
  record.block = block;
  record.capacity = grown;
  record.first = 0;
  return true;
}

/** A block for `capacity` cells, a power of two: its offset, or -1 when memory is refused. */
function acquireBlock(capacity: i32): i32 {
  const head = freeBlocks + (ctz(capacity) << 2);
  const block = load<i32>(head);
  if (block >= 0) {
    store<i32>(head, load<i32>(blocksBase + <usize>block));
    return block;
  }
  const end = freshBlock + <usize>capacity * CELL_BYTES;
  if (end > <usize>i32.MAX_VALUE) return -1;
  if (end > blocksBytes) {
    // At least a page at once, so that many small containers do not move the tables many times.
    const added = max(end - blocksBytes, 65536);
    if (!growTable(TABLE_BLOCKS, added)) return -1;
    blocksBytes += added;
  }
  const fresh = <i32>freshBlock;
  freshBlock = end;
  return fresh;
}

function releaseBlock(block: i32, capacity: i32): void {
  if (capacity == 0) return;
  const head = freeBlocks + (ctz(capacity) << 2);
  store<i32>(blocksBase + <usize>block, load<i32>(head));
  store<i32>(head, block);
}
