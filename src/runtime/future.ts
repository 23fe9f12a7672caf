// Futures: results that are not there yet. Mirrors asyncio.Future.
//
// A future holds its own outcome; who waits for it, and in which order, is in the core: a pending future takes a slot
// there as soon as something waits on it, and gives it back when it is done.

import { INSPECT } from "../support/shown.ts";
import { NONE } from "../core/abi.ts";
import { check } from "../core/codes.ts";
import { slotOf, waiterIn } from "../core/core.ts";
import { type CancelledError, InvalidStateError } from "../errors/asyncio.ts";
import { RuntimeError } from "../errors/base.ts";
import { type Context, checkContext, copyContext } from "./context.ts";
import { format, nameOf } from "../support/format.ts";
import { type Callback, DoneCallback } from "./handle.ts";
import { noteCancellation, noteOrigin, originOf } from "../support/origins.ts";
import { NO_OPTIONS, checkNames } from "../support/checks.ts";
import { type Loop, loopOption, requireLoop } from "./loop.ts";
import { refuseReuse } from "./reuse.ts";
import type { Suspension } from "./suspension.ts";

/** What futures were declared to be awaited by, in primitives of a program's own. */
const declaredAwaiters = new WeakMap<Future<unknown>, Set<Future<unknown>>>();

const CONTEXT = ["context"];

const PENDING = 0;
const CANCELLED = 1;
const FINISHED = 2;
const FAILED = 3;

/** Futures whose text is being made, each inside the one before. */
const describing = new Set<Future<unknown>>();
const DEEPEST_DESCRIPTION = 6;

/** What must be known of an object to treat it as a future: asyncio's duck type. */
export interface FutureLike {
  _asyncioFutureBlocking: boolean;
}

/** What a future of the library comes from, or a queue that is filled with futures. */
export interface Derivation {
  /** The function that made it: "gather". */
  readonly operation: string;
  /** What it waits for itself; some of it may be done. */
  readonly sources: Iterable<Future<unknown>>;
}

/** What waits on a future beside tasks: a done-callback, or the join that the future is a member of. */
interface Listener {
  readonly callback: unknown;
  /** What waits through it, or null. */
  readonly waiter: Future<unknown> | null;
}

/** A join, as its members know it. */
interface Joining extends Listener {
  /** The member in a slot fails, or is cancelled. */
  fails(slot: number, future: Future<unknown>): void;
}

/**
 * A result that is not there yet. Mirrors asyncio.Future.
 *
 * `yield* future` waits for it in a coroutine; `await future` in an async function. A result is never unwrapped: a
 * future may hold a future, or a promise.
 *
 * @example
 * const future = getRunningLoop().createFuture<number>();
 * getRunningLoop().callLater(0.1, () => future.setResult(42));
 * const answer = yield* future; // 42
 */
export class Future<T> implements PromiseLike<T>, FutureLike {
  /** @internal */
  static readonly name: string = "Future";
  // Assigned in the constructor, and not private to the engine: else V8 makes each task, whose class is derived, three
  // times slower.
  /** Set while a coroutine awaits, until its task has seen it; asyncio's mark of a future. */
  declare _asyncioFutureBlocking: boolean;
  /** @internal */
  declare readonly loop: Loop;
  /** @internal Id in the core, NONE when nothing waits or the future is done. */
  declare id: number;
  /** @internal What it comes from, if it is a DerivedFuture. */
  declare readonly derivation?: Derivation;
  /** @internal Message of the latest cancel. */
  declare protected cancelMessage: string | undefined;
  declare private _futureState: number;
  /**
   * FINISHED: the result. FAILED: a Failure. CANCELLED: the error that it ended with, until that is handed out, or
   * null. PENDING: null; a promise may keep something here.
   */
  declare private _futureOutcome: unknown;

  /**
   * @param options.loop the loop that it belongs to; default: the current one
   * @throws RuntimeError when there is no loop
   */
  constructor(options?: { loop?: Loop });
  /** @internal @param names all options that there are, of a derived class, too */
  constructor(options: { loop?: Loop }, names: readonly string[]);
  constructor(options: { loop?: Loop } = NO_OPTIONS, names?: readonly string[]) {
    this.loop = loopOption(options, names) ?? requireLoop();
    this._asyncioFutureBlocking = false;
    this.id = NONE;
    this.cancelMessage = undefined;
    this._futureState = PENDING;
    this._futureOutcome = null;
    if (this.loop.getDebug()) noteOrigin(this);
  }

  /**
   * The result. Mirrors Future.result.
   * @throws what it failed with
   * @throws CancelledError when it was cancelled
   * @throws InvalidStateError while it is pending
   */
  result(): T {
    return this.outcome();
  }

  /** @internal What `result` gives, or throws. */
  outcome(): T {
    switch (this._futureState) {
      case FINISHED:
        return this._futureOutcome as T;
      case PENDING:
        throw new InvalidStateError("Result is not set.");
      default:
        throw this.takeError();
    }
  }

  /**
   * What it failed with, or null. Mirrors Future.exception.
   * @throws CancelledError when it was cancelled
   * @throws InvalidStateError while it is pending
   */
  exception(): unknown {
    if (this._futureState === PENDING) throw new InvalidStateError("Exception is not set.");
    if (this._futureState === CANCELLED) throw this.takeError();
    return this._futureState === FAILED ? this.takeError() : null;
  }

  /** Whether it has a result, failed, or was cancelled. Mirrors Future.done. */
  done(): boolean {
    return this.isDone;
  }

  /** Whether it was cancelled. Mirrors Future.cancelled. */
  cancelled(): boolean {
    return this.isCancelled;
  }

  /**
   * Sets the result. Mirrors Future.set_result.
   * @throws InvalidStateError when it is done
   */
  setResult(value: T): void {
    if (this._futureState !== PENDING) throw new InvalidStateError("invalid state");
    this.settle(FINISHED, value);
  }

  /**
   * Makes it fail. Mirrors Future.set_exception.
   * @param error an error, or a class of which a new one is made
   * @throws InvalidStateError when it is done
   * @throws TypeError for what is not an error
   */
  setException(error: unknown): void {
    if (this._futureState !== PENDING) throw new InvalidStateError("invalid state");
    this.settle(FAILED, errorFrom(error));
  }

  /**
   * Cancels it. Mirrors Future.cancel.
   * @param message message of the CancelledError; default: none
   * @returns false when it is done
   */
  cancel(message?: string): boolean {
    checkMessage(message);
    this.retrieved();
    if (this._futureState !== PENDING) return false;
    if (this.loop.getDebug()) noteCancellation(this);
    this.cancelMessage = message;
    this.settle(CANCELLED, null);
    return true;
  }

  /**
   * Calls `callback(this)` soon after it is done, in the order of registration with all else that waits for it. A
   * callback that throws is reported to the loop's exception handler. Mirrors Future.add_done_callback.
   * @param options.context the context to call it in; default: a copy of the current one
   */
  addDoneCallback(callback: (future: this) => void, options: { context?: Context } = NO_OPTIONS): void {
    this.reveal();
    this.listen(callback, null, false, checkContext(checkNames(options, CONTEXT).context));
  }

  /**
   * Removes every registration of a callback. Mirrors Future.remove_done_callback.
   * @returns how many there were: none once it is done
   */
  removeDoneCallback(callback: (future: this) => void): number {
    let count = 0;
    for (const waiter of this.waiters()) {
      if (!(waiter instanceof DoneCallback) || waiter.callback !== callback) continue;
      waiter.unsubscribe();
      count++;
    }
    if (count > 0) this.closeIfUnused();
    return count;
  }

  /** The loop that it belongs to. Mirrors Future.get_loop. */
  getLoop(): Loop {
    return this.loop;
  }

  /**
   * For `await` and promise code: a promise of the result, which unwraps futures. Reading it this way counts as looking
   * at the error. Rejects with TypeError for a future that holds itself.
   */
  then<R1 = T, R2 = never>(
    onFulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onRejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    const promise = new Promise<T>((resolve, reject) => {
      const pass = (): void => {
        if (this._futureState !== FINISHED) reject(this.takeError());
        else if (isCircular(this)) reject(new TypeError("Cannot await: the future holds itself"));
        else resolve(this._futureOutcome as T);
      };
      if (this._futureState === PENDING) this.addDoneCallback(pass);
      else pass();
    });
    return promise.then(onFulfilled, onRejected);
  }

  /**
   * Waits until it is done, for `yield*`; does not suspend when it is. Gives the result, or throws what `result`
   * throws.
   */
  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    return new FutureIterator(this);
  }

  toString(): string {
    // A future may hold itself, and tasks may wait for each other in circles or in chains of any length.
    if (describing.has(this) || describing.size === DEEPEST_DESCRIPTION) return "...";
    describing.add(this);
    try {
      return `<${[this.constructor.name, ...this.details()].join(" ")}>`;
    } finally {
      describing.delete(this);
    }
  }

  /** Its text: JSON has no form for it. */
  toJSON(): string {
    return this.toString();
  }

  /** @internal */
  [INSPECT](): string {
    return this.toString();
  }

  /** Parts of the text between the angle brackets, behind the class name. */
  protected details(): string[] {
    const parts = [this.describeState()];
    if (this._futureState === FINISHED) parts.push(`result=${format(this._futureOutcome)}`);
    if (this._futureState === FAILED) parts.push(`exception=${format((this._futureOutcome as Failure).error)}`);
    const callbacks = this.describeCallbacks();
    if (callbacks !== "") parts.push(callbacks);
    const origin = originOf(this);
    if (origin !== undefined) parts.push(`created at ${origin.split("\n", 1)[0]}`);
    return parts;
  }

  /** The state in a word. */
  protected describeState(): string {
    return this._futureState === PENDING ? "pending" : this._futureState === CANCELLED ? "cancelled" : "finished";
  }

  /** What waits on it, the first and the last, or "". */
  protected describeCallbacks(): string {
    const names = this.waiters().map((waiter) =>
      waiter instanceof Future ? "Task.taskWakeup()" : `${nameOf(waiter.callback)}()`,
    );
    if (names.length === 0) return "";
    if (names.length > 2) names.splice(1, names.length - 2, `<${names.length - 2} more>`);
    return `cb=[${names.join(", ")}]`;
  }

  // ── For the runtime ────────────────────────────────────────────────────────────────────────────────────────────
  // Futures that pass for promises of the language have no `done`, `result`, `exception` and `cancelled`, which mean
  // something else to who looks at them: so the runtime does not call these.

  /** @internal What `done` says. */
  get isDone(): boolean {
    return this._futureState !== PENDING;
  }

  /** @internal What `cancelled` says. */
  get isCancelled(): boolean {
    return this._futureState === CANCELLED;
  }

  /** @internal Somebody takes it for a future: it is to have all methods of one. */
  reveal(): void {}

  /** @internal Whether it failed or was cancelled. */
  get failed(): boolean {
    return this._futureState === FAILED || this._futureState === CANCELLED;
  }

  /** @internal Whether it failed and nobody has looked at the error. */
  get isFailureUnseen(): boolean {
    return this._futureState === FAILED && !(this._futureOutcome as Failure).isSeen;
  }

  /** @internal What `result` throws: for a future that failed or was cancelled. */
  takeError(): unknown {
    if (this._futureState === CANCELLED) return this.makeCancelledError();
    this.retrieved();
    return (this._futureOutcome as Failure).error;
  }

  /**
   * @internal Makes it fail with anything that was thrown, an error or not. Throws InvalidStateError when it is done.
   */
  fail(error: unknown): void {
    if (this._futureState !== PENDING) throw new InvalidStateError("invalid state");
    this.settle(FAILED, error);
  }

  /**
   * @internal The first retrieval of a cancelled task's error gets the one that it ended with; later ones get new ones.
   */
  makeCancelledError(): CancelledError {
    const error = this._futureState === CANCELLED ? (this._futureOutcome as CancelledError | null) : null;
    if (error === null) return this.loop.newCancelledError(this.cancelMessage, this);
    this._futureOutcome = null;
    return error;
  }

  /** @internal A new error with the latest cancel's message: the one that ended it is left for others. */
  lastCancelledError(): CancelledError {
    return this.loop.newCancelledError(this.cancelMessage, this);
  }

  /** @internal Gives it its result. */
  succeed(value: T): void {
    this.settle(FINISHED, value);
  }

  /**
   * @internal Cancels it with the error that ended it, which takes the message along; null: with the latest cancel's
   * message.
   */
  endCancelled(error: CancelledError | null): void {
    if (error !== null) this.cancelMessage = undefined;
    this.settle(CANCELLED, error);
  }

  /** @internal Its id in the core: it gets one now if it has none. It must be pending. */
  open(): number {
    if (this.id !== NONE) return this.id;
    const { core } = this.loop;
    this.id = check(core.openFuture());
    core.objects[slotOf(this.id)] = this;
    return this.id;
  }

  /**
   * @internal As addDoneCallback, for the library's own callbacks; `waiter` is what waits through this one, for call
   * graphs. Its name is not `subscribe`: what has such a method is an observable to libraries that take either.
   */
  whenDone(callback: (future: this) => void, waiter: Future<unknown> | null): void {
    this.listen(callback, waiter, true);
  }

  /** @internal As both of them. Gives the callback of a pending future. */
  listen(
    callback: (future: this) => void,
    waiter: Future<unknown> | null,
    bookkeeping: boolean,
    context?: Context,
  ): DoneCallback | undefined {
    if (this._futureState !== PENDING)
      return void this.loop.callSoon(callback as Callback, this as never, { context: context ?? copyContext() });
    const subscription = new DoneCallback(callback, this, waiter, context);
    return subscription.begin(check(this.loop.core.subscribe(this.open(), bookkeeping)));
  }

  /** @internal The futures and tasks that wait for it, in order, for call graphs. */
  awaiters(): Future<unknown>[] {
    const awaiters = new Set(declaredAwaiters.get(this));
    for (const waiter of this.waiters()) {
      if (waiter instanceof Future) awaiters.add(waiter);
      else if (waiter.waiter !== null) awaiters.add(waiter.waiter);
    }
    return [...awaiters];
  }

  /** @internal What a primitive of the program's own has declared to wait for it. */
  declareAwaiter(waiter: Future<unknown>, waits: boolean): void {
    const awaiters = declaredAwaiters.get(this) ?? new Set();
    if (waits) awaiters.add(waiter);
    else awaiters.delete(waiter);
    declaredAwaiters.set(this, awaiters);
  }

  /** @internal Counts its error as looked at. */
  retrieved(): void {
    if (this._futureState === FAILED) (this._futureOutcome as Failure).retrieve();
  }

  /** @internal Reports a failure later if nobody looks at it. Returns what withdraws that; null: it is somebody's. */
  watchFailure(error: unknown): (() => void) | null {
    return this.loop.watchFailure(this, error);
  }

  /** Sets the outcome and makes what waits ready. */
  protected settle(state: number, outcome: unknown): void {
    if (this.id !== NONE) this.loop.checkOpen(); // before anything changes: nobody would wake what waits
    const held = state === FAILED ? new Failure(outcome, this.watchFailure(outcome)) : outcome;
    this._futureState = state;
    this._futureOutcome = held;
    if (state !== FINISHED) tellJoins(this);
    this.release();
  }

  /** Makes what waits ready and gives the slot in the core back. A task's own step does both for it. */
  protected release(): void {
    if (this.id !== NONE) closeSlot(this);
  }

  /**
   * @internal Gives the slot in the core back when nothing waits on it any more. A task has its slot as long as it
   * runs.
   */
  closeIfUnused(): void {
    const { core } = this.loop;
    if (this.id === NONE || core.firstWaiter(this.id) !== NONE) return;
    closeSlot(this);
  }

  /** What waits on it in the core: done-callbacks, joins and tasks, in order. */
  private waiters(): (Future<unknown> | Listener)[] {
    const waiters: (Future<unknown> | Listener)[] = [];
    if (this.id === NONE || this.loop.isClosed()) return waiters;
    const { core } = this.loop;
    for (let slot = core.firstWaiter(this.id); slot >= 0; slot = core.nextWaiter(slot)) {
      waiters.push(waiterIn(core, slot) as Future<unknown> | Listener);
    }
    return waiters;
  }
}

/**
 * @internal What a promise that is settled with a value waits for: the value, when it is a future, or the future that
 * it holds, and so on. Null for what is no future. Throws TypeError for one that holds itself.
 */
export function innermostFuture(value: unknown): Future<unknown> | null {
  if (!(value instanceof Future)) return null;
  if (isCircular(value)) throw new TypeError(`Cannot await: the future holds itself, ${format(value)}`);
  let future: Future<unknown> = value;
  for (let held = heldBy(future); held !== null; held = heldBy(held)) future = held;
  return future;
}

/** Whether a future holds itself, by way of others or not: promises would unwrap it for ever. */
function isCircular(future: Future<unknown>): boolean {
  const seen = new Set([future]);
  for (let held = heldBy(future); held !== null; held = heldBy(held)) {
    if (seen.has(held)) return true;
    seen.add(held);
  }
  return false;
}

/** The future that is the result of a future, or null. */
function heldBy(future: Future<unknown>): Future<unknown> | null {
  if (!future.isDone || future.failed) return null;
  const value = future.outcome();
  return value instanceof Future ? value : null;
}

/** Tells the joins that a future which fails or is cancelled is a member of. */
function tellJoins(future: Future<unknown>): void {
  if (future.id === NONE) return;
  const { core } = future.loop;
  for (let slot = core.firstWaiter(future.id); slot >= 0; slot = core.nextWaiter(slot)) {
    const join = core.joinOfWaiter(slot);
    if (join !== NONE) (core.objects[join] as Joining).fails(slot, future);
  }
}

/** Makes what waits on a future ready, and takes it out of the tables. */
function closeSlot(future: Future<unknown>): void {
  const { core } = future.loop;
  check(core.settleFuture(future.id));
  core.objects[slotOf(future.id)] = undefined;
  future.id = NONE;
}

/** What a future failed with. */
class Failure {
  readonly error: unknown;
  /** Withdraws the report that nobody looked at the error; null when somebody did. */
  #forget: (() => void) | null;

  constructor(error: unknown, forget: (() => void) | null) {
    this.error = error;
    this.#forget = forget;
  }

  get isSeen(): boolean {
    return this.#forget === null;
  }

  /** Somebody looked at the error. */
  retrieve(): void {
    this.#forget?.();
    this.#forget = null;
  }
}

/** The iterator behind `yield* future`: hand-written, because it costs a fraction of a generator. */
class FutureIterator<T> implements Iterator<Suspension, T, unknown> {
  readonly #future: Future<T>;
  /** The task that waits; undefined before. */
  #waiter: Loop["currentTask"] | undefined = undefined;

  constructor(future: Future<T>) {
    this.#future = future;
  }

  next(): IteratorResult<Suspension, T> {
    const future = this.#future;
    const task = future.loop.currentTask;
    if (this.#waiter !== undefined && this.#waiter !== task)
      return refuseReuse(this.#waiter, task, this.#waiter?.awaited === future);
    if (future.isDone) return { done: true, value: future.outcome() };
    if (this.#waiter !== undefined) throw new RuntimeError("yield* wasn't used with future");
    this.#waiter = task;
    future.loop.noteSuspension();
    future._asyncioFutureBlocking = true;
    return { done: false, value: future as unknown as Suspension };
  }

  throw(error: unknown): never {
    throw error;
  }

  return(value: T): IteratorResult<Suspension, T> {
    return { done: true, value };
  }
}

/**
 * Whether `value` is a future: an object that carries asyncio's mark of one, as each Future does. Mirrors
 * asyncio.isfuture. Having its class for a prototype makes no future.
 */
export function isFuture(value: unknown): value is Future<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Partial<FutureLike>)._asyncioFutureBlocking === "boolean"
  );
}

/** @internal A future that the program has given, with all its methods: one of another library hides none. */
export function revealed<F>(future: F): F {
  if (future instanceof Future) future.reveal();
  return future;
}

/** @internal Throws TypeError for what is no message of a cancel. */
export function checkMessage(message: string | undefined): void {
  if (message !== undefined && typeof message !== "string")
    throw new TypeError(`Invalid message: expected a string, got ${format(message)}`);
}

function errorFrom(error: unknown): unknown {
  if (typeof error === "function" && (error === Error || error.prototype instanceof Error))
    return new (error as new () => Error)();
  if (error instanceof Error || Object.prototype.toString.call(error) === "[object Error]") return error;
  throw new TypeError(`Cannot set exception: expected an Error or a class of errors, got ${format(error)}`);
}
