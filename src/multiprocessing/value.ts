// Values and arrays in shared memory, with the lock that goes with them.

import { checkNames, wholeFrom } from "../support/checks.ts";
import type { Delay } from "../support/delay.ts";
import { format } from "../support/format.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Hold } from "../sync/hold.ts";
import { findShared, makeShareable } from "./shareable.ts";
import { Lock } from "./lock.ts";
import { sharedBytes } from "./memory.ts";
import { RLock } from "./rlock.ts";
import { SharedAcquirable } from "./shared-acquirable.ts";

/** Arrays by Python's codes of types; those of C's long are not there, whose size differs between systems. */
export interface ItemArrays {
  b: Int8Array<SharedArrayBuffer>;
  B: Uint8Array<SharedArrayBuffer>;
  h: Int16Array<SharedArrayBuffer>;
  H: Uint16Array<SharedArrayBuffer>;
  i: Int32Array<SharedArrayBuffer>;
  I: Uint32Array<SharedArrayBuffer>;
  q: BigInt64Array<SharedArrayBuffer>;
  Q: BigUint64Array<SharedArrayBuffer>;
  f: Float32Array<SharedArrayBuffer>;
  d: Float64Array<SharedArrayBuffer>;
}

/** A code of a type, as of Python's module array: "i" for a whole number of 32 bits, "d" for a number of JavaScript. */
export type TypeCode = keyof ItemArrays;

/** What a value of a type is: a bigint for those of 64 bits. */
export type Item<C extends TypeCode> = C extends "q" | "Q" ? bigint : number;

type AnyArray = ItemArrays[TypeCode];

interface ArrayType {
  readonly BYTES_PER_ELEMENT: number;
  new (memory: SharedArrayBuffer, offset?: number, length?: number): AnyArray;
}

const ARRAYS: Readonly<Record<TypeCode, ArrayType>> = {
  b: Int8Array,
  B: Uint8Array,
  h: Int16Array,
  H: Uint16Array,
  i: Int32Array,
  I: Uint32Array,
  q: BigInt64Array,
  Q: BigUint64Array,
  f: Float32Array,
  d: Float64Array,
};

/** Options of values and arrays. */
export interface SharedOptions {
  /** Their lock; true: an RLock of their own; false: none. Default: true. */
  lock?: Lock | RLock | boolean;
}

function arrayType(typecode: TypeCode): ArrayType {
  if (Object.hasOwn(ARRAYS, typecode)) return ARRAYS[typecode];
  throw new TypeError(`Invalid typecode: expected one of ${Object.keys(ARRAYS).join(", ")}, got ${format(typecode)}`);
}

function lockOf(options: SharedOptions): Lock | RLock | null {
  const { lock = true } = checkNames(options, ["lock"]);
  if (lock === true) return new RLock();
  if (lock === false) return null;
  if (lock instanceof Lock || lock instanceof RLock) return lock;
  throw new TypeError(`Invalid lock: expected a lock of wasyncio/multiprocessing or a boolean, got ${format(lock)}`);
}

/** What has a lock that goes with it. */
abstract class Synchronized extends SharedAcquirable {
  readonly #lock: Lock | RLock | null;

  constructor(lock: Lock | RLock | null) {
    super();
    this.#lock = lock;
  }

  /**
   * Its lock. Mirrors the method get_lock.
   * @throws TypeError when it was made without one
   */
  getLock(): Lock | RLock {
    if (this.#lock === null) throw new TypeError(`Cannot lock ${String(this)}: it was made without a lock`);
    return this.#lock;
  }

  /** Acquires its lock, as a task. */
  acquire(): Coroutine<Hold> {
    return this.getLock().acquire();
  }

  enterSync(timeout: Delay | null): boolean {
    return this.getLock().enterSync(timeout);
  }

  /** Releases its lock. */
  release(): void {
    this.getLock().release();
  }
}

/** What is found of them. */
interface Data {
  readonly typecode: TypeCode;
  readonly memory: SharedArrayBuffer;
  readonly lock: Lock | RLock | null;
}

/**
 * A number in shared memory, with a lock. Mirrors multiprocessing.Value. To read it and to write it is one operation
 * each, which no lock is taken for; what reads and writes has to hold the lock.
 *
 * @example
 * const counter = new Value("i", 0);
 * yield* counter.with(function* () { counter.value += 1; }); // in a task
 * counter.withSync(() => (counter.value += 1)); // in a job that is a plain function
 */
export class Value<C extends TypeCode = "d"> extends Synchronized {
  /** @internal */
  static override readonly name: string = "Value";
  readonly #items: AnyArray;

  /**
   * @param typecode for whole numbers "b", "B", "h", "H", "i", "I", and "q", "Q" for bigints; for others "f" and "d"
   * @param initial what it is at first; default: 0
   * @throws TypeError for another typecode, and for what is no such number
   */
  constructor(typecode: C, initial?: Item<C> | null, options?: SharedOptions);
  /** @internal */
  constructor(typecode: C, initial: null, options: SharedOptions, found: Data);
  constructor(typecode: C, initial: Item<C> | null = null, options: SharedOptions = {}, found: Data | null = null) {
    const lock = found === null ? lockOf(options) : found.lock;
    super(lock);
    const type = arrayType(typecode);
    const memory = found?.memory ?? sharedBytes(8);
    this.#items = new type(memory, 0, 1);
    if (found === null && initial !== null) this.value = initial;
    makeShareable(this, Value.name, (): Data => ({ typecode, memory, lock }));
  }

  /** @internal */
  static find(): void {
    findShared(Value.name, (data: Data) => new Value(data.typecode, null, {}, data));
  }

  /** The number. Mirrors the attribute value. */
  get value(): Item<C> {
    const items = this.#items;
    return (isFloat(items) ? items[0] : Atomics.load(items as Int32Array, 0)) as Item<C>;
  }

  set value(value: Item<C>) {
    const items = this.#items;
    checkItem(items, value);
    if (isFloat(items)) items[0] = value as number;
    else Atomics.store(items as Int32Array, 0, value as number);
  }

  /** "<Value 5>". */
  override toString(): string {
    return `<Value ${format(this.value)}>`;
  }
}

/**
 * Numbers in shared memory, with a lock. Mirrors multiprocessing.Array.
 *
 * @example
 * const sums = new Array("d", 16); // 16 zeros
 * sums.withSync(() => (sums.items[3] += 0.5));
 */
export class SharedArray<C extends TypeCode = "d"> extends Synchronized {
  /** @internal */
  static override readonly name: string = "Array";
  /** The numbers: an array over the memory, in which whoever has it sees what others write. */
  declare readonly items: ItemArrays[C];

  /**
   * @param typecode as of a Value
   * @param initial how many there are, all 0, or what they are at first
   * @throws TypeError for another typecode, and for what are no such numbers; RangeError for a length below 0
   */
  constructor(typecode: C, initial: number | Iterable<Item<C>>, options?: SharedOptions);
  /** @internal */
  constructor(typecode: C, initial: number, options: SharedOptions, found: Data);
  constructor(
    typecode: C,
    initial: number | Iterable<Item<C>>,
    options: SharedOptions = {},
    found: Data | null = null,
  ) {
    const lock = found === null ? lockOf(options) : found.lock;
    super(lock);
    const type = arrayType(typecode);
    const given = typeof initial === "number" ? null : [...initial];
    const length = given?.length ?? wholeFrom(0, initial, "length");
    const memory = found?.memory ?? sharedBytes(length * type.BYTES_PER_ELEMENT);
    const items = new type(memory);
    if (given !== null) {
      for (const item of given) checkItem(items, item);
      items.set(given as never);
    }
    Object.defineProperty(this, "items", { value: items });
    makeShareable(this, SharedArray.name, (): Data => ({ typecode, memory, lock }));
  }

  /** @internal */
  static find(): void {
    findShared(SharedArray.name, (data: Data) => new SharedArray(data.typecode, 0, {}, data));
  }

  /** How many there are. */
  get length(): number {
    return this.items.length;
  }

  /** Goes through the numbers. */
  [Symbol.iterator](): IterableIterator<Item<C>> {
    return this.items[Symbol.iterator]() as IterableIterator<Item<C>>;
  }

  /** "<Array [1, 2]>". */
  override toString(): string {
    return `<Array ${format([...this])}>`;
  }
}

const isFloat = (items: AnyArray): items is ItemArrays["f" | "d"] =>
  items instanceof Float32Array || items instanceof Float64Array;

const isBig = (items: AnyArray): boolean => items instanceof BigInt64Array || items instanceof BigUint64Array;

/** Throws TypeError for what is no number of the type. One that is too large wraps around, as in C. */
function checkItem(items: AnyArray, value: unknown): void {
  const expected = isBig(items) ? "bigint" : isFloat(items) ? "number" : "whole number";
  if (expected === "whole number" ? !Number.isInteger(value) : typeof value !== expected)
    throw new TypeError(`Invalid value: expected a ${expected}, got ${format(value)}`);
}
