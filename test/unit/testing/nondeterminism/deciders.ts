// Programs in which a value decides what is scheduled: how long a task sleeps, who is woken, how many tasks are made,
// which branch awaits. Each task that decides has a name, and others run beside it.

import { type Coroutine, Event, Queue, createTask, gather, sleep } from "wasyncio";

/** A program that reads a value and decides by it. */
export interface Decider {
  readonly name: string;
  /** Name of the task that decides. */
  readonly task: string;
  readonly program: (read: () => unknown) => () => Coroutine<unknown>;
}

/** 32 bits that hang on each character of a value's text. */
function bitsOf(value: unknown): number {
  let hash = 0x811c9dc5;
  for (const character of String(value)) hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function* bystander(): Coroutine<void> {
  for (let round = 0; round < 3; round++) yield* sleep(0.25);
}

function* sleeper(read: () => unknown): Coroutine<void> {
  yield* sleep(0.1);
  yield* sleep(bitsOf(read()) / 2 ** 32);
}

/** Wakes 12 tasks in one of 12! orders. */
function* waker(read: () => unknown): Coroutine<void> {
  const events = Array.from({ length: 12 }, () => new Event());
  const waiting = events.map((event) => createTask(event.wait()));
  yield* sleep(0.1);
  let order = bitsOf(read());
  for (let left = events.length; left > 0; left--) {
    const [event] = events.splice(order % left, 1);
    event?.set();
    order = Math.floor(order / left);
  }
  yield* gather(waiting);
}

/** Makes up to 15 tasks, eight times. */
function* maker(read: () => unknown): Coroutine<void> {
  const bits = bitsOf(read());
  for (let round = 0; round < 8; round++) {
    const count = (bits >>> (4 * round)) & 15;
    yield* gather(Array.from({ length: count }, () => sleep(0)));
    yield* sleep(0.1);
  }
}

/** Gives way itself or waits for a task that does, 32 times. */
function* chooser(read: () => unknown): Coroutine<void> {
  const bits = bitsOf(read());
  for (let bit = 0; bit < 32; bit++) {
    if ((bits >>> bit) & 1) yield* sleep(0);
    else yield* createTask(sleep(0));
  }
}

const among = (task: string, body: (read: () => unknown) => Coroutine<void>) => (read: () => unknown) =>
  function* main(): Coroutine<void> {
    yield* gather([bystander(), createTask(body(read), { name: task }), bystander()]);
  };

export const DECIDERS: readonly Decider[] = [
  { name: "how long a task sleeps", task: "sleeper", program: among("sleeper", sleeper) },
  { name: "who is woken", task: "waker", program: among("waker", waker) },
  { name: "how many tasks are made", task: "maker", program: among("maker", maker) },
  { name: "which branch awaits", task: "chooser", program: among("chooser", chooser) },
];

/** A program that reads a value, has tasks named after it, hands it on and returns it, and decides nothing by it. */
export function ignoring(read: () => unknown): () => Coroutine<unknown> {
  return function* main() {
    const values = new Queue<unknown>();
    yield* gather([bystander(), createTask(bystander(), { name: String(read()) }), values.put(read())]);
    return yield* values.get();
  };
}
