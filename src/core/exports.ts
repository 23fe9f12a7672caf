// Generated from assembly/index.ts by scripts/generate-exports.mjs: do not edit.

/** What every loop calls: numbers only, called raw. */
export interface CoreCalls {
  /**
   * Makes the core ready, once, before any other call. Memory grows to `limitPages` of 64 KiB at most. With
   * `clockStands` the time moves only at `advance`. Timer sequences begin at `firstSequence`, 1 or more. Returns 0 or
   * E_NO_MEMORY.
   */
  initialize(limitPages: number, clockStands: boolean, firstSequence: number): number;
  /**
   * Forgets all tasks, handles, futures and lists, and the digest with them: the scheduler is as new, in the memory
   * that it has.
   */
  reset(clockStands: boolean, firstSequence: number): number;
  /**
   * Begins an iteration at the time `now`: timers whose deadline is less than `resolution` away are due. Both in
   * seconds. At NaN nothing is due.
   */
  advance(now: number, resolution: number): void;
  /** Makes `next` return BOUNDARY at the end of the current iteration. */
  interrupt(): void;
  /**
   * Does the follow-up of the entry handed out last, and hands out the next one, or BOUNDARY, BUDGET_SPENT, CHOICE or
   * REDUNDANT.
   */
  next(op: number): number;
  /** When there is something to run: -Infinity if now, +Infinity if never, else the earliest deadline in seconds. */
  nextDeadline(): number;
  /** Sets how many entries `next` may take before it returns BUDGET_SPENT. */
  setBudget(entries: number): void;
  /**
   * The host waits from now on: the first entry that becomes ready, or timer that is armed, calls its `wake`, once;
   * `advance` ends it, too. Where something is ready already nothing happens: the host has to come back anyway.
   */
  rest(): void;
  /** Arms a callback for a deadline in seconds. Returns its id, E_NOT_A_NUMBER or E_NO_MEMORY. */
  callAt(deadline: number): number;
  /** Queues a callback. Returns its id, or E_NO_MEMORY. */
  callSoon(): number;
  /** Cancels a handle that has not run. Returns 0, E_STALE or E_KIND. */
  cancelHandle(id: number): number;
  /** Asks a task to stop. Returns CANCELLED_WAIT, CANCEL_FORWARD, CANCEL_REMEMBERED, or an error. */
  cancelTask(id: number): number;
  /** Cancel requests that were not taken back, E_STALE or E_KIND. */
  cancelling(id: number): number;
  /** Forgets a remembered cancellation, which the awaited future took on. Returns 0, E_STALE or E_KIND. */
  clearCancel(id: number): number;
  /**
   * Begins the eager step of a task made by spawnEager. Returns the slot to give to `exit`, NONE when no task was
   * running, or an error.
   */
  enter(id: number): number;
  /**
   * Ends an eager step with the follow-up that `next` would be given. Returns 0, E_NO_TASK, or E_STALE when `outer` is
   * no task.
   */
  exit(outer: number, op: number): number;
  /**
   * Takes a task off the future that it awaits, and makes it ready as one whose wait is cancelled: the future is left
   * to others. Returns 0, E_STALE, E_KIND or E_TRANSITION.
   */
  leaveFuture(id: number): number;
  /** Whether a task has a cancellation to come that was not delivered: 1 or 0, E_STALE or E_KIND. */
  mustCancel(id: number): number;
  /** Remembers a cancellation that the awaited future refused. Returns 0, E_STALE or E_KIND. */
  requireCancel(id: number): number;
  /** Parks the running task until a deadline in seconds. Returns PARKED, PARKED_CANCELLED, or an error. */
  sleep(deadline: number): number;
  /** Creates a task and queues its first step. Returns its id, or E_NO_MEMORY. */
  spawn(): number;
  /** Creates a task that is about to make its first step at once. Returns its id, or E_NO_MEMORY. */
  spawnEager(): number;
  /**
   * Takes one cancel request back; the last takes back an undelivered cancellation. Returns what is left, or an error.
   */
  uncancel(id: number): number;
  /** Parks the running task on a future or a task. Returns PARKED, PARKED_MUST_CANCEL, or an error. */
  awaitFuture(id: number): number;
  /** Slot of the first waiter of a future, a task or a list, NONE, or an error. */
  firstWaiter(id: number): number;
  /** Slot of the waiter behind `slot` on the same list, or NONE. */
  nextWaiter(slot: number): number;
  /** Gives a pending future a slot. Returns its id, or E_NO_MEMORY. */
  openFuture(): number;
  /** Makes all that waits on a future ready, in order of arrival, and takes its slot back. Returns 0 or an error. */
  settleFuture(id: number): number;
  /**
   * Puts a callback on the list of a future or a task. With `bookkeeping` it is the library's own, which only passes a
   * wake-up on. Returns the callback's id, or an error.
   */
  subscribe(id: number, bookkeeping: boolean): number;
  /** Takes a callback off its future's list. Returns 0 or an error. */
  unsubscribe(id: number): number;
  /**
   * Closes a join that has no members, because the first one was refused. Returns 0, or E_TRANSITION when there are
   * some, or an error.
   */
  closeJoin(id: number): number;
  /** Slot of the first member of a join, NONE, or an error. */
  firstMember(id: number): number;
  /**
   * Makes a future or a task a member of a join; NONE stands for one that is done, which is counted in the next
   * iteration. Returns the member's slot, or an error.
   */
  join(id: number, future: number): number;
  /** Slot of the join that a waiter's slot is a member of, or NONE. */
  joinOfWaiter(slot: number): number;
  /** For the same join: the members that it has left. At 0 its slot is free already. */
  joinedLeft(): number;
  /**
   * For the join that `next` handed out last: the slot that the member had whose end it is told of; NONE: only that all
   * are done.
   */
  joinedSlot(): number;
  /** Number of members of a join, or an error. */
  memberCount(id: number): number;
  /** Slot of the member behind `slot` in the same join, or NONE. */
  nextMember(slot: number): number;
  /** Opens a join. It is closed when its last member is counted. Returns its id, or E_NO_MEMORY. */
  openJoin(): number;
  /** Slot of the future or task on whose list a member is, or NONE: it is done. */
  sourceOf(member: number): number;
  /**
   * Has a member's join told when this one is done, also when others are left. Returns the join's slot, or E_STALE for
   * what is no member.
   */
  tell(member: number): number;
  /**
   * Takes the running task off the list it was parked on. Returns the bits WAITER_WOKEN and LIST_CLOSED, or an error.
   */
  leave(): number;
  /** Number of waiters on a list that are not cancelled, or an error. */
  liveWaiterCount(id: number): number;
  /** Opens a waiter list. It is closed by the call that leaves it empty. Returns its id, or E_NO_MEMORY. */
  openList(): number;
  /**
   * Parks the running task on a list, which it must `leave` before it waits again. Returns PARKED, PARKED_CANCELLED, or
   * an error.
   */
  park(id: number): number;
  /** Number of waiters on a list, or an error. */
  waiterCount(id: number): number;
  /**
   * Takes waiters off a list up to the first that waits, and wakes that one. Returns WAITER_WOKEN and LIST_CLOSED, or
   * an error.
   */
  wakeAndRemove(id: number): number;
  /** Wakes the first waiter, if that one still waits. Returns the number of woken ones: 0 or 1, or an error. */
  wakeFirst(id: number): number;
  /** Wakes up to `limit` waiters that wait, in order of arrival. Returns how many, or an error. */
  wakeWaiting(id: number, limit: number): number;
  /**
   * Closes a source. An entry that it has in the ready queue is dropped when its turn comes. Returns 0, E_STALE or
   * E_KIND.
   */
  closeSource(id: number): number;
  /** Opens a source. Returns its id, or E_NO_MEMORY. */
  openSource(): number;
  /**
   * Puts a source's entry at the end of the ready queue. Returns 1, 0 when it is there already, E_STALE or E_KIND.
   * While a source runs it may be posted again: for the next iteration.
   */
  post(id: number): number;
  /**
   * The cell at `index` in the order of storage (a heap's for priorities), or E_EMPTY, E_STALE: for printing a queue.
   */
  cellAt(container: number, index: number): number;
  /**
   * Lets the host's `compare` order a priority container from here on. The values in it must be in that order too.
   * Returns 0 or an error.
   */
  compareContainer(container: number): number;
  /**
   * Creates a container that holds at most `bound` values, or any number when `bound` is not positive. Returns its
   * number, or E_NO_MEMORY.
   */
  createContainer(kind: number, bound: number): number;
  /** Destroys a container and what it holds. Returns 0 or E_STALE. */
  destroyContainer(container: number): number;
  /** Puts the reserved cell in its place. Returns the cell, or an error with nothing changed. */
  put(container: number, priority: number): number;
  /**
   * The cell that the next `put` will use, or E_FULL, E_NO_MEMORY, E_STALE: the host writes the value there before
   * `put` compares it.
   */
  reserveCell(container: number): number;
  /** Takes the next value's cell. Returns the cell, E_EMPTY, or an error with nothing changed. */
  take(container: number): number;
  /** Pages of memory, of 64 KiB each. */
  pageCount(): number;
  /** Slots in use: tasks, handles, done-callbacks, awaited futures, waiter lists, joins and sources. */
  usedSlots(): number;
  /** The state that `event` leads to from `state`, or E_TRANSITION; for any two numbers. */
  transition(state: number, event: number): number;
}

/** What only simulations call: numbers as well. */
export interface CoreSimulation {
  /**
   * Candidate `index` as an entry: slot, and STEP, CALLBACK, DONE_CALLBACK or TIMER; NONE for the wake-ups, and when
   * there is no such candidate.
   */
  candidateAt(index: number): number;
  /** Candidates at the point at which `next` returned CHOICE. */
  candidateCount(): number;
  /** Deadline of a candidate that is a timer; -Infinity of one that is ready, and when there is no such candidate. */
  candidateDeadline(index: number): number;
  /** Whether there ever was more to choose from than there can be candidates. */
  candidatesLeftOut(): number;
  /** The callback of a timer has a delay until a deadline: it may be late. Returns 0, E_STALE or E_KIND. */
  mayBeLate(id: number, deadline: number): number;
  /**
   * Has `next` return CHOICE wherever more than one thing could run. ORDERS_ANY: any ready entry; ORDERS_TIMERS: the
   * first, or a timer; ORDERS_JAVASCRIPT: a timer, where nothing but timers is ready. Timers are candidates up to
   * `seconds` before they are due; with a `share`, as long as all delays that they come before are late by less than
   * that share of their length. `always`: also where there is one candidate. `redundant`: have it return REDUNDANT
   * where wake-ups were chosen, and woke nobody.
   */
  offerChoices(among: number, seconds: number, share: number, always: boolean, redundant: boolean): void;
  /**
   * Says which candidate runs next, after `next` returned CHOICE. Returns the time that it is then at the earliest: the
   * deadline of a timer that comes early, else -Infinity; NaN, with nothing changed, when there is no such candidate.
   */
  choose(candidate: number): number;
  /** Entries that were taken from the ready queue. */
  decisionCount(): number;
  /** Upper half of the digest of every decision so far. */
  digestHigh(): number;
  /** Lower half of the digest of every decision so far. */
  digestLow(): number;
  /** Whether a task sleeps. */
  isSleeping(id: number): number;
  /** Iterations that were begun. */
  iterationCount(): number;
  /** Entries in the ready queue; `readyAt` gives them, first to run first. */
  readyLength(): number;
  /**
   * When a sleeping task is woken, in seconds; NaN when it does not sleep. Looks through all timers, from the last on.
   */
  wakeTime(id: number): number;
  /** The entry at `index`, counted from the first. */
  readyAt(index: number): number;
}

/** What a core holds: strings and typed arrays, carried by as-bind. */
export interface CoreInspection {
  /**
   * Iterations, decisions, slots in use, slots that exist, ready entries, timers, cancelled timers among them, bytes of
   * memory, entries of the current iteration that have not run.
   */
  counters(): Float64Array;
  /** The digest of all decisions so far, as 16 hexadecimal digits. */
  digestText(): string;
  /** Ready entries from index `from` on, first to run first; a page. */
  dumpReady(from: number): Int32Array;
  /** Slots in use from slot `from` on: id, kind, state, owner, count (see slots.ts), five numbers a slot; a page. */
  dumpSlots(from: number): Int32Array;
  /**
   * Pending timers from index `from` on, in the order of storage: deadline and slot (-1 for a cancelled one), two
   * numbers a timer; a page.
   */
  dumpTimers(from: number): Float64Array;
}
