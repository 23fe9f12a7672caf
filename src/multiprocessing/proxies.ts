// What stands for a manager's objects, wherever it was sent.

import { Shown } from "../support/shown.ts";
import type { Future } from "../runtime/future.ts";
import { type Address, ask } from "./asking.ts";
import { findShared, makeShareable } from "./shareable.ts";

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
