// A program on the engine's own promises, in virtual time: its context has microtasks of its own, which run inside the
// call, and timers that are called one by one.

import { Script, createContext } from "node:vm";
import { timedLog } from "./timed-log.ts";

/** Turns after which a program is taken for endless. */
const MOST_TURNS = 10_000;

interface Timer {
  readonly at: number;
  readonly call: () => void;
}

/**
 * Runs the body of a function that returns a promise: when that has settled, the run is over.
 * @param globals what it has beside the language, `log`, `queueMicrotask` and timers
 * @returns what it has logged, each line with the milliseconds that had passed
 */
export function runNatively(code: string, globals: object = {}): string[] {
  const timers: Timer[] = [];
  let now = 0;
  const { lines, log } = timedLog(() => now);
  // Behind those that are due at the same time: each is called, and has its microtasks run, before the next.
  const arm = (ms: number, call: () => void): Timer => {
    const timer = { at: now + Math.max(1, ms), call };
    timers.splice(timers.findLastIndex(({ at }) => at <= timer.at) + 1, 0, timer);
    return timer;
  };
  const disarm = (timer: Timer): void => {
    const place = timers.indexOf(timer);
    if (place !== -1) timers.splice(place, 1);
  };
  const state = { isOver: false, job: (): void => {} };
  const world = {
    ...globals,
    log,
    setTimeout: (call: (...args: unknown[]) => void, ms: number, ...args: unknown[]) => arm(ms, () => call(...args)),
    clearTimeout: disarm,
    setInterval: (call: () => void, ms: number) => {
      const interval = { timer: arm(ms, fire), isOpen: true };
      function fire(): void {
        call();
        if (interval.isOpen) interval.timer = arm(ms, fire);
      }
      return interval;
    },
    clearInterval: (interval: { timer: Timer; isOpen: boolean }) => {
      interval.isOpen = false;
      disarm(interval.timer);
    },
    state,
  };
  const context = createContext(world, { microtaskMode: "afterEvaluate" });
  new Script(`{
    globalThis.queueMicrotask = (job) => void Promise.resolve().then(job);
    Symbol.asyncDispose ??= Symbol("Symbol.asyncDispose");
    const end = () => { state.isOver = true; };
    globalThis.begin = (promise) => void promise.then(end, (error) => { log("failed", String(error)); end(); });
  }`).runInContext(context);
  new Script(`begin((() => { "use strict"; ${code} })())`).runInContext(context);
  const turn = new Script("state.job()");
  for (let turns = 0; !state.isOver; turns++) {
    const timer = timers.shift();
    if (timer === undefined || turns === MOST_TURNS) throw new Error(`The program does not end: ${code}`);
    now = timer.at;
    state.job = timer.call;
    turn.runInContext(context);
  }
  return lines;
}
