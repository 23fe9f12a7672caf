// Histories to check: random ones, of small models, and whether they are linearizable by trying everything.

import type { HistoryCall } from "wasyncio/testing";

type Methods = Record<string, (...args: unknown[]) => unknown>;

/** An object to call, with what may be called on it. */
interface Kind {
  readonly make: () => object;
  /** A random call: a method and its arguments. `number` is another one for each call. */
  readonly call: (below: (limit: number) => number, number: number) => [string, ...unknown[]];
}

function kind<M extends object>(make: () => M, call: Kind["call"]): Kind {
  return { make, call };
}

export const KINDS: Readonly<Record<string, Kind>> = {
  queue: kind(
    () => ({
      items: [] as unknown[],
      put(item: unknown) {
        this.items.push(item);
      },
      get() {
        if (this.items.length === 0) throw new RangeError("empty");
        return this.items.shift();
      },
    }),
    (below, number) => (below(2) === 0 ? ["put", number] : ["get"]),
  ),
  map: kind(
    () => ({
      items: new Map<unknown, unknown>(),
      set(key: unknown, value: unknown) {
        const before = this.items.get(key);
        this.items.set(key, value);
        return before;
      },
      get(key: unknown) {
        return this.items.get(key);
      },
    }),
    (below, number) => (below(2) === 0 ? ["set", "ab"[below(2)], number] : ["get", "ab"[below(2)]]),
  ),
  register: kind(
    () => ({
      value: 0,
      write(value: number) {
        this.value = value;
      },
      read() {
        return this.value;
      },
    }),
    (below, number) => (below(2) === 0 ? ["write", 1 + number] : ["read"]),
  ),
  /** Calls that change something in one state only, and say nothing of it. */
  switch: kind(
    () => ({
      isOn: false,
      turn(on: boolean) {
        this.isOn = on;
      },
      read() {
        return this.isOn;
      },
    }),
    (below) => (below(2) === 0 ? ["turn", below(2) === 0] : ["read"]),
  ),
  counter: kind(
    () => ({
      sum: 0,
      add(count: number) {
        return (this.sum += count);
      },
      read() {
        return this.sum;
      },
    }),
    (below) => (below(3) > 0 ? ["add", 1 + below(2)] : ["read"]),
  ),
};

/** Whole numbers below a limit: Marsaglia's xorshift. */
export function numbersOf(seed: number): (limit: number) => number {
  let state = seed | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** How a random history is. */
export interface Shape {
  readonly calls: number;
  /** How far a call reaches from its effect in either direction, in calls. */
  readonly reach: number;
  /** One call in so many has a result of another one, and as many are open; 0: none. */
  readonly wrong?: number;
}

/** A history in which each call has its effect at some moment, but for what is made wrong. */
export function randomHistory({ make, call }: Kind, shape: Shape, below: (limit: number) => number): HistoryCall[] {
  const { wrong = 0 } = shape;
  const object = make() as Methods;
  const calls = Array.from({ length: shape.calls }, (_, number) => {
    const [method, ...args] = call(below, number);
    const at = 1000 * number;
    const reach = (): number => below(1000 * shape.reach) + 1;
    return { method, args, ...outcomeOf(object, method, args), from: at - reach(), to: at + reach() };
  });
  const moments = calls.flatMap(({ from, to }) => [from, to]).sort((a, b) => a - b);
  return calls.map(({ from, to, ...made }) => {
    const isWrong = wrong > 0 && below(wrong) === 0;
    const other = calls[below(calls.length)];
    const { outcome, value } = isWrong ? other : made;
    const isOpen = wrong > 0 && below(wrong) === 0;
    const end = isOpen ? { outcome: "open" as const, value: undefined } : { outcome, value };
    const [begun, ended] = [moments.indexOf(from), isOpen ? Infinity : moments.lastIndexOf(to)];
    return { method: made.method, args: made.args, ...end, begun, ended, task: "", place: "" };
  });
}

function outcomeOf(object: Methods, method: string, args: readonly unknown[]): Pick<HistoryCall, "outcome" | "value"> {
  try {
    return { outcome: "returned", value: object[method](...args) };
  } catch (error) {
    return { outcome: "threw", value: error };
  }
}

/** Whether there is an order, by trying each: nothing is remembered, and nothing left out. */
export function hasOrder(calls: readonly HistoryCall[], make: () => object): boolean {
  const tryAll = (order: readonly HistoryCall[]): boolean => {
    const object = make() as Methods;
    for (const call of order) {
      const { outcome, value } = outcomeOf(object, call.method, call.args);
      if (call.outcome !== "open" && (call.outcome !== outcome || String(call.value) !== String(value))) return false;
    }
    const left = calls.filter((call) => !order.includes(call));
    const mustCome = left.filter(({ outcome }) => outcome !== "open");
    if (mustCome.length === 0) return true;
    // Nothing comes after the end of what comes later, nor, when that may have had no effect, has it come by then.
    const mayCome = (next: HistoryCall): boolean =>
      mustCome.every(({ ended }) => next.begun < ended) && order.every(({ begun }) => begun < next.ended);
    return left.some((next) => mayCome(next) && tryAll([...order, next]));
  };
  return tryAll([]);
}
