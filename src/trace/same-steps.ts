// Which step of one run is which of another one: the same step of the same actor. An actor is known by who made it, and
// by how many that one had made before, because both are the same in every order.

import type { LogActor, SimulationLog } from "./log.ts";

/** The names of a log's steps, which are the same in other runs of the program. */
export function namesOfSteps({ actors, steps }: SimulationLog): string[] {
  const counts = new Map<string, number>();
  const count = (name: string): number => {
    const number = counts.get(name) ?? 0;
    counts.set(name, number + 1);
    return number;
  };
  const names: string[] = [];
  const nameOf = ({ kind, name, madeIn, origin: [made = ""] }: LogActor): string => {
    const maker = madeIn < 0 ? "" : names[steps[madeIn].actor];
    const start = `${maker}/${kind} ${kind === "task" ? "" : `${name} ${made}`}`;
    return `${start} ${count(start)}`;
  };
  for (const actor of actors) names.push(nameOf(actor));
  return steps.map(({ actor }) => `${names[actor]} ${count(names[actor])}`);
}

/** Of each step of a log, its index in another one; -1 when it is not there. Both are given by their steps' names. */
export function sameSteps(names: readonly string[], other: readonly string[]): number[] {
  const indexes = new Map(other.map((name, index) => [name, index]));
  return names.map((name) => indexes.get(name) ?? -1);
}
