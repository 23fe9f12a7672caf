// The policy of a simulation: how its loop is driven. It has a strategy choose wherever more than one thing could run
// next, records steps, intervenes between them, moves the clock, and ends a program that makes no headway.

import {
  BOUNDARY,
  CHOICE,
  ENTRY_SHIFT,
  NONE,
  ORDERS_ANY,
  ORDERS_FIXED,
  ORDERS_JAVASCRIPT,
  ORDERS_TIMERS,
  REDUNDANT,
} from "../../core/abi.ts";
import type { Core } from "../../core/core.ts";
import type { VirtualHost } from "../../hosts/virtual/clock.ts";
import type { Policy } from "../../runtime/pump.ts";
import type { EventLoop } from "../../runtime/event-loop.ts";
import type { Source } from "../../runtime/arrivals.ts";
import type { Handle } from "../../runtime/handle.ts";
import { Task } from "../../runtime/task.ts";
import { format } from "../../support/format.ts";
import type { Orders } from "../../trace/token.ts";
import type { ChoicePoint, Strategy } from "../strategies/strategy.ts";
import type { CoverageRecorder } from "./coverage.ts";
import type { Decisions } from "./decisions.ts";
import type { EarlyTimers } from "./early-timers.ts";
import { wakeNobody } from "./idle-wake-ups.ts";
import type { Recorder } from "./recorder.ts";

/** How a program ended, or why it was ended. */
export type SimulationStatus = "ok" | "error" | "deadlock" | "livelock" | "timeout";

/** What a simulation runs under. */
export interface SimulationSettings {
  /** Seed of the loop's random numbers. */
  readonly seed: number;
  readonly orders: Orders;
  /** Seconds by which what is ready may be late, against timers. */
  readonly window: number;
  /** How many percent of its length a delay may be late; above 0 there is no window. */
  readonly latePercent: number;
  /** Virtual time in seconds at which the program is ended. */
  readonly maxTime: number;
  /** Steps without the time moving after which the program is ended. */
  readonly maxSteps: number;
}

/** Does something to a program between two entries. */
export interface Intervention {
  /** Entries that run before it. */
  readonly after: number;
  /**
   * Called inside the loop's turn. Returns how many entries run before it is called again: at least 1, Infinity for
   * never again.
   */
  intervene(loop: EventLoop): number;
}

/** How a program is run under its settings. */
export interface RunOptions {
  /** Decides where there is a choice. Default: everything runs in asyncio's order. */
  readonly strategy?: Strategy | null;
  /** In the place of the settings'. */
  readonly latePercent?: number;
  /** Takes note of what was chosen. */
  readonly decisions?: Decisions | null;
  /** Takes note of which steps met, where a strategy decides. */
  readonly coverage?: CoverageRecorder | null;
  /** Takes note of each step. */
  readonly recorder?: Recorder | null;
  /** Whether to note where things are made and where tasks wait. Default: false. */
  readonly debug?: boolean;
  /** Takes note of the timers that come early, and of those that could. */
  readonly earlyTimers?: EarlyTimers | null;
  /** Called with each task when it is made: its first step, if it waits for its turn, is the last of what is ready. */
  readonly onTask?: ((task: Task<unknown>) => void) | null;
  /** Does something to the program on its way. */
  readonly intervention?: Intervention | null;
}

/** Thrown through the pump when the simulation ends the program. */
export const ENDED: unique symbol = Symbol("the simulation has ended the program");

/** What there is to choose from, in each of the orders. */
const AMONG: Readonly<Record<Orders, number>> = {
  any: ORDERS_ANY,
  asyncio: ORDERS_TIMERS,
  javascript: ORDERS_JAVASCRIPT,
};

/** A step that ran, and its follow-up. */
interface RecordedStep {
  readonly step: ReturnType<Recorder["begin"]>;
  readonly op: number;
}

/** Drives the loop of one simulation. */
export class SimulationPolicy implements Policy {
  status: SimulationStatus = "ok";
  /** Whether the run was ended because the strategy wants no schedule twice, and this would be one. */
  isRedundant = false;
  readonly run: ((entry: number) => number) | null;
  readonly #loop: EventLoop;
  readonly #core: Core;
  readonly #host: VirtualHost;
  readonly #settings: SimulationSettings;
  readonly #strategy: Strategy | null;
  readonly #decisions: Decisions | null;
  readonly #coverage: CoverageRecorder | null;
  readonly #recorder: Recorder | null;
  readonly #earlyTimers: EarlyTimers | null;
  readonly #intervention: Intervention | null;
  readonly #point: CoreChoicePoint;
  /** Number of entries after which the intervention is called. */
  #interveneAt: number;
  /** Number of entries after which the time has stood still for too long. */
  #limit: number;
  /** The step that ran last, until its follow-up is done. */
  #recorded: RecordedStep | null = null;
  /** Called after each entry, by those who wait for what one of them does. Made when there is one. */
  #watches: Set<() => void> | null = null;
  /** How often the first of what is ready was passed over, while somebody watches. */
  #passedOver = 0;

  constructor(loop: EventLoop, host: VirtualHost, settings: SimulationSettings, options: RunOptions) {
    const { core } = loop;
    const { strategy = null, decisions = null, coverage = null } = options;
    const { recorder = null, earlyTimers = null, intervention = null } = options;
    this.#loop = loop;
    this.#core = core;
    this.#host = host;
    this.#settings = settings;
    this.#strategy = strategy;
    this.#decisions = decisions;
    this.#coverage = coverage;
    this.#recorder = recorder;
    this.#earlyTimers = earlyTimers;
    this.#intervention = intervention;
    this.#point = new CoreChoicePoint(core);
    this.#interveneAt = intervention?.after ?? Infinity;
    this.#limit = settings.maxSteps;
    this.run = recorder === null ? null : (entry) => this.#record(recorder, entry);
    if (strategy === null) return;
    const among = AMONG[settings.orders];
    const lateness = (options.latePercent ?? settings.latePercent) / 100;
    const { seesAll = false, skipsRedundant = false } = strategy;
    const always = seesAll || coverage !== null;
    core.simulation.offerChoices(among, settings.window, lateness, always, skipsRedundant);
  }

  budget(): number {
    return this.#budgetAt(this.#core.simulation.decisionCount());
  }

  goOn(reason: number): boolean {
    if (this.#recorded !== null) this.#endStep();
    if (this.#watches !== null && reason !== CHOICE) for (const watch of this.#watches) watch();
    if (reason === CHOICE) {
      if (this.#choose()) this.#core.setBudget(this.budget()); // there is a new limit
      return true;
    }
    if (reason === REDUNDANT) {
      this.isRedundant = true;
      throw ENDED;
    }
    if (reason === BOUNDARY && this.#interveneAt === Infinity) return false;
    const count = this.#core.simulation.decisionCount();
    if (count >= this.#interveneAt) {
      // Also where nothing is ready: something may be then.
      this.#interveneAt = count + (this.#intervention as Intervention).intervene(this.#loop);
    } else if (reason === BOUNDARY) {
      return false;
    } else if (count >= this.#limit) {
      this.#end("livelock");
    }
    this.#core.setBudget(this.#budgetAt(count));
    return true;
  }

  /** Moves the clock to the earliest deadline. Ends the program when there is none, or when it is too late. */
  moveClock(): void {
    const deadline = this.#core.nextDeadline();
    if (deadline === Infinity) this.#end("deadlock");
    if (deadline > this.#settings.maxTime) this.#end("timeout");
    this.#jumpTo(deadline);
  }

  /** Whether somebody watches each entry: then orders are fair, and there are no faults. */
  get isWatched(): boolean {
    return this.#watches !== null && this.#watches.size > 0;
  }

  /** Has a function called after each entry, from now on. Returns what ends that. */
  watch(watch: () => void): () => void {
    const watches = (this.#watches ??= new Set());
    watches.add(watch);
    this.#passedOver = 0;
    this.#core.setBudget(0); // what is left of it was given when nobody watched
    return () => void watches.delete(watch);
  }

  /** From here on nothing is chosen, and nobody intervenes: the program is over. */
  leaveAlone(): void {
    this.#core.simulation.offerChoices(ORDERS_FIXED, 0, 0, false, false);
    this.#interveneAt = Infinity;
    this.#renewLimit();
  }

  #budgetAt(count: number): number {
    const left = Math.min(this.#limit, this.#interveneAt) - count;
    // To be recorded or watched, a step has to have its follow-up: then the core stops after each.
    return this.#recorder === null && !this.isWatched ? left : Math.min(left, 1);
  }

  #record(recorder: Recorder, entry: number): number {
    const step = recorder.begin(this.#loop, entry);
    const op = this.#loop.pump.runEntry(entry);
    this.#recorded = { step, op };
    return op;
  }

  #endStep(): void {
    const { step, op } = this.#recorded as RecordedStep;
    this.#recorded = null;
    (this.#recorder as Recorder).end(this.#loop, step, op);
  }

  #end(status: SimulationStatus): never {
    this.status = status;
    throw ENDED;
  }

  /** Moves the clock, if the time is later. Returns whether it has moved: what has a deadline now lets no time pass. */
  #jumpTo(time: number): boolean {
    if (time <= this.#host.now()) return false;
    this.#host.jumpTo(time);
    this.#renewLimit();
    return true;
  }

  #renewLimit(): void {
    this.#limit = this.#core.simulation.decisionCount() + this.#settings.maxSteps;
  }

  /** Has the strategy choose. Returns whether the time has moved. */
  #choose(): boolean {
    const { candidateAt, candidateCount } = this.#core.simulation;
    const point = this.#point;
    point.count = candidateCount();
    if (this.isWatched && this.#isFirstDue(point.count)) point.count = 1;
    const strategy = this.#strategy as Strategy;
    if (point.count === 1 && strategy.seesAll !== true) return this.#take(0);
    const choice = strategy.choose(point);
    // Here, for wasm would make a number of anything.
    if (!Number.isInteger(choice) || choice < 0 || choice >= point.count)
      throw new RangeError(`Invalid choice: expected a whole number below ${point.count}, got ${format(choice)}`);
    if (point.count > 1) this.#decisions?.note(choice, point.count);
    this.#recorder?.choose(this.#core.objects[candidateAt(choice) >> ENTRY_SHIFT] ?? null, choice, point.count);
    this.#earlyTimers?.note(this.#loop, choice, point.count);
    if (choice > 0 && this.#settings.orders === "any" && this.#decisions !== null) this.#decisions.overtook = true;
    return this.#take(choice);
  }

  /** Has a candidate run next. Returns whether the time has moved. */
  #take(choice: number): boolean {
    const { candidateAt, choose, readyAt } = this.#core.simulation;
    if (this.isWatched) this.#passedOver = candidateAt(choice) === readyAt(0) ? 0 : this.#passedOver + 1;
    this.#coverage?.choose(this.#core, candidateAt(choice), this.#loop.taskCount);
    return this.#jumpTo(choose(choice));
  }

  /**
   * Whether the first of what is ready, which is the oldest, was passed over as often as there are candidates. Since
   * each becomes the first one day, nobody is starved.
   */
  #isFirstDue(count: number): boolean {
    const { candidateAt, readyAt } = this.#core.simulation;
    return this.#passedOver >= count && candidateAt(0) === readyAt(0);
  }
}

/** Number of all wake-ups together, as one actor. */
const WAKE_UPS = -(2 ** 31);

class CoreChoicePoint implements ChoicePoint {
  count = 0;
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  actor(index: number): number {
    const entry = this.#core.simulation.candidateAt(index);
    if (entry === NONE) return WAKE_UPS;
    const object = this.#core.objects[entry >> ENTRY_SHIFT];
    return object instanceof Task ? object.serial : -1 - (object as Handle | Source).id;
  }

  idle(): number {
    const { candidateAt } = this.#core.simulation;
    for (let index = 0; index < this.count; index++)
      if (candidateAt(index) === NONE) return wakeNobody(this.#core) ? index : -1;
    return -1;
  }
}
