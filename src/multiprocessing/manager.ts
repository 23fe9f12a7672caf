// Managers: what they have stays in the thread that has made it, and all others ask it. So processes that have no
// memory together can have it, too.

import { checkFunction, checkOptions } from "../support/checks.ts";
import { Shown } from "../support/shown.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";
import { type Address, leaveAddress, outcomeOf, serveAt } from "./asking.ts";
import { DictProxy, ListProxy, NamespaceProxy } from "./proxies.ts";

/** What can be asked of an object. */
type Methods<O> = Readonly<Record<string, (object: O, ...args: never[]) => unknown>>;

const DICT: Methods<Map<unknown, unknown>> = {
  get: (map, key, fallback) => (map.has(key) ? map.get(key) : fallback),
  set: (map, key, value) => void map.set(key, value),
  has: (map, key) => map.has(key),
  delete: (map, key) => map.delete(key),
  size: (map) => map.size,
  keys: (map) => [...map.keys()],
  values: (map) => [...map.values()],
  items: (map) => [...map],
  update: (map, entries: Iterable<[unknown, unknown]>) => {
    for (const [key, value] of entries) map.set(key, value);
  },
  setdefault: (map, key, value) => {
    if (!map.has(key)) map.set(key, value);
    return map.get(key);
  },
  pop: (map, key, fallback) => {
    const value = map.has(key) ? map.get(key) : fallback;
    map.delete(key);
    return value;
  },
  clear: (map) => map.clear(),
};

const LIST: Methods<unknown[]> = {
  get: (list, index) => list.at(index),
  set: (list, index: number, value) => {
    list[placeOf(list, index)] = value;
  },
  append: (list, item) => void list.push(item),
  extend: (list, items: Iterable<unknown>) => void list.push(...items),
  insert: (list, index: number, item) => void list.splice(index, 0, item),
  pop: (list, index: number) => list.splice(placeOf(list, index), 1)[0],
  size: (list) => list.length,
  items: (list) => list,
  clear: (list) => void list.splice(0),
};

const NAMESPACE: Methods<Record<string, unknown>> = {
  get: (names, name: string) => (Object.hasOwn(names, name) ? names[name] : undefined),
  set: (names, name: string, value) => {
    names[name] = value;
  },
};

function placeOf(list: readonly unknown[], index: number): number {
  const place = index < 0 ? index + list.length : index;
  if (Number.isInteger(place) && place >= 0 && place < list.length) return place;
  throw new RangeError("list index out of range");
}

/**
 * Has objects that workers share by asking for them, in processes, too. Mirrors multiprocessing.Manager. They stay in
 * the thread that has made the manager, which has to give way for them to answer: its loop does.
 *
 * @example
 * yield* new Manager().with(function* (manager) {
 *   const results = manager.dict<string, number>();
 *   const process = new Process(work, { args: [results], context: "process" });
 *   process.start();
 *   yield* process.join();
 *   console.log(yield* results.items());
 * });
 */
export class Manager extends Shown implements AsyncContextManager<Manager, void> {
  /** @internal */
  static override readonly name: string = "Manager";
  #addresses: Address[] = [];

  /** A map. Mirrors SyncManager.dict. */
  dict<K, V>(entries: Iterable<readonly [K, V]> = []): DictProxy<K, V> {
    return new DictProxy(this.#serve(DICT, new Map<unknown, unknown>(entries)));
  }

  /** An array. Mirrors SyncManager.list. */
  list<T>(items: Iterable<T> = []): ListProxy<T> {
    return new ListProxy(this.#serve(LIST, [...items]));
  }

  /** Names with values. Mirrors SyncManager.Namespace. */
  namespace<N extends object>(values: N): NamespaceProxy<N> {
    checkOptions(values, "values");
    return new NamespaceProxy(this.#serve(NAMESPACE, { ...values } as Record<string, unknown>));
  }

  /** Lets its objects go: who asks for them gets a RuntimeError. Mirrors SyncManager.shutdown. */
  shutdown(): void {
    for (const address of this.#addresses.splice(0)) leaveAddress(address);
  }

  /** Gives the manager itself. */
  *aenter(): Coroutine<this> {
    return this;
  }

  /** As `shutdown`. */
  *aexit(): Coroutine<void> {
    this.shutdown();
  }

  /** Runs a block with the manager, which is shut down behind it, and returns what it returns. */
  with<R>(body: (manager: this) => Awaitable<R>): Coroutine<R> {
    checkFunction(body, "body");
    return withManager<this, R>(this as AsyncContextManager<this, void>, body);
  }

  /** "<Manager 2>". */
  override toString(): string {
    return `<Manager ${this.#addresses.length}>`;
  }

  #serve<O>(methods: Methods<O>, object: O): Address {
    const address = serveAt((method, args, answer) => {
      answer(outcomeOf(() => methods[method](object, ...(args as never[]))));
      return null;
    });
    this.#addresses.push(address);
    return address;
  }
}
