// The event loop of a simulation: in virtual time, driven by its policy.
//
// It runs one program once, on a core that the next simulation takes over.

import { NONE } from "../../core/abi.ts";
import { giveBack, takeCore } from "../../core/core-pool.ts";
import { RuntimeError } from "../../errors/base.ts";
import { VirtualHost } from "../../hosts/virtual/clock.ts";
import { currentContext, enterContext } from "../../runtime/context.ts";
import { EventLoop } from "../../runtime/event-loop.ts";
import type { TimerHandle } from "../../runtime/handle.ts";
import type { Coroutine } from "../../runtime/suspension.ts";
import type { Task } from "../../runtime/task.ts";
import { forgetOrigin } from "../../support/origins.ts";
import { refusalOf } from "../outside/refusals.ts";
import { refusingCore } from "./refusing-core.ts";
import { ENDED, type RunOptions, SimulationPolicy, type SimulationSettings, type SimulationStatus } from "./policy.ts";

class SimulationHost extends VirtualHost {
  // Assigned in the constructor: else V8 makes an object of a derived class three times slower.
  declare readonly reports: string[];
  /** The first error that was reported. */
  declare failure: { readonly error: unknown } | null;

  constructor(seed: number) {
    super(seed);
    this.reports = [];
    this.failure = null;
  }

  override report(level: "error" | "warning" | "debug", text: string, error?: unknown): void {
    if (level === "debug") return;
    this.reports.push(text);
    if (level === "error") this.failure ??= { error: error ?? new RuntimeError(text) };
  }
}

const CORE_OPTIONS = { clockStands: true, wake: () => {} };

/** A loop for one run of one program. */
export class SimulationLoop extends EventLoop {
  /** @internal */
  static override readonly name: string = "SimulationLoop";
  // Not private to the engine, for the same reason.
  declare private readonly _host: SimulationHost;
  declare private readonly _policy: SimulationPolicy;
  declare private readonly _options: RunOptions;

  constructor(settings: SimulationSettings, options: RunOptions) {
    const host = new SimulationHost(settings.seed);
    super(host, takeCore(CORE_OPTIONS));
    this._host = host;
    this.arrivals.refusal = refusalOf(this);
    this._policy = new SimulationPolicy(this, host, settings, options);
    this._options = options;
    options.earlyTimers?.begin();
    if (options.debug === true) this.setDebug(true);
  }

  /** A delay may be late, as a sleep may. A time that `callAt` is given, such as a timeout's deadline, is not late. */
  override callLater(...args: Parameters<EventLoop["callLater"]>): TimerHandle {
    const handle = super.callLater(...args);
    this.core.simulation.mayBeLate(handle.id, handle.when());
    this._options.earlyTimers?.callbackArmed(this.currentTask, handle);
    return handle;
  }

  override callAt(...args: Parameters<EventLoop["callAt"]>): TimerHandle {
    const handle = super.callAt(...args);
    this._options.earlyTimers?.callbackArmed(this.currentTask, handle);
    return handle;
  }

  /** @internal */
  override nextTaskSerial(task: Task<unknown>): number {
    this._options.earlyTimers?.taskMade(this.currentTask);
    this._options.onTask?.(task);
    return super.nextTaskSerial(task);
  }

  /** @internal */
  override noteSuspension(): void {
    super.noteSuspension();
    const { earlyTimers = null } = this._options;
    if (earlyTimers === null || this.currentTask === null) return;
    if (this.core.simulation.isSleeping(this.currentTask.id)) earlyTimers.sleepBegins(this.currentTask);
  }

  /** Runs the program's coroutine to its end. Returns its task, and how that ended. */
  runProgram<T>(coroutine: Coroutine<T>): { task: Task<T>; status: SimulationStatus } {
    this.checkRunnable();
    const task = this.createTask(coroutine);
    forgetOrigin(task); // it is where the simulation was asked for
    const endOfProgram = (): void => this.stop();
    task.whenDone(endOfProgram, null);
    this.#runToEnd();
    return { task, status: this._policy.status };
  }

  /** Cancels the tasks that are left, and runs them to their end, as `run` does. Returns whether they came to it. */
  runLeftTasks(): boolean {
    const tasks = this.pendingTasks();
    if (tasks.length === 0) return true;
    this._policy.leaveAlone();
    let left = tasks.length;
    for (const task of tasks) {
      task.whenDone(() => {
        if (--left === 0) this.stop();
      }, null);
    }
    for (const task of tasks) task.cancel();
    this.#runToEnd();
    return left === 0;
  }

  /** @internal Leaves it whatever is in it: searches make many programs that never end. */
  protected override leaveCore(): void {
    const { core } = this;
    this.core = refusingCore(core);
    giveBack(core);
  }

  /** What comes until the next step is nobody's, in the context of the one before. */
  leaveTask(): void {
    enterContext(currentContext());
    this.currentSlot = NONE;
  }

  /** Has a function called after each step, from now on: meanwhile orders are fair. Returns what ends that. */
  watchSteps(watch: () => void): () => void {
    return this._policy.watch(() => {
      const slot = this.currentSlot;
      this.leaveTask();
      watch();
      this.currentSlot = slot;
    });
  }

  /** Whether somebody watches the steps. */
  get isWatched(): boolean {
    return this._policy.isWatched;
  }

  /** Whether the run was ended because the strategy wants no schedule twice, and this would be one. */
  get isRedundant(): boolean {
    return this._policy.isRedundant;
  }

  /** The errors and warnings that nobody else got. */
  get reports(): readonly string[] {
    return this._host.reports;
  }

  /** The first error that nobody else got, or null. */
  get failure(): { readonly error: unknown } | null {
    return this._host.failure;
  }

  /**
   * @internal A task's number in this simulation, from 1, whatever other loops have made: so reports are the same
   * wherever they are made.
   */
  override nextTaskNumber(): number {
    return this.taskCount + 1;
  }

  #runToEnd(): void {
    try {
      this.pump.runAtOnce(() => this._policy.moveClock(), this._policy);
    } catch (error) {
      if (error !== ENDED) throw error;
    }
  }
}
