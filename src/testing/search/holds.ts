// What a schedule does to asyncio's order, told by who waits for whom: a step is held back until another one has been
// made, and all else goes on as asyncio would have it.
//
// One such hold may take a hundred choices: whoever is held back is passed over at each point until then. How many a
// failure needs is what the literature calls its depth.

import { type ChoicePoint, type Strategy, actorsAt } from "../strategies/strategy.ts";

/** A step of an actor: its number among those of the same one, from 0. */
export interface ActorStep {
  readonly actor: number;
  readonly number: number;
}

/** A step is held back, though it could be made. */
export interface Hold {
  readonly held: ActorStep;
  /** Until this one has been made. */
  readonly until: ActorStep;
}

/** A hold, and where it is in a run. */
export interface PlacedHold extends Hold {
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

/** The holds of a run: with them it is asyncio's order. */
export function holdsOf({ actors, candidates }: Trace): PlacedHold[] {
  const made = new Map<number, number>();
  const holds: PlacedHold[] = [];
  /** Index of the hold that each actor is in. */
  const open = new Map<number, number>();
  for (const [point, actor] of actors.entries()) {
    const until = { actor, number: made.get(actor) ?? 0 };
    for (const held of candidates[point].slice(0, candidates[point].indexOf(actor))) {
      const index = open.get(held) ?? holds.length;
      open.set(held, index);
      const from = holds[index]?.from ?? point;
      holds[index] = { held: { actor: held, number: made.get(held) ?? 0 }, until, from, to: point };
    }
    open.delete(actor);
    made.set(actor, until.number + 1);
  }
  return holds;
}

/** asyncio's order, but for some holds. One that can no longer be kept is given up. */
export class HoldBack implements Strategy {
  readonly name = "holds";
  readonly seesAll = true;
  readonly #holds: readonly Hold[];
  readonly #made = new Map<number, number>();

  constructor(holds: readonly Hold[]) {
    this.#holds = holds;
  }

  begin(): boolean {
    return true;
  }

  choose(point: ChoicePoint): number {
    let choice = 0;
    while (choice < point.count && this.#isHeld(point.actor(choice))) choice++;
    if (choice === point.count) choice = 0;
    const actor = point.actor(choice);
    this.#made.set(actor, this.#madeBy(actor) + 1);
    return choice;
  }

  #isHeld(actor: number): boolean {
    const number = this.#madeBy(actor);
    return this.#holds.some(
      ({ held, until }) => held.actor === actor && held.number === number && this.#madeBy(until.actor) <= until.number,
    );
  }

  #madeBy(actor: number): number {
    return this.#made.get(actor) ?? 0;
  }
}
