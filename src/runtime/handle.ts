// Handles: callbacks that the loop will run, and that can be cancelled until then.

import { INSPECT } from "../support/shown.ts";
import { slotOf } from "../core/core.ts";
import { NONE } from "../core/abi.ts";
import { check } from "../core/codes.ts";
import { type Context, type ContextUser, carrierOf, contextOf, currentValues, enterContext } from "./context.ts";
import type { Loop } from "./loop.ts";
import { type HostContextCarrier, currentHostContext, runInHostContext } from "./host-context.ts";
import { format, nameOf } from "../support/format.ts";
import type { Future } from "./future.ts";
import { noteOrigin, originOf } from "../support/origins.ts";

export type Callback = (...args: never[]) => unknown;

/** Calls the callback of a handle; it needs what is private to it. */
let invoke: (handle: Handle) => void;

const NO_ARGS: readonly unknown[] = [];

/** In the place of the callback of a cancelled handle. */
const CANCELLED: Callback = () => {};

/** What cancelled handles were, for debug mode's messages. */
const cancelledCallbacks = new WeakMap<Handle, string>();

/** A callback scheduled by `callSoon`. Mirrors asyncio.Handle. */
export class Handle implements ContextUser, HostContextCarrier {
  /** @internal */
  static readonly name: string = "Handle";
  // Assigned in the constructor, as in Future.
  /** @internal Id in the core, NONE once the callback ran or was cancelled. */
  declare id: number;
  /** @internal */
  declare values: ContextUser["values"];
  /** @internal */
  declare hostContext: HostContextCarrier["hostContext"];
  /** @internal */
  declare protected readonly loop: Loop;
  /** @internal */
  declare callback: Callback;
  declare private _handleArgs: readonly unknown[];

  /** @internal */
  constructor(loop: Loop, callback: Callback, args: readonly unknown[], context?: Context) {
    this.loop = loop;
    this.id = NONE;
    this.values = context ?? currentValues();
    this.hostContext = currentHostContext();
    this.callback = callback;
    this._handleArgs = args.length === 0 ? NO_ARGS : args; // keeps no array for each handle
    if (loop.getDebug()) noteOrigin(this);
  }

  /**
   * @internal Takes its slot in the core, which nothing but this follows: where the engine's stack ends, a slot without
   * its handle would end the loop. Returns itself.
   */
  begin(id: number): this {
    this.loop.core.objects[slotOf(id)] = this;
    this.id = id;
    return this;
  }

  /** Keeps the callback from running; harmless when it ran or was cancelled before. Mirrors Handle.cancel. */
  cancel(): void {
    if (this.cancelled()) return;
    if (this.loop.getDebug()) cancelledCallbacks.set(this, this.describe());
    this.callback = CANCELLED;
    this._handleArgs = NO_ARGS;
    this.release();
  }

  /** Whether `cancel` was called. Mirrors Handle.cancelled. */
  cancelled(): boolean {
    return this.callback === CANCELLED;
  }

  /** The context that the callback runs in. Mirrors Handle.get_context. */
  getContext(): Context {
    return contextOf(carrierOf(this));
  }

  /** @internal Runs the callback, in its context; its error goes to the exception handler. */
  run(): void {
    this.loop.core.objects[slotOf(this.id)] = undefined;
    this.id = NONE;
    this.loop.currentSlot = NONE;
    enterContext(carrierOf(this));
    try {
      runInHostContext(this, invoke, undefined);
    } catch (error) {
      const origin = originOf(this);
      this.loop.callExceptionHandler({
        message: `Exception in callback ${this.describe()}`,
        exception: typeof this.callback === "function" ? error : new TypeError(`Cannot call ${format(this.callback)}`),
        handle: this,
        ...(origin === undefined ? {} : { sourceTraceback: origin }),
      });
    }
  }

  static {
    invoke = (handle) => handle.call(handle.callback as (...args: unknown[]) => unknown, handle._handleArgs);
  }

  /** Calls the callback with what it is for. */
  protected call(callback: (...args: unknown[]) => unknown, args: readonly unknown[]): void {
    if (args.length === 0) callback();
    else callback(...args);
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
    const args = this.loop.getDebug() ? this._handleArgs.map(format).join(", ") : "";
    // a callback may cancel its own handle and then throw
    return `${nameOf(this.cancelled() ? null : this.callback)}(${args})`;
  }

  /** Parts of the text between the angle brackets, behind the class name. */
  protected details(): string[] {
    const parts = [];
    if (this.cancelled()) parts.push("cancelled");
    const callback = this.cancelled() ? cancelledCallbacks.get(this) : this.describe();
    if (callback !== undefined) parts.push(callback);
    const origin = originOf(this);
    if (origin !== undefined) parts.push(`created at ${origin.split("\n", 1)[0]}`);
    return parts;
  }

  toString(): string {
    return `<${[this.constructor.name, ...this.details()].join(" ")}>`;
  }

  /** Its text: JSON has no form for it. */
  toJSON(): string {
    return this.toString();
  }

  /** @internal */
  [INSPECT](): string {
    return this.toString();
  }
}

/** A callback scheduled by `callLater` or `callAt`. Mirrors asyncio.TimerHandle. */
export class TimerHandle extends Handle {
  /** @internal */
  static override readonly name: string = "TimerHandle";
  readonly #when: number;

  /** @internal */
  constructor(loop: Loop, when: number, callback: Callback, args: readonly unknown[], context?: Context) {
    super(loop, callback, args, context);
    this.#when = when;
  }

  /** The deadline, in seconds of the loop's `time`. Mirrors TimerHandle.when. */
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
  /** @internal */
  static override readonly name: string = "Handle"; // it is no class of its own in asyncio's messages
  /** What waits through this callback, or null. */
  readonly waiter: Future<unknown> | null;
  /** What it is a callback of. */
  readonly future: Future<unknown>;

  constructor(callback: Callback, future: Future<unknown>, waiter: Future<unknown> | null, context?: Context) {
    super(future.loop, callback, NO_ARGS, context);
    this.waiter = waiter;
    this.future = future;
  }

  /** Takes the callback off its future's list. */
  unsubscribe(): void {
    check(this.loop.core.unsubscribe(this.id));
    this.loop.core.objects[slotOf(this.id)] = undefined;
    this.id = NONE;
  }

  protected override call(callback: (future: Future<unknown>) => unknown): void {
    callback(this.future);
  }
}
