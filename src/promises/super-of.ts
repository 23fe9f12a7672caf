// `super` of a lowered method: a generator has none of its own, so the method lends it.

/** A property of `super`, as an accessor. */
interface Property {
  v: unknown;
}

/** Makes what gives the properties of `super` by name, by functions of the method that has it. */
export function superOf(
  get: (key: PropertyKey) => unknown,
  set: (key: PropertyKey, value: unknown) => void,
): (key: PropertyKey) => Property {
  return (key) => ({
    get v() {
      return get(key);
    },
    set v(value) {
      set(key, value);
    },
  });
}
