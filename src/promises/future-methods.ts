// The methods of a future that a promise must not have. Code that is handed a promise looks at `done` as at what an
// iterator gives, and at `result` or `cancelled` as at records of its own. They are hidden until the promise is taken
// for a future or a task, as by `currentTask` or `gather`.

import { Future } from "../runtime/future.ts";

const NAMES = ["done", "result", "exception", "cancelled"] as const;

const members = (valueOf: (name: (typeof NAMES)[number]) => unknown): PropertyDescriptorMap =>
  Object.fromEntries(NAMES.map((name) => [name, { value: valueOf(name), configurable: true, writable: true }]));

/** Hides them: for a prototype. */
export const HIDDEN: PropertyDescriptorMap = /* @__PURE__ */ members(() => undefined);

const SHOWN: PropertyDescriptorMap = /* @__PURE__ */ members((name) => Future.prototype[name]);

/** Gives them back to a promise. */
export function reveal(promise: object): void {
  if (!Object.hasOwn(promise, NAMES[0])) Object.defineProperties(promise, SHOWN);
}
