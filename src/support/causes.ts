// Errors that take the place of others: the earlier one is kept as a cause, as Python keeps it in __context__.

/**
 * Puts an error at the end of another one's chain of causes, unless it is in there. What is no error has none. Never
 * throws: an error may do so when it is looked at, and keeps what it has then.
 */
export function chainCause(error: unknown, earlier: unknown): void {
  const seen = new Set<unknown>([earlier]); // causes may go round in a circle
  try {
    for (let last = error; last instanceof Error && !seen.has(last); last = last.cause) {
      seen.add(last);
      if (last.cause !== undefined && last.cause !== null) continue;
      // Not enumerable, as the constructor of Error makes it; refused by one that is frozen.
      Reflect.defineProperty(last, "cause", { value: earlier, writable: true, configurable: true, enumerable: false });
      return;
    }
  } catch {
    // The exits that are still to run matter more than a cause.
  }
}
