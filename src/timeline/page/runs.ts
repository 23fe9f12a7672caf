// The runs that the page shows: one, or a failing one and the one that passes beside it, with what they have in common.

import { namesOfSteps, sameSteps } from "../../trace/same-steps.ts";
import type { PageData } from "../page-data.ts";
import { unpackLog } from "../packed-log.ts";
import { Axis } from "./axis.ts";
import { Model } from "./model.ts";

export interface Runs {
  readonly axis: Axis;
  /** The run, and the one that passes. */
  readonly models: readonly Model[];
  /** For each run, which step of the other one each of its steps is; -1: none. */
  readonly twins: readonly (readonly number[])[];
}

export function runsOf({ log, passing, races }: PageData): Runs {
  const own = unpackLog(log);
  const racing = races.flatMap(({ first, second }) => [first, second]);
  if (passing === null) {
    const axis = new Axis([own]);
    return { axis, models: [new Model(own, axis.tracks[0], races, racing)], twins: [[]] };
  }
  const other = unpackLog(passing);
  const [names, otherNames] = [namesOfSteps(own), namesOfSteps(other)];
  const there = sameSteps(names, otherNames);
  const differing = there.findIndex(
    (step, index) => step !== index || own.steps[index].time !== other.steps[index].time,
  );
  const parting = differing < 0 && names.length < otherNames.length ? names.length : differing;
  const axis = new Axis([own, other], parting);
  // The run that passes is the one in which the first pair is swapped.
  const swapped = races.slice(0, 1).map(({ first, second }) => ({ first: there[first], second: there[second] }));
  const racingThere = racing.map((step) => there[step]).filter((step) => step >= 0);
  const models = [
    new Model(own, axis.tracks[0], races, racing),
    new Model(other, axis.tracks[1], swapped, racingThere),
  ];
  return { axis, models, twins: [there, sameSteps(otherNames, names)] };
}
