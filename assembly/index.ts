// The core's exports. Each checks its ids, numbers and transitions first and returns a code; a call that is refused has
// changed nothing.
//
// src/core/exports.ts is generated from this file: a heading names the interface that what follows it belongs to.

import { E_NO_MEMORY } from "./abi";
import { initializeChoices } from "./choices";
import { initializeContainers } from "./containers";
import { initializeDigest } from "./digest";
import { initializeJoins } from "./joins";
import { initializeMemory } from "./memory";
import { initializeReady } from "./ready";
import { initializeScheduler } from "./scheduler";
import { initializeSlots } from "./slots";
import { initializeTransitions } from "./state";
import { initializeTimers } from "./timers";

// ── CoreCalls: what every loop calls: numbers only, called raw ─────────────────────────────────────────────────────

/**
 * Makes the core ready, once, before any other call. Memory grows to `limitPages` of 64 KiB at most. With `clockStands`
 * the time moves only at `advance`. Timer sequences begin at `firstSequence`, 1 or more. Returns 0 or E_NO_MEMORY.
 */
export function initialize(limitPages: i32, clockStands: bool, firstSequence: f64): i32 {
  initializeMemory(limitPages);
  initializeTransitions();
  initializeContainers();
  return reset(clockStands, firstSequence);
}

/**
 * Forgets all tasks, handles, futures and lists, and the digest with them: the scheduler is as new, in the memory that
 * it has.
 */
export function reset(clockStands: bool, firstSequence: f64): i32 {
  initializeReady();
  initializeTimers(<u64>firstSequence);
  initializeDigest();
  initializeScheduler(clockStands);
  initializeChoices();
  initializeJoins();
  return initializeSlots() ? 0 : E_NO_MEMORY;
}

export { advance, interrupt, next, nextDeadline, setBudget } from "./scheduler";
export { rest } from "./ready";
export { callAt, callSoon, cancelHandle } from "./handles";
export {
  cancelTask,
  cancelling,
  clearCancel,
  enter,
  exit,
  leaveFuture,
  mustCancel,
  requireCancel,
  sleep,
  spawn,
  spawnEager,
  uncancel,
} from "./tasks";
export { awaitFuture, firstWaiter, nextWaiter, openFuture, settleFuture, subscribe, unsubscribe } from "./futures";
export {
  closeJoin,
  firstMember,
  join,
  joinOfWaiter,
  joinedLeft,
  joinedSlot,
  memberCount,
  nextMember,
  openJoin,
  sourceOf,
  tell,
} from "./joins";
export { leave, liveWaiterCount, openList, park, waiterCount, wakeAndRemove, wakeFirst, wakeWaiting } from "./lists";
export { closeSource, openSource, post } from "./sources";
export { cellAt, compareContainer, createContainer, destroyContainer, put, reserveCell, take } from "./containers";
export { pageCount, usedSlots } from "./progress";
export { transition } from "./state";

// ── CoreSimulation: what only simulations call: numbers as well ────────────────────────────────────────────────────

export { candidateAt, candidateCount, candidateDeadline, candidatesLeftOut, mayBeLate, offerChoices } from "./choices";
export { choose } from "./scheduler";
export { decisionCount, digestHigh, digestLow, isSleeping, iterationCount, readyLength, wakeTime } from "./progress";
export { readyAt } from "./ready";

// ── CoreInspection: what a core holds: strings and typed arrays, carried by as-bind ────────────────────────────────

export { counters, digestText, dumpReady, dumpSlots, dumpTimers } from "./inspect";
