// The event loop of a simulation: virtual time, and a strategy that is asked wherever more than one thing could run next.
//
// It runs one program once, on a core that the next simulation takes over: making a core takes longer than most programs run.

import { BOUNDARY, BUDGET_SPENT, CHOICE, ENTRY_SHIFT, OP_NONE, ORDERS_ANY, ORDERS_TIMERS } from "../core/abi.ts";
import { check } from "../core/codes.ts";
import { type Core, createCore } from "../core/core.ts";
import { RuntimeError } from "../errors.ts";
import { VirtualHost } from "../hosts/virtual.ts";
import { EventLoop } from "../runtime/event-loop.ts";
import type { Handle } from "../runtime/handle.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { Task } from "../runtime/task.ts";
import type { Decisions } from "./decisions.ts";
import { refusePromise } from "./outside.ts";
import type { Recorder } from "./recorder.ts";
import type { ChoicePoint, Strategy } from "./strategies/strategy.ts";

/** How a program ended, or why it was ended. */
export type SimulationStatus = "ok" | "error" | "deadlock" | "livelock" | "timeout";

/** Which orders may be chosen: any of what is ready, or those that asyncio's own loop could take when timers are late. */
export type Orders = "any" | "asyncio";

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
  readonly debug: boolean;
}

/** Cores without a loop. */
const idleCores: Core[] = [];
const MOST_IDLE_CORES = 4;

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
  readonly #point: Point;
  readonly #jump = (): void => this.#moveClock();
  readonly #runReady: () => void;
  #status: SimulationStatus = "ok";
  #tasks = 0;

  /**
   * @param strategy decides where there is a choice; null: everything runs in asyncio's order
   * @param decisions takes note of what was chosen
   * @param recorder takes note of each step
   */
  constructor(
    settings: SimulationSettings,
    strategy: Strategy | null = null,
    decisions: Decisions | null = null,
    recorder: Recorder | null = null,
  ) {
    const host = new SimulationHost(settings.seed);
    const core = idleCores.pop() ?? createCore({ clockStands: true });
    super(host, core);
    this.#host = host;
    this.#settings = settings;
    this.#strategy = strategy;
    this.#decisions = decisions;
    this.#recorder = recorder;
    this.#point = new Point(core);
    this.#runReady = recorder === null ? () => this.#runEntries() : () => this.#recordEntries(recorder);
    if (settings.debug !== this.getDebug()) this.setDebug(settings.debug);
    if (strategy !== null) {
      const among = settings.orders === "any" ? ORDERS_ANY : ORDERS_TIMERS;
      core.simulation.offerChoices(among, settings.window, strategy.seesAll === true);
    }
  }

  /** Runs the program's coroutine to its end. Returns its task, and how that ended. */
  runProgram<T>(coroutine: Coroutine<T>): { task: Task<T>; status: SimulationStatus } {
    const task = this.createTask(coroutine);
    task.subscribe(() => this.stop(), null);
    this.#runToEnd();
    return { task, status: this.#status };
  }

  /** Cancels the tasks that are left, and runs them to their end, as `run` does. Returns whether they came to it. */
  runLeftTasks(): boolean {
    const tasks = this.pendingTasks();
    if (tasks.length === 0) return true;
    this.core.simulation.offerChoices(0, 0, false);
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

  /** The errors and warnings that nobody else got. */
  get reports(): readonly string[] {
    return this.#host.reports;
  }

  /** The first error that nobody else got, or null. */
  get failure(): { readonly error: unknown } | null {
    return this.#host.failure;
  }

  /** The digest of every decision so far, 16 hexadecimal digits. */
  digest(): string {
    const { digestHigh, digestLow } = this.core.simulation;
    return [digestHigh(), digestLow()].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }

  override close(): void {
    if (this.isClosed()) return;
    super.close();
    const { core } = this;
    this.core = closedCore ??= refusingCore(core);
    check(core.simulation.reset(true, 1));
    if (idleCores.length < MOST_IDLE_CORES) idleCores.push(core);
  }

  /** @internal The main task is Task-1 in each simulation, so that reports are the same wherever they are made. */
  override nextTaskNumber(): number {
    return ++this.#tasks;
  }

  /** @internal */
  override admitPromise(promise: PromiseLike<unknown>): void {
    refusePromise(this, promise);
  }

  #runToEnd(): void {
    try {
      this.driver.runAtOnce(this.#jump, this.#runReady);
    } catch (error) {
      if (error !== ENDED) throw error;
    }
  }

  #end(status: SimulationStatus): never {
    this.#status = status;
    throw ENDED;
  }

  #moveClock(): void {
    const deadline = this.core.nextDeadline();
    if (deadline === Infinity) this.#end("deadlock");
    if (deadline > this.#settings.maxTime) this.#end("timeout");
    this.#host.jumpTo(deadline);
  }

  #runEntries(): void {
    const { core } = this;
    const { next } = core;
    core.setBudget(this.#settings.maxSteps);
    let op = OP_NONE;
    for (;;) {
      const entry = next(op);
      if (entry >= 0) {
        op = this.driver.runEntry(entry);
        continue;
      }
      if (entry === BOUNDARY) return;
      if (entry === BUDGET_SPENT) this.#end("livelock");
      if (this.#choose()) core.setBudget(this.#settings.maxSteps);
      op = OP_NONE;
    }
  }

  /** As #runEntries, entry by entry. */
  #recordEntries(recorder: Recorder): void {
    const { core } = this;
    const { decisionCount } = core.simulation;
    let limit = decisionCount() + this.#settings.maxSteps;
    for (;;) {
      const mayRun = decisionCount() < limit;
      core.setBudget(mayRun ? 1 : 0);
      const entry = core.next(OP_NONE);
      if (entry === BOUNDARY) return;
      if (entry === BUDGET_SPENT) {
        if (!mayRun) this.#end("livelock");
      } else if (entry === CHOICE) {
        if (this.#choose()) limit = decisionCount() + this.#settings.maxSteps;
      } else {
        const step = recorder.begin(this, entry);
        const op = this.driver.runEntry(entry);
        const result = core.next(op);
        recorder.end(this, step, op);
        if (result === BOUNDARY) return;
      }
    }
  }

  /** Has the strategy choose. Returns whether the time has moved. */
  #choose(): boolean {
    const { candidateAt, candidateCount, choose } = this.core.simulation;
    const point = this.#point;
    point.count = candidateCount();
    const choice = (this.#strategy as Strategy).choose(point);
    if (point.count > 1) this.#decisions?.note(choice, point.count);
    this.#recorder?.choose(this.core.objects[candidateAt(choice) >> ENTRY_SHIFT] as object, choice, point.count);
    const time = choose(choice);
    if (Number.isNaN(time))
      throw new RangeError(`Invalid choice: expected a whole number below ${point.count}, got ${choice}`);
    if (time === -Infinity && choice > 0 && this.#decisions !== null) this.#decisions.overtook = true;
    if (time <= this.time()) return false;
    this.#host.jumpTo(time);
    return true;
  }
}

class Point implements ChoicePoint {
  count = 0;
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  actor(index: number): number {
    const object = this.#core.objects[this.#core.simulation.candidateAt(index) >> ENTRY_SHIFT];
    return object instanceof Task ? object.serial : -1 - (object as Handle).id;
  }
}

/** What a loop has in place of its core when that serves another simulation: what is left of the program is told that it is over. */
function refusingCore(core: Core): Core {
  const refuse = (): never => {
    throw new RuntimeError("Event loop is closed");
  };
  const refusing = <T extends object>(calls: T): T =>
    Object.fromEntries(Object.keys(calls).map((name) => [name, refuse])) as T;
  return {
    ...refusing(core),
    objects: [],
    simulation: refusing(core.simulation),
    inspection: refusing(core.inspection),
  };
}

let closedCore: Core | undefined;
