// Seeded random numbers in 32-bit integers: the same on every engine, for ever.

export class Random {
  #state: number;

  /** A stream of its own for each number of a seed. */
  constructor(seed: number, stream: number) {
    this.#state = mix(seed >>> 0) ^ mix((stream + 0x9e3779b9) >>> 0);
  }

  /** A whole number from 0 to `bound - 1`. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    return mix(this.#state) % bound;
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** One of the keys, as often as its weight says. */
  weighted<K extends string>(weights: Weights<K>): K {
    let left = this.below(weights.total);
    for (const [key, weight] of weights.entries) {
      if (left < weight) return key;
      left -= weight;
    }
    throw new Error("Cannot pick: there is no weight");
  }
}

/** Keys, each with a whole number: how often it comes up. A key may be there more than once. */
export class Weights<K extends string> {
  readonly entries: readonly (readonly [K, number])[];
  readonly total: number;

  constructor(entries: readonly (readonly [K, number])[]) {
    this.entries = entries;
    this.total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  }

  /** These and others, with their numbers multiplied. */
  with(others: Partial<Record<K, number>> = {}, factor = 1): Weights<K> {
    const added = Object.entries(others).map(([key, weight]) => [key as K, (weight as number) * factor] as const);
    return new Weights([...this.entries, ...added]);
  }
}

/** Murmur3's last step: each bit of the result depends on each bit of the value. */
function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
