// What the tests of random searches need of statistics.

/** 99 % of a normal distribution lie below that many standard deviations. */
const Z_99 = 2.3263;

/**
 * Lower end of the interval that has the true rate above it with 99 % confidence, when `hits` of `runs` hit (Wilson's).
 */
export function lowerBound(hits: number, runs: number): number {
  const rate = hits / runs;
  const square = (Z_99 * Z_99) / runs;
  const margin = Z_99 * Math.sqrt((rate * (1 - rate)) / runs + square / (4 * runs));
  return (rate + square / 2 - margin) / (1 + square);
}

/** The chi-square statistic of counts that should be equal. */
export function chiSquare(counts: Iterable<number>, cells: number): number {
  const seen = [...counts];
  const expected = seen.reduce((sum, count) => sum + count, 0) / cells;
  const missing = (cells - seen.length) * expected;
  return seen.reduce((sum, count) => sum + (count - expected) ** 2 / expected, missing);
}

/** How often each text came. */
export class Tally extends Map<string, number> {
  add(key: string): void {
    this.set(key, (this.get(key) ?? 0) + 1);
  }
}
