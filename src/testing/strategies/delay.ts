// Delay-bounded scheduling: Emmi, Qadeer and Rakamaric, "Delay-bounded scheduling", POPL 2011.
//
// Many races need no more than one or two steps to come late. So all is asyncio's order, but at a few random points the
// head is passed over once.

import type { RandomStream } from "../../support/random.ts";
import type { SimulationLog } from "../../trace/log.ts";
import { RandomPoints } from "./random-points.ts";
import type { ChoicePoint, Strategy } from "./strategy.ts";
import { checkSetting } from "./whole-number.ts";

/** asyncio's order, with up to `bound` deviations by one place. */
export class DelayStrategy implements Strategy {
  readonly name: string;
  readonly #bound: number;
  readonly #points: RandomPoints;
  #point = 0;

  /** @param bound how often a head is passed over in a run at most, a whole number from 1 to 100 */
  constructor(bound = 2) {
    this.#bound = checkSetting(bound, "bound");
    this.#points = new RandomPoints(bound);
    this.name = `delay(${bound})`;
  }

  learn(log: SimulationLog): void {
    this.#points.learn(log);
  }

  /** Each number of delays from 1 to the bound is as likely: runs with fewer ones are schedules of their own. */
  begin(random: RandomStream): boolean {
    this.#points.seen(this.#point);
    this.#points.draw(random, 1 + random.integer(this.#bound));
    this.#point = 0;
    return true;
  }

  choose(point: ChoicePoint): number {
    const here = this.#point++;
    let delays = 0;
    for (let drawn = this.#points.find(here, 0); drawn >= 0; drawn = this.#points.find(here, drawn + 1)) delays++;
    return Math.min(delays, point.count - 1);
  }
}
