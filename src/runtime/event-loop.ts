// The event loop: asyncio's loop over the core, driven in the turns that the host gives it.
//
// JavaScript cannot block, so a running loop works in slices: it runs iterations until nothing is ready or the slice is used up,
// then asks the host for its next turn, at once or at the earliest deadline. The order of what runs is the core's alone.

import { createHost } from "#host";
import { BOUNDARY, BUDGET_SPENT, ENTRY_KIND, ENTRY_SHIFT, OP_NONE, WAIT_CANCELLED } from "../core/abi.ts";
import { check } from "../core/codes.ts";
import { type Core, createCore } from "../core/core.ts";
import { CancelledError, DeadlockError, NotAvailableError, RuntimeError } from "../errors.ts";
import { AsyncIterators } from "./async-iterators.ts";
import { Context, copyContext } from "./context.ts";
import { type Delay, secondsOf } from "./delay.ts";
import { ensureFuture } from "./ensure-future.ts";
import { ExceptionReports, type ExceptionContext, type ExceptionHandler } from "./exception-reports.ts";
import { format, keepName } from "./format.ts";
import { Future } from "./future.ts";
import { type Callback, Handle, TimerHandle } from "./handle.ts";
import type { Host } from "./host.ts";
import { enterLoop, runningLoop } from "./running.ts";
import { captureOrigin, captureStack, withoutStack } from "./stack.ts";
import { type Awaitable, type Coroutine, isCoroutine, isCoroutineFunction } from "./suspension.ts";
import { Task, type TaskOptions } from "./task.ts";

/** Makes the tasks of a loop: `createTask` calls it with the options that it was given. */
export type TaskFactory = <T>(loop: EventLoop, coro: Coroutine<T>, options: TaskOptions) => Task<T>;

/** Options that may follow the arguments of a callback, as the last argument. */
export interface CallOptions {
  /** The context to call it in; default: a copy of the current one. */
  context: Context;
}

/** Arguments of a callback, and the options that may follow them. */
export type CallArguments<A extends unknown[]> = A | [...A, CallOptions];

/** Entries between two looks at the clock, at first; then as many as take about an eighth of the slice, within bounds. */
const FIRST_BUDGET = 32;
const LARGEST_BUDGET = 1024;
const NO_BUDGET_LIMIT = 0x7fffffff;

/** Looks at the clock without seeing it move that end a slice too: some hosts' clocks stand still while a program runs. */
const LOOKS_AT_STANDING_CLOCK = 256;

/** Tasks that a DeadlockError names; of the others it gives the number. */
const DEADLOCKED_NAMED = 20;

/** How a run ends. */
export interface Run {
  resolve(): void;
  reject(error: unknown): void;
}

/** The awaitable that a run is for. */
interface Completion<T> {
  /** Keeps an error from being reported as never retrieved, when the run fails otherwise. */
  forgetError(): void;
  /** Leaves the awaitable alone again. */
  detach(): void;
  /** Its outcome. Throws RuntimeError when the run ended before. */
  result(): T;
}

/**
 * An event loop: asyncio's EventLoop.
 *
 * Most programs never see one: `run` makes it and closes it. A loop is driven by its host, in turns; between its turns other
 * code of the program runs.
 */
export class EventLoop {
  static {
    keepName(this, "EventLoop");
  }
  /** Seconds from which on debug mode reports a callback or a task's step as slow. */
  slowCallbackDuration = 0.1;
  /** @internal */
  readonly core: Core;
  /** @internal */
  readonly host: Host;
  /** @internal The task that is being stepped, or null. */
  currentTask: Task<unknown> | null = null;
  /** @internal The handle whose callback is being called, or null; known in debug mode only. */
  currentHandle: Handle | null = null;
  /** @internal Whether the loop is running callbacks right now. */
  inTurn = false;
  readonly #reports: ExceptionReports;
  readonly #asyncIterators = new AsyncIterators(this);
  #run: Run | null = null;
  #stopping = false;
  #closed = false;
  #debug: boolean;
  #budget = FIRST_BUDGET;
  /** Whether the slice ended inside an iteration. */
  #midIteration = false;
  #taskFactory: TaskFactory | null = null;
  #taskSerial = 0;

  /** @param host what stands behind the loop; default: the host that the program runs on */
  constructor(host: Host = createHost()) {
    this.host = host;
    this.core = createCore({ clockStands: host.virtual === true });
    this.#debug = !["", "0"].includes(host.environment?.("WASYNCIO_DEBUG") ?? "");
    this.#reports = new ExceptionReports(this);
  }

  // ── Running ────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Runs until an awaitable is done, and settles with its outcome. Mirrors loop.run_until_complete.
   * Rejects with RuntimeError when the loop is stopped before, runs already, or is closed.
   */
  async runUntilComplete<T>(awaitable: Awaitable<T>): Promise<T> {
    const completion = this.prepareRun(awaitable);
    try {
      await this.runForever();
    } catch (error) {
      completion.forgetError();
      throw error;
    } finally {
      completion.detach();
    }
    return completion.result();
  }

  /** Runs until `stop` is called. Mirrors loop.run_forever. Rejects with RuntimeError when the loop runs already, or is closed. */
  runForever(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.beginRun({ resolve, reject });
      this.host.start({ turn: () => this.#turn(), exhausted: () => this.#reportDeadlock() });
      this.host.wakeSoon();
    });
  }

  /** Ends the run at the end of the current iteration; without a run, lets the next one end after one iteration. */
  stop(): void {
    this.#stopping = true;
    this.core.interrupt();
    this.touched();
  }

  /** Discards what is scheduled, for good. Does nothing when it is closed. Throws RuntimeError while it runs. */
  close(): void {
    if (this.isRunning()) throw new RuntimeError("Cannot close a running event loop");
    if (this.#closed) return;
    if (this.#debug) this.host.report("debug", `Close ${this.toString()}`);
    this.#closed = true;
    this.#reports.close();
    this.core.objects.length = 0;
    this.host.close();
  }

  /** Whether it runs: from the start of a run to its end, also between its turns. */
  isRunning(): boolean {
    return this.#run !== null;
  }

  isClosed(): boolean {
    return this.#closed;
  }

  /** Seconds on the loop's clock: what `callAt` counts in. */
  time(): number {
    return this.host.now();
  }

  // ── Callbacks ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Calls `callback(...args)` in the next iteration, behind what is ready. Throws RuntimeError when the loop is closed. */
  callSoon<A extends unknown[]>(callback: (...args: A) => unknown, ...args: A): Handle;
  callSoon<A extends unknown[]>(callback: (...args: A) => unknown, ...args: [...A, CallOptions]): Handle;
  callSoon<A extends unknown[]>(callback: (...args: A) => unknown, ...args: CallArguments<A>): Handle {
    this.checkOpen();
    if (this.#debug) this.#checkCallback(callback, "callSoon");
    return this.#queue(callback, args);
  }

  /** As `callSoon`, to be called from outside the loop's turns: from a listener, a host timer, a promise. */
  callSoonThreadsafe<A extends unknown[]>(callback: (...args: A) => unknown, ...args: A): Handle;
  callSoonThreadsafe<A extends unknown[]>(callback: (...args: A) => unknown, ...args: [...A, CallOptions]): Handle;
  callSoonThreadsafe<A extends unknown[]>(callback: (...args: A) => unknown, ...args: CallArguments<A>): Handle {
    this.checkOpen();
    if (this.#debug) checkCallable(callback, "callSoonThreadsafe");
    return this.#queue(callback, args);
  }

  /** Calls `callback(...args)` after a delay. Throws TypeError for what is not a delay. */
  callLater<A extends unknown[]>(delay: Delay, callback: (...args: A) => unknown, ...args: A): TimerHandle;
  callLater<A extends unknown[]>(
    delay: Delay,
    callback: (...args: A) => unknown,
    ...args: [...A, CallOptions]
  ): TimerHandle;
  callLater<A extends unknown[]>(
    delay: Delay,
    callback: (...args: A) => unknown,
    ...args: CallArguments<A>
  ): TimerHandle {
    if (delay === null || delay === undefined) throw new TypeError("delay must not be null");
    this.checkOpen();
    if (this.#debug) this.#checkCallback(callback, "callLater");
    return this.#arm(this.time() + secondsOf(delay), callback, args);
  }

  /** Calls `callback(...args)` at `when`, in seconds of `time`. Equal deadlines fire in the order of the calls. */
  callAt<A extends unknown[]>(when: number, callback: (...args: A) => unknown, ...args: A): TimerHandle;
  callAt<A extends unknown[]>(
    when: number,
    callback: (...args: A) => unknown,
    ...args: [...A, CallOptions]
  ): TimerHandle;
  callAt<A extends unknown[]>(when: number, callback: (...args: A) => unknown, ...args: CallArguments<A>): TimerHandle {
    if (when === null || when === undefined) throw new TypeError("when cannot be null");
    if (typeof when !== "number" || Number.isNaN(when))
      throw new TypeError(`Invalid when: expected seconds, got ${format(when)}`);
    this.checkOpen();
    if (this.#debug) this.#checkCallback(callback, "callAt");
    return this.#arm(when, callback, args);
  }

  #queue(callback: Callback, args: readonly unknown[]): Handle {
    const [values, context] = splitOptions(args);
    const handle = new Handle(this, check(this.core.callSoon()), callback, values, context);
    this.touched();
    return handle;
  }

  #arm(when: number, callback: Callback, args: readonly unknown[]): TimerHandle {
    const [values, context] = splitOptions(args);
    const handle = new TimerHandle(this, check(this.core.callAt(when)), when, callback, values, context);
    this.touched();
    return handle;
  }

  // ── Futures and tasks ──────────────────────────────────────────────────────────────────────────────────────────

  /** A new future of this loop. */
  createFuture<T = void>(): Future<T> {
    return new Future<T>({ loop: this });
  }

  /** Runs a coroutine as a task. Throws TypeError when it is not one, RuntimeError when the loop is closed. */
  createTask<T>(coro: Coroutine<T>, options: TaskOptions = {}): Task<T> {
    this.checkOpen();
    if (this.#taskFactory !== null) return this.#taskFactory(this, coro, options);
    return new Task(coro, { ...options, loop: this });
  }

  /** Sets what `createTask` makes tasks with, or null for the default. Throws TypeError for what is not a function. */
  setTaskFactory(factory: TaskFactory | null): void {
    if (factory !== null && typeof factory !== "function")
      throw new TypeError("task factory must be a callable or null");
    this.#taskFactory = factory;
  }

  getTaskFactory(): TaskFactory | null {
    return this.#taskFactory;
  }

  // ── Errors and debugging ───────────────────────────────────────────────────────────────────────────────────────

  /** Sets what is called with `(loop, context)` for errors that nobody else can get, or null for the default. */
  setExceptionHandler(handler: ExceptionHandler | null): void {
    this.#reports.setHandler(handler);
  }

  getExceptionHandler(): ExceptionHandler | null {
    return this.#reports.handler;
  }

  /** Writes an error report to the host's log: what the loop does without an exception handler. */
  defaultExceptionHandler(context: ExceptionContext): void {
    this.#reports.reportByDefault(context);
  }

  /** Reports an error to the exception handler. Never throws. */
  callExceptionHandler(context: ExceptionContext): void {
    this.#reports.report(context);
  }

  getDebug(): boolean {
    return this.#debug;
  }

  /**
   * Switches debug mode: slow callbacks and steps are reported, callbacks are checked when they are scheduled, handles, futures
   * and tasks remember where they were made, and operations that are never awaited are reported.
   */
  setDebug(enabled: boolean): void {
    this.#debug = Boolean(enabled);
  }

  // ── Shutting down ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Closes the async iterators that `forEach` has not finished. Mirrors loop.shutdown_asyncgens. */
  shutdownAsyncgens(): Coroutine<void> {
    return this.#asyncIterators.shutdown();
  }

  /** Not available yet: throws NotAvailableError. */
  shutdownDefaultExecutor(_timeout?: Delay): never {
    throw new NotAvailableError("shutdownDefaultExecutor");
  }

  /** Not available yet: throws NotAvailableError. */
  runInExecutor(_executor: unknown, _fn: unknown, ..._args: unknown[]): never {
    throw new NotAvailableError("runInExecutor");
  }

  /** Not available yet: throws NotAvailableError. */
  setDefaultExecutor(_executor: unknown): never {
    throw new NotAvailableError("setDefaultExecutor");
  }

  toString(): string {
    return `<${this.constructor.name} running=${this.isRunning()} closed=${this.#closed} debug=${this.#debug}>`;
  }

  // ── For the runtime ────────────────────────────────────────────────────────────────────────────────────────────

  /** @internal */
  get asyncIterators(): AsyncIterators {
    return this.#asyncIterators;
  }

  /** @internal Throws RuntimeError when the loop is closed. */
  checkOpen(): void {
    if (this.#closed) throw new RuntimeError("Event loop is closed");
  }

  /** @internal Something became ready: a loop that waits for its host gets a turn. */
  touched(): void {
    if (!this.inTurn && this.#run !== null) this.host.wakeSoon();
  }

  /** @internal Tasks that are not done, in order of creation. */
  pendingTasks(): Task<unknown>[] {
    const tasks = this.core.objects.filter(
      (object): object is Task<unknown> => object instanceof Task && !object.done(),
    );
    return tasks.sort((left, right) => left.serial - right.serial);
  }

  /** @internal */
  nextTaskSerial(): number {
    return this.#taskSerial++;
  }

  /** @internal */
  newCancelledError(message: string | undefined): CancelledError {
    return this.#debug ? new CancelledError(message) : withoutStack(() => new CancelledError(message));
  }

  /** @internal Where the program is, in debug mode. */
  captureOrigin(): string | undefined {
    return this.#debug ? captureOrigin() : undefined;
  }

  /** @internal Remembers where the current task is about to wait, in debug mode. */
  noteSuspension(): void {
    if (this.#debug && this.currentTask !== null) this.currentTask.stack = captureStack();
  }

  /** @internal Reports a failure later if nobody looks at it. Returns what withdraws that. */
  watchFailure(future: Future<unknown>, error: unknown): () => void {
    return this.#reports.watchFailure(future, error);
  }

  /** @internal Reports an operation of the library that is never awaited. Returns what withdraws that. */
  watchUnawaited(coroutine: object, name: string): () => void {
    return this.#reports.watchUnawaited(coroutine, name, this.captureOrigin());
  }

  #checkRunnable(): void {
    this.checkOpen();
    if (this.isRunning()) throw new RuntimeError("This event loop is already running");
    if (runningLoop() !== null) throw new RuntimeError("Cannot run the event loop while another loop is running");
  }

  #checkCallback(callback: unknown, method: string): void {
    checkCallable(callback, method);
    if (this.isRunning() && !this.inTurn) {
      throw new RuntimeError(
        "Non-thread-safe operation invoked on an event loop other than the current one: use callSoonThreadsafe outside its turns",
      );
    }
  }

  // ── Driving ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A turn of the host: runs what is ready until the slice is used up, and asks for the next turn. */
  #turn(): void {
    if (this.#run === null || this.inTurn) return;
    const { core, host } = this;
    const outer = enterLoop(this);
    this.inTurn = true;
    let now = host.now();
    const sliceEnd = now + host.slice;
    let stood = 0;
    let wakeAt = -Infinity;
    try {
      do {
        if (!this.#midIteration) core.advance(now, host.resolution);
        if (this.#stopping) core.interrupt();
        this.#midIteration = this.#drive(this.#budget) === BUDGET_SPENT;
        const before = now;
        now = host.now();
        const seconds = now - before;
        stood = seconds > 0 ? 0 : stood + 1;
        if (this.#midIteration) {
          this.#adjustBudget(seconds);
          continue;
        }
        if (this.#stopping) break;
        wakeAt = core.nextDeadline();
        if (wakeAt > now) break;
      } while (now < sliceEnd && stood < LOOKS_AT_STANDING_CLOCK);
    } catch (error) {
      this.endRun().reject(error);
      return;
    } finally {
      this.inTurn = false;
      enterLoop(outer);
    }
    if (this.#stopping && !this.#midIteration) this.endRun().resolve();
    else if (this.#midIteration || wakeAt <= now) host.wakeSoon();
    else host.wakeAt(wakeAt);
  }

  /** Sees to it that a budget of slow entries does not make a slice many times longer. It took `seconds`. */
  #adjustBudget(seconds: number): void {
    if (seconds <= 0) return; // nothing is known when the clock has not moved
    const fitting = Math.floor((this.#budget * this.host.slice) / 8 / seconds);
    this.#budget = Math.min(Math.max(1, fitting), 2 * this.#budget, LARGEST_BUDGET);
  }

  /** Runs entries until the core has none for now. Returns its reason. */
  #drive(budget: number): number {
    const { core } = this;
    const { objects } = core;
    core.setBudget(budget);
    let op = OP_NONE;
    for (;;) {
      const entry = core.next(op);
      if (entry < 0) return entry;
      const kind = entry & ENTRY_KIND;
      const slot = entry >> ENTRY_SHIFT;
      if (this.#debug) {
        op = this.#runTimed(slot, kind);
      } else if (kind <= WAIT_CANCELLED) {
        op = (objects[slot] as Task<unknown>).step(kind);
      } else {
        const handle = objects[slot] as Handle;
        objects[slot] = undefined;
        handle.run();
        op = OP_NONE;
      }
    }
  }

  /** Runs one entry, and reports it when it was slow. */
  #runTimed(slot: number, kind: number): number {
    const object = this.core.objects[slot] as Task<unknown> | Handle;
    const started = this.host.now();
    let op = OP_NONE;
    if (object instanceof Task) {
      op = object.step(kind);
    } else {
      this.core.objects[slot] = undefined;
      this.currentHandle = object;
      object.run();
      this.currentHandle = null;
    }
    const seconds = this.host.now() - started;
    if (seconds >= this.slowCallbackDuration) {
      this.host.report("warning", `Executing ${object.toString()} took ${seconds.toFixed(3)} seconds`);
    }
    return op;
  }

  /** @internal Runs iterations at a standing clock until nothing is ready or the loop is stopped. Returns whether it was stopped. */
  protected runIterations(): boolean {
    const outer = enterLoop(this);
    this.inTurn = true;
    try {
      this.core.advance(this.host.now(), this.host.resolution);
      if (this.#stopping) this.core.interrupt();
      while (this.#drive(NO_BUDGET_LIMIT) !== BOUNDARY);
      return this.#stopping;
    } finally {
      this.inTurn = false;
      enterLoop(outer);
    }
  }

  /** @internal Prepares a run that stops when an awaitable is done. */
  protected prepareRun<T>(awaitable: Awaitable<T>): Completion<T> {
    this.#checkRunnable();
    const isNew = !(awaitable instanceof Future);
    const future = ensureFuture(awaitable, { loop: this });
    const stop = (): void => this.stop();
    future.addDoneCallback(stop);
    return {
      forgetError: () => {
        if (isNew) future.retrieved();
      },
      detach: () => void future.removeDoneCallback(stop),
      result: () => {
        if (!future.done()) throw new RuntimeError("Event loop stopped before Future completed.");
        return future.result();
      },
    };
  }

  /** @internal Marks the loop as running. Throws RuntimeError when it cannot run. */
  protected beginRun(run: Run): void {
    this.#checkRunnable();
    this.#run = run;
  }

  /** @internal Marks the loop as not running. Returns the run that ended. */
  protected endRun(): Run {
    const run = this.#run as Run;
    this.#run = null;
    this.#stopping = false;
    this.#midIteration = false;
    this.host.stop();
    return run;
  }

  #reportDeadlock(): void {
    if (this.#run !== null) this.endRun().reject(this.deadlock());
  }

  /** The error for a loop in which nothing can run any more. */
  protected deadlock(): DeadlockError {
    const tasks = this.pendingTasks();
    const named = tasks.slice(0, DEADLOCKED_NAMED).map((task) => `\n  ${task.toString()}`);
    const more = tasks.length > named.length ? `\n  and ${tasks.length - named.length} more` : "";
    return new DeadlockError(
      `Cannot go on: nothing is scheduled, and these tasks wait:${named.join("") || " none"}${more}`,
    );
  }
}

function checkCallable(callback: unknown, method: string): void {
  if (isCoroutine(callback) || isCoroutineFunction(callback))
    throw new TypeError(`coroutines cannot be used with ${method}()`);
  if (typeof callback !== "function")
    throw new TypeError(`a callable object was expected by ${method}(), got ${format(callback)}`);
}

/** Splits the arguments of a callback from the options behind them. */
function splitOptions(args: readonly unknown[]): [readonly unknown[], Context] {
  const last = args.at(-1) as Partial<CallOptions> | undefined | null;
  if (typeof last === "object" && last !== null && last.context instanceof Context && Object.keys(last).length === 1) {
    return [args.slice(0, -1), last.context];
  }
  return [args, copyContext()];
}
