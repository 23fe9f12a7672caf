import { describe, expect, test } from "vitest";
import type { RandomStream } from "wasyncio/testing";
import { PctStrategy } from "../../../../src/testing/strategies/pct.ts";
import { Model, independent } from "./model.ts";
import { Tally, chiSquare, lowerBound } from "./statistics.ts";

/** The place of the step after which `thread` has made `steps` steps. */
function place(trace: readonly number[], thread: number, steps: number): number {
  let made = 0;
  return trace.findIndex((other) => other === thread && ++made === steps);
}

/** Whether these steps, each of a thread, come in this order. */
function inOrder(trace: readonly number[], ...steps: readonly (readonly [thread: number, step: number])[]): boolean {
  const places = steps.map(([thread, step]) => place(trace, thread, step));
  return places.every((at, index) => index === 0 || at > places[index - 1]);
}

/** The bugs that need 1, 2 and 3 orderings: order violation, lost update, and one where both are stopped half-way. */
const BUGS: Record<number, (trace: readonly number[]) => boolean> = {
  1: (trace) => inOrder(trace, [2, 4], [0, 1]),
  2: (trace) => inOrder(trace, [0, 2], [1, 1], [1, 4], [0, 3]),
  3: (trace) => inOrder(trace, [0, 2], [1, 2], [0, 3], [0, 4], [1, 3]),
};

function hits(model: Model, strategy: PctStrategy, runs: number, isHit: (trace: readonly number[]) => boolean): number {
  let count = 0;
  strategy.learn(model.log());
  model.repeat(strategy, runs, () => {
    if (isHit(model.trace)) count++;
  });
  return count;
}

describe("probabilistic concurrency testing", () => {
  const runs = 60_000;

  test.each([1, 2, 3])("finds a bug of depth %i at least as often as it promises", (depth) => {
    for (const [threads, steps] of [
      [3, 4],
      [5, 4],
      [3, 8],
    ]) {
      const model = independent(...Array.from<number>({ length: threads }).fill(steps));
      const promised = 1 / (threads * (threads * steps) ** (depth - 1));
      const enough = depth === 3 ? 200_000 : 20_000;
      const found = hits(model, new PctStrategy(depth), enough, BUGS[depth]);
      expect(lowerBound(found, enough)).toBeGreaterThanOrEqual(promised);
    }
  });

  test("finds no bug that is deeper than it looks", () => {
    const model = independent(4, 4, 4);
    expect(hits(model, new PctStrategy(1), runs, BUGS[2])).toBe(0);
    expect(hits(model, new PctStrategy(2), runs, BUGS[3])).toBe(0);
  });

  test("finds the deepest bugs where either of the stopped ones goes on first", () => {
    const model = independent(4, 4, 4);
    const stopped = [
      [0, 2],
      [1, 2],
      [2, 4],
    ] as const;
    const first = hits(model, new PctStrategy(3), runs, (trace) => inOrder(trace, ...stopped, [0, 3], [0, 4], [1, 3]));
    const last = hits(model, new PctStrategy(3), runs, (trace) => inOrder(trace, ...stopped, [1, 3], [1, 4], [0, 3]));
    // One order of priorities of 6, two points of 12 at most, and one order of these.
    for (const found of [first, last]) expect(lowerBound(found, runs)).toBeGreaterThan(1 / (2 * 6 * 12 ** 2));
  });

  test("has every order of priorities as often, those of callbacks and of new threads too", () => {
    const model = new Model([
      { steps: 2 },
      { steps: 2, callback: true },
      { steps: 2, callback: true },
      { steps: 1 },
      { steps: 1, made: { thread: 3, steps: 1 } },
    ]);
    const orders = new Tally();
    const critical = 41.6; // chi-square at 99 %, 23 degrees of freedom
    model.repeat(new PctStrategy(1), 24_000, () => {
      if (model.trace.length !== 8) throw new Error("a thread is not done");
      orders.add(
        ["0", "1", "2", "3"].toSorted((a, b) => place(model.trace, +a, 1) - place(model.trace, +b, 1)).join(""),
      );
    });
    expect(chiSquare(orders.values(), 24)).toBeLessThan(critical);
    let newOneLast = 0;
    model.repeat(new PctStrategy(1), 24_000, () => {
      if (model.trace.at(-1) === 4) newOneLast++;
    });
    // It has the lowest priority of 5, or 3, which makes it, has, and it the second lowest.
    expect(Math.abs(newOneLast / 24_000 - 2 / 5)).toBeLessThan(0.01);
  });

  test("runs a thread to its end or to a change of priorities", () => {
    const model = independent(5, 5, 5, 5);
    const strategy = new PctStrategy(3);
    strategy.learn(model.log());
    let most = 0;
    model.repeat(strategy, 1000, () => {
      const switches = model.trace.filter((thread, index) => index > 0 && thread !== model.trace[index - 1]).length;
      most = Math.max(most, switches);
    });
    expect(most).toBe(5); // 3 between 4 threads, and one for each change
  });

  test("keeps the changed priorities of others when one is changed again", () => {
    const numbers = [0, 2, 1][Symbol.iterator](); // the points of the changes to -1, -2 and -3
    const script = { uint32: () => 1, integer: () => numbers.next().value } as unknown as RandomStream;
    const among = (...actors: number[]) => ({ count: actors.length, actor: (index: number) => actors[index] });
    const highest = (...actors: number[]) => actors[strategy.choose(among(...actors))];
    let strategy = new PctStrategy(1);
    strategy.begin(script);
    const first = highest(0, 1, 2);
    const second = highest(...[0, 1, 2].filter((actor) => actor !== first));
    const third = 3 - first - second;
    strategy = new PctStrategy(4);
    strategy.begin(script);
    expect(highest(0, 1, 2)).toBe(second); // the first one goes to -1
    expect(highest(0, 1, 2)).toBe(third); // the second one to -3
    expect(highest(first, second)).toBe(first); // the first one to -2
    expect(highest(0, 1, 2)).toBe(third);
    expect(highest(first, second)).toBe(first);
  });

  test("learns from its runs how long they are", () => {
    const model = independent(4, 4, 4);
    const found = hits(model, new PctStrategy(2), runs, BUGS[2]);
    const strategy = new PctStrategy(2);
    let unlearned = 0;
    model.repeat(strategy, runs, () => {
      if (BUGS[2](model.trace)) unlearned++;
    });
    expect(Math.abs(found - unlearned) / found).toBeLessThan(0.1);
  });

  test("does not starve whom a polling thread waits for, nor learn from such a run", () => {
    const polling = new Model([{ steps: 1, polls: 1 }, { steps: 4 }]);
    const strategy = new PctStrategy(2);
    strategy.learn(polling.log());
    let longest = 0;
    for (let seed = 1; longest < 500; seed++)
      polling.repeat(strategy, 1, () => (longest = Math.max(longest, polling.trace.length)), seed);
    expect(longest).toBeLessThan(700);
    const model = independent(4, 4, 4);
    let found = 0;
    model.repeat(strategy, runs, () => {
      if (BUGS[2](model.trace)) found++;
    });
    expect(lowerBound(found, runs)).toBeGreaterThan(1 / (3 * 12));
  });
});
