// The host's timer functions as lowered modules have them.

import type { TimerCallback } from "./host-timers.ts";
import {
  startImmediate,
  startInterval,
  startTimeout,
  stopImmediate,
  stopInterval,
  stopTimeout,
} from "./loop-timers.ts";
import * as promises from "./timer-promises.ts";

/** Gives a timer function what Node's `util.promisify` asks for: its callback is not the last argument. */
const promisifiable = <F extends Function>(timer: F, promised: Function): F =>
  Object.assign(timer, { [Symbol.for("nodejs.util.promisify.custom")]: promised });

export const setTimeout = /* @__PURE__ */ promisifiable(function setTimeout(
  callback: TimerCallback,
  delay?: unknown,
  ...args: unknown[]
): unknown {
  return startTimeout(callback, delay, args);
}, promises.setTimeout);

export const setImmediate = /* @__PURE__ */ promisifiable(function setImmediate(
  callback: TimerCallback,
  ...args: unknown[]
): unknown {
  return startImmediate(callback, args);
}, promises.setImmediate);

export function setInterval(callback: TimerCallback, delay?: unknown, ...args: unknown[]): unknown {
  return startInterval(callback, delay, args);
}

export function clearTimeout(timer?: unknown): void {
  stopTimeout(timer);
}

export function clearInterval(timer?: unknown): void {
  stopInterval(timer);
}

export function clearImmediate(timer?: unknown): void {
  stopImmediate(timer);
}
