// Errors that take the place of others: the earlier one is kept as a cause, as Python keeps it in __context__.

/** Puts an error at the end of another one's chain of causes, unless it is in there. What is no error has none. */
export function chainCause(error: unknown, earlier: unknown): void {
  const seen = new Set<unknown>([earlier]); // causes may go round in a circle
  for (let last = error; last instanceof Error && !seen.has(last); last = last.cause) {
    seen.add(last);
    if (last.cause !== undefined && last.cause !== null) continue;
    Reflect.set(last, "cause", earlier); // unless it is frozen
    return;
  }
}
