// Several strategies in turn: none finds all kinds of races soon.
//
// Random walks find what is everywhere; uniform, what one task has to be far ahead for; priorities, what starving a
// task brings out; delays, what lies a step or two from asyncio's own order. The shares are equal, and the cheap
// searches come first.

import type { RandomStream } from "../../support/random.ts";
import type { SimulationLog } from "../../trace/log.ts";
import { DelayStrategy } from "./delay.ts";
import { PctStrategy } from "./pct.ts";
import { RandomStrategy } from "./random.ts";
import type { ChoicePoint, Strategy } from "./strategy.ts";
import { UniformStrategy } from "./uniform.ts";

/** The turns of the default portfolio, over and over. */
function defaultTurns(): Strategy[] {
  const random = new RandomStrategy();
  const uniform = new UniformStrategy();
  const sets = [
    [random, new DelayStrategy(1), uniform, new PctStrategy(2)],
    [random, new DelayStrategy(2), uniform, new PctStrategy(3)],
    [random, new DelayStrategy(3), uniform, new PctStrategy(1)],
  ];
  return sets.flat();
}

/** Cycles through strategies, one for each run. One that has visited everything is left out from then on. */
export class PortfolioStrategy implements Strategy {
  readonly name = "portfolio";
  readonly seesAll = true;
  readonly #turns: readonly Strategy[];
  #turn = -1;
  #current!: Strategy;
  #currentSeesAll = false;

  /** @param turns which strategy is used for each run of a cycle; one may have several turns */
  constructor(turns: readonly Strategy[] = defaultTurns()) {
    this.#turns = turns;
  }

  learn(log: SimulationLog): void {
    for (const strategy of new Set(this.#turns)) strategy.learn?.(log);
  }

  begin(random: RandomStream): boolean {
    for (let tries = 0; tries < this.#turns.length; tries++) {
      this.#turn = (this.#turn + 1) % this.#turns.length;
      this.#current = this.#turns[this.#turn];
      this.#currentSeesAll = this.#current.seesAll === true;
      if (this.#current.begin(random)) return true;
    }
    return false;
  }

  choose(point: ChoicePoint): number {
    return point.count > 1 || this.#currentSeesAll ? this.#current.choose(point) : 0;
  }

  end(steps: number): void {
    this.#current.end?.(steps);
  }
}
