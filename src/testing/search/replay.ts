// A run that is made again from its choices, step by step: to be compared with another one of the same program.

import type { SimulationLog } from "../../trace/log.ts";
import { Decisions } from "../simulation/decisions.ts";
import type { Run } from "../simulation/program.ts";
import { Recorder } from "../simulation/recorder.ts";
import { FollowChoices } from "../strategies/follow-choices.ts";
import type { RunOnce } from "./run-once.ts";
import { namesOfSteps, sameSteps } from "../../trace/same-steps.ts";

/** Two steps, by their indexes in a log. */
export type StepPair = readonly [first: number, second: number];

/** A run that was made again. */
export class Replay {
  readonly choices: readonly number[];
  readonly decisions = new Decisions();
  /** Every step of it. */
  readonly log: SimulationLog;
  readonly digest: string;
  readonly #names: readonly string[];

  /** @param debug whether its log is to have places, which takes long */
  constructor(run: RunOnce<Run<unknown>>, choices: readonly number[], debug: boolean) {
    this.choices = choices;
    const strategy = new FollowChoices(choices);
    const { log, digest } = run({ strategy, decisions: this.decisions, recorder: new Recorder(), debug });
    this.log = log as SimulationLog;
    this.digest = digest;
    this.#names = namesOfSteps(this.log);
  }

  /**
   * Two steps of this run that are in the other order in another one: those at which they part, else who runs there and
   * the first that it comes before, else the first two. Null when there are none.
   */
  swapped(other: Replay): StepPair | null {
    const there = sameSteps(this.#names, other.#names);
    const parting = there.findIndex((step, index) => step !== index);
    if (parting < 0) return null;
    const overtaken = there.indexOf(parting);
    // It may be woken by the one that overtakes it, here: in the other run it is not.
    if (this.#areSwapped(other, there, parting, overtaken, false)) return [parting, overtaken];
    const later = there.findIndex((_, index) => this.#areSwapped(other, there, parting, index));
    if (later >= 0) return [parting, later];
    for (let first = parting; first < there.length; first++) {
      if (there[first] < 0) continue;
      const second = there.findIndex((_, index) => this.#areSwapped(other, there, first, index));
      if (second >= 0) return [first, second];
    }
    return null;
  }

  /**
   * The pairs of steps, from one on, that are in the other order in another run, and are made by the actors of that
   * pair, or by who was made by them.
   */
  swappedFrom(other: Replay, [first, second]: StepPair): StepPair[] {
    const { steps } = this.log;
    const there = sameSteps(this.#names, other.#names);
    const [ones, twos] = [first, second].map((step) => this.#familyOf(step)) as [Set<number>, Set<number>];
    const pairs: StepPair[] = [];
    for (let one = first; one < steps.length; one++) {
      if (!ones.has(steps[one].actor)) continue;
      for (let two = one + 1; two < steps.length; two++) {
        if (twos.has(steps[two].actor) && this.#areSwapped(other, there, one, two)) pairs.push([one, two]);
      }
    }
    return pairs;
  }

  /** The actor of a step, and those that it made from then on, and these in turn. */
  #familyOf(step: number): Set<number> {
    const { actors, steps } = this.log;
    const family = new Set([steps[step].actor]);
    for (const { id, madeIn } of actors) if (madeIn >= step && family.has(steps[madeIn].actor)) family.add(id);
    return family;
  }

  /**
   * Whether the second step comes before the first one in another run, or instead of it, and neither has led to the
   * other. Both have places, or neither.
   */
  areSwapped(other: Replay, first: number, second: number): boolean {
    return this.#areSwapped(other, sameSteps(this.#names, other.#names), first, second);
  }

  #areSwapped(other: Replay, there: readonly number[], first: number, second: number, byWaking = true): boolean {
    if (second <= first || there[second] < 0 || leadsTo(this.log, first, second, byWaking)) return false;
    if (there[first] < 0) return true; // the second one has seen to it that it never runs
    return there[first] > there[second] && !leadsTo(other.log, there[second], there[first], byWaking);
  }
}

/** Whether a step has made who makes another one, or, if that counts, has made it ready. */
function leadsTo({ actors, steps }: SimulationLog, first: number, second: number, byWaking: boolean): boolean {
  const { actor } = steps[second];
  if (actor === steps[first].actor || actors[actor].madeIn === first) return true;
  if (!byWaking) return false;
  return steps[first].woke.includes(actor) && !steps.slice(first + 1, second).some((step) => step.actor === actor);
}
