// The event loop: asyncio's loop over the core. What runs it, in the turns that the host gives, is the pump.
//
// Longer than most files, because asyncio's loop has this many methods; each is a few lines.

import { INSPECT } from "../support/shown.ts";
import { createHost } from "#host";
import { NONE } from "../core/abi.ts";
import { check } from "../core/codes.ts";
import type { Core } from "../core/core.ts";
import { giveBack, takeCore } from "../core/core-pool.ts";
import { CancelledError } from "../errors/asyncio.ts";
import { NotAvailableError, RuntimeError } from "../errors/base.ts";
import { Arrivals } from "./arrivals.ts";
import { AsyncIterators } from "./async-iterators.ts";
import { type CallArguments, type CallOptions, checkCallable, takeContext } from "./callback.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { Pump } from "./pump.ts";
import { ensureFuture } from "./ensure-future.ts";
import { ExternalFuture } from "./external-future.ts";
import { type ExceptionHandler, ExceptionReports, writeLog } from "./reports.ts";
import { format } from "../support/format.ts";
import { copyContext } from "./context.ts";
import { Future, innermostFuture, revealed } from "./future.ts";
import { NO_OPTIONS, checkNames, checkOptions } from "../support/checks.ts";
import { cancellationOf, noteOrigin } from "../support/origins.ts";
import { type Callback, Handle, TimerHandle } from "./handle.ts";
import type { Host } from "../drivers/clock.ts";
import type { HostSignals } from "../drivers/signals.ts";
import { currentHostContext, keepsHostContexts, runInHostContext, watchHostContexts } from "./host-context.ts";
import { framesOf, isStep } from "../support/engine-frames.ts";
import { CANCELLED_AT, rewriteStack } from "../support/error-stack.ts";
import { RandomStream } from "../support/random.ts";
import { type ExceptionContext, type Loop, type Service, runningLoop } from "./loop.ts";
import { captureOrigin, captureSuspension, withoutStack } from "../support/stack.ts";
import type { Awaitable } from "./awaitable.ts";
import { type Coroutine, isAsyncFunction } from "./suspension.ts";
import { TASK_OPTIONS, Task, type TaskOptions } from "./task.ts";

/** Makes the tasks of a loop: `createTask` calls it with the options that it was given. */
export type TaskFactory = <T>(loop: EventLoop, coro: Coroutine<T>, options: TaskOptions) => Task<T>;

const HOST_METHODS = ["now", "start", "wakeSoon", "wakeAt", "stop", "close", "report"] as const;

function checkHost(host: Host): Host {
  const missing = HOST_METHODS.find((name) => typeof (host as Partial<Host> | null)?.[name] !== "function");
  if (missing === undefined) return host;
  throw new TypeError(`Invalid host: expected an object with ${HOST_METHODS.join(", ")}, got ${format(host)}`);
}

function checkReport(context: ExceptionContext): void {
  if (typeof context !== "object" || context === null)
    throw new TypeError(`Invalid context: expected an object, got ${format(context)}`);
}

/** Tasks that got a default name. */
let namedTasks = 0;

/** The executor of a loop, as the loop's end knows it. */
export interface LoopExecutor {
  shutdown(): Coroutine<void>;
}

/** The awaitable that a run is for. */
interface Completion<T> {
  /** Leaves the awaitable alone again. */
  detach(): void;
  /** Its outcome. Throws RuntimeError when the run ended before. */
  result(): T;
}

/**
 * An event loop. Mirrors asyncio.EventLoop.
 *
 * Most programs never see one: `run` makes it and closes it. A loop is driven by its host, in turns; between its turns
 * other code of the program runs.
 */
export class EventLoop implements Loop {
  /** @internal */
  static readonly name: string = "EventLoop";
  /** Seconds from which on debug mode reports a callback or a task's step as slow. */
  slowCallbackDuration = 0.1;
  /** @internal */
  core: Core;
  /** @internal */
  readonly host: Host;
  /** @internal The entrance for the outside. */
  readonly arrivals: Arrivals;
  /** @internal Who handles requests on it, or null. */
  service: Service | null = null;
  /** @internal Its executor for what is given to none, or null: `wasyncio/executors` has it. */
  executor: LoopExecutor | null = null;
  /** @internal Options of what belongs to it, and is made with no others. */
  readonly own = { loop: this };
  /** @internal Whether a timer is pending that keeps the host alive; null: each does that. */
  timersKeepAlive: (() => boolean) | null = null;
  /** @internal */
  currentSlot: number = NONE;
  /** @internal What runs it. */
  readonly pump: Pump;
  readonly #reports: ExceptionReports;
  /** Made when the first one is iterated. */
  #asyncIterators: AsyncIterators | null = null;
  #closed = false;
  #debug: boolean;
  /** @internal Whether steps are only made: neither timed nor in a context of the host's. */
  hasPlainSteps = true;
  #taskFactory: TaskFactory | null = null;
  #taskSerial = 0;
  #seed: number | string | undefined;
  #randomStreams: Map<string, RandomStream> | null = null;

  /**
   * @param host what stands behind the loop; default: the host that the program runs on
   * @throws TypeError when it is no host
   */
  constructor(host: Host = createHost(), core?: Core) {
    this.host = host;
    if (core === undefined) {
      checkHost(host);
      watchHostContexts({ asked: false });
    } // else it is the library's own, which has seen to that
    this.arrivals = new Arrivals(this);
    this.core = core ?? takeCore({ clockStands: host.virtual === true, wake: () => this.arrivals.wake() });
    this.#debug = !["", "0"].includes(host.environment?.("WASYNCIO_DEBUG") ?? "");
    this.#reports = new ExceptionReports(this);
    this.pump = new Pump(this);
  }

  // ── Running ────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Runs until an awaitable is done, and settles with its outcome. Mirrors loop.run_until_complete.
   * @throws RuntimeError when the loop is stopped before, runs already, or is closed; and when the result is a future
   *   of the loop that is pending: nothing would settle it any more
   */
  async runUntilComplete<T>(awaitable: Awaitable<T>): Promise<T> {
    const completion = this.prepareRun(awaitable);
    try {
      await this.runForever();
    } finally {
      completion.detach();
    }
    return this.#settled(completion.result());
  }

  /**
   * Runs until `stop` is called. Mirrors loop.run_forever.
   * @throws RuntimeError when the loop runs already, or is closed
   */
  async runForever(): Promise<void> {
    this.checkRunnable();
    await this.pump.runInTurns();
  }

  /**
   * Ends the run at the end of the current iteration; without a run, lets the next one end after one iteration. Mirrors
   * loop.stop.
   */
  stop(): void {
    this.pump.stop();
  }

  /**
   * Discards what is scheduled, for good; does nothing when it is closed. Mirrors loop.close.
   * @throws RuntimeError while it runs
   */
  close(): void {
    if (this.isRunning()) throw new RuntimeError("Cannot close a running event loop");
    if (this.#closed) return;
    if (this.#debug) writeLog(this.host, "debug", `Close ${format(this)}`);
    this.#closed = true;
    this.#reports.close();
    this.service?.loopClosed();
    this.arrivals.close();
    this.core.objects.length = 0;
    this.currentSlot = NONE;
    this.host.close();
    if (!this.inTurn) this.leaveCore(); // else the run has failed in a turn that still goes on
  }

  /** Whether it runs: from the start of a run to its end, also between its turns. Mirrors loop.is_running. */
  isRunning(): boolean {
    return this.pump.isRunning;
  }

  /** Whether it was closed. Mirrors loop.is_closed. */
  isClosed(): boolean {
    return this.#closed;
  }

  /** Seconds on the loop's clock, which is what `callAt` counts in. Mirrors loop.time. */
  time(): number {
    return this.host.now();
  }

  /**
   * A stream of random numbers, the same one for the same name. On a virtual host the numbers follow from the seed and
   * the name alone, so that a draw from one stream never shifts another; on a real one they are new in each loop.
   * @param name name of the stream; default: ""
   */
  random(name = ""): RandomStream {
    const known = this.#randomStreams?.get(name);
    if (known !== undefined) return known;
    if (typeof name !== "string") throw new TypeError(`Invalid name: expected a string, got ${format(name)}`);
    this.#seed ??= this.host.seed?.() ?? 0;
    const stream = new RandomStream(this.#seed, name);
    this.#randomStreams = (this.#randomStreams ?? new Map()).set(name, stream);
    return stream;
  }

  // ── Callbacks ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Calls `callback(...args)` in the next iteration, behind what is ready. Mirrors loop.call_soon.
   * @param args what to call it with; options may follow, such as `{ context }`
   * @throws RuntimeError when the loop is closed
   */
  callSoon<A extends unknown[]>(callback: (...args: A) => unknown, ...args: A): Handle;
  callSoon<A extends unknown[]>(callback: (...args: A) => unknown, ...args: [...A, CallOptions]): Handle;
  callSoon<A extends unknown[]>(callback: (...args: A) => unknown, ...args: CallArguments<A>): Handle {
    this.checkOpen();
    if (this.#debug) this.#checkCallback(callback, "callSoon");
    return this.#queue(callback, args);
  }

  /**
   * As `callSoon`, to be called from outside the loop's turns: from a listener, a host timer, a promise. Mirrors
   * loop.call_soon_threadsafe.
   * @throws RuntimeError when the loop is closed
   */
  callSoonThreadsafe<A extends unknown[]>(callback: (...args: A) => unknown, ...args: A): Handle;
  callSoonThreadsafe<A extends unknown[]>(callback: (...args: A) => unknown, ...args: [...A, CallOptions]): Handle;
  callSoonThreadsafe<A extends unknown[]>(callback: (...args: A) => unknown, ...args: CallArguments<A>): Handle {
    this.checkOpen();
    if (this.#debug) checkCallable(callback, "callSoonThreadsafe");
    this.arrivals.admit("callSoonThreadsafe");
    return this.#queue(callback, args);
  }

  /**
   * Calls `callback(...args)` after a delay. Mirrors loop.call_later.
   * @param delay seconds, or a duration in parts; not positive: in the next iteration
   * @throws TypeError for what is not a delay
   * @throws RuntimeError when the loop is closed
   */
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

  /**
   * Calls `callback(...args)` at a time. Equal deadlines fire in the order of the calls. Mirrors loop.call_at.
   * @param when seconds of the loop's `time`
   * @throws TypeError when `when` is not a number, or NaN
   * @throws RuntimeError when the loop is closed
   */
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

  /**
   * Calls `callback(...args)` in the loop when the process gets a signal, in place of what the system does at it, and
   * of an earlier handler of the loop. Mirrors loop.add_signal_handler; signals have names here. As long as there is a
   * handler, the loop waits for its signal: while it runs, the process lives, and it is no deadlock. Closing the loop
   * removes its handlers. A handler for SIGINT takes over from `run`, which then no longer cancels its program at
   * Ctrl-C.
   *
   * Available on Node, outside of its worker threads, Deno and Bun.
   * @param signal the signal's name, as "SIGTERM"
   * @param callback a function, no coroutine function and no async one. Its error goes to the exception handler
   * @param args arguments for it; behind them there may be `{ context }`: what it is called in; default: a copy of the
   *   current context
   * @throws TypeError for what is no such function or no name; RangeError for a signal that the system does not have;
   *   RuntimeError for one that cannot be caught, such as SIGKILL, and when the loop is closed; NotAvailableError where
   *   there are no signals
   *
   * @example
   * const stop = new Event();
   * getRunningLoop().addSignalHandler("SIGTERM", () => stop.set());
   * yield* stop.wait();
   */
  addSignalHandler<A extends unknown[]>(signal: string, callback: (...args: A) => unknown, ...args: A): void;
  addSignalHandler<A extends unknown[]>(
    signal: string,
    callback: (...args: A) => unknown,
    ...args: [...A, CallOptions]
  ): void;
  addSignalHandler<A extends unknown[]>(
    signal: string,
    callback: (...args: A) => unknown,
    ...args: CallArguments<A>
  ): void {
    checkCallable(callback, "addSignalHandler");
    if (isAsyncFunction(callback)) throw new TypeError("async functions cannot be used with addSignalHandler()");
    const context = takeContext(args) ?? copyContext();
    this.checkOpen();
    // In the host's context that it is set in: whoever set the first one of the process would be seen otherwise.
    const carrier = { hostContext: currentHostContext() };
    const makeReady = (): Handle => new Handle(this, callback, args, context).begin(check(this.core.callSoon()));
    const ready = (): Handle => runInHostContext(carrier, makeReady, undefined);
    this.#signals("addSignalHandler").add(signal, ready, this.arrivals);
  }

  /**
   * Removes the handler of a signal: the system does at it what it did before, and `run` cancels its program at Ctrl-C
   * again. Mirrors loop.remove_signal_handler.
   * @param signal the signal's name, as "SIGTERM"
   * @returns false when the loop has no handler for it
   * @throws TypeError for what is no name; RangeError for a signal that the system does not have; NotAvailableError
   * where there are none
   */
  removeSignalHandler(signal: string): boolean {
    return this.#signals("removeSignalHandler").remove(signal);
  }

  #signals(method: string): HostSignals {
    const signals = this.host.signals?.() ?? "its host has no signals";
    if (typeof signals === "string") throw new NotAvailableError(method, signals);
    return signals;
  }

  #queue(callback: Callback, args: unknown[]): Handle {
    const context = takeContext(args);
    return new Handle(this, callback, args, context).begin(check(this.core.callSoon()));
  }

  #arm(when: number, callback: Callback, args: unknown[]): TimerHandle {
    const context = takeContext(args);
    return new TimerHandle(this, when, callback, args, context).begin(check(this.core.callAt(when)));
  }

  // ── Futures and tasks ──────────────────────────────────────────────────────────────────────────────────────────

  /** A new future of this loop. Mirrors loop.create_future. */
  createFuture<T = void>(): Future<T> {
    return new Future<T>(this.own);
  }

  /**
   * A new future of this loop that something outside of it is to settle: a listener, a callback of the host, another
   * loop. While it is pending, a loop that runs waits for the outside: its process lives, and it is no deadlock.
   * Settling it wakes the loop. So it has to be settled, or cancelled, whatever happens; what nobody settles is waited
   * for for ever. asyncio has no such thing: its loops wait for ever anyway.
   *
   * In virtual time, in simulations too, nothing is outside: there it is a future like others, and a deadlock when no
   * task settles it.
   *
   * @example
   * const clicked = getRunningLoop().createExternalFuture();
   * button.once("click", () => clicked.setResult());
   * yield* clicked;
   */
  createExternalFuture<T = void>(): Future<T> {
    return new ExternalFuture<T>(this);
  }

  /**
   * Runs a coroutine as a task. Mirrors loop.create_task.
   * @throws TypeError when `coro` is not a coroutine
   * @throws RuntimeError when the loop is closed
   */
  createTask<T>(coro: Coroutine<T>, options: TaskOptions = NO_OPTIONS): Task<T> {
    this.checkOpen();
    if (this.#taskFactory !== null) return this.#checkTask(this.#taskFactory(this, coro, checkOptions(options)));
    return new Task(coro, options === NO_OPTIONS ? this.own : { ...checkNames(options, TASK_OPTIONS), loop: this });
  }

  /**
   * A task factory may give any future of the loop: what is none could not be awaited or cancelled, and a group never
   * end.
   */
  #checkTask<T>(task: Task<T>): Task<T> {
    if (task instanceof Future && task.getLoop() === this) return task;
    throw new TypeError(`Cannot create task: expected a task of this loop from the task factory, got ${format(task)}`);
  }

  /**
   * Sets what `createTask` makes tasks with. Mirrors loop.set_task_factory.
   * @param factory called with the loop, the coroutine and the options, in which those of its own may be: these it has
   *   to take out before it makes a Task; null: the default
   * @throws TypeError for what is not a function
   */
  setTaskFactory(factory: TaskFactory | null): void {
    if (factory !== null && typeof factory !== "function")
      throw new TypeError("task factory must be a callable or null");
    this.#taskFactory = factory;
  }

  /** What `createTask` makes tasks with, or null for the default. Mirrors loop.get_task_factory. */
  getTaskFactory(): TaskFactory | null {
    return this.#taskFactory;
  }

  // ── Errors and debugging ───────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sets what is called for errors that nobody else can get. Mirrors loop.set_exception_handler.
   * @param handler called with the loop and the error's context; null: the default
   * @throws TypeError for what is not a function
   */
  setExceptionHandler(handler: ExceptionHandler | null): void {
    this.#reports.setHandler(handler);
  }

  /** The exception handler, or null for the default. Mirrors loop.get_exception_handler. */
  getExceptionHandler(): ExceptionHandler | null {
    return this.#reports.handler;
  }

  /**
   * Writes an error report to the host's log: what the loop does without an exception handler. Mirrors
   * loop.default_exception_handler.
   * @throws TypeError for what is no context
   */
  defaultExceptionHandler(context: ExceptionContext): void {
    checkReport(context);
    this.#reports.reportByDefault(context);
  }

  /**
   * Reports an error to the exception handler. Throws nothing that a handler throws. Mirrors
   * loop.call_exception_handler.
   * @throws TypeError for what is no context
   */
  callExceptionHandler(context: ExceptionContext): void {
    checkReport(context);
    revealed(context.future);
    revealed(context.task);
    this.#reports.report(context);
  }

  /** Whether the loop is in debug mode. Mirrors loop.get_debug. */
  getDebug(): boolean {
    return this.#debug;
  }

  /**
   * Switches debug mode: slow callbacks and steps are reported, callbacks are checked when they are scheduled, handles,
   * futures and tasks remember where they were made, and operations that are never awaited are reported. Mirrors
   * loop.set_debug.
   */
  setDebug(enabled: boolean): void {
    this.#debug = Boolean(enabled);
    this.noteSteps();
  }

  // ── Shutting down ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Closes the async iterators that `forEach` has not finished. Mirrors loop.shutdown_asyncgens. */
  shutdownAsyncgens(): Coroutine<void> {
    return this.asyncIterators.shutdown();
  }

  toString(): string {
    return `<${this.constructor.name} running=${this.isRunning()} closed=${this.#closed} debug=${this.#debug}>`;
  }

  /** Its text: JSON has no form for it. */
  toJSON(): string {
    return this.toString();
  }

  /** @internal */
  [INSPECT](): string {
    return this.toString();
  }

  // ── For the runtime ────────────────────────────────────────────────────────────────────────────────────────────

  /** @internal The task that is being stepped, or null. */
  get currentTask(): Task<unknown> | null {
    const slot = this.currentSlot;
    return slot === NONE ? null : (this.core.objects[slot] as Task<unknown>);
  }

  /** @internal */
  get asyncIterators(): AsyncIterators {
    return (this.#asyncIterators ??= new AsyncIterators(this));
  }

  /** @internal */
  get inTurn(): boolean {
    return this.pump.inTurn;
  }

  /** @internal Throws RuntimeError when the loop is closed. */
  checkOpen(): void {
    if (this.#closed) throw new RuntimeError("Event loop is closed");
  }

  /** @internal The run cannot go on: its host has failed. */
  failRun(error: unknown): void {
    this.pump.fail(error);
  }

  /** @internal Tasks that are not done, in order of creation. */
  pendingTasks(): Task<unknown>[] {
    const tasks = this.core.objects.filter(
      (object): object is Task<unknown> => object instanceof Task && !object.isDone,
    );
    return tasks.sort((left, right) => left.serial - right.serial);
  }

  /** @internal */
  nextTaskSerial(_task: Task<unknown>): number {
    return this.#taskSerial++;
  }

  /** @internal Tasks that were made. */
  get taskCount(): number {
    return this.#taskSerial;
  }

  /** @internal Number in the default name of a new task: loops share the count, as asyncio's do. */
  nextTaskNumber(): number {
    return ++namedTasks;
  }

  /** @internal The error for a future or task that was cancelled; in debug mode its stack tells by whom. */
  newCancelledError(message: string | undefined, cancelled: Future<unknown>): CancelledError {
    if (!this.#debug)
      return this.host.bareError?.(CancelledError, message) ?? withoutStack(() => new CancelledError(message));
    const made = new CancelledError(message);
    const inStep = framesOf(made).some(isStep); // else the loop makes it, to throw it into a task
    const error = inStep ? made : withoutStack(() => new CancelledError(message));
    rewriteStack(error, []);
    const origin = cancellationOf(cancelled);
    if (origin !== undefined) error.stack += `\n${CANCELLED_AT}\n    at ${origin.replaceAll("\n", "\n    at ")}`;
    return error;
  }

  /** @internal Where the program is, in debug mode. */
  captureOrigin(): string | undefined {
    return this.#debug ? captureOrigin() : undefined;
  }

  /** @internal Remembers where the current task is about to wait, in debug mode. */
  noteSuspension(): void {
    if (this.#debug && this.currentTask !== null) this.currentTask.suspension = captureSuspension();
  }

  /** @internal Looks whether its steps are plain: debug mode and contexts of the host make more of them. */
  noteSteps(): void {
    this.hasPlainSteps = !this.#debug && !keepsHostContexts();
  }

  /** @internal Reports a failure later if nobody looks at it. Returns what withdraws that. */
  watchFailure(future: Future<unknown>, error: unknown): () => void {
    return this.#reports.watchFailure(future, error);
  }

  /** @internal Reports what a program forgot to do with `object`: see `Loop`. */
  watchForgotten(object: object, describe: () => string | null): () => void {
    return this.#reports.watchForgotten(object, describe, noteOrigin(object));
  }

  /**
   * @internal Leaves the core to a loop to come, unless something is left in it: that must not reach the next loop's.
   * Who asks for the core of a loop that has left it gets a new one, in which nothing ever runs: a future of a closed
   * loop still takes callbacks.
   */
  protected leaveCore(): void {
    const { core } = this;
    if (core.usedSlots() > 0) return;
    Object.defineProperty(this, "core", {
      configurable: true,
      get: () => {
        const value = takeCore({ clockStands: false, wake: () => {} });
        Object.defineProperty(this, "core", { value, writable: true });
        return value;
      },
    });
    giveBack(core);
  }

  /** @internal Throws RuntimeError when it cannot run now. */
  protected checkRunnable(): void {
    this.checkOpen();
    if (this.isRunning()) throw new RuntimeError("This event loop is already running");
    if (runningLoop() !== null) throw new RuntimeError("Cannot run the event loop while another loop is running");
  }

  /**
   * A result, as a promise may be settled with it: promises unwrap futures, and one that is pending when its loop has
   * stopped would leave the promise pending for ever. Throws RuntimeError for that.
   */
  #settled<T>(value: T): T {
    const future = innermostFuture(value);
    if (future === null || future.isDone || future.getLoop() !== this) return value;
    throw new RuntimeError(`The result is a future that is still pending, was yield* forgotten? ${format(future)}`);
  }

  #checkCallback(callback: unknown, method: string): void {
    checkCallable(callback, method);
    if (this.isRunning() && !this.pump.inTurn) {
      throw new RuntimeError(
        "Non-thread-safe operation invoked on an event loop other than the current one: use callSoonThreadsafe outside its turns",
      );
    }
  }

  /** @internal Prepares a run that stops when an awaitable is done. */
  protected prepareRun<T>(awaitable: Awaitable<T>): Completion<T> {
    this.checkRunnable();
    const future = ensureFuture(awaitable, this.own);
    let isDetached = false;
    const stop = (): void => {
      if (!isDetached) this.stop();
    };
    future.whenDone(stop, null);
    return {
      detach: () => {
        isDetached = true; // what has become ready in the meantime must not stop the next run
        future.removeDoneCallback(stop);
      },
      result: () => {
        if (!future.done()) throw new RuntimeError("Event loop stopped before Future completed.");
        return future.result();
      },
    };
  }
}
