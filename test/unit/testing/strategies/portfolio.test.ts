import { describe, expect, test } from "vitest";
import type { ChoicePoint, Strategy } from "wasyncio/testing";
import { RandomStream } from "../../../../src/support/random.ts";
import { DelayStrategy } from "../../../../src/testing/strategies/delay.ts";
import { ExhaustiveStrategy } from "../../../../src/testing/strategies/exhaustive.ts";
import { PctStrategy } from "../../../../src/testing/strategies/pct.ts";
import { PortfolioStrategy } from "../../../../src/testing/strategies/portfolio.ts";
import { RandomStrategy } from "../../../../src/testing/strategies/random.ts";
import { UniformStrategy } from "../../../../src/testing/strategies/uniform.ts";
import { type Model, independent } from "./model.ts";

/** A strategy that notes what it is told. */
class Noting implements Strategy {
  readonly name: string;
  readonly seesAll: boolean;
  readonly #notes: string[];
  constructor(name: string, notes: string[], seesAll: boolean) {
    this.name = name;
    this.#notes = notes;
    this.seesAll = seesAll;
  }
  learn(): void {
    this.#notes.push(`${this.name} learns`);
  }
  begin(random: RandomStream): boolean {
    this.#notes.push(`${this.name} begins ${random.integer(1000)}`);
    return true;
  }
  choose({ count }: ChoicePoint): number {
    this.#notes.push(`${this.name} of ${count}`);
    return count - 1;
  }
  end(steps: number): void {
    this.#notes.push(`${this.name} ends ${steps}`);
  }
}

function tracesOf(model: Model, strategy: Strategy, runs: number): string[] {
  const traces: string[] = [];
  strategy.learn?.(model.log());
  model.repeat(strategy, runs, () => traces.push(model.trace.join("")));
  return traces;
}

describe("the portfolio", () => {
  test("passes everything on to the strategy whose turn it is, and lessons to all, once", () => {
    const notes: string[] = [];
    const one = new Noting("one", notes, false);
    const all = new Noting("all", notes, true);
    const strategy = new PortfolioStrategy([one, all, one]);
    const model = independent(1, 1);
    strategy.learn(model.log());
    expect(notes.splice(0)).toEqual(["one learns", "all learns"]);
    const drawn = [0, 1, 2].map((run) => new RandomStream(1, `run ${run}`).integer(1000));
    model.repeat(strategy, 3, () => expect(model.trace).toEqual([1, 0]));
    const one0 = [`one begins ${drawn[0]}`, "one of 2", "one ends 2"];
    const all1 = [`all begins ${drawn[1]}`, "all of 2", "all of 1", "all ends 2"];
    const one2 = [`one begins ${drawn[2]}`, "one of 2", "one ends 2"];
    expect(notes).toEqual([...one0, ...all1, ...one2]);
  });

  test("gives random, uniform, pct and delay equal shares of each 12 runs, with depths and bounds from 1 to 3", () => {
    const model = independent(3, 3, 3);
    const traces = tracesOf(model, new PortfolioStrategy(), 120);
    const turns: [Strategy, readonly number[]][] = [
      [new RandomStrategy(), [0, 4, 8]],
      [new DelayStrategy(1), [1]],
      [new DelayStrategy(2), [5]],
      [new DelayStrategy(3), [9]],
      [new UniformStrategy(), [2, 6, 10]],
      [new PctStrategy(1), [11]],
      [new PctStrategy(2), [3]],
      [new PctStrategy(3), [7]],
    ];
    expect(turns.flatMap(([, of]) => of).toSorted((a, b) => a - b)).toEqual([...Array(12).keys()]);
    for (const [strategy, of] of turns) {
      strategy.learn?.(model.log());
      for (let run = 0; run < 120; run++) {
        if (!of.includes(run % 12)) continue;
        strategy.begin(new RandomStream(1, `run ${run}`));
        model.run(strategy);
        expect(`run ${run}: ${model.trace.join("")}`).toBe(`run ${run}: ${traces[run]}`);
      }
    }
  });

  test("goes on without a strategy that has visited everything, and ends when none is left", () => {
    const model = independent(2, 1);
    const strategy = new PortfolioStrategy([new ExhaustiveStrategy(), new ExhaustiveStrategy()]);
    let runs = 0;
    for (; strategy.begin(new RandomStream(0)); runs++) model.run(strategy);
    expect(runs).toBe(2 * 3);
    const mixed = new PortfolioStrategy([new ExhaustiveStrategy(), new RandomStrategy()]);
    expect(new Set(tracesOf(model, mixed, 100))).toEqual(new Set(["010", "001", "100"]));
  });
});
