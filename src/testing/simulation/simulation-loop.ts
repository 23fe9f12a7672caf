// The event loop of a simulation: virtual time, and a strategy that is asked wherever more than one thing could run next.
//
// It runs one program once, on a core that the next simulation takes over.

import {
  BOUNDARY,
  BUDGET_SPENT,
  CHOICE,
  ENTRY_SHIFT,
  NONE,
  OP_NONE,
  ORDERS_ANY,
  ORDERS_FIXED,
  ORDERS_TIMERS,
  REDUNDANT,
} from "../../core/abi.ts";
import type { Core } from "../../core/core.ts";
import { RuntimeError } from "../../errors/base.ts";
import { VirtualHost } from "../../hosts/virtual/clock.ts";
import { EventLoop } from "../../runtime/event-loop.ts";
import { forgetOrigin } from "../../support/origins.ts";
import { format } from "../../support/format.ts";
import type { Handle } from "../../runtime/handle.ts";
import type { Coroutine } from "../../runtime/suspension.ts";
import { Task } from "../../runtime/task.ts";
import { giveBack, takeCore } from "./core-pool.ts";
import type { Decisions } from "./decisions.ts";
import type { Orders } from "../../trace/token.ts";
import { refusePromise } from "../outside/refusals.ts";
import type { Recorder } from "./recorder.ts";
import type { ChoicePoint, Strategy } from "../strategies/strategy.ts";

/** How a program ended, or why it was ended. */
export type SimulationStatus = "ok" | "error" | "deadlock" | "livelock" | "timeout";

/** What a simulation runs under. */
export interface SimulationSettings {
  /** Seed of the loop's random numbers. */
  readonly seed: number;
  readonly orders: Orders;
  /** Seconds by which what is ready may be late, against timers. */
  readonly window: number;
  /** Virtual time in seconds at which the program is ended. */
  readonly maxTime: number;
  /** Steps without the time moving after which the program is ended. */
  readonly maxSteps: number;
}

/** Does something to a program between two entries. */
export interface Intervention {
  /** Entries that run before it. */
  readonly after: number;
  /** Called inside the loop's turn. Returns how many entries run before it is called again: at least 1, Infinity for never again. */
  intervene(loop: SimulationLoop): number;
}

/** How a program is run under its settings. */
export interface RunOptions {
  /** Decides where there is a choice. Default: everything runs in asyncio's order. */
  readonly strategy?: Strategy | null;
  /** Takes note of what was chosen. */
  readonly decisions?: Decisions | null;
  /** Takes note of each step. */
  readonly recorder?: Recorder | null;
  /** Whether to note where things are made and where tasks wait. Default: false. */
  readonly debug?: boolean;
  /** Does something to the program on its way. */
  readonly intervention?: Intervention | null;
}

/** Thrown through the driver when the simulation ends the program. */
const ENDED = Symbol("the simulation has ended the program");

class SimulationHost extends VirtualHost {
  readonly reports: string[] = [];
  /** The first error that was reported. */
  failure: { readonly error: unknown } | null = null;

  override readonly report = (level: "error" | "warning" | "debug", text: string, error?: unknown): void => {
    if (level === "debug") return;
    this.reports.push(text);
    if (level === "error") this.failure ??= { error: error ?? new RuntimeError(text) };
  };
}

/** A loop for one run of one program. */
export class SimulationLoop extends EventLoop {
  /** @internal */
  static override readonly name: string = "SimulationLoop";
  readonly #host: SimulationHost;
  readonly #settings: SimulationSettings;
  readonly #strategy: Strategy | null;
  readonly #decisions: Decisions | null;
  readonly #recorder: Recorder | null;
  readonly #intervention: Intervention | null;
  /** Number of entries behind which the intervention is called. */
  #interveneAt: number;
  /** Number of entries behind which the time has stood still for too long. */
  #limit: number;
  readonly #point: Point;
  #status: SimulationStatus = "ok";
  /** Whether it was ended because the strategy wants no schedule twice, and this would be one. */
  isRedundant = false;

  constructor(
    settings: SimulationSettings,
    { strategy = null, decisions = null, recorder = null, debug = false, intervention = null }: RunOptions,
  ) {
    const host = new SimulationHost(settings.seed);
    const core = takeCore();
    super(host, core);
    this.#host = host;
    this.#settings = settings;
    this.#strategy = strategy;
    this.#decisions = decisions;
    this.#recorder = recorder;
    this.#intervention = intervention;
    this.#interveneAt = intervention?.after ?? Infinity;
    this.#limit = settings.maxSteps;
    this.#point = new Point(core);
    if (debug) this.setDebug(true);
    if (strategy !== null) {
      const among = settings.orders === "any" ? ORDERS_ANY : ORDERS_TIMERS;
      core.simulation.offerChoices(among, settings.window, strategy.seesAll === true, strategy.skipsRedundant === true);
    }
  }

  /** Runs the program's coroutine to its end. Returns its task, and how that ended. */
  runProgram<T>(coroutine: Coroutine<T>): { task: Task<T>; status: SimulationStatus } {
    this.checkRunnable();
    const task = this.createTask(coroutine);
    forgetOrigin(task); // it is where the simulation was asked for
    const endOfProgram = (): void => this.stop();
    task.subscribe(endOfProgram, null);
    this.#runToEnd();
    return { task, status: this.#status };
  }

  /** Cancels the tasks that are left, and runs them to their end, as `run` does. Returns whether they came to it. */
  runLeftTasks(): boolean {
    const tasks = this.pendingTasks();
    if (tasks.length === 0) return true;
    this.core.simulation.offerChoices(ORDERS_FIXED, 0, false, false);
    this.#interveneAt = Infinity;
    this.#renewLimit();
    let left = tasks.length;
    for (const task of tasks) {
      task.subscribe(() => {
        if (--left === 0) this.stop();
      }, null);
    }
    for (const task of tasks) task.cancel();
    this.#runToEnd();
    return left === 0;
  }

  override close(): void {
    if (this.isClosed()) return;
    super.close();
    this.core = giveBack(this.core);
  }

  /** The errors and warnings that nobody else got. */
  get reports(): readonly string[] {
    return this.#host.reports;
  }

  /** The first error that nobody else got, or null. */
  get failure(): { readonly error: unknown } | null {
    return this.#host.failure;
  }

  /** @internal A task's number in this simulation, from 1, whatever other loops have made: so reports are the same wherever they are made. */
  override nextTaskNumber(): number {
    return this.taskCount + 1;
  }

  /** @internal */
  override admitPromise(promise: PromiseLike<unknown>): void {
    refusePromise(this, promise);
  }

  #runToEnd(): void {
    try {
      this.driver.runAtOnce(
        () => this.#moveClock(),
        () => this.#runReady(),
      );
    } catch (error) {
      if (error !== ENDED) throw error;
    }
  }

  /** The rest of the run would be that of another one. */
  #endAsRedundant(): never {
    this.isRedundant = true;
    throw ENDED;
  }

  #end(status: SimulationStatus): never {
    this.#status = status;
    throw ENDED;
  }

  #moveClock(): void {
    const deadline = this.core.nextDeadline();
    if (deadline === Infinity) this.#end("deadlock");
    if (deadline > this.#settings.maxTime) this.#end("timeout");
    this.#jumpTo(deadline);
  }

  /** Moves the clock, if the time is later. Returns whether it has moved: what has a deadline now lets no time pass. */
  #jumpTo(time: number): boolean {
    if (time <= this.time()) return false;
    this.#host.jumpTo(time);
    this.#renewLimit();
    return true;
  }

  #renewLimit(): void {
    this.#limit = this.core.simulation.decisionCount() + this.#settings.maxSteps;
  }

  #runReady(): void {
    if (this.#recorder !== null) return this.#recordReady(this.#recorder);
    if (this.#interveneAt < Infinity) return this.#runReadyWith(this.#intervention as Intervention);
    const { core } = this;
    const { next } = core;
    const { decisionCount } = core.simulation;
    core.setBudget(this.#limit - decisionCount());
    let op = OP_NONE;
    for (;;) {
      const entry = next(op);
      if (entry >= 0) {
        op = this.driver.runEntry(entry);
        continue;
      }
      if (entry === BOUNDARY) return;
      if (entry === BUDGET_SPENT) this.#end("livelock");
      if (entry === REDUNDANT) this.#endAsRedundant();
      if (this.#choose()) core.setBudget(this.#limit - decisionCount());
      op = OP_NONE;
    }
  }

  /** As #runReady, with an intervention that is still to come. */
  #runReadyWith(intervention: Intervention): void {
    const { core } = this;
    const { next } = core;
    const { decisionCount } = core.simulation;
    core.setBudget(Math.min(this.#limit, this.#interveneAt) - decisionCount());
    let op = OP_NONE;
    for (;;) {
      const entry = next(op);
      if (entry >= 0) {
        op = this.driver.runEntry(entry);
        continue;
      }
      op = OP_NONE;
      const count = decisionCount();
      if (entry === CHOICE) {
        this.#choose();
      } else if (count >= this.#interveneAt) {
        this.#interveneAt = count + intervention.intervene(this); // also where nothing is ready: something may be then
      } else if (entry === BOUNDARY) {
        return;
      } else {
        this.#end("livelock");
      }
      core.setBudget(Math.min(this.#limit, this.#interveneAt) - count);
    }
  }

  /** As #runReady, entry by entry. */
  #recordReady(recorder: Recorder): void {
    const { core } = this;
    const { decisionCount } = core.simulation;
    for (;;) {
      const count = decisionCount();
      if (count >= this.#interveneAt) {
        this.#interveneAt = count + (this.#intervention as Intervention).intervene(this);
      }
      const mayRun = count < this.#limit;
      core.setBudget(mayRun ? 1 : 0);
      const entry = core.next(OP_NONE);
      if (entry === BOUNDARY) {
        if (decisionCount() < this.#interveneAt) return;
      } else if (entry === BUDGET_SPENT) {
        if (!mayRun) this.#end("livelock");
      } else if (entry === REDUNDANT) {
        this.#endAsRedundant();
      } else if (entry === CHOICE) {
        this.#choose();
      } else {
        const step = recorder.begin(this, entry);
        const op = this.driver.runEntry(entry);
        const result = core.next(op);
        recorder.end(this, step, op);
        if (result === BOUNDARY && decisionCount() < this.#interveneAt) return;
      }
    }
  }

  /** Has the strategy choose. Returns whether the time has moved. */
  #choose(): boolean {
    const { candidateAt, candidateCount, choose } = this.core.simulation;
    const point = this.#point;
    point.count = candidateCount();
    const choice = (this.#strategy as Strategy).choose(point);
    // Here, for wasm would make a number of anything.
    if (!Number.isInteger(choice) || choice < 0 || choice >= point.count)
      throw new RangeError(`Invalid choice: expected a whole number below ${point.count}, got ${format(choice)}`);
    if (point.count > 1) this.#decisions?.note(choice, point.count);
    this.#recorder?.choose(this.core.objects[candidateAt(choice) >> ENTRY_SHIFT] ?? null, choice, point.count);
    const time = choose(choice);
    if (choice > 0 && this.#settings.orders === "any" && this.#decisions !== null) this.#decisions.overtook = true;
    return this.#jumpTo(time);
  }
}

/** Number of all wake-ups together, as one actor. */
const WAKE_UPS = -(2 ** 31);

class Point implements ChoicePoint {
  count = 0;
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  actor(index: number): number {
    const entry = this.#core.simulation.candidateAt(index);
    if (entry === NONE) return WAKE_UPS;
    const object = this.#core.objects[entry >> ENTRY_SHIFT];
    return object instanceof Task ? object.serial : -1 - (object as Handle).id;
  }
}
