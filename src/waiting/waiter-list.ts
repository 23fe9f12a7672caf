// Waiter lists: the order in which tasks wait for a lock, an event, a queue... The list is the core's; this is its
// handle.
//
// A primitive belongs to no loop until something has to wait; then it is bound to that loop for good. The list itself
// exists in the core only while something is on it, so a primitive that nobody waits for holds nothing there.

import { E_NO_TASK, E_TRANSITION, LIST_CLOSED, NONE, WAITER_WOKEN } from "../core/abi.ts";
import { check } from "../core/codes.ts";
import { slotOf } from "../core/core.ts";
import { RuntimeError } from "../errors/base.ts";
import { format } from "../support/format.ts";
import { currentLedger } from "./ledger.ts";
import { type Loop, requireRunningLoop } from "../runtime/loop.ts";
import type { Suspension } from "../runtime/suspension.ts";

/** The loop that a primitive is bound to, once it has had to wait. */
export class LoopBinding {
  /** The primitive. */
  readonly owner: object;
  #loop: Loop | null = null;

  constructor(owner: object) {
    this.owner = owner;
    if (currentLedger !== null) currentLedger.made(owner);
  }

  /** The running loop, which the primitive is bound to from now on. Throws RuntimeError when it is bound to another. */
  bind(): Loop {
    const loop = requireRunningLoop();
    this.#loop ??= loop;
    if (this.#loop !== loop) throw new RuntimeError(`${format(this.owner)} is bound to a different event loop`);
    return loop;
  }
}

/** Tasks that wait, in order of arrival: what asyncio keeps as a deque of futures. */
export class WaiterList {
  /** What a task does that waits here, for messages: "Lock.acquire". */
  readonly operation: string;
  readonly #binding: LoopBinding;
  #loop: Loop | null = null;
  #id = NONE;

  constructor(binding: LoopBinding, operation: string) {
    this.#binding = binding;
    this.operation = operation;
  }

  /** The primitive that it belongs to. */
  get owner(): object {
    return this.#binding.owner;
  }

  /** Number of waiters, woken and cancelled ones that have not left included. */
  get length(): number {
    return this.#id === NONE ? 0 : check((this.#loop as Loop).core.waiterCount(this.#id));
  }

  /** Number of waiters that are not cancelled. */
  get live(): number {
    return this.#id === NONE ? 0 : check((this.#loop as Loop).core.liveWaiterCount(this.#id));
  }

  /**
   * Parks the current task at the end. Yield what it returns, and call `leave` in a `finally` around that.
   * Throws RuntimeError outside a task, and in another loop than the first one.
   */
  park(): Suspension {
    const loop = this.#binding.bind();
    const task = loop.currentTask;
    if (task === null) throw new RuntimeError("Cannot wait: no task is running");
    this.#loop = loop;
    if (this.#id === NONE) this.#open(loop);
    const parked = task.park(this.#id);
    if (currentLedger !== null) currentLedger.latestPark = this;
    return parked;
  }

  /** Takes the current task off. Returns whether it had been woken. */
  leave(): boolean {
    const outcome = (this.#loop as Loop).core.leave();
    // A coroutine that is closed by hand leaves nothing: outside its task that one is still on the list, and inside the
    // step in which it began to wait the core takes the wait back.
    return outcome === E_NO_TASK || outcome === E_TRANSITION ? false : this.#closed(outcome);
  }

  /** Wakes the first waiter, if that one still waits. */
  wakeFirst(): void {
    if (this.#id === NONE) return;
    check((this.#loop as Loop).core.wakeFirst(this.#id));
  }

  /** Wakes up to `limit` waiters that still wait, oldest first. Returns how many. */
  wake(limit: number): number {
    if (this.#id === NONE) return 0;
    return check((this.#loop as Loop).core.wakeWaiting(this.#id, Math.min(limit, 0x7fffffff)));
  }

  /** Takes off waiters up to the first that still waits, and wakes that one. Returns whether there was one. */
  wakeAndRemove(): boolean {
    if (this.#id === NONE) return false;
    return this.#closed((this.#loop as Loop).core.wakeAndRemove(this.#id));
  }

  #open(loop: Loop): void {
    this.#id = check(loop.core.openList());
    loop.core.objects[slotOf(this.#id)] = this; // so that a diagnosis finds it
  }

  #closed(outcome: number): boolean {
    if ((check(outcome) & LIST_CLOSED) !== 0) this.#close();
    return (outcome & WAITER_WOKEN) !== 0;
  }

  #close(): void {
    (this.#loop as Loop).core.objects[slotOf(this.#id)] = undefined;
    this.#id = NONE;
  }
}
