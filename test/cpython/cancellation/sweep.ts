// Cancels tasks at each point of their lives and writes down what they do. python/sweep.py is its twin, for CPython.
//
// A scenario is run once undisturbed, and then once for each point: a task, a moment, and how often it is cancelled.
// Moments are iterations, counted from before its first step or from a time, and right before and right after each call
// that completes what the tasks wait for. Whatever happens is in the trace; whatever must not happen, wherever the
// cancel comes, is an invariant.

import { type Coroutine, type Task } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { iteration } from "../../support/counters.ts";
import { messageOf } from "../../support/outcomes.ts";
import { clear, exhaust } from "../../support/stage.ts";

export type Scenario = (w: World) => void;

/** A group of scenarios that are cancelled at the same points. */
export interface Chapter {
  /** From where iterations are counted: "first" and "last" of the first iteration, or a time in seconds. */
  readonly starts: readonly string[];
  /** How many iterations are counted from there. */
  readonly laters: number;
  readonly scenarios: Readonly<Record<string, Scenario>>;
}

const TIMES = ["once", "twice", "again"] as const;

/** Where a task is cancelled. */
interface Point {
  readonly victim: string;
  /** One of a chapter's starts; "made": as soon as it is made; "before" or "after" a completing call. */
  readonly start: string;
  /** Iterations later, or the number of the completing call. */
  readonly later: number;
  /** Once; twice at once; again in the next iteration. */
  readonly times: (typeof TIMES)[number];
}

/** Something whose text tells who waits: a lock, a queue... */
interface Thing {
  toString(): string;
}

/** What a scenario has: tasks, helpers, calls that complete what the tasks wait for, and a log with iterations. */
export class World {
  readonly log: string[] = [];
  readonly tasks = new Map<string, Task<unknown>>();
  readonly helpers = new Map<string, Task<unknown>>();
  /** Completing calls. */
  calls = 0;
  /** How the cancelled task took it: the number of requests in the end, and whether each was accepted, "2tf". */
  cancels = "";
  readonly #loop: VirtualEventLoop;
  readonly #point: Point | null;
  /** The iteration before the first. */
  readonly #origin: number;
  /** What the calls of `cancel` returned. */
  readonly #returned: boolean[] = [];
  readonly #things: Thing[] = [];
  readonly #invariants: (readonly [name: string, holds: () => boolean])[] = [];
  #mayWait = (): boolean => false;

  constructor(loop: VirtualEventLoop, point: Point | null) {
    this.#loop = loop;
    this.#point = point;
    this.#origin = iteration(loop);
    loop.setExceptionHandler((_, { message = "" }) => {
      // What was never retrieved is reported when the garbage is collected.
      if (!message.includes("never retrieved")) this.note(`reported: ${message}`);
    });
  }

  note(label: string): void {
    this.log.push(`${label}@${iteration(this.#loop) - this.#origin}`);
  }

  /** Starts a task that the sweep may cancel. */
  start(name: string, coro: Coroutine<unknown>): void {
    this.tasks.set(name, this.#run(name, coro));
  }

  /** Starts a task that it does not. */
  help(name: string, coro: Coroutine<unknown>): void {
    this.helpers.set(name, this.#run(name, coro));
  }

  #run(name: string, coro: Coroutine<unknown>): Task<unknown> {
    const task = this.#loop.createTask(coro);
    task.addDoneCallback(() => this.note(`${name}:${outcomeOf(task)}`));
    return task;
  }

  /** Calls something some iterations later. */
  later(iterations: number, call: () => void): void {
    if (iterations > 0) this.#loop.callSoon(() => this.later(iterations - 1, call));
    else call();
  }

  /** Calls what completes a wait: tasks are cancelled right before it and right after it, too. */
  complete(call: () => void): void {
    const number = this.calls++;
    this.#reach("before", number);
    try {
      call();
    } catch (error) {
      this.note(describe(error));
    } finally {
      this.#reach("after", number);
    }
  }

  /** The same for what has to be awaited. */
  *completing<T>(coro: Coroutine<T>): Coroutine<T> {
    const number = this.calls++;
    this.#reach("before", number);
    try {
      return yield* coro;
    } finally {
      this.#reach("after", number);
    }
  }

  /** Adds to the log what something looks like at the end. When all is over, nobody may be left in it. */
  watch(thing: Thing): void {
    this.#things.push(thing);
  }

  /** Must hold at the end, before what is left is cleared away. */
  invariant(name: string, holds: () => boolean): void {
    this.#invariants.push([name, holds]);
  }

  /** Tasks may be left waiting if this holds at the end; never if this is not called. */
  mayWait(holds: () => boolean): void {
    this.#mayWait = holds;
  }

  /** Runs a scenario to its end, and checks that it left nothing behind. Returns its trace. */
  play(scenario: Scenario): string {
    this.#loop.createTask(this.#main(scenario));
    exhaust(this.#loop);
    const everybody = [...this.tasks, ...this.helpers];
    const left = everybody.flatMap(([name, task]) => (task.done() ? [] : [name]));
    const tail = left.length > 0 ? [`left:${left.join(",")}`] : [];
    const trace = [...this.log, ...tail, ...this.#things.map(look)].join(" ");
    if (this.#point !== null) {
      const task = this.tasks.get(this.#point.victim) as Task<unknown>;
      this.cancels = `${task.cancelling()}${this.#returned.map((accepted) => (accepted ? "t" : "f")).join("")}`;
    }
    if (left.length > 0 && !this.#mayWait()) throw new Error(`wait for ever: ${trace}`);
    for (const [name, holds] of this.#invariants) if (!holds()) throw new Error(`not so: ${name}: ${trace}`);
    clear(this.#loop);
    const forgotten = this.#things.map(String).filter((text) => /waiters:[1-9]|getters|putters/.test(text));
    if (forgotten.length > 0) throw new Error(`somebody is left in ${forgotten.join()}: ${trace}`);
    return trace;
  }

  *#main(scenario: Scenario): Coroutine<void> {
    const { start, later } = this.#point ?? { start: null, later: 0 };
    const strikeLater = () => this.later(later, () => this.#strike());
    if (start === "first") this.#loop.callSoon(strikeLater);
    scenario(this);
    if (start === "made") this.#strike();
    else if (start === "last") this.#loop.callSoon(strikeLater);
    else if (Number(start) > 0) this.#loop.callAt(this.#loop.time() + Number(start), strikeLater);
  }

  #reach(start: "before" | "after", number: number): void {
    if (this.#point?.start === start && this.#point.later === number) this.#strike();
  }

  #strike(): void {
    this.#cancel("c1");
    if (this.#point?.times === "twice") this.#cancel("c2");
    if (this.#point?.times === "again") this.#loop.callSoon(() => this.#cancel("c2"));
  }

  #cancel(message: string): void {
    const task = this.tasks.get((this.#point as Point).victim) as Task<unknown>;
    this.#returned.push(task.cancel(message));
  }
}

/** What it says of itself, without its class: "<[unlocked, waiters:1]>". */
function look(thing: Thing): string {
  return String(thing).replace(/^<\w+ /, "<");
}

/** An error as Python would show it. */
export function describe(error: unknown): string {
  const { name } = error as Error;
  const isGroup = error instanceof AggregateError;
  const members = isGroup ? `[${error.errors.map(describe).join(", ")}]` : messageOf(error as Error);
  return `${name}(${members})`;
}

function outcomeOf(task: Task<unknown>): string {
  try {
    return json(task.result());
  } catch (error) {
    return describe(error);
  }
}

/** As Python's json writes it. */
function json(value: unknown): string {
  if (value === undefined) return "null";
  return Array.isArray(value) ? `[${value.map(json).join(", ")}]` : JSON.stringify(value);
}

/**
 * What came of a scenario, and where it was cancelled: "a first again 1tf 012": task a, in three iterations after its
 * first, again in the next; `cancelling` was 1 in the end, the first `cancel` was accepted, the second not.
 */
export type Table = Record<string, string>;

/** Cancels at all points. */
export function sweep(scenario: Scenario, { starts, laters }: Chapter): Table {
  const loop = new VirtualEventLoop(); // one for all: making it costs more than a program
  const undisturbed = new World(loop, null);
  const found = new Map([[undisturbed.play(scenario), new Map([["never", ""]])]]);
  for (const point of points(starts, laters, undisturbed)) {
    const world = new World(loop, point);
    const trace = playAt(point, world, scenario);
    const names = found.get(trace) ?? new Map<string, string>();
    found.set(trace, names);
    const name = `${point.victim} ${point.start} ${point.times} ${world.cancels} `;
    names.set(name, `${names.get(name) ?? ""}${point.later}`);
  }
  return Object.fromEntries(
    [...found].map(([trace, names]) => [trace, [...names].map((name) => name.join("")).join(", ")]),
  );
}

function playAt(point: Point, world: World, scenario: Scenario): string {
  try {
    return world.play(scenario);
  } catch (error) {
    throw new Error(`cancelled at ${JSON.stringify(point)}`, { cause: error });
  }
}

function* points(starts: readonly string[], laters: number, { tasks, calls }: World): Iterable<Point> {
  const moments = [
    ...starts.map((start) => [start, laters]),
    ["made", 1],
    ["before", calls],
    ["after", calls],
  ] as const;
  for (const victim of tasks.keys()) {
    for (const [start, count] of moments as readonly (readonly [string, number])[]) {
      for (const times of TIMES) {
        for (let later = 0; later < count; later++) yield { victim, start, times, later };
      }
    }
  }
}
