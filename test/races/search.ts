// Searches one program of the corpus, and takes note of what was found and what it took.

import { type Failure, type StrategySpec, explore } from "wasyncio/testing";
import type { RaceCase } from "./race.ts";

/** What a search gave. */
export interface Finding {
  readonly program: RaceCase;
  /** The first failure, shrunk; null when there was none. */
  readonly failure: Failure<unknown> | null;
  /** Schedules that were tried. */
  readonly runs: number;
  /** Milliseconds until it was found, or given up. */
  readonly searchMs: number;
  /** Milliseconds for shrinking it, and for finding the steps that race. */
  readonly shrinkMs: number;
}

/** Searches at most `runs` schedules of a program. */
export function search(program: RaceCase, runs: number, strategy: StrategySpec = "portfolio", seed = 0): Finding {
  const { main, window = "auto", orders = "any", noLeaks = false } = program;
  const begin = performance.now();
  let searched = begin;
  const exploration = explore(main, {
    runs,
    strategy,
    seed,
    window,
    orders,
    noLeaks,
    onProgress: () => (searched = performance.now()), // the last time before it shrinks what was found
  });
  return {
    program,
    failure: exploration.failure,
    runs: exploration.runs,
    searchMs: searched - begin,
    shrinkMs: performance.now() - searched,
  };
}
