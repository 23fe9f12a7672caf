// How the primitives show themselves: Python's repr without the module and the address.

/** "<Lock [locked, waiters:1]>": the class of `primitive`, its state in words, and how many wait. */
export function describe(primitive: object, state: string, waiterCount: number): string {
  const waiters = waiterCount === 0 ? "" : `, waiters:${waiterCount}`;
  return `<${primitive.constructor.name} [${state}${waiters}]>`;
}
