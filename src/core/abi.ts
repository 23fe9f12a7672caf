// Generated from assembly/abi.ts by scripts/generate-abi.mjs: do not edit.

// The numbers that cross the boundary between the core and its host: one file, read by both sides.
// The host's copy, src/core/abi.ts, is generated from this one.

// ── Entries ────────────────────────────────────────────────────────────────────────────────────────────────────────
//
// What `next` hands out: slot << ENTRY_SHIFT | kind. Negative results are not entries, see "Results of next".

/** Bits below the slot in an entry. */
export const ENTRY_SHIFT = 3;
/** Mask of the kind in an entry. */
export const ENTRY_KIND = 7;

/** Step a task: resume it with nothing. */
export const STEP = 0;
/** Step a task that must be cancelled: throw a new CancelledError into it. */
export const STEP_CANCELLED = 1;
/** Step a task whose awaited future is done: resume it, or throw what the future failed with. */
export const WAKE = 2;
/** As WAKE, with a cancellation requested in between: throw a CancelledError unless the future brings one. */
export const WAKE_CANCELLED = 3;
/** Step a task whose wait on a waiter list or a timer was cancelled: throw a CancelledError. */
export const WAIT_CANCELLED = 4;
/** Run a handle's callback, whose slot is free already; or a source, which keeps its slot. */
export const CALLBACK = 5;
/**
 * Run a done-callback of a future, whose slot is free already; or tell a join what `joinedSlot` and `joinedLeft` say.
 */
export const DONE_CALLBACK = 6;
/** Run the callback of a timer handle that is due. Its slot is free already. */
export const TIMER = 7;

// ── Results of next ────────────────────────────────────────────────────────────────────────────────────────────────

/** The iteration is over and the next one needs the host: the time, a stop request, or something to wait for. */
export const BOUNDARY = -1;
/** The step budget is spent; the iteration goes on with the next call. */
export const BUDGET_SPENT = -2;
/** More than one thing could run next: `choose`, and call again. Only where choices are offered. */
export const CHOICE = -3;
/** Wake-ups were let go first and woke nobody: what follows is the same as without. Only where that is asked for. */
export const REDUNDANT = -4;

// ── Choices ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The scheduler's own order. */
export const ORDERS_FIXED = 0;
/** The order of what is ready is fixed; timers may come early, and so what is ready may come late. */
export const ORDERS_TIMERS = 1;
/** Anything that is ready may be next. */
export const ORDERS_ANY = 2;
/** As ORDERS_TIMERS, but what a timer fired for waits until nothing else is ready. */
export const ORDERS_JAVASCRIPT = 3;

/** Ready entries that can be candidates at one point; others are left out. */
export const MOST_READY = 256;

// ── Follow-ups ─────────────────────────────────────────────────────────────────────────────────────────────────────
//
// What `next` is told of the entry that it handed out last.

/** Nothing: a callback ran, or the task has parked itself. */
export const OP_NONE = 0;
/** The task gave way: put it at the end of the ready queue. */
export const OP_YIELD = 1;
/** The task is done: make its waiters ready and free its slot. */
export const OP_FINISH = 2;

// ── Ids ────────────────────────────────────────────────────────────────────────────────────────────────────────────
//
// An id names one life of a slot: generation << SLOT_BITS | slot. It is never negative.

/** No slot, no id. */
export const NONE = -1;
/** Width of a slot number: at most 16,777,216 slots. */
export const SLOT_BITS = 24;
/** Mask of the slot in an id. */
export const SLOT_MASK = 0xffffff;
/** Highest generation: it starts again at 0 after this one. */
export const GENERATION_MAX = 127;

// ── Outcomes ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** park, sleep, awaitFuture: the task waits. */
export const PARKED = 0;
/** park, sleep: the task had to be cancelled; its wait was cancelled at once, it steps in the next iteration. */
export const PARKED_CANCELLED = 1;

/** awaitFuture: the task waits, but has to be cancelled: ask the future, and call clearCancel if it accepts. */
export const PARKED_MUST_CANCEL = 2;

/** cancelTask: the wait was cancelled, the error is on its way. */
export const CANCELLED_WAIT = 1;
/** cancelTask: the task awaits a future: ask that future, and call requireCancel if it refuses. */
export const CANCEL_FORWARD = 2;
/** cancelTask: remembered, delivered at the next step or suspension. */
export const CANCEL_REMEMBERED = 3;

/** leave, wakeAndRemove: bit set when the waiter had been woken (or one was woken). */
export const WAITER_WOKEN = 1;
/** leave, wakeAndRemove: bit set when the list was left empty, and its id is dead. */
export const LIST_CLOSED = 2;

// ── Errors ─────────────────────────────────────────────────────────────────────────────────────────────────────────
//
// A call that returns one of these has changed nothing.

/** Memory could not grow, or every slot is taken. */
export const E_NO_MEMORY = -10;
/** A deadline or a priority is NaN. */
export const E_NOT_A_NUMBER = -11;
/** The id's slot was freed, or never given out. */
export const E_STALE = -12;
/** The slot is of another kind than the call works on. */
export const E_KIND = -13;
/** The state machine has no such transition. */
export const E_TRANSITION = -14;
/** The call works on the running task, and none is running. */
export const E_NO_TASK = -15;
/** The host's comparison of two priorities failed. */
export const E_COMPARE = -16;
/** The container is full. */
export const E_FULL = -17;
/** The container is empty. */
export const E_EMPTY = -18;

// ── Slot kinds ─────────────────────────────────────────────────────────────────────────────────────────────────────

export const KIND_FREE = 0;
/** A task: steps, waits, and has waiters of its own. */
export const KIND_TASK = 1;
/** A callback in the ready queue. */
export const KIND_CALLBACK = 2;
/** A callback with a deadline. */
export const KIND_TIMER = 3;
/** A callback of a future. */
export const KIND_DONE_CALLBACK = 4;
/** A pending future on which something waits. */
export const KIND_FUTURE = 5;
/** The waiter list of a lock, an event, a queue... */
export const KIND_LIST = 6;
/** A count of futures that are to be done: gather's, a task group's. */
export const KIND_JOIN = 7;
/** What comes from outside: a socket, a signal, the promises of a loop. */
export const KIND_SOURCE = 8;

// ── States ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const STATE_FREE = 0;
/** Task: its step is in the ready queue. */
export const STATE_READY = 1;
/** Task: it is being stepped, or has an eager child being stepped. */
export const STATE_RUNNING = 2;
/** Task: parked on a waiter list. */
export const STATE_WAITING = 3;
/** Task: parked on a future or another task. */
export const STATE_AWAITING = 4;
/** Task: parked on a timer. */
export const STATE_SLEEPING = 5;
/** Handle: in the ready queue. */
export const STATE_QUEUED = 6;
/** Done-callback: on the list of a pending future. */
export const STATE_SUBSCRIBED = 7;
/** Timer handle: in the timer heap. */
export const STATE_ARMED = 8;
/** Handle, source: cancelled or closed while in the ready queue; dropped when its turn comes. */
export const STATE_DROPPED = 9;
/** Future, waiter list, join or source: open. */
export const STATE_PENDING = 10;
/** Source: in the ready queue. */
export const STATE_POSTED = 11;
export const STATE_COUNT = 12;

// ── Events ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A task is created with its first step queued. */
export const EVENT_SPAWN = 0;
/** A task is created inside its first step. */
export const EVENT_SPAWN_EAGER = 1;
/** The task's turn has come. */
export const EVENT_STEP = 2;
/** The task gives way for one iteration. */
export const EVENT_YIELD = 3;
/** The task waits on a waiter list. */
export const EVENT_PARK = 4;
/** The task waits on a future. */
export const EVENT_AWAIT = 5;
/** The task waits on a timer. */
export const EVENT_SLEEP = 6;
/** What the task waited for has come. */
export const EVENT_WAKE = 7;
/** Cancellation is asked for. */
export const EVENT_CANCEL = 8;
/** The task's coroutine has ended. */
export const EVENT_FINISH = 9;
/** A callback enters the ready queue. */
export const EVENT_QUEUE = 10;
/** The turn of a callback or a source has come. */
export const EVENT_RUN = 11;
/** A done-callback is put on a future's list. */
export const EVENT_SUBSCRIBE = 12;
/** A done-callback is taken off again. */
export const EVENT_UNSUBSCRIBE = 13;
/** A timer handle enters the heap. */
export const EVENT_ARM = 14;
/** A future, a waiter list, a join or a source gets its slot. */
export const EVENT_OPEN = 15;
/** The future is done, the list or the join empty, the source no longer needed: the slot is given back. */
export const EVENT_CLOSE = 16;
/** Something has come for a source. */
export const EVENT_POST = 17;
export const EVENT_COUNT = 18;

// ── Containers ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** First in, first out. */
export const CONTAINER_FIFO = 0;
/** Last in, first out. */
export const CONTAINER_LIFO = 1;
/** Smallest number first. */
export const CONTAINER_PRIORITY = 2;
/** First by the host's `compare`. */
export const CONTAINER_COMPARED = 3;

/** Tells this version of the core from others: 24 bits of a hash of its code. */
export const CORE_FINGERPRINT = 0xdb0767;
