// Whether an error is nothing but the fault that was injected, in whatever the program made of it.

/**
 * Whether `accepts` is true of an error, or of an error that it was caused by; of a group, whether that is so for each
 * of its errors.
 */
export function isExplained(error: unknown, accepts: (error: unknown) => boolean): boolean {
  return explains(error, accepts, new Set());
}

/** `outer` holds the errors that lead to this one: causes may go round in a circle. */
function explains(error: unknown, accepts: (error: unknown) => boolean, outer: Set<unknown>): boolean {
  if (accepts(error)) return true;
  if (!(error instanceof Error) || outer.has(error)) return false;
  outer.add(error);
  const isGroup = error instanceof AggregateError && error.errors.length > 0;
  const result = isGroup
    ? error.errors.every((each) => explains(each, accepts, outer))
    : explains(error.cause, accepts, outer);
  outer.delete(error);
  return result;
}
