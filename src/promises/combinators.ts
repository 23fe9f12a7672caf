// Promise.all and its kin, as the language has them: they ask the constructor's own `resolve` for each member, and the
// member's own `then`. What is settled leaves no reactions at members that are pending: else a promise that outlives
// many races would keep them all.

import { type Capability, type PromiseClass, type Resolve, seeing } from "./reaction.ts";

/** What stands in the list of `allSettled`. */
export type Settled<T> = { status: "fulfilled"; value: T } | { status: "rejected"; reason: unknown };

/** How the outcomes of members become one: called once, before the first of them. */
type Combination = (target: Capability) => Combining;

interface Combining {
  /** The handlers of member `index`; `settled` counts it as settled. */
  member(index: number, settled: () => void): readonly [Resolve, Resolve];
  /** All are settled. */
  end(): void;
}

/** Keeps an outcome of each member, which `handlers` make with a function that takes the first one. */
function collect(
  end: (outcomes: unknown[]) => void,
  handlers: (put: Resolve) => readonly [Resolve, Resolve],
): Combining {
  const outcomes: unknown[] = [];
  return {
    member: (index, settled) => {
      outcomes[index] = undefined;
      let isSettled = false;
      return handlers((outcome) => {
        if (isSettled) return;
        isSettled = true;
        outcomes[index] = outcome;
        settled();
      });
    },
    end: () => end(outcomes),
  };
}

export const all: Combination = ({ resolve, reject }) => collect(resolve, (put) => [put, reject]);

export const allSettled: Combination = ({ resolve }) =>
  collect(resolve, (put) => [
    (value) => put({ status: "fulfilled", value }),
    seeing((reason) => put({ status: "rejected", reason })),
  ]);

export const any: Combination = ({ resolve, reject }) =>
  collect(
    (errors) => reject(new AggregateError(errors, "All promises were rejected")),
    (put) => [resolve, seeing(put)],
  );

export const race: Combination = ({ resolve, reject }) => ({
  member: () => [resolve, reject],
  end() {},
});

/**
 * Combines the promises of `values` into the one of `target`: `join` has one of them, which `resolve` gave for a value,
 * call what it is given.
 */
export function combine(
  made: PromiseClass,
  values: Iterable<unknown>,
  target: Capability,
  combination: Combination,
  join: (member: object, handlers: readonly [Resolve, Resolve], value: unknown, resolve: unknown) => void,
): void {
  let count = 0;
  try {
    const { resolve } = made as { resolve?: unknown };
    if (typeof resolve !== "function") throw new TypeError("Promise resolve or reject function is not callable");
    const combining = combination(target);
    let left = 1;
    const settled = (): void => {
      if (--left === 0) combining.end();
    };
    for (const value of values) {
      const handlers = combining.member(count++, settled);
      const member = resolve.call(made, value) as object;
      left++;
      join(member, handlers, value, resolve);
    }
    settled();
  } catch (error) {
    target.reject(error);
  }
}
