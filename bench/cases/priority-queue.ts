// What does a put and a get cost in a priority queue that holds ten thousand items? Filling it is not measured.

import { defineCase } from "../case.ts";

const ITEMS = 10_000;
const PAIRS = 10_000;

/** Priorities from 0 to 2 ** 31, in no order: the same ones as in cases.py. */
function* priorities(): Generator<number, never> {
  let state = 1;
  for (;;) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    yield state;
  }
}

const random = priorities();
const SAMPLE = Array.from({ length: ITEMS + PAIRS }, () => random.next().value);

export default defineCase({
  title: "priority queue, put + get",
  operations: PAIRS,

  wasyncio: ({ PriorityQueue }) =>
    function* (fromHere) {
      const queue = new PriorityQueue<number>();
      for (let i = 0; i < ITEMS; i++) queue.putNowait(SAMPLE[i]);
      fromHere();
      let count = 0;
      for (let i = 0; i < PAIRS; i++) {
        yield* queue.put(SAMPLE[ITEMS + i]);
        if ((yield* queue.get()) >= 0) count++;
      }
      return count;
    },

  effect:
    ({ Effect, Order, TxPriorityQueue }) =>
    (fromHere) =>
      Effect.gen(function* () {
        const queue = yield* TxPriorityQueue.make(Order.Number)(...SAMPLE.slice(0, ITEMS));
        fromHere();
        let count = 0;
        for (let i = 0; i < PAIRS; i++) {
          yield* TxPriorityQueue.offer(queue, SAMPLE[ITEMS + i]);
          if ((yield* TxPriorityQueue.take(queue)) >= 0) count++;
        }
        return count;
      }),
});
