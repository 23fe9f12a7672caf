// Promise.all and its kin, as the language has them: they ask the constructor's own `resolve` for each member, and the
// member's own `then`.

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

/** A function that does something the first time. */
function once(call: (value: unknown) => void): Resolve {
  let isCalled = false;
  return (value) => {
    if (isCalled) return;
    isCalled = true;
    call(value);
  };
}

export const all: Combination = ({ resolve, reject }) => {
  const values: unknown[] = [];
  return {
    member: (index, settled) => {
      values[index] = undefined;
      const fulfil = once((value) => {
        values[index] = value;
        settled();
      });
      return [fulfil, reject];
    },
    end: () => resolve(values),
  };
};

export const allSettled: Combination = ({ resolve }) => {
  const values: unknown[] = [];
  return {
    member: (index, settled) => {
      values[index] = undefined;
      let isSettled = false; // by either of the two
      const settle = (outcome: Settled<unknown>): void => {
        if (isSettled) return;
        isSettled = true;
        values[index] = outcome;
        settled();
      };
      return [
        (value) => settle({ status: "fulfilled", value }),
        seeing((reason) => settle({ status: "rejected", reason })),
      ];
    },
    end: () => resolve(values),
  };
};

export const any: Combination = ({ resolve, reject }) => {
  const errors: unknown[] = [];
  return {
    member: (index, settled) => {
      errors[index] = undefined;
      const fail = once((error) => {
        errors[index] = error;
        settled();
      });
      return [resolve, seeing(fail)];
    },
    end: () => reject(new AggregateError(errors, "All promises were rejected")),
  };
};

export const race: Combination = ({ resolve, reject }) => ({
  member: () => [resolve, reject],
  end() {},
});

/** Combines the promises of `values` into the one of `target`. Returns them. */
export function combine(
  made: PromiseClass,
  values: Iterable<unknown>,
  target: Capability,
  combination: Combination,
): unknown[] {
  const members: unknown[] = [];
  try {
    const { resolve } = made as { resolve?: unknown };
    if (typeof resolve !== "function") throw new TypeError("Promise resolve or reject function is not callable");
    const combining = combination(target);
    let left = 1;
    const settled = (): void => {
      if (--left === 0) combining.end();
    };
    for (const value of values) {
      const [onFulfilled, onRejected] = combining.member(members.length, settled);
      const member = resolve.call(made, value) as PromiseLike<unknown>;
      members.push(member);
      left++;
      member.then(onFulfilled, onRejected);
    }
    settled();
  } catch (error) {
    target.reject(error);
  }
  return members;
}
