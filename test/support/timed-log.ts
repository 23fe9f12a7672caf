// The log of a program that runs in virtual time.

export interface TimedLog {
  /** What was logged, each line with the milliseconds that had passed. */
  readonly lines: string[];
  readonly log: (...what: unknown[]) => void;
}

/** @param now milliseconds that have passed */
export function timedLog(now: () => number): TimedLog {
  const lines: string[] = [];
  return { lines, log: (...what) => void lines.push(`${Math.round(now())} ${JSON.stringify(what)}`) };
}
