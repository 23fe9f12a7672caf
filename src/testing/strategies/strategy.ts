// What a strategy is: it decides, run after run, which of the candidates goes next wherever there is more than one.

import type { RandomStream } from "../../support/random.ts";
import type { SimulationLog } from "../../trace/log.ts";

/** A point of a run at which something has to be chosen. The same object is used for all points. */
export interface ChoicePoint {
  /** Number of candidates. Candidate 0 is what asyncio would run. */
  readonly count: number;
  /**
   * Who candidate `index` is. Tasks: 0, 1, 2... in order of creation, the main task is 0. Callbacks and timers:
   * negative numbers, the same for all wake-ups that are on their way, which are one candidate together.
   */
  actor(index: number): number;
  /** @internal Index of the wake-ups when it can be told that they wake nobody, so that the run is redundant; or -1. */
  idle?(): number;
}

/** Who all candidates of a point are. */
export function actorsAt(point: ChoicePoint): number[] {
  return Array.from({ length: point.count }, (_, index) => point.actor(index));
}

/** A way to search the schedules of a program. */
export interface Strategy {
  /** For reports. */
  readonly name: string;
  /**
   * Whether it wants to be asked at points with one candidate too, so that it sees each step of each actor. Default:
   * no.
   */
  readonly seesAll?: boolean;
  /**
   * Whether runs are to be ended that turn out to be the same as others: those in which wake-ups are let go first, and
   * wake nobody. They do not count, and `end` is not called. Default: no.
   */
  readonly skipsRedundant?: boolean;
  /** Learns from the first run, which is asyncio's own order. Called once, before the first `begin`. */
  learn?(log: SimulationLog): void;
  /**
   * Begins a run; `random` is the same stream for all runs. Returns false, and nothing runs, when every schedule was
   * visited.
   */
  begin(random: RandomStream): boolean;
  /** The index of the candidate that goes next, from 0 to `point.count` - 1. */
  choose(point: ChoicePoint): number;
  /** The run ended after `steps` steps. */
  end?(steps: number): void;
}
