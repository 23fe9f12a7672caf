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
