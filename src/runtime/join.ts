// Joins: waiting for several futures with one callback, for gather and task groups.
//
// The core counts the members. A callback for each of them would cost more than the task that it is for.

import { NONE } from "../core/abi.ts";
import { check } from "../core/codes.ts";
import { slotOf } from "../core/core.ts";
import { type ContextCarrier, currentValues, enterContext } from "./context.ts";
import type { Loop } from "./loop.ts";
import { type HostContextCarrier, currentHostContext, runInHostContext } from "./host-context.ts";
import { nameOf } from "../support/format.ts";
import type { Future } from "./future.ts";
import { noteOrigin, originOf } from "../support/origins.ts";

/**
 * Called in the place of the done-callback of a member that is told of, and of the last one; `failed` is null when that
 * one is not.
 */
export type JoinCallback = (failed: Future<unknown> | null, left: number) => void;

/** Which members are told of: those that fail, or those that are cancelled, too. The last one is always told of. */
export type Telling = "failures" | "failures and cancellations";

/** Futures that something waits for together; some may be added later. */
export class Join implements ContextCarrier, HostContextCarrier, Iterable<Future<unknown>> {
  /** @internal */
  values = currentValues();
  /** @internal */
  hostContext = currentHostContext();
  readonly callback: JoinCallback;
  /** What waits through this join, or null. */
  readonly waiter: Future<unknown> | null;
  readonly #loop: Loop;
  readonly #tellsOf: Telling;
  /** Id in the core, NONE while there are no members. */
  #id: number = NONE;
  /** Members to tell of, by slot; made for the first one. */
  #failed: Map<number, Future<unknown>> | null = null;

  constructor(loop: Loop, callback: JoinCallback, waiter: Future<unknown> | null, tellsOf: Telling) {
    this.#loop = loop;
    this.#tellsOf = tellsOf;
    this.callback = callback;
    this.waiter = waiter;
    if (loop.getDebug()) noteOrigin(this);
  }

  /** Members that were not counted as done. */
  get size(): number {
    return this.#id === NONE || this.#loop.isClosed() ? 0 : check(this.#loop.core.memberCount(this.#id));
  }

  /** Adds a future; one that is done is counted in the next iteration. */
  add(future: Future<unknown>): void {
    const { core } = this.#loop;
    const source = future.isDone ? NONE : future.open();
    const isFirst = this.#id === NONE;
    const id = isFirst ? check(core.openJoin()) : this.#id;
    const member = core.join(id, source);
    if (isFirst && member < 0) core.closeJoin(id);
    check(member);
    if (isFirst) {
      this.#id = id;
      core.objects[slotOf(id)] = this;
    }
    if (future.failed) this.fails(member, future);
  }

  /** The members that are not done, in the order in which they were added. */
  *[Symbol.iterator](): Iterator<Future<unknown>> {
    if (this.#id === NONE || this.#loop.isClosed()) return;
    const { core } = this.#loop;
    const members: Future<unknown>[] = [];
    for (let slot = core.firstMember(this.#id); slot >= 0; slot = core.nextMember(slot)) {
      const source = core.sourceOf(slot);
      if (source !== NONE) members.push(core.objects[source] as Future<unknown>);
    }
    yield* members;
  }

  /** @internal The member in a slot fails, or is cancelled. */
  fails(slot: number, future: Future<unknown>): void {
    if (this.#tellsOf === "failures" && future.isCancelled) return;
    check(this.#loop.core.tell(slot));
    this.#failed = (this.#failed ?? new Map()).set(slot, future);
  }

  /** @internal Whether it is told of the member in a slot, also when others are left. */
  isToldOf(slot: number): boolean {
    return this.#failed?.has(slot) === true;
  }

  /**
   * @internal Runs the callback, in its context, for what `next` has handed out; its error goes to the exception
   * handler.
   */
  run(): void {
    const loop = this.#loop;
    const { core } = loop;
    const slot = core.joinedSlot();
    const left = core.joinedLeft();
    const failed = this.#failed?.get(slot) ?? null;
    this.#failed?.delete(slot);
    if (left === 0) {
      core.objects[slotOf(this.#id)] = undefined;
      this.#id = NONE;
    }
    loop.currentSlot = NONE;
    enterContext(this);
    runInHostContext(this, () => this.#call(failed, left), undefined);
  }

  #call(failed: Future<unknown> | null, left: number): void {
    try {
      this.callback(failed, left);
    } catch (error) {
      const origin = originOf(this);
      this.#loop.callExceptionHandler({
        message: `Exception in callback ${nameOf(this.callback)}()`,
        exception: error,
        ...(origin === undefined ? {} : { sourceTraceback: origin }),
      });
    }
  }

  toString(): string {
    return `<Join ${nameOf(this.callback)}()>`;
  }
}
