// The one assertion of the corpus: it runs on any host.

/** Throws an Error when a condition does not hold. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
