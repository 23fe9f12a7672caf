// Where in a run a strategy leaves its rule: points drawn uniformly from as many as a run is expected to have.
//
// That is the number of points in the longest run so far. Before any run has ended it is the number of steps in the
// first log: no schedule of the same steps has more points.

import type { RandomStream } from "../../support/random.ts";
import type { SimulationLog } from "../../trace/log.ts";

/** Points of a run, drawn at its beginning. Several may fall on the same one. */
export class RandomPoints {
  #drawn: Int32Array;
  #guess = 1;
  #longest = 0;

  /** @param most how many are drawn at most */
  constructor(most: number) {
    this.#drawn = new Int32Array(most);
  }

  /** Expects as many points as the log has steps, until a run has ended. */
  learn(log: SimulationLog): void {
    this.#guess = Math.max(log.steps.length, 1);
  }

  /** A run had this many points. */
  seen(points: number): void {
    if (points > this.#longest) this.#longest = points;
  }

  /** Draws `number` points for the next run. */
  draw(random: RandomStream, number: number): void {
    const expected = this.#longest > 0 ? this.#longest : this.#guess;
    for (let index = 0; index < this.#drawn.length; index++)
      this.#drawn[index] = index < number ? random.integer(expected) : -1;
  }

  /** The first of those drawn, from `start` on, that is on `point`: its index in the order of drawing, or -1. */
  find(point: number, start: number): number {
    const drawn = this.#drawn;
    for (let index = start; index < drawn.length; index++) if (drawn[index] === point) return index;
    return -1;
  }
}
