// Programs that do something else the next time, because the run before has left something behind: variables and caches
// of the module, of the library's classes, of the process. Each does so in a task of its own, among others.

import { EventEmitter } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Coroutine, Event, Future, Lock, Queue, createTask, gather, getRunningLoop, sleep } from "wasyncio";

/** A program that keeps something. */
export interface KeptState {
  readonly name: string;
  /** What the task named "keeper" does. */
  readonly body: () => Coroutine<unknown>;
}

function* step(): Coroutine<void> {
  yield* sleep(0);
}

/** The program in which a task named "keeper" runs the body. */
export function keeping({ body }: KeptState): () => Coroutine<unknown> {
  return function* main() {
    yield* gather([step(), createTask(body(), { name: "keeper" }), sleep(0.5)]);
  };
}

let runs = 0;
const cache = new Map<string, string>();
const visited = new Set<string>();
const numbers = new Map<object, number>();
const pool: object[] = [];
const emitter = new EventEmitter();
const isOrder = /order/g;
let sharedLock: Lock | null = null;
let sharedFuture: Future<string> | null = null;
let onlyCoroutine: Coroutine<void> | null = null;

function* once(): Coroutine<void> {
  yield* sleep(1);
}
let seed = 42;

class Connection {
  static count = 0;
  readonly number = ++Connection.count;
}

class Memo {
  #value: number | null = null;

  *get(): Coroutine<number> {
    if (this.#value === null) {
      yield* sleep(1);
      this.#value = 42;
    }
    return this.#value;
  }
}
const memo = new Memo();

function* countUp(): Generator<number> {
  for (let number = 1; ; number++) yield number;
}
const counting = countUp();

// A cache that holds weakly what it does not hold as the newest: made here, for what a run itself makes is kept until
// the run ends.
let newest: object | null = { name: "session" };
const session = new WeakRef(newest);

/** Outside the coroutine, which would hold what it looks at for as long as it lives. */
function isThere(): boolean {
  return (newest ?? session.deref()) !== undefined;
}

/** Collects all garbage, now. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

export const KEPT_STATE: readonly KeptState[] = [
  {
    name: "a counter in the module",
    *body() {
      yield* sleep(++runs);
    },
  },
  {
    name: "a cache in the module",
    *body() {
      if (cache.has("key")) return cache.get("key");
      yield* sleep(0.1);
      cache.set("key", "value");
      return "value";
    },
  },
  {
    name: "a set of what was visited",
    *body() {
      for (const page of ["a", "b", "c"]) {
        if (visited.has(page)) continue;
        visited.add(page);
        yield* sleep(0.1);
      }
    },
  },
  {
    name: "a map keyed by identity",
    *body() {
      const key = {};
      numbers.set(key, numbers.size);
      yield* sleep(numbers.get(key) as number);
    },
  },
  {
    name: "a number that each object of a class gets",
    *body() {
      const { number } = new Connection();
      yield* gather(Array.from({ length: number }, step));
    },
  },
  {
    name: "a pool of objects",
    *body() {
      if (pool.pop() === undefined) yield* sleep(1);
      pool.push({});
    },
  },
  {
    name: "a value that is computed once",
    *body() {
      return yield* memo.get();
    },
  },
  {
    name: "a generator that goes on",
    *body() {
      yield* sleep(counting.next().value as number);
    },
  },
  {
    name: "a seeded generator of random numbers that goes on",
    *body() {
      seed = Math.imul(seed, 1664525) + 1013904223;
      yield* sleep((seed >>> 0) / 2 ** 32);
    },
  },
  {
    name: "a regular expression that remembers where it was",
    *body() {
      if (isOrder.test("an order")) yield* sleep(1);
    },
  },
  {
    name: "listeners of an emitter",
    *body() {
      const orders = new Queue<string>();
      emitter.on("order", (order: string) => orders.putNowait(order));
      yield* gather(Array.from({ length: emitter.listenerCount("order") }, step));
    },
  },
  {
    name: "a lock that is left locked",
    *body() {
      sharedLock ??= new Lock();
      if (!sharedLock.locked()) return yield* sharedLock.acquire();
      yield* sleep(1);
      return false;
    },
  },
  {
    name: "a future of the run before",
    *body() {
      if (sharedFuture === null) {
        sharedFuture = new Future<string>();
        getRunningLoop().callLater(1, sharedFuture.setResult.bind(sharedFuture), "loaded");
      }
      return yield* sharedFuture;
    },
  },
  {
    name: "a coroutine that has ended",
    *body() {
      yield* (onlyCoroutine ??= once()); // a task of its own would be refused
    },
  },
  {
    name: "a class of the library that is patched again and again",
    *body() {
      const { set } = Event.prototype;
      if (set.name !== "patched") {
        yield* sleep(1);
        Event.prototype.set = function patched(this: Event) {
          set.call(this);
        };
      } else {
        Event.prototype.set = originalSet;
      }
    },
  },
  {
    name: "the environment",
    *body() {
      const attempt = Number(process.env["WASYNCIO_TEST_ATTEMPT"] ?? "0") + 1;
      process.env["WASYNCIO_TEST_ATTEMPT"] = String(attempt);
      yield* sleep(attempt);
    },
  },
  {
    name: "a symbol of the whole process",
    *body() {
      const registry = globalThis as Record<symbol, unknown>;
      const key = Symbol.for("wasyncio.test.registered");
      if (registry[key] === undefined) yield* sleep(1);
      registry[key] = true;
    },
  },
  {
    name: "a WeakRef, and the garbage collector",
    *body() {
      if (!isThere()) yield* sleep(1);
      newest = null;
      yield* sleep(0);
      collectGarbage();
    },
  },
];

const originalSet = Event.prototype.set;
