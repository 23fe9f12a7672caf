// What a loop's core counts, by name. Tests read it from here alone: it is the one inside that nearly all of them look
// at.

import type { EventLoop } from "wasyncio";
import { inspect } from "../../src/core/inspection.ts";

/** The counters of a core. */
export interface Counters {
  /** Iterations begun: asyncio's turns of the loop. */
  readonly iterations: number;
  readonly slots: number;
  readonly slotCapacity: number;
  /** Entries that are ready to run. */
  readonly ready: number;
  /** Timers in the heap, cancelled ones included; and the cancelled ones among them. */
  readonly timers: number;
  readonly cancelledTimers: number;
}

export function counters({ core }: EventLoop): Counters {
  const [iterations = 0, , slots = 0, slotCapacity = 0, ready = 0, timers = 0, cancelledTimers = 0] =
    inspect(core).counters();
  return { iterations, slots, slotCapacity, ready, timers, cancelledTimers };
}

/** Number of the iteration that runs, from 1. */
export const iteration = (loop: EventLoop): number => counters(loop).iterations;

/** Slots in use in the loop's core. */
export const slotsInUse = (loop: EventLoop): number => counters(loop).slots;

/** Timers in the loop's heap, cancelled ones included; and the cancelled ones among them. */
export function timers(loop: EventLoop): { all: number; cancelled: number } {
  const { timers: all, cancelledTimers: cancelled } = counters(loop);
  return { all, cancelled };
}

/** The slots of the timers in the heap, as the heap has them: -1 for one that is cancelled. */
export function timerSlots({ core }: EventLoop): number[] {
  return [...inspect(core).dumpTimers(0)].filter((_, index) => index % 2 === 1); // behind each deadline
}
