// Probabilistic concurrency testing: Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with
// probabilistic guarantees of finding bugs", ASPLOS 2010.
//
// Every actor has a random priority of its own, and the highest candidate runs. At d - 1 random points, whoever would
// run gets one of the d - 1 priorities below all first ones instead. A bug that d orderings between steps are enough
// for is found in a run with a probability of at least 1 / (n * k^(d - 1)), for n actors and k points.
//
// Which of the low priorities comes at which point is random too, as in the paper: always the lowest would leave out
// the schedules in which the actor that was stopped last goes on first.
//
// Points with one candidate need not be seen: a priority that changes there has no effect before the next point with
// several.

import type { RandomStream } from "../../support/random.ts";
import type { SimulationLog } from "../../trace/log.ts";
import { RandomPoints } from "./random-points.ts";
import type { ChoicePoint, Strategy } from "./strategy.ts";
import { checkSetting } from "./whole-number.ts";

/** Points after which a run is no longer held to priorities, on top of twice the steps of the first log. */
const LEAST_PATIENCE = 500;

/** Finds every bug of depth `depth` with a probability that has a lower bound. */
export class PctStrategy implements Strategy {
  readonly name: string;
  readonly #changes: number;
  readonly #points: RandomPoints;
  #random!: RandomStream;
  #salt = 0;
  /** Who has changed its priority in this run, and to what. */
  readonly #changedActors: Int32Array;
  readonly #changedTo: Int32Array;
  #changed = 0;
  #point = 0;
  /**
   * An actor that polls with the highest priority would starve all others for ever, and the run would look like a
   * livelock that no fair loop has. So a run that is this long goes on at random, and nothing is learned from its
   * length.
   */
  #patience = LEAST_PATIENCE;

  /** @param depth how many orderings between steps the bugs need, a whole number from 1 to 100 */
  constructor(depth = 3) {
    this.#changes = checkSetting(depth, "depth") - 1;
    this.#points = new RandomPoints(this.#changes);
    this.#changedActors = new Int32Array(this.#changes);
    this.#changedTo = new Int32Array(this.#changes);
    this.name = `pct(${depth})`;
  }

  learn(log: SimulationLog): void {
    this.#points.learn(log);
    this.#patience = LEAST_PATIENCE + 2 * log.steps.length;
  }

  begin(random: RandomStream): boolean {
    if (this.#point <= this.#patience) this.#points.seen(this.#point);
    this.#points.draw(random, this.#changes);
    this.#random = random;
    this.#salt = random.uint32();
    this.#changed = 0;
    this.#point = 0;
    return true;
  }

  choose(point: ChoicePoint): number {
    const here = this.#point++;
    if (here >= this.#patience) return this.#random.integer(point.count);
    let highest = this.#highest(point);
    for (let change = this.#points.find(here, 0); change >= 0; change = this.#points.find(here, change + 1)) {
      this.#change(point.actor(highest), -1 - change);
      highest = this.#highest(point);
    }
    return highest;
  }

  #highest(point: ChoicePoint): number {
    let highest = 0;
    let most = -Infinity;
    for (let index = 0; index < point.count; index++) {
      const priority = this.#priorityOf(point.actor(index));
      if (priority <= most) continue;
      highest = index;
      most = priority;
    }
    return highest;
  }

  #priorityOf(actor: number): number {
    for (let index = 0; index < this.#changed; index++)
      if (this.#changedActors[index] === actor) return this.#changedTo[index];
    return firstPriority(actor, this.#salt);
  }

  #change(actor: number, priority: number): void {
    let index = 0;
    while (index < this.#changed && this.#changedActors[index] !== actor) index++;
    if (index === this.#changed) this.#changed++;
    this.#changedActors[index] = actor;
    this.#changedTo[index] = priority;
  }
}

/**
 * A number from 0 to 2^32 - 1, another one for each actor. It is computed from the run's salt, so that nothing is kept
 * for an actor and a new one gets a random place among the others. The finalizer of MurmurHash3 keeps different numbers
 * different.
 */
function firstPriority(actor: number, salt: number): number {
  let value = actor ^ salt;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
