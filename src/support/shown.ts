// How consoles show the library's objects: by their own text, where they would print all that is inside, or nothing.

/** What Node, Deno and Bun call for the text of an object. */
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** Base of what consoles show by its `toString`. Made by a call, so that a bundle that needs none is without it. */
export const Shown: abstract new () => object = /* @__PURE__ */ (() =>
  class {
    [INSPECT](): string {
      return String(this);
    }
  })();

/**
 * Has consoles show the objects of a class by their `toString`: for those that are made so often that they have no
 * base. Called as pure and for its result, so that a bundle which does not use the class is without it.
 */
export function shown<C extends { readonly prototype: object }>(type: C): C {
  const value = Shown.prototype[INSPECT as never] as unknown;
  Object.defineProperty(type.prototype, INSPECT, { value });
  return type;
}

/** Gives plain data a text, which is none of its data. */
export function withText<T extends object>(data: T, textOf: (data: T) => string): T {
  const value = (): string => textOf(data);
  return Object.defineProperties(data, { toString: { value }, [INSPECT]: { value } });
}
