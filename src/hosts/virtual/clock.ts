// Virtual time: a clock that stands still while the program runs, and jumps to the next deadline when nothing is ready.
//
// Nothing here asks the machine for anything, so that a program runs the same way everywhere.

import type { Host } from "../../drivers/clock.ts";
import { reportToConsole } from "../parts/report.ts";

export class VirtualHost implements Host {
  readonly resolution = 1e-9;
  readonly slice = Infinity;
  readonly virtual = true;
  readonly #seed: number;
  #now = 0;

  /** @param seed what the loop's random numbers are seeded with; default: 0 */
  constructor(seed = 0) {
    this.#seed = seed;
  }

  now(): number {
    return this.#now;
  }

  /** Moves the clock to a later time. */
  jumpTo(time: number): void {
    if (time > this.#now) this.#now = time;
  }

  signals(): string {
    return "no signal comes in virtual time";
  }

  seed(): number {
    return this.#seed;
  }

  start(): void {}
  wakeSoon(): void {}
  wakeAt(): void {}
  stop(): void {}
  close(): void {}

  report(...line: Parameters<typeof reportToConsole>): void {
    reportToConsole(...line);
  }
}
