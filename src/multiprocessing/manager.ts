// A manager's objects: they stay in the thread that has made them, and all others ask it. So processes that have no
// memory together can have these.

import { checkFunction } from "../support/checks.ts";
import { Shown } from "../support/shown.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Future } from "../runtime/future.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";
import { findShared, makeShareable } from "./shareable.ts";
import { type Address, ask, leaveAddress, outcomeOf, serveAt } from "./asking.ts";

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

/** Stands for an object of a manager, wherever it was sent. What goes there and back is copied. */
abstract class Proxied extends Shown {
  readonly #address: Address;

  constructor(address: Address, kind: string) {
    super();
    this.#address = address;
    makeShareable(this, kind, () => address, false);
  }

  protected call<T>(method: string, ...args: readonly unknown[]): Future<T> {
    return ask<T>(this.#address, method, args);
  }

  /** "<DictProxy 3>". */
  override toString(): string {
    return `<${this.constructor.name} ${this.#address.id}>`;
  }
}

/**
 * A map that a manager has. Mirrors what multiprocessing's Manager().dict gives. Each method gives a future.
 *
 * @example
 * yield* results.set("a", 1);
 * console.log(yield* results.get("a"));
 */
export class DictProxy<K, V> extends Proxied {
  /** @internal */
  static override readonly name: string = "DictProxy";

  /** @internal */
  constructor(address: Address) {
    super(address, DictProxy.name);
  }

  /** @internal */
  static find(): void {
    findShared(DictProxy.name, (address: Address) => new DictProxy(address));
  }

  /** The value of a key, or `fallback`, which is undefined by default. */
  get(key: K, fallback?: V): Future<V | undefined> {
    return this.call("get", key, fallback);
  }

  /** Sets the value of a key. */
  set(key: K, value: V): Future<void> {
    return this.call("set", key, value);
  }

  /** Whether it has a key. */
  has(key: K): Future<boolean> {
    return this.call("has", key);
  }

  /** Removes a key. Gives whether it was there. */
  delete(key: K): Future<boolean> {
    return this.call("delete", key);
  }

  /** How many keys it has. */
  size(): Future<number> {
    return this.call("size");
  }

  /** A copy of its keys. */
  keys(): Future<K[]> {
    return this.call("keys");
  }

  /** A copy of its values. */
  values(): Future<V[]> {
    return this.call("values");
  }

  /** A copy of its entries. */
  items(): Future<[K, V][]> {
    return this.call("items");
  }

  /** Sets several entries. */
  update(entries: Iterable<readonly [K, V]>): Future<void> {
    return this.call("update", [...entries]);
  }

  /** Sets a value unless there is one. Gives what there is then. */
  setdefault(key: K, value: V): Future<V> {
    return this.call("setdefault", key, value);
  }

  /** Removes a key. Gives its value, or `fallback`. */
  pop(key: K, fallback?: V): Future<V | undefined> {
    return this.call("pop", key, fallback);
  }

  /** Removes all. */
  clear(): Future<void> {
    return this.call("clear");
  }
}

/**
 * An array that a manager has. Mirrors what multiprocessing's Manager().list gives. Each method gives a future, which
 * fails with RangeError for an index that there is not.
 */
export class ListProxy<T> extends Proxied {
  /** @internal */
  static override readonly name: string = "ListProxy";

  /** @internal */
  constructor(address: Address) {
    super(address, ListProxy.name);
  }

  /** @internal */
  static find(): void {
    findShared(ListProxy.name, (address: Address) => new ListProxy(address));
  }

  /** The item at an index, from the end when that is negative; undefined when there is none. */
  get(index: number): Future<T | undefined> {
    return this.call("get", index);
  }

  /** Sets the item at an index. */
  set(index: number, item: T): Future<void> {
    return this.call("set", index, item);
  }

  /** Adds an item at the end. */
  append(item: T): Future<void> {
    return this.call("append", item);
  }

  /** Adds several items at the end. */
  extend(items: Iterable<T>): Future<void> {
    return this.call("extend", [...items]);
  }

  /** Adds an item before an index. */
  insert(index: number, item: T): Future<void> {
    return this.call("insert", index, item);
  }

  /** Removes the item at an index, the last one by default, and gives it. */
  pop(index = -1): Future<T> {
    return this.call("pop", index);
  }

  /** How many items it has. */
  size(): Future<number> {
    return this.call("size");
  }

  /** A copy of its items. */
  items(): Future<T[]> {
    return this.call("items");
  }

  /** Removes all. */
  clear(): Future<void> {
    return this.call("clear");
  }
}

/** Names with values, which a manager has. Mirrors multiprocessing's Namespace. Each method gives a future. */
export class NamespaceProxy<N extends object> extends Proxied {
  /** @internal */
  static override readonly name: string = "NamespaceProxy";

  /** @internal */
  constructor(address: Address) {
    super(address, NamespaceProxy.name);
  }

  /** @internal */
  static find(): void {
    findShared(NamespaceProxy.name, (address: Address) => new NamespaceProxy(address));
  }

  /** The value of a name, undefined when there is none. */
  get<K extends keyof N & string>(name: K): Future<N[K]> {
    return this.call("get", name);
  }

  /** Sets the value of a name. */
  set<K extends keyof N & string>(name: K, value: N[K]): Future<void> {
    return this.call("set", name, value);
  }
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
