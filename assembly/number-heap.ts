// A heap of numbers, as heapq moves it: which of two equal numbers comes first is decided by how they moved.
//
// Two arrays beside each other in memory, in the order of the heap: f64 keys, and the i32 cells that they are of.
// Children of one parent are neighbours, so that to compare them is one look into memory.

/** Adds a key and its cell to a heap of `count`. */
export function pushNumber(keys: usize, cells: usize, count: i32, key: f64, cell: i32): void {
  rise(keys, cells, count, key, cell);
}

/** Takes the first off a heap of `count` and more: the one at `count`, its last, goes down in its place. */
export function popNumber(keys: usize, cells: usize, count: i32): void {
  const key = keyAt(keys, count);
  const cell = cellAt(cells, count);
  let hole = 0;
  let child = 1;
  while (child < count) {
    if (child + 1 < count && !(keyAt(keys, child) < keyAt(keys, child + 1))) child++;
    place(keys, cells, hole, keyAt(keys, child), cellAt(cells, child));
    hole = child;
    child = 2 * hole + 1;
  }
  rise(keys, cells, hole, key, cell);
}

/** Moves the hole at `hole` up to where a key belongs. */
function rise(keys: usize, cells: usize, hole: i32, key: f64, cell: i32): void {
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const above = keyAt(keys, parent);
    if (!(key < above)) break;
    place(keys, cells, hole, above, cellAt(cells, parent));
    hole = parent;
  }
  place(keys, cells, hole, key, cell);
}

function keyAt(keys: usize, index: i32): f64 {
  return load<f64>(keys + ((<usize>index) << 3));
}

function cellAt(cells: usize, index: i32): i32 {
  return load<i32>(cells + ((<usize>index) << 2));
}

function place(keys: usize, cells: usize, index: i32, key: f64, cell: i32): void {
  store<f64>(keys + ((<usize>index) << 3), key);
  store<i32>(cells + ((<usize>index) << 2), cell);
}
