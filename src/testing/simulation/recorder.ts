// The recorder: makes the log of a simulation, step by step.

import {
  CALLBACK,
  DONE_CALLBACK,
  ENTRY_KIND,
  ENTRY_SHIFT,
  OP_FINISH,
  OP_YIELD,
  STEP,
  TIMER,
  WAIT_CANCELLED,
  WAKE,
} from "../../core/abi.ts";
import type { EventLoop } from "../../runtime/event-loop.ts";
import { nameOf } from "../../support/format.ts";
import type { Handle } from "../../runtime/handle.ts";
import { waiterIn } from "../../core/core.ts";
import type { Join } from "../../runtime/join.ts";
import { originOf } from "../../support/origins.ts";
import type { Capture } from "../../support/stack.ts";
import { Task } from "../../runtime/task.ts";
import type { LogActor, LogFrame, LogStep, SimulationLog } from "../../trace/log.ts";
import { describeWait, originLines } from "../../introspection/waits.ts";
import { Changes } from "./changes.ts";

/** What makes steps. */
type Actor = Task<unknown> | Handle | Join;

/** A step that is running. */
type OpenStep = { -readonly [K in keyof LogStep]: LogStep[K] } & { readonly object: object; ready: number };

/** What was chosen: null for the wake-ups. */
interface Chosen {
  readonly object: unknown;
  readonly choice: number;
  readonly candidates: number;
}

/** Takes note of who runs, in which order, and of what follows from it. */
export class Recorder {
  readonly #actors: LogActor[] = [];
  readonly #steps: LogStep[] = [];
  readonly #changes = new Changes();
  readonly #ids = new Map<object, number>();
  /** The step that was chosen at each point; -1 when what was chosen never ran. */
  readonly #points: number[] = [];
  /** What was chosen, and did not run yet. */
  #chosen: Chosen | null = null;
  /** What was chosen ahead of others, by who was: its step may come later, when only a timer of its was. */
  readonly #departures = new Map<unknown, Chosen>();
  /** Called with each step when it is over. */
  readonly #onStep: ((step: LogStep) => void) | null;

  constructor(onStep: ((step: LogStep) => void) | null = null) {
    this.#onStep = onStep;
  }

  /** The log until now. */
  log(loop: EventLoop): SimulationLog {
    const { primitives, all } = this.#changes;
    const shared = primitives.length === 0 ? {} : { primitives: [...primitives], changes: [...all] };
    return { actors: [...this.#actors], steps: [...this.#steps], ...shared, time: loop.time() };
  }

  /** Index of the step that was chosen at a point, or -1 when it never ran. */
  stepAtPoint(point: number): number {
    return this.#points[point] ?? -1;
  }

  /** A candidate was chosen: null for the wake-ups. What only passes wake-ups on may run before it. */
  choose(object: unknown, choice: number, candidates: number): void {
    this.#points.push(-1);
    this.#chosen = { object, choice, candidates };
    if (choice > 0) this.#departures.set(object, this.#chosen);
  }

  /** An entry is about to run. */
  begin(loop: EventLoop, entry: number): OpenStep {
    const { objects, simulation } = loop.core;
    const object = objects[entry >> ENTRY_SHIFT] as Actor;
    const kind = entry & ENTRY_KIND;
    const chosen = this.#chosen?.object === object ? this.#chosen : null;
    if (chosen !== null) {
      this.#points[this.#points.length - 1] = this.#steps.length;
      this.#chosen = null;
    }
    const { choice, candidates } = this.#departureOf(object) ?? chosen ?? { choice: 0, candidates: 1 };
    return {
      index: this.#steps.length,
      choice,
      candidates,
      time: loop.time(),
      iteration: simulation.iterationCount(),
      actor: this.#actorOf(object, kind, -1),
      begin: kind === STEP || kind === WAKE ? "resume" : kind <= WAIT_CANCELLED ? "throw" : "call",
      end: "called",
      waitsFor: "",
      woke: [],
      stack: [],
      object,
      ready: simulation.readyLength(),
    };
  }

  /** The entry ran, and its follow-up was done. */
  end(loop: EventLoop, { object, ready, ...step }: OpenStep, op: number): void {
    if (object instanceof Task) {
      step.end = endOf(loop, object, op);
      if (step.end === "wait" || step.end === "sleep") step.waitsFor = describeWait(object);
      if (object.suspension !== null) defineLater(step, "stack", framesOf(object.suspension));
    }
    step.woke = this.#woken(loop, ready, step.index);
    this.#changes.note(step.index, (task) => this.#ids.get(task));
    this.#steps.push(step);
    this.#onStep?.(step);
  }

  /** What a step was chosen for, or the wake-ups before it, when that departs from asyncio's order. */
  #departureOf(object: object): Chosen | undefined {
    if (this.#departures.size === 0) return undefined;
    for (const key of [object, null]) {
      const departure = this.#departures.get(key);
      if (this.#departures.delete(key)) return departure;
    }
    return undefined;
  }

  /** The actors of the entries behind the first `ready` of the ready queue. */
  #woken(loop: EventLoop, ready: number, index: number): number[] {
    const { simulation } = loop.core;
    const woken: number[] = [];
    for (let place = ready; place < simulation.readyLength(); place++) {
      const entry = simulation.readyAt(place);
      const kind = entry & ENTRY_KIND;
      if (kind !== STEP && kind !== CALLBACK && kind !== DONE_CALLBACK) continue; // those that the clock has woken
      const slot = entry >> ENTRY_SHIFT;
      const object = waiterIn(loop.core, slot);
      if (object !== undefined) woken.push(this.#actorOf(object as Actor, kind, index));
    }
    return woken;
  }

  #actorOf(object: Actor, kind: number, madeIn: number): number {
    const known = this.#ids.get(object);
    if (known !== undefined) return known;
    const id = this.#actors.length;
    this.#ids.set(object, id);
    const isTask = object instanceof Task;
    const actor: LogActor = {
      id,
      kind: isTask ? "task" : kind === TIMER ? "timer" : "callback",
      number: isTask ? object.serial : -1,
      name: isTask ? object.getName() : nameOf(object.callback),
      madeIn,
      origin: [],
    };
    defineLater(actor, "origin", () => originLines(originOf(object)));
    this.#actors.push(actor);
    return id;
  }
}

/** Defines a property whose value is made when somebody asks: to describe a place takes far longer than a step. */
function defineLater<T, K extends keyof T>(object: T, key: K, make: () => T[K]): void {
  let value: T[K] | undefined;
  const get = (): T[K] => (value ??= make());
  Object.defineProperty(object, key, { get, enumerable: true, configurable: true });
}

function framesOf(suspension: Capture): () => LogFrame[] {
  return () => suspension.frames().map(({ name, file, line, column }) => ({ name, file, line, column }));
}

function endOf(loop: EventLoop, task: Task<unknown>, op: number): LogStep["end"] {
  if (op === OP_YIELD) return "yield";
  if (op === OP_FINISH) return task.cancelled() ? "cancelled" : task.failed ? "throw" : "return";
  return Number.isNaN(loop.core.simulation.wakeTime(task.id)) ? "wait" : "sleep";
}
