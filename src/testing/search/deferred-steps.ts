// What a schedule does to asyncio's order, told by who waits for whom: a step is deferred until another one has been
// made, and all else goes on as asyncio would have it.
//
// One such deferral may take a hundred choices: whoever is deferred is passed over at each point until then. How many a
// failure needs is what the literature calls its depth.

import { type ChoicePoint, type Strategy, actorsAt } from "../strategies/strategy.ts";

/** A step of an actor: its number among those of the same one, from 0. */
export interface ActorStep {
  readonly actor: number;
  readonly number: number;
}

/** A step is deferred, though it could be made. */
export interface DeferredStep {
  readonly deferred: ActorStep;
  /** Until this one has been made. */
  readonly until: ActorStep;
}

/** A deferred step, and where it is in a run. */
export interface PlacedDeferredStep extends DeferredStep {
  /** First point at which it is passed over. */
  readonly from: number;
  /** Last one. */
  readonly to: number;
}

/** Has a strategy choose, and notes who could run and who did at each point, also where there was one candidate. */
export class Trace implements Strategy {
  readonly name = "trace";
  readonly seesAll = true;
  readonly actors: number[] = [];
  readonly candidates: (readonly number[])[] = [];
  readonly #chooser: Strategy;

  constructor(chooser: Strategy) {
    this.#chooser = chooser;
  }

  begin(): boolean {
    return true;
  }

  choose(point: ChoicePoint): number {
    const choice = point.count > 1 || this.#chooser.seesAll === true ? this.#chooser.choose(point) : 0;
    const candidates = actorsAt(point);
    this.candidates.push(candidates);
    this.actors.push(candidates[choice]);
    return choice;
  }

  /** How many steps each actor makes. */
  counts(): Map<number, number> {
    const counts = new Map<number, number>();
    for (const actor of this.actors) counts.set(actor, (counts.get(actor) ?? 0) + 1);
    return counts;
  }
}

/** The deferrals of a run: with them it is asyncio's order. */
export function deferredStepsOf({ actors, candidates }: Trace): PlacedDeferredStep[] {
  const made = new Map<number, number>();
  const deferrals: PlacedDeferredStep[] = [];
  /** Index of the deferral that each actor is in. */
  const open = new Map<number, number>();
  for (const [point, actor] of actors.entries()) {
    const until = { actor, number: made.get(actor) ?? 0 };
    for (const deferred of candidates[point].slice(0, candidates[point].indexOf(actor))) {
      const index = open.get(deferred) ?? deferrals.length;
      open.set(deferred, index);
      const from = deferrals[index]?.from ?? point;
      deferrals[index] = { deferred: { actor: deferred, number: made.get(deferred) ?? 0 }, until, from, to: point };
    }
    open.delete(actor);
    made.set(actor, until.number + 1);
  }
  return deferrals;
}

/** asyncio's order, but for some deferrals. One that can no longer be kept is given up. */
export class DeferSteps implements Strategy {
  readonly name = "deferrals";
  readonly seesAll = true;
  readonly #deferrals: readonly DeferredStep[];
  readonly #made = new Map<number, number>();

  constructor(deferrals: readonly DeferredStep[]) {
    this.#deferrals = deferrals;
  }

  begin(): boolean {
    return true;
  }

  choose(point: ChoicePoint): number {
    let choice = 0;
    while (choice < point.count && this.#isDeferred(point.actor(choice))) choice++;
    if (choice === point.count) choice = 0;
    const actor = point.actor(choice);
    this.#made.set(actor, this.#madeBy(actor) + 1);
    return choice;
  }

  #isDeferred(actor: number): boolean {
    const number = this.#madeBy(actor);
    return this.#deferrals.some(
      ({ deferred, until }) =>
        deferred.actor === actor && deferred.number === number && this.#madeBy(until.actor) <= until.number,
    );
  }

  #madeBy(actor: number): number {
    return this.#made.get(actor) ?? 0;
  }
}
