// The numbers that cross the boundary between the core and its host: one file, read by both sides.
// The host's copy, src/core/abi.ts, is generated from this one.

// ── Entries ────────────────────────────────────────────────────────────────────────────────────────────────────────
//
// What `next` hands out: slot << ENTRY_SHIFT | kind. Negative results are not entries, see "Results of next".

/** Bits below the slot in an entry. */
export const ENTRY_SHIFT: i32 = 3;
/** Mask of the kind in an entry. */
export const ENTRY_KIND: i32 = 7;

/** Step a task: resume it with nothing. */
export const STEP: i32 = 0;
/** Step a task that must be cancelled: throw a new CancelledError into it. */
export const STEP_CANCELLED: i32 = 1;
/** Step a task whose awaited future is done: resume it, or throw what the future failed with. */
export const WAKE: i32 = 2;
/** As WAKE, with a cancellation requested in between: throw a CancelledError unless the future brings one. */
export const WAKE_CANCELLED: i32 = 3;
/** Step a task whose wait on a waiter list or a timer was cancelled: throw a CancelledError. */
export const WAIT_CANCELLED: i32 = 4;
/** Run a handle's callback, whose slot is free already; or a source, which keeps its slot. */
export const CALLBACK: i32 = 5;
/**
 * Run a done-callback of a future, whose slot is free already; or tell a join what `joinedSlot` and `joinedLeft` say.
 */
export const DONE_CALLBACK: i32 = 6;
/** Run the callback of a timer handle that is due. Its slot is free already. */
export const TIMER: i32 = 7;

// ── Results of next ────────────────────────────────────────────────────────────────────────────────────────────────

/** The iteration is over and the next one needs the host: the time, a stop request, or something to wait for. */
export const BOUNDARY: i32 = -1;
/** The step budget is spent; the iteration goes on with the next call. */
export const BUDGET_SPENT: i32 = -2;
/** More than one thing could run next: `choose`, and call again. Only where choices are offered. */
export const CHOICE: i32 = -3;
/** Wake-ups were let go first and woke nobody: what follows is the same as without. Only where that is asked for. */
export const REDUNDANT: i32 = -4;

// ── Choices ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The scheduler's own order. */
export const ORDERS_FIXED: i32 = 0;
/** The order of what is ready is fixed; timers may come early, and so what is ready may come late. */
export const ORDERS_TIMERS: i32 = 1;
/** Anything that is ready may be next. */
export const ORDERS_ANY: i32 = 2;
/** As ORDERS_TIMERS, but what a timer fired for waits until nothing else is ready. */
export const ORDERS_JAVASCRIPT: i32 = 3;

/** Ready entries that can be candidates at one point; others are left out. */
export const MOST_READY: i32 = 256;

// ── Follow-ups ─────────────────────────────────────────────────────────────────────────────────────────────────────
//
// What `next` is told of the entry that it handed out last.

/** Nothing: a callback ran, or the task has parked itself. */
export const OP_NONE: i32 = 0;
/** The task gave way: put it at the end of the ready queue. */
export const OP_YIELD: i32 = 1;
/** The task is done: make its waiters ready and free its slot. */
export const OP_FINISH: i32 = 2;

// ── Ids ────────────────────────────────────────────────────────────────────────────────────────────────────────────
//
// An id names one life of a slot: generation << SLOT_BITS | slot. It is never negative.

/** No slot, no id. */
export const NONE: i32 = -1;
/** Width of a slot number: at most 16,777,216 slots. */
export const SLOT_BITS: i32 = 24;
/** Mask of the slot in an id. */
export const SLOT_MASK: i32 = 0xffffff;
/** Highest generation: it starts again at 0 after this one. */
export const GENERATION_MAX: i32 = 127;

// ── Outcomes ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** park, sleep, awaitFuture: the task waits. */
export const PARKED: i32 = 0;
/** park, sleep: the task had to be cancelled; its wait was cancelled at once, it steps in the next iteration. */
export const PARKED_CANCELLED: i32 = 1;

/** awaitFuture: the task waits, but has to be cancelled: ask the future, and call clearCancel if it accepts. */
export const PARKED_MUST_CANCEL: i32 = 2;

/** cancelTask: the wait was cancelled, the error is on its way. */
export const CANCELLED_WAIT: i32 = 1;
/** cancelTask: the task awaits a future: ask that future, and call requireCancel if it refuses. */
export const CANCEL_FORWARD: i32 = 2;
/** cancelTask: remembered, delivered at the next step or suspension. */
export const CANCEL_REMEMBERED: i32 = 3;

/** leave, wakeAndRemove: bit set when the waiter had been woken (or one was woken). */
export const WAITER_WOKEN: i32 = 1;
/** leave, wakeAndRemove: bit set when the list was left empty, and its id is dead. */
export const LIST_CLOSED: i32 = 2;

// ── Errors ─────────────────────────────────────────────────────────────────────────────────────────────────────────
//
// A call that returns one of these has changed nothing.

/** Memory could not grow, or every slot is taken. */
export const E_NO_MEMORY: i32 = -10;
/** A deadline or a priority is NaN. */
export const E_NOT_A_NUMBER: i32 = -11;
/** The id's slot was freed, or never given out. */
export const E_STALE: i32 = -12;
/** The slot is of another kind than the call works on. */
export const E_KIND: i32 = -13;
/** The state machine has no such transition. */
export const E_TRANSITION: i32 = -14;
/** The call works on the running task, and none is running. */
export const E_NO_TASK: i32 = -15;
/** The host's comparison of two priorities failed. */
export const E_COMPARE: i32 = -16;
/** The container is full. */
export const E_FULL: i32 = -17;
/** The container is empty. */
export const E_EMPTY: i32 = -18;

// ── Slot kinds ─────────────────────────────────────────────────────────────────────────────────────────────────────

export const KIND_FREE: i32 = 0;
/** A task: steps, waits, and has waiters of its own. */
export const KIND_TASK: i32 = 1;
/** A callback in the ready queue. */
export const KIND_CALLBACK: i32 = 2;
/** A callback with a deadline. */
export const KIND_TIMER: i32 = 3;
/** A callback of a future. */
export const KIND_DONE_CALLBACK: i32 = 4;
/** A pending future on which something waits. */
export const KIND_FUTURE: i32 = 5;
/** The waiter list of a lock, an event, a queue... */
export const KIND_LIST: i32 = 6;
/** A count of futures that are to be done: gather's, a task group's. */
export const KIND_JOIN: i32 = 7;
/** What comes from outside: a socket, a signal, the promises of a loop. */
export const KIND_SOURCE: i32 = 8;

// ── States ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const STATE_FREE: i32 = 0;
/** Task: its step is in the ready queue. */
export const STATE_READY: i32 = 1;
/** Task: it is being stepped, or has an eager child being stepped. */
export const STATE_RUNNING: i32 = 2;
/** Task: parked on a waiter list. */
export const STATE_WAITING: i32 = 3;
/** Task: parked on a future or another task. */
export const STATE_AWAITING: i32 = 4;
/** Task: parked on a timer. */
export const STATE_SLEEPING: i32 = 5;
/** Handle: in the ready queue. */
export const STATE_QUEUED: i32 = 6;
/** Done-callback: on the list of a pending future. */
export const STATE_SUBSCRIBED: i32 = 7;
/** Timer handle: in the timer heap. */
export const STATE_ARMED: i32 = 8;
/** Handle, source: cancelled or closed while in the ready queue; dropped when its turn comes. */
export const STATE_DROPPED: i32 = 9;
/** Future, waiter list, join or source: open. */
export const STATE_PENDING: i32 = 10;
/** Source: in the ready queue. */
export const STATE_POSTED: i32 = 11;
export const STATE_COUNT: i32 = 12;

// ── Events ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A task is created with its first step queued. */
export const EVENT_SPAWN: i32 = 0;
/** A task is created inside its first step. */
export const EVENT_SPAWN_EAGER: i32 = 1;
/** The task's turn has come. */
export const EVENT_STEP: i32 = 2;
/** The task gives way for one iteration. */
export const EVENT_YIELD: i32 = 3;
/** The task waits on a waiter list. */
export const EVENT_PARK: i32 = 4;
/** The task waits on a future. */
export const EVENT_AWAIT: i32 = 5;
/** The task waits on a timer. */
export const EVENT_SLEEP: i32 = 6;
/** What the task waited for has come. */
export const EVENT_WAKE: i32 = 7;
/** Cancellation is asked for. */
export const EVENT_CANCEL: i32 = 8;
/** The task's coroutine has ended. */
export const EVENT_FINISH: i32 = 9;
/** A callback enters the ready queue. */
export const EVENT_QUEUE: i32 = 10;
/** The turn of a callback or a source has come. */
export const EVENT_RUN: i32 = 11;
/** A done-callback is put on a future's list. */
export const EVENT_SUBSCRIBE: i32 = 12;
/** A done-callback is taken off again. */
export const EVENT_UNSUBSCRIBE: i32 = 13;
/** A timer handle enters the heap. */
export const EVENT_ARM: i32 = 14;
/** A future, a waiter list, a join or a source gets its slot. */
export const EVENT_OPEN: i32 = 15;
/** The future is done, the list or the join empty, the source no longer needed: the slot is given back. */
export const EVENT_CLOSE: i32 = 16;
/** Something has come for a source. */
export const EVENT_POST: i32 = 17;
export const EVENT_COUNT: i32 = 18;

// ── Containers ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** First in, first out. */
export const CONTAINER_FIFO: i32 = 0;
/** Last in, first out. */
export const CONTAINER_LIFO: i32 = 1;
/** Smallest number first. */
export const CONTAINER_PRIORITY: i32 = 2;
/** First by the host's `compare`. */
export const CONTAINER_COMPARED: i32 = 3;
