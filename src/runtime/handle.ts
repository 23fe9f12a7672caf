// Handles: callbacks that the loop will run, and that can be cancelled until then.

import { slotOf } from "../core/core.ts";
import { NONE } from "../core/abi.ts";
import { check } from "../core/codes.ts";
import { type Context, enterContext } from "./context.ts";
import type { EventLoop } from "./event-loop.ts";
import { format, keepName, nameOf } from "./format.ts";
import type { Future } from "./future.ts";

export type Callback = (...args: never[]) => unknown;

/** A callback scheduled by `callSoon`: asyncio.Handle. */
export class Handle {
  static {
    keepName(this, "Handle");
  }
  /** @internal Id in the core, NONE once the callback ran or was cancelled. */
  id: number;
  /** @internal Where it was scheduled, in debug mode. */
  readonly origin: string | undefined;
  protected readonly loop: EventLoop;
  #callback: Callback | null;
  #args: readonly unknown[] | null;
  readonly #context: Context;
  #cancelled = false;
  /** What it was, for debug mode's messages about a cancelled handle. */
  #remembered: string | undefined;

  /** @internal */
  constructor(loop: EventLoop, id: number, callback: Callback, args: readonly unknown[], context: Context) {
    this.loop = loop;
    this.id = id;
    this.#callback = callback;
    this.#args = args;
    this.#context = context;
    this.origin = loop.captureOrigin();
    loop.core.objects[slotOf(id)] = this;
  }

  /** Keeps the callback from running. Harmless when it ran or was cancelled before. */
  cancel(): void {
    if (this.#cancelled) return;
    if (this.loop.getDebug()) this.#remembered = this.describe();
    this.#cancelled = true;
    this.#callback = null;
    this.#args = null;
    this.release();
  }

  /** Whether `cancel` was called. */
  cancelled(): boolean {
    return this.#cancelled;
  }

  /** The context that the callback runs in. */
  getContext(): Context {
    return this.#context;
  }

  /** @internal Runs the callback; its error goes to the exception handler. */
  run(): void {
    this.id = NONE;
    const outer = enterContext(this.#context);
    try {
      (this.#callback as (...args: readonly unknown[]) => unknown)(...(this.#args as readonly unknown[]));
    } catch (error) {
      this.loop.callExceptionHandler({
        message: `Exception in callback ${this.describe()}`,
        exception: error,
        handle: this,
        ...(this.origin === undefined ? {} : { sourceTraceback: this.origin }),
      });
    } finally {
      enterContext(outer);
    }
  }

  /** Takes the handle out of the core, if it is there. */
  protected release(): void {
    if (this.id === NONE) return;
    check(this.loop.core.cancelHandle(this.id));
    this.loop.core.objects[slotOf(this.id)] = undefined;
    this.id = NONE;
  }

  /** The callback, with its arguments in debug mode. */
  protected describe(): string {
    const args = this.loop.getDebug() ? (this.#args ?? []).map(format).join(", ") : "";
    return `${nameOf(this.#callback)}(${args})`;
  }

  /** Parts of the text between the angle brackets, behind the class name. */
  protected details(): string[] {
    const parts = [];
    if (this.#cancelled) parts.push("cancelled");
    if (this.#callback !== null) parts.push(this.describe());
    else if (this.#remembered !== undefined) parts.push(this.#remembered);
    if (this.origin !== undefined) parts.push(`created at ${this.origin.split("\n", 1)[0]}`);
    return parts;
  }

  toString(): string {
    return `<${[this.constructor.name, ...this.details()].join(" ")}>`;
  }
}

/** A callback scheduled by `callLater` or `callAt`: asyncio.TimerHandle. */
export class TimerHandle extends Handle {
  static {
    keepName(this, "TimerHandle");
  }
  readonly #when: number;

  /** @internal */
  constructor(
    loop: EventLoop,
    id: number,
    when: number,
    callback: Callback,
    args: readonly unknown[],
    context: Context,
  ) {
    super(loop, id, callback, args, context);
    this.#when = when;
  }

  /** The deadline, in seconds of the loop's `time`. */
  when(): number {
    return this.#when;
  }

  protected override details(): string[] {
    const parts = super.details();
    parts.splice(this.cancelled() ? 1 : 0, 0, `when=${this.#when}`);
    return parts;
  }
}

/** @internal A done-callback on a pending future's list; `removeDoneCallback` takes it off. */
export class DoneCallback extends Handle {
  static {
    keepName(this, "Handle"); // it is no class of its own in asyncio's messages
  }
  readonly callback: Callback;
  /** What waits through this callback, or null. */
  readonly waiter: Future<unknown> | null;

  constructor(
    loop: EventLoop,
    id: number,
    callback: Callback,
    future: Future<unknown>,
    context: Context,
    waiter: Future<unknown> | null,
  ) {
    super(loop, id, callback, [future], context);
    this.callback = callback;
    this.waiter = waiter;
  }

  /** Takes the callback off its future's list. */
  unsubscribe(): void {
    check(this.loop.core.unsubscribe(this.id));
    this.loop.core.objects[slotOf(this.id)] = undefined;
    this.id = NONE;
  }
}
