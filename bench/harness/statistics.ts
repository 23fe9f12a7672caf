// What is said of several measurements of the same thing.

export interface Summary {
  median: number;
  min: number;
  max: number;
  samples: readonly number[];
}

/** Of at least one sample. The median, because a machine's disturbances only ever make a sample slower. */
export function summarize(samples: readonly number[]): Summary {
  const sorted = [...samples].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1)!, samples };
}

/** The smallest sample that is not below so many percent of them. Of at least one sample. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = [...samples].sort((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}
