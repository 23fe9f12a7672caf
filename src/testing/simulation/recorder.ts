// The recorder: makes the log of a simulation, step by step.
//
// Places are put into words when somebody asks, which takes far longer than a step: by accessors that all steps share,
// and that read the place off a property which nothing enumerates. Accessors of its own would make each a kilobyte.

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
import { Handle } from "../../runtime/handle.ts";
import { waiterIn } from "../../core/core.ts";
import type { Join } from "../../runtime/join.ts";
import { placeOf } from "../../support/origins.ts";
import type { Capture } from "../../support/stack.ts";
import { Task } from "../../runtime/task.ts";
import type { LogActor, LogStep, SimulationLog } from "../../trace/log.ts";
import { describeWait, originLines } from "../../introspection/waits.ts";
import { Changes } from "./changes.ts";

/** What makes steps. */
type Actor = Task<unknown> | Handle | Join;

const PLACE = Symbol("place");

interface Placed {
  readonly [PLACE]?: Capture;
}

type NewStep = { -readonly [K in Exclude<keyof LogStep, "stack">]: LogStep[K] } & { stack?: LogStep["stack"] } & Placed;

/** A step that is running. */
interface OpenStep {
  readonly step: NewStep;
  readonly object: Actor;
  /** Entries that were ready when it began. */
  readonly ready: number;
}

/** What was chosen: null for the wake-ups. */
interface Chosen {
  readonly object: object | null;
  readonly choice: number;
  readonly candidates: number;
}

/** Takes note of who runs, in which order, and of what follows from it. */
export class Recorder {
  readonly #actors: LogActor[] = [];
  readonly #steps: LogStep[] = [];
  /** When the task of each step is woken; NaN when it does not sleep. */
  readonly #wakeTimes: number[] = [];
  readonly #changes = new Changes();
  /** What is cancelled makes no step, and takes its number along. */
  readonly #ids = new WeakMap<object, number>();
  /** For each actor that was woken alone, what such steps have woken. */
  readonly #alone: (readonly number[])[] = [];
  /** The step that was chosen at each point; -1 when what was chosen never ran. */
  readonly #points: number[] = [];
  /** What was chosen, and did not run yet. */
  #chosen: Chosen | null = null;
  /** What was chosen ahead of others, by who was: its step may come later, when only a timer of its was, or never. */
  readonly #departures = new WeakMap<object, Chosen>();
  /** The same for the wake-ups: the step behind them counts. */
  #wakeUpsAhead: Chosen | null = null;
  /** Called with each step, and who has made it, when it is over. */
  readonly #onStep: ((step: LogStep, actor: object) => void) | null;

  constructor(onStep: ((step: LogStep, actor: object) => void) | null = null) {
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

  /** When the task that sleeps after a step is woken; NaN when it does not sleep, and when there is no such step. */
  wakeTimeAfter(step: number): number {
    return this.#wakeTimes[step] ?? NaN;
  }

  /** A candidate was chosen: null for the wake-ups. What only passes wake-ups on may run before it. */
  choose(object: object | null, choice: number, candidates: number): void {
    this.#points.push(-1);
    this.#chosen = { object, choice, candidates };
    if (choice === 0) return;
    if (object === null) this.#wakeUpsAhead = this.#chosen;
    else this.#departures.set(object, this.#chosen);
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
    const step: NewStep = {
      index: this.#steps.length,
      choice,
      candidates,
      time: loop.time(),
      iteration: simulation.iterationCount(),
      actor: this.#actorOf(object, kind, -1),
      begin: kind === STEP || kind === WAKE ? "resume" : kind <= WAIT_CANCELLED ? "throw" : "call",
      end: "called",
      waitsFor: "",
      woke: NOTHING,
    };
    return { step, object, ready: simulation.readyLength() };
  }

  /** The entry ran, and its follow-up was done. */
  end(loop: EventLoop, { step, object, ready }: OpenStep, op: number): void {
    let place: Capture | null = null;
    let wakeTime = NaN;
    if (object instanceof Task) {
      if (op !== OP_FINISH) wakeTime = loop.core.simulation.wakeTime(object.id);
      step.end = endOf(object, op, wakeTime);
      if (step.end === "wait" || step.end === "sleep") step.waitsFor = describeWait(object);
      place = object.suspension;
    }
    step.woke = this.#woken(loop, ready, step.index);
    this.#changes.note(step.index, (task) => this.#ids.get(task));
    if (op === OP_FINISH || object instanceof Handle) this.#ids.delete(object); // it makes no further step
    if (place === null) step.stack = NOTHING;
    else defineByPlace(step, "stack", STACK, place);
    this.#steps.push(step as LogStep);
    this.#wakeTimes.push(wakeTime);
    this.#onStep?.(step as LogStep, object);
  }

  /** What a step was chosen for, or the wake-ups before it, when that departs from asyncio's order. */
  #departureOf(object: object): Chosen | null {
    const own = this.#departures.get(object);
    const departure = own ?? this.#wakeUpsAhead;
    if (own === undefined) this.#wakeUpsAhead = null;
    else this.#departures.delete(object);
    return departure;
  }

  /** The actors of the entries behind the first `ready` of the ready queue. */
  #woken(loop: EventLoop, ready: number, index: number): readonly number[] {
    const { simulation } = loop.core;
    if (simulation.readyLength() <= ready) return NOTHING;
    const woken: number[] = [];
    for (let place = ready; place < simulation.readyLength(); place++) {
      const entry = simulation.readyAt(place);
      const kind = entry & ENTRY_KIND;
      if (kind !== STEP && kind !== CALLBACK && kind !== DONE_CALLBACK) continue; // those that the clock has woken
      const slot = entry >> ENTRY_SHIFT;
      const object = waiterIn(loop.core, slot);
      if (object !== undefined) woken.push(this.#actorOf(object as Actor, kind, index));
    }
    const only = woken[0];
    return woken.length === 1 ? (this.#alone[only] ??= [only]) : woken.slice(); // without room for more
  }

  #actorOf(object: Actor, kind: number, madeIn: number): number {
    const known = this.#ids.get(object);
    if (known !== undefined) return known;
    const id = this.#actors.length;
    this.#ids.set(object, id);
    const isTask = object instanceof Task;
    const actor = {
      id,
      kind: isTask ? "task" : kind === TIMER ? "timer" : "callback",
      number: isTask ? object.serial : -1,
      name: isTask ? object.getName() : nameOf(object.callback),
      madeIn,
    } as { -readonly [K in keyof LogActor]: LogActor[K] } & Placed;
    const place = placeOf(object);
    if (place === undefined) actor.origin = NOTHING;
    else defineByPlace(actor, "origin", ORIGIN, place);
    this.#actors.push(actor);
    return id;
  }
}

const NOTHING: readonly never[] = Object.freeze([]);

const STACK = byPlace((place) => place.frames().map(({ name, file, line, column }) => ({ name, file, line, column })));
const ORIGIN = byPlace((place) => originLines(place.origin()));

/** A property that is made of a place, once, when somebody asks. */
function byPlace<T>(make: (place: Capture) => readonly T[]): PropertyDescriptor {
  const made = new WeakMap<Capture, readonly T[]>();
  const get = function (this: Placed): readonly T[] {
    const place = this[PLACE];
    if (place === undefined) return NOTHING;
    let value = made.get(place);
    if (value === undefined) made.set(place, (value = make(place)));
    return value;
  };
  return { get, enumerable: true, configurable: true };
}

function defineByPlace(object: Placed, key: "stack" | "origin", property: PropertyDescriptor, place: Capture): void {
  Object.defineProperty(object, PLACE, { value: place });
  Object.defineProperty(object, key, property);
}

function endOf(task: Task<unknown>, op: number, wakeTime: number): LogStep["end"] {
  if (op === OP_YIELD) return "yield";
  if (op === OP_FINISH) return task.isCancelled ? "cancelled" : task.failed ? "throw" : "return";
  return Number.isNaN(wakeTime) ? "wait" : "sleep";
}
