// A random walk: each candidate is as likely, at each point.

import type { RandomStream } from "../../support/random.ts";
import type { ChoicePoint, Strategy } from "./strategy.ts";

/**
 * Chooses uniformly at each point. Simple and fair, but schedules in which one actor is far ahead are all but never
 * seen.
 */
export class RandomStrategy implements Strategy {
  readonly name = "random";
  #random!: RandomStream;

  begin(random: RandomStream): boolean {
    this.#random = random;
    return true;
  }

  choose(point: ChoicePoint): number {
    return this.#random.integer(point.count);
  }
}
