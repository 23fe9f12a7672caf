// What kind of thing was thrown: it may be anything, also what no question can be put to. Only for where a throw would
// leave something undone for good: a task without its end, a request without its answer.

/** As `instanceof`, and false for what that throws at: a revoked proxy. */
export function isA<T>(value: unknown, type: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}
