// Whether two steps that a search names do race: the run that passes has them in the other order.

import { type Failure, type Race, type SimulationLog, simulate } from "wasyncio/testing";
import type { RaceCase } from "./race.ts";

/** Of each step who made it, by the tasks that led there, and how many steps that one had made before. */
function paths({ actors, steps }: SimulationLog): string[] {
  const made = new Map<string, number>();
  const names: string[] = [];
  for (const { kind, name, madeIn, origin } of actors) {
    const start = `${madeIn < 0 ? "" : names[steps[madeIn].actor]}>${kind === "task" ? kind : `${name}@${origin[0]}`}`;
    made.set(start, (made.get(start) ?? 0) + 1);
    names.push(`${start}${made.get(start)}`);
  }
  const counts = names.map(() => 0);
  return steps.map(({ actor }) => `${names[actor]}#${counts[actor]++}`);
}

/** What is wrong with a race that a search has named, or null when it is true. */
export function whatIsFalse(
  { main, window, noLeaks }: RaceCase,
  { log }: Failure<unknown>,
  { first, second, passingToken }: Race,
): string | null {
  const passing = simulate(main, { replay: passingToken, noLeaks: noLeaks ?? false, debug: true });
  if (passing.status !== "ok") return `the run that should pass ends with ${passing.status}`;
  const failingPaths = paths(log);
  const passingPaths = paths(passing.log);
  const [one, other] = [first.step, second.step].map((step) => passingPaths.indexOf(failingPaths[step])) as [
    number,
    number,
  ];
  if (first.step >= second.step) return "the steps are not in this order where it fails";
  if (log.steps[first.step].actor === log.steps[second.step].actor) return "both are steps of one task";
  if (log.actors[log.steps[second.step].actor].madeIn === first.step) return "the first one has made the second one";
  if (other < 0) return "the second step is not there where it passes";
  if (one >= 0 && one < other) return "the steps are in the same order where it passes";
  if (one < 0 && window === undefined) return "the first step is not there where it passes";
  return null;
}
