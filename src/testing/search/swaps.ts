// Swaps: pairs of steps of a failing run, with which it passes when they change places and all others stay where they
// are.

import { Decisions } from "../simulation/decisions.ts";
import type { Run } from "../simulation/program.ts";
import { Recorder } from "../simulation/recorder.ts";
import { FollowChoices } from "../strategies/follow-choices.ts";
import { type ChoicePoint, type Strategy, actorsAt } from "../strategies/strategy.ts";
import { Trace } from "./deferred-steps.ts";
import { Replay, type StepPair } from "./replay.ts";
import type { RunOnce } from "./run-once.ts";

/** Two steps that change places in a run that passes. */
export interface Swap {
  readonly pair: StepPair;
  readonly passing: Replay;
}

/** Runs, and steps in all of them, after which no pair is looked for any more. */
const MOST_RUNS = 1_000;
const MOST_STEPS = 500_000;

/** A way to swap two points of a run: who is to run, in which order, and for how many points that order is kept. */
interface Way {
  order(actors: readonly number[], first: number, second: number): number[];
  /** Points after which asyncio's order goes on; Infinity: the failing run's does, as far as it can. */
  until(first: number, second: number): number;
}

/** The second comes before the first. */
const pull: Way["order"] = (actors, first, second) => [
  ...actors.slice(0, first),
  actors[second],
  ...actors.slice(first, second),
  ...actors.slice(second + 1),
];

/** The first comes after the second. */
const push: Way["order"] = (actors, first, second) => [
  ...actors.slice(0, first),
  ...actors.slice(first + 1, second + 1),
  actors[first],
  ...actors.slice(second + 1),
];

const WAYS: readonly Way[] = [
  { order: pull, until: () => Infinity },
  { order: pull, until: (first) => first + 1 },
  { order: push, until: () => Infinity },
  { order: push, until: (_, second) => second + 1 },
];

/** Swaps steps of a run that fails. */
export class Swaps {
  readonly #run: RunOnce<Run<unknown>>;
  readonly #failing: Replay;
  /** The same without places, which compares in a fraction of the time. */
  readonly #plain: Replay;
  readonly #trace: Trace;
  readonly #recorder = new Recorder();
  readonly #decisions = new Decisions();
  #runs = 0;
  #steps = 0;

  constructor(run: RunOnce<Run<unknown>>, failing: Replay) {
    this.#run = run;
    this.#failing = failing;
    this.#plain = new Replay(run, failing.choices, false);
    this.#trace = new Trace(new FollowChoices(failing.choices));
    run({ strategy: this.#trace, recorder: this.#recorder });
  }

  /**
   * The last pair with which it passes, or null; with `before` one that begins behind that one. Neighbours come first,
   * and later ones before earlier ones: the decisive swap is mostly the last that still matters.
   */
  last(before: StepPair | null): Swap | null {
    for (const way of WAYS) {
      for (const [first, second] of pairsOf(this.#trace, way.order === pull)) {
        if (this.#isSpent) return null;
        if (before !== null && this.#recorder.stepAtPoint(first) <= before[0]) continue;
        const swap = this.#try(way, first, second);
        if (swap !== null) return swap;
      }
    }
    return null;
  }

  /** The first pair of these with which it passes while all others stay, or null. */
  firstOf(pairs: readonly StepPair[]): Swap | null {
    const points = this.#trace.actors.map((_, point) => this.#recorder.stepAtPoint(point));
    for (const pair of pairs) {
      const [first, second] = pair.map((step) => points.indexOf(step)) as [number, number];
      if (this.#isSpent) return null;
      if (first < 0 || second < 0) continue;
      const swap = this.#try(WAYS[0], first, second) ?? this.#try(WAYS[2], first, second);
      if (swap !== null) return swap;
    }
    return null;
  }

  get #isSpent(): boolean {
    return this.#runs >= MOST_RUNS || this.#steps >= MOST_STEPS;
  }

  #count(steps: number): void {
    this.#runs++;
    this.#steps += steps;
  }

  /** Swaps two points. Returns the swap when it passes. */
  #try({ order, until }: Way, first: number, second: number): Swap | null {
    const pair = [this.#recorder.stepAtPoint(first), this.#recorder.stepAtPoint(second)] as const;
    if (pair.some((step) => step < 0)) return null;
    const strategy = new FollowActors(order(this.#trace.actors, first, second), until(first, second));
    this.#decisions.clear();
    const outcome = this.#run({ strategy, decisions: this.#decisions });
    this.#count(outcome.steps);
    if (outcome.status !== "ok") return null;
    const choices = this.#decisions.choices();
    this.#count(outcome.steps);
    if (!this.#plain.areSwapped(new Replay(this.#run, choices, false), ...pair)) return null;
    this.#count(outcome.steps);
    const passing = new Replay(this.#run, choices, true);
    return this.#failing.areSwapped(passing, ...pair) ? { pair, passing } : null;
  }
}

/**
 * The points that can change places, neighbours first. With `pulls` the second one comes before the first: its actor
 * could have run there. Without, the first comes after the second. Either way it has no other step in between.
 */
function* pairsOf({ actors, candidates }: Trace, pulls: boolean): Generator<[first: number, second: number]> {
  for (let distance = 1; distance < actors.length; distance++) {
    for (let first = actors.length - 1 - distance; first >= 0; first--) {
      const second = first + distance;
      const [one, other] = [actors[first], actors[second]];
      if (one === other || actors.slice(first + 1, second).includes(pulls ? other : one)) continue;
      if (!pulls || candidates[first].includes(other)) yield [first, second];
    }
  }
}

/**
 * Lets actors run in a given order for some points, as far as they can: who cannot run yet waits in front of the
 * others.
 */
export class FollowActors implements Strategy {
  readonly name = "actors";
  readonly seesAll = true;
  readonly #left: number[];
  #points: number;

  constructor(actors: number[], points: number) {
    this.#left = actors;
    this.#points = points;
  }

  begin(): boolean {
    return true;
  }

  choose(point: ChoicePoint): number {
    if (this.#points-- <= 0) return 0;
    const candidates = actorsAt(point);
    const next = this.#left.findIndex((actor) => candidates.includes(actor));
    if (next < 0) return 0;
    const [actor] = this.#left.splice(next, 1);
    return candidates.indexOf(actor);
  }
}
