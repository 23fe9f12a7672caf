// What the page shows: the log, its picture, and what can be asked about them.

import type { LogActor, LogStep, SimulationLog } from "../../trace/log.ts";
import { type Arrow, type Lane, type Picture, type Span, hasEnded, pictureOf } from "../picture.ts";
import { Axis, lastAtMost } from "./axis.ts";

export class Model {
  readonly log: SimulationLog;
  readonly picture: Picture;
  readonly axis: Axis;
  readonly #arrowsTo: Arrow[][];
  readonly #arrowsFrom: Arrow[][];

  constructor(log: SimulationLog) {
    this.log = log;
    this.picture = pictureOf(log);
    this.axis = new Axis(log);
    this.#arrowsTo = log.steps.map(() => []);
    this.#arrowsFrom = log.steps.map(() => []);
    for (const arrow of this.picture.arrows) {
      this.#arrowsTo[arrow.to]?.push(arrow);
      this.#arrowsFrom[arrow.from]?.push(arrow);
    }
  }

  step(index: number): LogStep {
    return this.log.steps[index];
  }

  actorOf(index: number): LogActor {
    return this.log.actors[this.step(index).actor];
  }

  laneOf(index: number): number {
    return this.picture.laneOfStep[index];
  }

  lane(number: number): Lane {
    return this.picture.lanes[number];
  }

  /** Arrows that lead to a step. */
  arrowsTo(index: number): readonly Arrow[] {
    return this.#arrowsTo[index] ?? [];
  }

  /** Arrows that start at a step. */
  arrowsFrom(index: number): readonly Arrow[] {
    return this.#arrowsFrom[index] ?? [];
  }

  /** The wait that a step begins with its end, if any. */
  spanAfter(index: number): Span | undefined {
    return this.lane(this.laneOf(index)).spans.find(({ after, kind }) => after === index && kind !== "ready");
  }

  /**
   * The step of a lane that is the last one to start at step `index` or before; its first one in front of that; -1 when
   * it has none.
   */
  stepInLane(number: number, index: number): number {
    const { steps } = this.lane(number);
    return steps[Math.max(0, lastAtMost(steps, index))] ?? -1;
  }

  /** The step before or after another one, in its lane; -1 when there is none. */
  neighbour(index: number, direction: 1 | -1): number {
    const { steps } = this.lane(this.laneOf(index));
    return steps[steps.indexOf(index) + direction] ?? -1;
  }

  /** Steps that ended with an error. */
  failures(): readonly LogStep[] {
    return this.log.steps.filter(({ end }) => end === "throw");
  }

  /** Tasks that have not ended, as lanes. */
  unfinished(): readonly number[] {
    return this.picture.lanes.flatMap(({ kind, steps }, number) =>
      kind === "task" && !hasEnded(this.log.steps[steps.at(-1) ?? -1]) ? [number] : [],
    );
  }
}
