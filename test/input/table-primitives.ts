// Bad input for locks and their kin, and for queues.

import {
  Barrier,
  BoundedSemaphore,
  Condition,
  type Coroutine,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  Semaphore,
} from "wasyncio";
import { row } from "./row.ts";
import * as rules from "./rules.ts";
import { type Row, refused } from "./rules.ts";

const { anything } = rules;

interface Enterable {
  with(body: never): Coroutine<unknown>;
}

const enterables: Record<string, () => Enterable> = {
  Lock: () => new Lock(),
  Condition: () => new Condition(),
  Semaphore: () => new Semaphore(),
  BoundedSemaphore: () => new BoundedSemaphore(),
  Barrier: () => new Barrier(1),
};

const queues: Record<string, () => Queue<unknown>> = {
  Queue: () => new Queue(),
  LifoQueue: () => new LifoQueue(),
};

const permits = refused("TypeError", /^Invalid value: expected a number of permits, got /, {
  ok: ["undefined", "zero", "number", "Infinity", "2**53"],
  RangeError: ["-1", "-Infinity", "1.5"],
});
const maxsize = refused("TypeError", /^Invalid maxsize: expected a number of items, got /, {
  ok: ["undefined", ...rules.NUMBERS],
});
const ordered = ["zero", "number", "-1", "Infinity", "-Infinity", "1.5", "2**53", "true", "bigint"];
const sequences = ["string", "empty string", "empty array", "array"];
const notOrdered = /^Cannot order /;

/** A condition whose lock is held. */
function held(): Condition {
  const condition = new Condition();
  condition.acquire().next();
  return condition;
}

function holding(item: number): PriorityQueue<unknown> {
  const queue = new PriorityQueue<unknown>();
  queue.putNowait(item);
  return queue;
}

export const PRIMITIVE_ROWS: readonly Row[] = [
  ...Object.entries(enterables).flatMap(([type, make]) => {
    const name = type === "BoundedSemaphore" ? "Semaphore.with" : `${type}.with`;
    return [
      row(name, `body, ${type}`, rules.body, (value, _, each) => each.with(value), make),
      row(
        name,
        `what the body returns, ${type}`,
        rules.returned,
        (value, _, each) => each.with((() => value) as never),
        make,
      ),
    ];
  }),
  row(
    "Condition.constructor",
    "lock",
    refused("TypeError", /^Invalid lock: expected a Lock, got /, { ok: ["undefined", "null"] }),
    (value) => void new Condition(value),
  ),
  row(
    "Condition.waitFor",
    "predicate",
    {
      ...rules.aFunction("predicate"),
      but: { ok: ["function", "class of errors", "generator function"], "late TypeError": ["class"] },
    },
    (value, _, condition) => {
      const found = condition.waitFor(value);
      return condition.with(() => found);
    },
    () => new Condition(),
  ),
  row(
    "Condition.notify",
    "n",
    refused("TypeError", /^Invalid n: expected a number, got /, { ok: ["undefined", ...rules.NUMBERS] }),
    (value, _, condition) => condition.notify(value),
    held,
  ),
  row("Semaphore.constructor", "value", permits, (value) => void new Semaphore(value)),
  row("BoundedSemaphore.constructor", "value", permits, (value) => void new BoundedSemaphore(value)),
  row(
    "Barrier.constructor",
    "parties",
    refused("TypeError", /^Invalid parties: expected a number of tasks, got /, {
      ok: ["number", "2**53"],
      RangeError: ["zero", "-1", "-Infinity", "Infinity", "1.5"],
    }),
    (value) => void new Barrier(value),
  ),

  row("Queue.constructor", "maxsize", maxsize, (value) => void new Queue(value)),
  row("LifoQueue.constructor", "maxsize", maxsize, (value) => void new LifoQueue(value)),
  row("PriorityQueue.constructor", "maxsize", maxsize, (value) => void new PriorityQueue(value)),
  row("PriorityQueue.constructor", "options", rules.options, (value) => void new PriorityQueue(0, value)),
  row(
    "PriorityQueue.constructor",
    "key",
    rules.aFunction("key", { ok: ["undefined", ...rules.FUNCTIONS], TypeError: [] }),
    (key) => void new PriorityQueue(0, { key }),
  ),
  row(
    "PriorityQueue.constructor",
    "compare",
    rules.aFunction("compare", { ok: ["undefined", ...rules.FUNCTIONS], TypeError: [] }),
    (compare) => void new PriorityQueue(0, { compare }),
  ),
  ...Object.entries(queues).flatMap(([name, make]) => [
    row("Queue.put", `item, ${name}`, anything, (value, _, queue) => queue.put(value), make),
    row("Queue.putNowait", `item, ${name}`, anything, (value, _, queue) => queue.putNowait(value), make),
    row("Queue.shutdown", `immediate, ${name}`, anything, (value, _, queue) => queue.shutdown(value), make),
  ]),
  row(
    "Queue.put",
    "item, PriorityQueue",
    refused("late TypeError", notOrdered, { ok: [...ordered, ...sequences] }),
    (value, _, queue) => queue.put(value),
    () => new PriorityQueue<unknown>(),
  ),
  row(
    "Queue.putNowait",
    "item, PriorityQueue",
    refused("TypeError", notOrdered, { ok: [...ordered, ...sequences] }),
    (value, _, queue) => queue.putNowait(value),
    () => new PriorityQueue<unknown>(),
  ),
  row(
    "Queue.putNowait",
    "item behind a number, PriorityQueue",
    refused("TypeError", notOrdered, { ok: ordered }),
    (value, _, queue) => queue.putNowait(value),
    () => holding(1),
  ),
  row(
    "Queue.putNowait",
    "what key returns",
    refused("TypeError", notOrdered, { ok: [...ordered, ...sequences] }),
    (value) => new PriorityQueue(0, { key: () => value }).putNowait(1),
  ),
  row(
    "Queue.putNowait",
    "what compare returns",
    refused("TypeError", /^Cannot order items: compare returned .* instead of a number$/, { ok: rules.NUMBERS }),
    (value) => {
      const queue = new PriorityQueue(0, { compare: () => value });
      queue.putNowait(1);
      queue.putNowait(2);
    },
  ),
];
