// Where things stand from left to right: every step is as wide as any other, and virtual time that passes is a gap of
// fixed width. Drawn to scale, a step would be a hair beside an hour of sleep.

import type { SimulationLog } from "../../trace/log.ts";
import type { Edge } from "../picture.ts";

/** A gap: virtual time passes. */
export interface Jump {
  /** Its left edge, in widths of a step. */
  readonly x: number;
  /** Virtual time before it and after it, in seconds. */
  readonly from: number;
  readonly to: number;
}

/** Width of a gap, in widths of a step. */
export const JUMP_WIDTH = 1.5;

/** The horizontal axis, in widths of a step. */
export class Axis {
  /** In order. */
  readonly jumps: readonly Jump[];
  /** Width of the whole. */
  readonly width: number;
  readonly #starts: readonly number[];

  constructor({ steps, time }: SimulationLog) {
    const jumps: Jump[] = [];
    const starts: number[] = [];
    let x = 0;
    let now = 0;
    const moveTo = (moment: number): void => {
      if (moment > now) {
        jumps.push({ x, from: now, to: moment });
        x += JUMP_WIDTH;
      }
      now = moment;
    };
    for (const step of steps) {
      moveTo(step.time);
      starts.push(x++);
    }
    moveTo(time);
    this.jumps = jumps;
    this.width = x;
    this.#starts = starts;
  }

  /** Where an edge of a step stands. */
  xOf(edge: Edge): number {
    const start = this.#starts[edge >> 1];
    return start === undefined ? this.width : start + (edge & 1);
  }

  /**
   * The step at `x`: the last one that starts there or before; the first one in front of all, -1 when there are none.
   */
  stepAt(x: number): number {
    return Math.max(lastAtMost(this.#starts, x), Math.min(0, this.#starts.length - 1));
  }
}

/** Index of the last number that is at most `limit`, in numbers that grow; -1 when none is. */
export function lastAtMost(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
