// Tasks: coroutines that the loop steps. Mirrors asyncio.Task. Nothing else begins a step; coroutines that are written
// by hand only pass it on to the one inside them, as `yield*` does.
//
// The core owns a task's scheduling: whether it is ready, what it is parked on, whether it must be cancelled. A step is
// told by its kind how to resume, and tells with its return value (an OP_ code) what follows. A task is cancelled by
// throwing into its generator: `return()` would be lost after a `finally` that waits.

import {
  CANCELLED_WAIT,
  CANCEL_FORWARD,
  NONE,
  OP_FINISH,
  OP_NONE,
  OP_YIELD,
  PARKED_CANCELLED,
  PARKED_MUST_CANCEL,
  STEP,
  STEP_CANCELLED,
  WAIT_CANCELLED,
  WAKE,
  WAKE_CANCELLED,
} from "../core/abi.ts";
import { check } from "../core/codes.ts";
import { slotOf } from "../core/core.ts";
import { CancelledError, InvalidStateError } from "../errors/asyncio.ts";
import { InternalError, RuntimeError } from "../errors/base.ts";
import {
  type Context,
  type ContextCarrier,
  beginInside,
  checkContext,
  checkNotEntered,
  contextOf,
  currentValues,
  endInside,
  enterContext,
  leaveContextToTask,
} from "./context.ts";
import { noteThrown, tellAwaiters } from "./async-stack.ts";
import { type Signal, checkSignal, onAbort, textOf } from "./abort.ts";
import { type Passing, passCancel } from "./cancel.ts";
import type { Loop } from "./loop.ts";
import { format } from "../support/format.ts";
import { Future, checkMessage, isFuture } from "./future.ts";
import { noteCancellation, originOf } from "../support/origins.ts";
import { REUSED, cannotReuse, noteAwaited } from "./reuse.ts";
import { NO_OPTIONS, checkFunction, checkLimit, checkNames } from "../support/checks.ts";
import {
  type HostContextCarrier,
  currentHostContext,
  keepsHostContexts,
  noticeFirstUse,
  runInHostContext,
  runInsideHostContext,
} from "./host-context.ts";
import { isA } from "../support/is-a.ts";
import { type Capture, type StackFrame, captureStack, resumeCoroutine, throwIntoCoroutine } from "../support/stack.ts";
import {
  type Coroutine,
  GIVES_WAY,
  PARK,
  PARKS,
  type Suspension,
  isCoroutine,
  isThenable,
  nextOf,
} from "./suspension.ts";

/** Where tasks were suspended last, in debug mode: kept beside them, for a sleeping task has to be small. */
const suspensions = new WeakMap<object, Capture>();

/** Options of a new task. */
export interface TaskOptions {
  /** Name, for messages; default: Task-1, Task-2... */
  name?: string;
  /** The context that it runs in; default: a copy of the current one. */
  context?: Context;
  /**
   * Whether to run its first step at once, inside the call; needs a running loop, else it starts as usual. Default:
   * false.
   */
  eagerStart?: boolean;
  /**
   * Cancels the task when it is aborted, with the text of its reason as the message; before the first step when it is
   * already.
   */
  signal?: Signal;
}

/** @internal The names of TaskOptions; a task factory may know others. */
export const TASK_OPTIONS: readonly (keyof TaskOptions)[] = ["name", "context", "eagerStart", "signal"];
const ALL_OPTIONS = [...TASK_OPTIONS, "loop"];

/** A scope of a task that requests to stop do not enter. */
export interface Shield {
  /** The one around it, or null. */
  readonly outer: Shield | null;
  /**
   * Keeps a request that was made outside of it: of a scope that stands inside `from`, or of anybody else with null.
   */
  keep(message: string | undefined, from: Shield | null): null;
}

/**
 * A coroutine that runs on its own; `createTask` makes it. Mirrors asyncio.Task.
 *
 * @example
 * const task = createTask(work(), { name: "worker" });
 * const value = yield* task;
 */
export class Task<T> extends Future<T> implements ContextCarrier, HostContextCarrier {
  /** @internal */
  static override readonly name: string = "Task";
  /** @internal Number among the loop's tasks, in order of creation. */
  readonly serial: number;
  #coro: Coroutine<T> | null;
  /** Its `next`; null when it has ended. */
  #next: Coroutine<T>["next"] | null;
  /** An error to throw at the next step: for what may not be yielded. */
  protected badYield: unknown = null;
  /** @internal Used when it runs in a context of its own. */
  values = currentValues();
  /** @internal */
  hostContext = currentHostContext();
  /** @internal What carries its context. */
  readonly carrier: ContextCarrier;
  /** The name; a number stands for a default name, which is made when somebody asks. */
  #name: string | number;
  /**
   * The future that it awaits, or the message of the cancel that has ended its latest wait: one field, for a sleeping
   * task has to be small.
   */
  #wait: Future<unknown> | string | null = null;
  /** Not 0 if it was ever asked to stop, which saves asking the core; the requests that were left when it ended. */
  #cancelRequests = 0;
  /** @internal The innermost scope that requests to stop do not enter, or null. */
  shield: Shield | null = null;

  /**
   * @param options.loop the loop that it runs in; default: the current one
   * @throws TypeError when `coro` is not a coroutine
   * @throws RuntimeError when there is no loop or it is closed, and for an eager start in a context that is entered
   *   already; in debug mode also for a coroutine that was made a task before
   */
  constructor(coro: Coroutine<T>, options: TaskOptions & { loop?: Loop } = NO_OPTIONS) {
    if (!isCoroutine(coro)) throw new TypeError(`a coroutine was expected, got ${format(coro)}`);
    super(options, ALL_OPTIONS);
    this.loop.checkOpen();
    if (this.loop.getDebug()) noteAwaited(coro);
    this.#coro = coro;
    this.#next = nextOf(coro);
    this.carrier = checkContext(options.context)?.carrier ?? this;
    this.#name = options.name === undefined ? this.loop.nextTaskNumber() : String(options.name);
    const signal = checkSignal(options.signal);
    const eager = options.eagerStart === true && this.loop.inTurn && signal?.aborted !== true;
    if (eager && this.carrier !== this) checkNotEntered(this.carrier);
    const { core } = this.loop;
    this.id = check(eager ? core.spawnEager() : core.spawn());
    this.serial = this.loop.nextTaskSerial(this);
    core.objects[slotOf(this.id)] = this;
    this.loop.service?.taskMade(this, this.carrier);
    if (eager) this.startEagerly();
    if (signal !== undefined && !this.isDone)
      this.whenDone(
        onAbort(signal, this.loop, () => void this.cancel(textOf(signal))),
        null,
      );
  }

  /** The coroutine, or null when it finished in its eager first step. Mirrors Task.get_coro. */
  getCoro(): Coroutine<T> | null {
    const coro: unknown = this.#coro;
    return coro instanceof HaltedCoroutine ? (coro.coro as Coroutine<T>) : this.#coro;
  }

  /** The name, for messages. Mirrors Task.get_name. */
  getName(): string {
    return typeof this.#name === "number" ? `Task-${this.#name}` : this.#name;
  }

  /** Sets the name; what is not a string is converted. Mirrors Task.set_name. */
  setName(name: unknown): void {
    this.#name = String(name);
  }

  /** The context that it runs in. Mirrors Task.get_context. */
  getContext(): Context {
    return contextOf(this.carrier);
  }

  /**
   * Refuses: a task gets its result from its coroutine. Mirrors Task.set_result.
   * @throws RuntimeError at each call
   */
  override setResult(_value: T): never {
    throw new RuntimeError("Task does not support setResult operation");
  }

  /**
   * Refuses: a task fails with what its coroutine throws. Mirrors Task.set_exception.
   * @throws RuntimeError at each call
   */
  override setException(_error: unknown): never {
    throw new RuntimeError("Task does not support setException operation");
  }

  /**
   * Asks the task to stop: a CancelledError is thrown where it waits, in the next iteration. The coroutine may catch
   * it, and may wait in its `finally`. Mirrors Task.cancel.
   * @param message message of the CancelledError; default: none
   * @returns false when the task is done
   */
  override cancel(message?: string): boolean;
  /** @internal @param from what the task was shielded by when it entered the scope that asks: that one lets it pass */
  override cancel(message: string | undefined, from: Shield | null): boolean;
  override cancel(message?: string, from: Shield | null = null): boolean {
    checkMessage(message);
    this.retrieved();
    if (this.isDone) return false;
    const targets = this.askToCancel(message, from);
    return targets === null || passCancel(this, targets, message);
  }

  /** @internal */
  get passesCancel(): boolean {
    return this.cancel === Task.prototype.cancel;
  }

  /** @internal */
  get breakCircle(): null {
    return null;
  }

  /** @internal Counts a request to stop, if no scope keeps it. Returns what it has to be passed on to, or null. */
  askToCancel(message: string | undefined, from: Shield | null = null): readonly Future<unknown>[] | null {
    if (this.shield !== null && this.shield !== from) return this.shield.keep(message, from);
    this.#cancelRequests = 1;
    if (this.loop.getDebug()) noteCancellation(this);
    const outcome = check(this.loop.core.cancelTask(this.id));
    if (outcome === CANCEL_FORWARD) {
      const awaited = this.#wait as Future<unknown> & Partial<Passing>;
      if (this.leaves(awaited)) return this.#leave(message);
      if (awaited.passesCancel === true && !awaited.isDone) return [awaited];
      this.endCancel(message, awaited.cancel(message));
    } else if (outcome === CANCELLED_WAIT) {
      this.#wait = message ?? null;
    } else {
      this.cancelMessage = message;
    }
    return null;
  }

  /** Whether a request to stop takes the task off a future that it awaits, instead of cancelling that. */
  protected leaves(_awaited: Future<unknown>): boolean {
    return false;
  }

  #leave(message: string | undefined): null {
    check(this.loop.core.leaveFuture(this.id));
    this.#wait = message ?? null;
    return null;
  }

  /** @internal What the task awaits has refused a cancellation: then it is delivered at the next step. */
  endCancel(message: string | undefined, taken: boolean): boolean {
    if (!taken) {
      check(this.loop.core.requireCancel(this.id));
      this.cancelMessage = message;
    }
    return true;
  }

  /** How often it was asked to stop, less the calls of `uncancel`. Mirrors Task.cancelling. */
  cancelling(): number {
    return this.id === NONE ? this.#cancelRequests : check(this.loop.core.cancelling(this.id));
  }

  /**
   * Takes back one request to stop; the last one also takes back an error that was not thrown yet. Mirrors
   * Task.uncancel.
   * @returns how many requests are left
   */
  uncancel(): number {
    if (this.id !== NONE) return check(this.loop.core.uncancel(this.id));
    if (this.#cancelRequests > 0) this.#cancelRequests--;
    return this.#cancelRequests;
  }

  /**
   * Where it waits: the frames of its coroutines, innermost last. Mirrors Task.get_stack.
   * @param options.limit most frames, of which the newest are kept; default: all
   * @returns no frames when it is done, and outside debug mode unless it is the current task
   */
  getStack(options: { limit?: number } = {}): StackFrame[] {
    const limit = checkLimit(checkNames(options, ["limit"]).limit);
    if (this.isDone) return [];
    const frames = this.loop.currentTask === (this as Task<unknown>) ? captureStack() : (this.stack ?? []);
    return frames.slice(0, Math.max(0, limit ?? frames.length)).reverse();
  }

  /**
   * Prints `getStack` to the console. Mirrors Task.print_stack.
   * @param options.write called with each line instead
   */
  printStack(options: { limit?: number; write?: (text: string) => void } = {}): void {
    const { limit } = checkNames(options, ["limit", "write"]);
    const frames = this.getStack(limit === undefined ? {} : { limit });
    const write = checkFunction(options.write ?? ((text: string) => console.error(text)), "write");
    write(
      frames.length === 0 ? `No stack for ${this.toString()}` : `Stack for ${this.toString()} (most recent call last):`,
    );
    for (const frame of frames) write(`  ${frame.toString()}`);
  }

  protected override details(): string[] {
    const parts = super.details();
    parts.splice(1, 0, `name='${this.getName()}'`);
    parts.splice(2, 0, `coro=<${this.stack?.at(-1)?.name ?? "coroutine"}>`);
    if (this.awaited !== null) parts.splice(3, 0, `waitFor=${format(this.awaited)}`);
    return parts;
  }

  protected override describeState(): string {
    return !this.isDone && this.cancelling() > 0 ? "cancelling" : super.describeState();
  }

  // ── For the runtime ────────────────────────────────────────────────────────────────────────────────────────────

  /** @internal Logical stack at its last suspension, innermost first, in debug mode; else null. */
  get stack(): readonly StackFrame[] | null {
    return this.suspension?.frames() ?? null;
  }

  /** @internal Where it was suspended last, in debug mode; else, and when it is done, null. */
  get suspension(): Capture | null {
    return this.isDone ? null : (suspensions.get(this) ?? null);
  }

  /** @internal */
  set suspension(place: Capture) {
    suspensions.set(this, place);
  }

  /** @internal The future that it awaits, or null. */
  get awaited(): Future<unknown> | null {
    return typeof this.#wait === "string" ? null : this.#wait;
  }

  /** @internal Parks the task, which must be the running one, on a waiter list. */
  park(list: number): Suspension {
    return this.#parked(this.loop.core.park(list));
  }

  /** @internal Parks the task, which must be the running one, until a deadline in seconds. */
  sleep(deadline: number): Suspension {
    return this.#parked(this.loop.core.sleep(deadline));
  }

  #parked(outcome: number): Suspension {
    this.loop.noteSuspension();
    if (check(outcome) === PARKED_CANCELLED) this.#wait = this.cancelMessage ?? null;
    return PARK;
  }

  /**
   * @internal Makes the next step throw `error` where the coroutine waits, instead of going on with what has come. It
   * must be ready.
   */
  failWait(error: unknown): void {
    const { awaited } = this;
    if (awaited === null) {
      this.badYield = error;
      return;
    }
    if (awaited instanceof Future) awaited.retrieved();
    const failed = new Future<never>(this.loop.own);
    failed.fail(error);
    this.#wait = failed;
  }

  /** @internal Resumes the coroutine once, as `kind` says, as the current task. Returns the follow-up for the core. */
  step(kind: number): number {
    this.loop.currentSlot = slotOf(this.id);
    leaveContextToTask();
    try {
      return this.follow(this.#resume(kind));
    } catch (error) {
      return this.endWith(error);
    }
  }

  /** Sees to what a step of the coroutine gave. Returns the follow-up for the core. */
  protected follow(step: IteratorResult<Suspension, T>): number {
    if (step === GIVES_WAY) return OP_YIELD; // most do, which is told without a look inside
    if (step === PARKS) return OP_NONE;
    return step.done ? this.#finish(step.value) : this.#suspend(step.value);
  }

  #resume(kind: number): IteratorResult<Suspension, T> {
    const coro = this.#coro as Coroutine<T>;
    switch (kind) {
      case STEP: {
        const error = this.badYield;
        if (error === null) return resumeCoroutine(coro, this.#next as Coroutine<T>["next"]);
        this.badYield = null;
        return throwIntoCoroutine(coro, error);
      }
      case STEP_CANCELLED:
        this.badYield = null;
        return this.#throw(this.makeCancelledError());
      case WAIT_CANCELLED: {
        const message = typeof this.#wait === "string" ? this.#wait : undefined;
        return this.#throw(this.loop.newCancelledError(message, this));
      }
      case WAKE: {
        const failure = failureOf(this.#takeAwaited());
        if (failure === null) return resumeCoroutine(coro, this.#next as Coroutine<T>["next"]);
        return this.#throw(failure.error);
      }
      case WAKE_CANCELLED: {
        const error = failureOf(this.#takeAwaited())?.error;
        return this.#throw(isA(error, CancelledError) ? error : this.makeCancelledError());
      }
      default:
        throw new InternalError(`Cannot step a task: entry kind ${kind}`);
    }
  }

  /** Throws into the coroutine what it has waited for, or a cancellation of its wait. */
  #throw(error: unknown): IteratorResult<Suspension, T> {
    if (this.loop.getDebug()) noteThrown(error, this);
    return throwIntoCoroutine(this.#coro as Coroutine<T>, error);
  }

  #takeAwaited(): Future<unknown> {
    const awaited = this.#wait as Future<unknown>;
    this.#wait = null;
    return awaited;
  }

  /** Sees to what the coroutine yielded. */
  #suspend(value: unknown): number {
    if (value === PARK) return OP_NONE;
    if (value === undefined || value === null) return OP_YIELD;
    if (value === REUSED) throw cannotReuse();
    let error: unknown;
    try {
      error = isFuture(value) ? this.#await(value) : this.#refuse(value);
    } catch (failure) {
      error = failure; // no memory: the coroutine gets it where it waits
    }
    if (error === null) return OP_NONE;
    this.#wait = null;
    this.badYield = error;
    return OP_YIELD;
  }

  /** Begins to await a future. Returns the error to throw instead, or null. */
  #await(future: Future<unknown>): Error | null {
    if (!future._asyncioFutureBlocking) {
      return new RuntimeError(`yield was used instead of yield* in task ${format(this)} with ${format(future)}`);
    }
    future._asyncioFutureBlocking = false;
    if (future.getLoop() !== this.loop) {
      return new RuntimeError(`Task ${format(this)} got Future ${format(future)} attached to a different loop`);
    }
    if (future === (this as Future<unknown>)) return new RuntimeError(`Task cannot await on itself: ${format(this)}`);
    this.#wait = future;
    const { core } = this.loop;
    const isOurs = future instanceof Future && future.addDoneCallback === Future.prototype.addDoneCallback;
    const waitable = isOurs ? future : this.#follow(future);
    const outcome = waitable.isDone ? this.#awaitDone() : core.awaitFuture(waitable.open());
    if (outcome < 0) waitable.closeIfUnused(); // it got its slot for this
    check(outcome);
    if (outcome === PARKED_MUST_CANCEL && future.cancel(this.cancelMessage)) check(core.clearCancel(this.id));
    return null;
  }

  /** Waits for one iteration: for a future that was settled between the `next` that gave it and the yield to here. */
  #awaitDone(): number {
    const gate = new Future<void>(this.loop.own);
    const outcome = this.loop.core.awaitFuture(gate.open());
    gate.succeed();
    return outcome;
  }

  /** A future that is done when one of another library is, or one of a class with an `addDoneCallback` of its own. */
  #follow(foreign: Future<unknown>): Future<void> {
    const follower = new Future<void>(this.loop.own);
    foreign.addDoneCallback(() => follower.cancel(), { context: this.getContext() });
    return follower;
  }

  #refuse(value: unknown): Error {
    const isDebug = this.loop.getDebug();
    const place = isDebug ? this.#placeOf(value as object) : "";
    if (isCoroutine(value))
      return new RuntimeError(
        `yield was used instead of yield* for generator in task ${format(this)} with ${format(value)}${place}`,
      );
    const advice = isThenable(value) ? ", a promise: write yield* wrapFuture(promise)" : "";
    const where = isDebug ? ` in task ${format(this)}${place}` : "";
    return new RuntimeError(`Task got bad yield: ${format(value)}${advice}${where}`);
  }

  /** Where something that was yielded was made, if that is known, else where the coroutine has waited before. */
  #placeOf(value: object): string {
    const made = originOf(value)?.split("\n", 1)[0];
    if (made !== undefined) return ` made at ${made}`;
    const [before] = this.stack ?? [];
    return before === undefined ? "" : `, after its wait at ${before.text}`;
  }

  /** Ends the task with what its coroutine returned. */
  #finish(value: T): number {
    if (this.isDone) return this.#endTwice();
    this.#next = null;
    if (this.#cancelRequests !== 0 && check(this.loop.core.mustCancel(this.id)) === 1) this.endCancelled(null);
    else this.succeed(value);
    return OP_FINISH;
  }

  /** Ends the task with what its coroutine threw. Returns the follow-up for the core. */
  protected endWith(error: unknown): number {
    if (this.isDone) return this.#endTwice();
    this.#next = null;
    if (isA(error, CancelledError)) {
      this.endCancelled(error);
    } else {
      if (this.loop.getDebug()) tellAwaiters(error, this);
      this.fail(error);
    }
    return OP_FINISH;
  }

  /**
   * It was settled past its coroutine, by a method of its base class: then that ends here, and what waits is woken.
   * Mirrors the InvalidStateError of Task.__step.
   */
  #endTwice(): number {
    try {
      this.#coro?.return(undefined as T);
    } catch {
      // it ends by that as well
    }
    this.#next = null;
    this.release();
    this.loop.callExceptionHandler({
      message: "Exception in callback Task.step()",
      exception: new InvalidStateError(`__step(): already done: ${format(this)}`),
      task: this,
    });
    return OP_FINISH;
  }

  /**
   * The task's step settles it in the core: here it only leaves the tables. One that is settled past its coroutine
   * stays there for one more step, which comes at once, unless it awaits a future.
   */
  protected override release(): void {
    const { loop } = this;
    if (this.#next !== null) return this.#halt();
    if (this.#cancelRequests !== 0) this.#cancelRequests = check(loop.core.cancelling(this.id));
    enterContext(this.carrier); // from here on nobody finds it by its slot
    loop.currentSlot = NONE;
    loop.core.objects[slotOf(this.id)] = undefined;
    this.id = NONE;
  }

  /** It is settled past its coroutine, which goes no further: its next step, which comes at once, ends it. */
  #halt(): void {
    this.#coro = new HaltedCoroutine(this.#coro as Coroutine<T>) as unknown as Coroutine<T>;
    this.#next = this.#coro.next;
    check(this.loop.core.cancelTask(this.id));
  }

  /** @internal */
  override closeIfUnused(): void {}

  /** Makes the first step inside another one's. */
  protected startEagerly(): void {
    const outerSlot = this.loop.currentSlot;
    const outer = this.loop.core.enter(this.id);
    beginInside(this.carrier);
    let op: number;
    try {
      op = runInsideHostContext(stepEagerly, this as Task<unknown>);
    } finally {
      endInside();
      this.loop.currentSlot = outerSlot;
    }
    this.leaveStart(outer, op);
  }

  /** The first step is made: the core goes back to the one that it was made in. */
  protected leaveStart(outer: number, op: number): void {
    if (op === OP_FINISH) this.#coro = null;
    check(this.loop.core.exit(outer, op));
  }

  /** From now on it is this that is stepped. */
  protected goOnWith(coro: Coroutine<T>): void {
    this.#coro = coro;
    this.#next = nextOf(coro);
  }
}

/** In the place of the coroutine of a task that was settled past it: it can only end. */
class HaltedCoroutine<T> {
  readonly coro: Coroutine<T>;

  constructor(coro: Coroutine<T>) {
    this.coro = coro;
  }

  next(): never {
    throw new InvalidStateError("its task is done");
  }

  throw(): never {
    return this.next();
  }

  return(value: T): IteratorResult<Suspension, T> {
    return this.coro.return(value);
  }
}

/** What a future that is done failed with, or null. */
function failureOf(future: Future<unknown>): { error: unknown } | null {
  if (future instanceof Future) return future.failed ? { error: future.takeError() } : null;
  try {
    (future as Future<unknown>).result(); // one of another library: it tells only by throwing
    return null;
  } catch (error) {
    return { error };
  }
}

/** As `step`, for the first one, which is made inside another one's. */
function stepEagerly(task: Task<unknown>): number {
  if (keepsHostContexts()) return runInHostContext(task, step, STEP);
  const op = task.step(STEP);
  if (keepsHostContexts()) noticeFirstUse(task);
  return op;
}

/** Makes a step of a task. Returns the follow-up for the core. */
export const step = (task: Task<unknown>, kind: number): number => task.step(kind);
