// The state machine of everything that has a slot: every state, every event, and the transitions between them.
//
// Tasks. A task is READY when its step is queued, RUNNING while it is stepped, and parked in one of three ways: WAITING
// on a waiter list, AWAITING a future, SLEEPING on a timer. Cancelling a parked task whose wait the core owns makes it
// ready; one that awaits a future stays where it is, because the future decides. A task that finishes gives its slot
// back.
//
// Callbacks. A handle is QUEUED from the start; a timer handle is ARMED first; a done-callback is SUBSCRIBED first. A
// handle cancelled in the queue is DROPPED: it keeps its place in the iteration, as asyncio's does, and is not run.
//
// Futures, waiter lists and joins are PENDING as long as they have a slot. So is a source, but while it is POSTED in
// the ready queue; closed there it is DROPPED, as a handle is.
//
// Task flags, beside the state; a step takes and clears them all:
//   MUST_CANCEL         set by a cancel that found no wait to cancel; withdrawn by uncancel, used up by the next wait.
//   WAIT_WAS_CANCELLED  set when the wait of a parked task is cancelled; excludes BY_FUTURE.
//   BY_FUTURE           set when a future wakes the task; excludes WAIT_WAS_CANCELLED.

import {
  EVENT_ARM,
  EVENT_AWAIT,
  EVENT_CANCEL,
  EVENT_CLOSE,
  EVENT_COUNT,
  EVENT_FINISH,
  EVENT_OPEN,
  EVENT_PARK,
  EVENT_POST,
  EVENT_QUEUE,
  EVENT_RUN,
  EVENT_SLEEP,
  EVENT_SPAWN,
  EVENT_SPAWN_EAGER,
  EVENT_STEP,
  EVENT_SUBSCRIBE,
  EVENT_UNSUBSCRIBE,
  EVENT_WAKE,
  EVENT_YIELD,
  E_TRANSITION,
  STATE_ARMED,
  STATE_AWAITING,
  STATE_COUNT,
  STATE_DROPPED,
  STATE_FREE,
  STATE_PENDING,
  STATE_POSTED,
  STATE_QUEUED,
  STATE_READY,
  STATE_RUNNING,
  STATE_SLEEPING,
  STATE_SUBSCRIBED,
  STATE_WAITING,
} from "./abi";

export const MUST_CANCEL: u8 = 1;
export const WAIT_WAS_CANCELLED: u8 = 2;
export const BY_FUTURE: u8 = 4;

/** Flag of a done-callback of the library's own, which only passes a wake-up on. */
export const BOOKKEEPING: u8 = 1;
/** Flag of a join's member: the join is told when it is done, and not only when it is the last one. */
export const TELLS: u8 = 2;

/** Next state by state * EVENT_COUNT + event. */
const transitions = memory.data(STATE_COUNT * EVENT_COUNT);

/** Fills the transition table: the one list of what may happen. */
export function initializeTransitions(): void {
  memory.fill(transitions, <u8>E_TRANSITION, STATE_COUNT * EVENT_COUNT);
  allow(STATE_FREE, EVENT_SPAWN, STATE_READY);
  allow(STATE_FREE, EVENT_SPAWN_EAGER, STATE_RUNNING);
  allow(STATE_READY, EVENT_STEP, STATE_RUNNING);
  allow(STATE_RUNNING, EVENT_YIELD, STATE_READY);
  allow(STATE_RUNNING, EVENT_PARK, STATE_WAITING);
  allow(STATE_RUNNING, EVENT_AWAIT, STATE_AWAITING);
  allow(STATE_RUNNING, EVENT_SLEEP, STATE_SLEEPING);
  allow(STATE_RUNNING, EVENT_FINISH, STATE_FREE);
  allow(STATE_WAITING, EVENT_WAKE, STATE_READY);
  allow(STATE_AWAITING, EVENT_WAKE, STATE_READY);
  allow(STATE_SLEEPING, EVENT_WAKE, STATE_READY);
  allow(STATE_WAITING, EVENT_CANCEL, STATE_READY);
  allow(STATE_SLEEPING, EVENT_CANCEL, STATE_READY);
  allow(STATE_AWAITING, EVENT_CANCEL, STATE_AWAITING);
  allow(STATE_READY, EVENT_CANCEL, STATE_READY);
  allow(STATE_RUNNING, EVENT_CANCEL, STATE_RUNNING);

  allow(STATE_FREE, EVENT_QUEUE, STATE_QUEUED);
  allow(STATE_FREE, EVENT_ARM, STATE_ARMED);
  allow(STATE_FREE, EVENT_SUBSCRIBE, STATE_SUBSCRIBED);
  allow(STATE_ARMED, EVENT_QUEUE, STATE_QUEUED);
  allow(STATE_SUBSCRIBED, EVENT_QUEUE, STATE_QUEUED);
  allow(STATE_SUBSCRIBED, EVENT_UNSUBSCRIBE, STATE_FREE);
  allow(STATE_ARMED, EVENT_CANCEL, STATE_FREE);
  allow(STATE_QUEUED, EVENT_CANCEL, STATE_DROPPED);
  allow(STATE_DROPPED, EVENT_CANCEL, STATE_DROPPED);
  allow(STATE_QUEUED, EVENT_RUN, STATE_FREE);
  allow(STATE_DROPPED, EVENT_RUN, STATE_FREE);

  allow(STATE_FREE, EVENT_OPEN, STATE_PENDING);
  allow(STATE_PENDING, EVENT_CLOSE, STATE_FREE);
  allow(STATE_PENDING, EVENT_POST, STATE_POSTED);
  allow(STATE_POSTED, EVENT_RUN, STATE_PENDING);
  allow(STATE_POSTED, EVENT_CLOSE, STATE_DROPPED);
}

function allow(state: i32, event: i32, next: i32): void {
  store<i8>(transitions + state * EVENT_COUNT + event, <i8>next);
}

/** The state that `event` leads to from `state`, or E_TRANSITION; for any two numbers. */
export function transition(state: i32, event: i32): i32 {
  if (<u32>state >= <u32>STATE_COUNT || <u32>event >= <u32>EVENT_COUNT) return E_TRANSITION;
  return stateAfter(state, event);
}

/** The same, for numbers that are known to be a state and an event. */
export function stateAfter(state: i32, event: i32): i32 {
  return load<i8>(transitions + state * EVENT_COUNT + event);
}
