// What kind of thing was thrown: it may be anything, also what no question can be put to.

/** As `instanceof`, and false for what that throws at: a revoked proxy. */
export function isA<T>(value: unknown, type: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}
