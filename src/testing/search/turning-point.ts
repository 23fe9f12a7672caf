// The turning point of a schedule that fails: up to there asyncio's order still lets the program pass, and one choice
// later it fails.
//
// That choice has somebody run before others. It is made later and later, past one of them at a time, until the program
// passes: so the two runs that stand on either side differ in two neighbours, which have changed places.

import { Decisions } from "../simulation/decisions.ts";
import { failsAlike } from "../simulation/fails-alike.ts";
import type { Outcome } from "../simulation/program.ts";
import { FollowChoices } from "../strategies/follow-choices.ts";
import { type ChoicePoint, type Strategy, actorsAt } from "../strategies/strategy.ts";
import type { RunOnce } from "./run-once.ts";

/** Two runs that part at one choice. */
export interface TurningPoint {
  /** The choices of the run that fails. */
  readonly failing: readonly number[];
  /** The choices of the run that passes: there it ran first whom the other one overtakes. */
  readonly passing: readonly number[];
}

/** Runs, and steps in all of them, after which it is given up. */
const MOST_RUNS = 5_000;
const MOST_STEPS = 3_000_000;

/** The turning point of a schedule that fails as `failed` does, or null when there is none. */
export function findTurningPoint(
  run: RunOnce,
  choices: readonly number[],
  failed: Outcome<unknown>,
): TurningPoint | null {
  const decisions = new Decisions();
  let runs = 0;
  let steps = 0;
  const tryOut = (strategy: Strategy): Outcome<unknown> => {
    decisions.clear();
    const outcome = run({ strategy, decisions });
    runs++;
    steps += outcome.steps;
    return outcome;
  };
  const maySpend = (): boolean => runs < MOST_RUNS && steps < MOST_STEPS;
  const decisive = choices.findIndex(
    (choice, index) =>
      choice > 0 && maySpend() && failsAlike(tryOut(new FollowChoices(choices.slice(0, index + 1))), failed),
  );
  if (decisive < 0) return null;
  let failing: readonly number[] | null = choices.slice(0, decisive + 1);
  for (let places = 1; maySpend(); places++) {
    const strategy = new ChooseLater(choices.slice(0, decisive), choices[decisive], places);
    const outcome = tryOut(strategy);
    if (outcome.status === "ok" && failing !== null) return { failing, passing: decisions.choices() };
    failing = failsAlike(outcome, failed) ? decisions.choices() : null;
    if (!strategy.isLater) break; // it came to its turn
  }
  // Without that choice it fails in another way: so it begins with an earlier one.
  const choice = choices.findLastIndex(
    (choice, index) =>
      choice > 0 &&
      index < decisive &&
      maySpend() &&
      tryOut(new FollowChoices(choices.slice(0, index))).status === "ok",
  );
  return choice < 0 ? null : { failing: choices, passing: decisions.choices() };
}

/** Follows choices; the last one is made a number of points later. */
class ChooseLater implements Strategy {
  readonly name = "later";
  readonly #before: readonly number[];
  readonly #choice: number;
  readonly #places: number;
  #made = 0;
  #actor = 0;
  #isOver = false;

  constructor(before: readonly number[], choice: number, places: number) {
    this.#before = before;
    this.#choice = choice;
    this.#places = places;
  }

  begin(): boolean {
    return true;
  }

  /** Whether the choice was made that many points later: before asyncio would have made it. */
  get isLater(): boolean {
    return this.#made >= this.#before.length + this.#places;
  }

  choose(point: ChoicePoint): number {
    if (this.#isOver) return 0;
    const number = this.#made - this.#before.length;
    if (number < 0) return Math.min(this.#before[this.#made++], point.count - 1);
    if (number === 0) this.#actor = point.actor(Math.min(this.#choice, point.count - 1));
    const place = actorsAt(point).indexOf(this.#actor);
    if (place === 0 || number === this.#places) {
      this.#isOver = true;
      return Math.max(0, place);
    }
    this.#made++;
    return 0;
  }
}
