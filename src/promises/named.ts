// Names of lowered functions in stacks: a generator has one of its own, which nobody else in its scope may have.

/** Gives a generator function the name of the source's. */
export function named(generator: Function, value: string): void {
  Object.defineProperty(generator, "name", { value, configurable: true });
}
