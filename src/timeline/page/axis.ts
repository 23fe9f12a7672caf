// Where things stand from left to right: every step is as wide as any other, and virtual time that passes is a gap of
// fixed width. Drawn to scale, a step would be a hair beside an hour of sleep.
//
// Runs that are drawn one above the other share the axis: each moment begins at the same place in all of them. So they
// are aligned where they are the same, and where they part.

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
  /** Left edges of the jumps. */
  readonly jumpStarts: readonly number[];
  /** Width of the whole. */
  readonly width: number;
  /** Where the steps of each run stand. */
  readonly tracks: readonly Track[];
  /** Where the runs part; null when there is one only, and when they do not. */
  readonly parting: number | null;

  /** @param parting the first step that is another one in each log, or runs at another time; -1 when there is none */
  constructor(logs: readonly SimulationLog[], parting = -1) {
    const jumps: Jump[] = [];
    const starts: number[][] = logs.map(() => []);
    const ends: number[] = [];
    let x = 0;
    let now = 0;
    for (;;) {
      const moment = Math.min(
        ...logs.map(({ steps, time }, run) => steps[starts[run].length]?.time ?? (run in ends ? Infinity : time)),
      );
      if (moment === Infinity) break;
      if (moment > now) {
        jumps.push({ x, from: now, to: moment });
        x += JUMP_WIDTH;
        now = moment;
      }
      let widest = x;
      logs.forEach(({ steps, time }, run) => {
        const own = starts[run];
        let end = x;
        while (steps[own.length]?.time === moment) own.push(end++);
        if (own.length === steps.length && time <= moment) ends[run] ??= end;
        widest = Math.max(widest, end);
      });
      x = widest;
    }
    this.jumps = jumps;
    this.jumpStarts = jumps.map((jump) => jump.x);
    this.width = x;
    this.tracks = starts.map((own, run) => new Track(own, ends[run]));
    this.parting = parting < 0 ? null : Math.min(...this.tracks.map((track) => track.xOf(2 * parting)));
  }
}

/** Where the steps of one run stand on the axis. */
export class Track {
  readonly #starts: readonly number[];
  readonly #end: number;

  constructor(starts: readonly number[], end: number) {
    this.#starts = starts;
    this.#end = end;
  }

  /** Where an edge of a step stands. */
  xOf(edge: Edge): number {
    const start = this.#starts[edge >> 1];
    return start === undefined ? this.#end : start + (edge & 1);
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
