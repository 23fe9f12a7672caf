// CPython's heapq, line by line: which of two equal items comes first is what it moves.

type Precedes = (left: number, right: number) => boolean;

/** Lets the last item of an otherwise valid heap rise to its place: heappush behind its append. */
export function heappush(heap: number[], precedes: Precedes): void {
  siftDown(heap, heap.length - 1, precedes);
}

/** Takes the smallest item off a heap that has one. */
export function heappop(heap: number[], precedes: Precedes): number {
  const last = heap.pop() as number;
  if (heap.length === 0) return last;
  const first = heap[0];
  heap[0] = last;
  siftUp(heap, precedes);
  return first;
}

/** heapq._siftdown: moves the item at `place` towards the root while it precedes its parent. */
function siftDown(heap: number[], place: number, precedes: Precedes): void {
  const item = heap[place];
  while (place > 0) {
    const parentPlace = (place - 1) >> 1;
    const parent = heap[parentPlace];
    if (!precedes(item, parent)) break;
    heap[place] = parent;
    place = parentPlace;
  }
  heap[place] = item;
}

/** heapq._siftup: moves the item at the root to a leaf along the smaller children, then up to its place. */
function siftUp(heap: number[], precedes: Precedes): void {
  const item = heap[0];
  let place = 0;
  let child = 1;
  while (child < heap.length) {
    const right = child + 1;
    if (right < heap.length && !precedes(heap[child], heap[right])) child = right;
    heap[place] = heap[child];
    place = child;
    child = 2 * place + 1;
  }
  heap[place] = item;
  siftDown(heap, place, precedes);
}
