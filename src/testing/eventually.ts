// Liveness: that something comes true in the end, when nobody is held up for ever and nothing fails any more.
//
// In an order that a search has made, a task may be passed over for as long as there are others, and nothing that waits
// for it ever happens: that is no fault of the program's. So orders are fair while somebody waits here, and a sweep
// injects nothing.

import { TimeoutError } from "../errors/asyncio.ts";
import { waitsOf } from "../introspection/waits.ts";
import { describeWaits } from "../introspection/wait-texts.ts";
import { DerivedFuture } from "../runtime/derived-future.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { getRunningLoop } from "../runtime/running.ts";
import { type Coroutine, isGenerator, isThenable } from "../runtime/suspension.ts";
import { checkFunction, checkNames } from "../support/checks.ts";
import { type Delay, secondsFrom0 } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { operation } from "../waiting/operation.ts";
import { SimulationLoop } from "./simulation/simulation-loop.ts";

/** Options of `eventually`. */
export interface EventuallyOptions {
  /** How long it may take, in seconds of the loop's time. */
  within: Delay;
}

/** Characters of a predicate's source in a message. */
const LONGEST_SOURCE = 80;

/** Seconds between two looks, where steps cannot be watched. */
const PAUSE = 0.01;

/**
 * Waits until `predicate` gives something truthy, and gives that. In a simulation, a search or a sweep it is called
 * after each step, and while somebody waits here, orders are fair: whoever is ready runs before long. There are no
 * faults meanwhile. In other loops it is called every 10 ms.
 * @param predicate called outside of tasks; what it throws is thrown here
 * @throws TypeError or RangeError, at the call, for what is no function, or no delay from 0 on
 * @throws TimeoutError when it has given nothing truthy within the time
 *
 * @example
 * yield* eventually(() => replicas.every(({ value }) => value === 7), { within: 60 });
 */
export function eventually<T>(predicate: () => T, options: EventuallyOptions): Coroutine<T> {
  checkFunction(predicate, "predicate");
  const { within } = checkNames(options, ["within"]);
  const seconds = secondsFrom0(within, "within");
  return operation("eventually", awaitTruth(predicate, seconds));
}

/** In the place of what the predicate gives when the time is over. */
const LATE = Symbol("late");

function* awaitTruth<T>(predicate: () => T, seconds: number): Coroutine<T> {
  const first = ask(predicate);
  if (first) return first;
  const loop = getRunningLoop();
  if (seconds === 0) throw neverTrue(predicate, seconds, loop);
  const truth = new DerivedFuture<T | typeof LATE>(loop, "eventually", []);
  const look = (): void => {
    if (truth.done()) return;
    try {
      const value = ask(predicate);
      if (value) truth.setResult(value);
    } catch (error) {
      truth.setException(error);
    }
  };
  const giveUp = (): void => {
    look();
    if (!truth.done()) truth.setResult(LATE);
  };
  const end = loop instanceof SimulationLoop ? loop.watchSteps(look) : lookAgain(loop, look);
  const timer = seconds === Infinity ? null : loop.callLater(seconds, giveUp);
  try {
    const value = yield* truth;
    if (value === LATE) throw neverTrue(predicate, seconds, loop);
    return value;
  } finally {
    timer?.cancel();
    end();
  }
}

/** Has a function called again and again. Returns what ends that. */
function lookAgain(loop: EventLoop, look: () => void): () => void {
  let timer = loop.callLater(PAUSE, lookAndGoOn);
  function lookAndGoOn(): void {
    look();
    timer = loop.callLater(PAUSE, lookAndGoOn);
  }
  return () => timer.cancel();
}

/** Throws TypeError for what would have to be awaited, which is always truthy. */
function ask<T>(predicate: () => T): T {
  const value = predicate();
  if (!isGenerator(value) && !isThenable(value)) return value;
  throw new TypeError(`Invalid predicate: expected a function that is done when it returns, it gave ${format(value)}`);
}

/** The name of a predicate; of one that has none, the head of its source. */
function textOf(predicate: () => unknown): string {
  const { name } = predicate;
  if (typeof name === "string" && name !== "") return name;
  const source = String(predicate).replaceAll(/\s+/g, " ");
  return source.length > LONGEST_SOURCE ? `${source.slice(0, LONGEST_SOURCE)}...` : source;
}

function neverTrue(predicate: () => unknown, seconds: number, loop: EventLoop): TimeoutError {
  const message = `${textOf(predicate)} has not come true within ${seconds} s`;
  if (!loop.getDebug()) return new TimeoutError(message);
  const others = waitsOf(loop).filter(({ task }) => task.id !== loop.currentTask?.serial);
  return new TimeoutError([message, ...describeWaits(others).map((line) => `  ${line}`)].join("\n"));
}
