// Seeded random numbers: the same on every host, because they are made of whole numbers only.
//
// sfc32 of PractRand: 128 bits of state, a period of at least 2^32 numbers for each seed. Each stream is seeded by the
// loop's seed and its own name, so that a draw from one never shifts another.

import { format } from "./format.ts";

/** FNV-1a over the UTF-16 units of a text, with a 32-bit avalanche at the end. */
function hash(text: string, basis: number): number {
  let value = basis;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}

/**
 * A stream of random numbers. The same seed and name give the same numbers on every host.
 *
 * @example
 * const jitter = getRunningLoop().random("jitter");
 * yield* sleep(0.1 * jitter.float());
 */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /**
   * @param seed any number or text; texts and numbers that print alike are the same seed
   * @param name tells apart the streams of a seed; default: ""
   */
  constructor(seed: number | string, name = "") {
    const text = `${seed}\n${name}`;
    this.#a = hash(text, 0x811c9dc5);
    this.#b = hash(text, 0x9e3779b9);
    this.#c = hash(text, 0x6a09e667);
    for (let round = 0; round < 12; round++) this.uint32();
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /**
   * A whole number from 0 to `limit` - 1, each as likely.
   * @throws RangeError when `limit` is not a whole number from 1 to 2^32
   */
  integer(limit: number): number {
    if (!Number.isInteger(limit) || limit < 1 || limit > 0x100000000)
      throw new RangeError(`Invalid limit: expected a whole number from 1 to 2^32, got ${format(limit)}`);
    let value = this.uint32();
    // Most values are fair whatever the limit: the division is for the others.
    while (value >= 0x100000000 - limit && value >= 0x100000000 - (0x100000000 % limit)) value = this.uint32();
    // As whole numbers of 32 bits, which engines divide in a tenth of the time.
    return limit === 0x100000000 ? value : ((value >>> 0) % (limit >>> 0)) >>> 0;
  }

  /** A number from 0 up to 1, 1 excluded: a multiple of 2^-53. */
  float(): number {
    const high = this.uint32() >>> 5;
    return (high * 0x4000000 + (this.uint32() >>> 6)) / 0x20000000000000;
  }

  /**
   * One of the items.
   * @throws RangeError when there is none
   * @throws TypeError for what is no array
   */
  choice<T>(items: readonly T[]): T {
    checkArray(items);
    if (items.length === 0) throw new RangeError("Cannot choose from an empty list");
    return items[this.integer(items.length)];
  }

  /**
   * Puts the items of an array into a random order, in place, and returns it.
   * @throws TypeError for what is no array
   */
  shuffle<T>(items: T[]): T[] {
    checkArray(items);
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      [items[last], items[other]] = [items[other], items[last]];
    }
    return items;
  }
}

function checkArray(items: readonly unknown[]): void {
  if (!Array.isArray(items)) throw new TypeError(`Invalid items: expected an array, got ${format(items)}`);
}
