// Who waits for what, and who holds it: read off the core, the tasks and the ledger of the simulation, as plain data.
//
// What settles a future is known where the library made it (gather, wait, shield, a task group) or a primitive of the
// program's own has declared it; what stands behind any other future, an event or a queue is in the program's code, and
// is not guessed at.

import { SLOT_MASK, STATE_AWAITING, STATE_SLEEPING, STATE_WAITING } from "../core/abi.ts";
import { formatSeconds } from "../support/delay.ts";
import { type Core, slotOf } from "../core/core.ts";
import { inspect } from "../core/inspection.ts";
import type { TaskName } from "../runtime/async-stack.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { format } from "../support/format.ts";
import type { Future } from "../runtime/future.ts";
import { type Holding, type Ledger, currentLedger } from "../waiting/ledger.ts";
import { originOf } from "../support/origins.ts";
import { Task } from "../runtime/task.ts";
import type { WaiterList } from "../waiting/waiter-list.ts";
import type { LogFrame } from "../trace/log.ts";

/** A task, as diagnoses call it. */
export interface TaskLabel {
  /** Its number among the loop's tasks, in order of creation: the main task is 0. */
  readonly id: number;
  /** "Task-3", or "Task-3 'worker'" when it was given a name. The number is the id and 1. */
  readonly text: string;
  /** Whether it has ended. */
  readonly done: boolean;
}

/** One of the things that a task waits for. */
export interface WaitTarget {
  readonly kind: "task" | "future" | "primitive";
  /** "Task-3 'worker'", "a Future", "<Lock [locked, waiters:1]>". */
  readonly text: string;
  /** The task; null when it is none. */
  readonly task: TaskLabel | null;
  /** Where it was made, a line a frame, innermost first; empty when that is not known. */
  readonly origin: readonly string[];
}

/** Who holds what a task waits for. */
export interface Holder {
  /** The task that acquired it; null when it was acquired outside tasks, or before the simulation. */
  readonly task: TaskLabel | null;
  /** Where it was acquired, as the origin of a target. */
  readonly origin: readonly string[];
}

/** A task that is not done, and what it waits for. */
export interface Wait {
  readonly task: TaskLabel;
  /** Where the task was made, a line a frame, innermost first; empty outside debug mode. */
  readonly origin: readonly string[];
  /** Where it waits, innermost first; empty outside debug mode. */
  readonly stack: readonly LogFrame[];
  /**
   * What it does: "Lock.acquire", "Queue.get", "gather", "sleep", "await" for a task or a future; "" when it does not
   * wait.
   */
  readonly operation: string;
  /** What it waits for: several things behind gather, wait and a task group; empty when it sleeps or does not wait. */
  readonly targets: readonly WaitTarget[];
  /**
   * Who holds the lock or permits that it waits for; for Queue.join, who took the items that are not done. In order.
   */
  readonly holders: readonly Holder[];
  /** Until when it sleeps, in seconds of the loop's time; null when it does not. */
  readonly deadline: number | null;
}

/**
 * What each task that is not done waits for, in order of creation.
 * @param ledger what tasks hold; default: the ledger that is recorded now. Without one, nobody is known to hold
 *   anything.
 */
export function waitsOf(loop: EventLoop, ledger: Ledger | null = currentLedger): Wait[] {
  const tasks = loop.pendingTasks();
  return tasks.length === 0 ? [] : new WaitReader(loop, tasks, ledger).read();
}

/**
 * What a task that has just begun to wait is waiting for, in a word or two, for logs: "until 1.5 s", "Task-3",
 * "gather", "Lock".
 */
export function describeWait(task: Task<unknown>): string {
  const deadline = task.loop.core.simulation.wakeTime(task.id);
  if (!Number.isNaN(deadline)) return `until ${formatSeconds(deadline)}`;
  const { awaited } = task;
  if (awaited instanceof Task) return labelOf(awaited).text;
  if (awaited !== null) return awaited.derivation?.operation ?? nameOfClass(awaited);
  const primitive = currentLedger?.latestPark?.owner ?? null;
  return primitive === null ? "" : nameOfClass(currentLedger?.wholeOf(primitive)?.primitive ?? primitive);
}

/** How diagnoses call a task. */
export function labelOf(task: Task<unknown>): TaskLabel {
  const { serial } = task;
  return { id: serial, text: labelText({ serial, name: task.getName() }), done: task.isDone };
}

/** The text of a label. */
export function labelText({ serial, name }: TaskName): string {
  const number = `Task-${serial + 1}`;
  return /^Task-\d+$/.test(name) ? number : `${number} ${format(name)}`;
}

/** The lines of where something was made. */
export function originLines(origin: string | undefined): string[] {
  return origin === undefined || origin === "" ? [] : origin.split("\n");
}

/** What is held of what tasks wait for on a list; nothing when that many permits are free as at the beginning. */
export function holdingsOn(list: WaiterList, ledger: Ledger): readonly Holding[] {
  return outstandingOf(list.owner) > 0 ? ledger.heldOf(list) : [];
}

/** Number of permits that are out. */
export function outstandingOf(primitive: object): number {
  return (primitive as { readonly outstanding?: number }).outstanding ?? 0;
}

/** What a list's waiters have in common. */
type ListWait = Pick<Wait, "operation" | "targets" | "holders">;

const READY: Pick<Wait, "operation" | "targets" | "holders" | "deadline"> = {
  operation: "",
  targets: [],
  holders: [],
  deadline: null,
};

/** Reads the waits of one loop at one moment. */
class WaitReader {
  readonly #tasks: readonly Task<unknown>[];
  readonly #core: Core;
  readonly #ledger: Ledger | null;
  readonly #states: ReadonlyMap<number, SlotState>;
  readonly #deadlines: ReadonlyMap<number, number>;
  readonly #declared: ReadonlyMap<Future<unknown>, readonly Future<unknown>[]>;
  readonly #lists = new Map<WaiterList, ListWait>();

  constructor(loop: EventLoop, tasks: readonly Task<unknown>[], ledger: Ledger | null) {
    this.#tasks = tasks;
    this.#core = loop.core;
    this.#ledger = ledger;
    this.#states = statesIn(loop.core);
    this.#deadlines = deadlinesIn(loop.core);
    this.#declared = declaredSources(tasks);
  }

  read(): Wait[] {
    return this.#tasks.map((task) => ({
      task: labelOf(task),
      origin: originLines(originOf(task)),
      stack: (task.stack ?? []).map(({ name, file, line, column }) => ({ name, file, line, column })),
      ...this.#waitOf(task),
    }));
  }

  #waitOf(task: Task<unknown>): Pick<Wait, "operation" | "targets" | "holders" | "deadline"> {
    const slot = slotOf(task.id);
    const { state, owner } = this.#states.get(slot) as SlotState;
    if (state === STATE_SLEEPING) return { ...READY, operation: "sleep", deadline: this.#deadlines.get(slot) ?? null };
    if (state === STATE_AWAITING && task.awaited !== null) return { ...READY, ...this.#awaitOf(task.awaited) };
    if (state === STATE_WAITING) return { ...READY, ...this.#waitOn(this.#core.objects[owner] as WaiterList) };
    return READY;
  }

  #awaitOf(awaited: Future<unknown>): ListWait {
    const operation = awaited.derivation?.operation ?? "await";
    return { operation, targets: this.#targetsOf([awaited]), holders: [] };
  }

  #waitOn(list: WaiterList): ListWait {
    const known = this.#lists.get(list);
    if (known !== undefined) return known;
    const wait = this.#readList(list);
    this.#lists.set(list, wait);
    return wait;
  }

  #readList(list: WaiterList): ListWait {
    const ledger = this.#ledger;
    const derivation = ledger?.derivationOf(list.owner);
    if (derivation !== undefined)
      return { operation: derivation.operation, targets: this.#targetsOf(derivation.sources), holders: [] };
    const whole = ledger?.wholeOf(list.owner);
    const primitive = whole?.primitive ?? list.owner;
    const target: WaitTarget = {
      kind: "primitive",
      text: format(primitive),
      task: null,
      origin: originLines(originOf(primitive) ?? originOf(list.owner)),
    };
    return { operation: whole?.operation ?? list.operation, targets: [target], holders: this.#holdersOf(list) };
  }

  #holdersOf(list: WaiterList): Holder[] {
    if (this.#ledger === null) return [];
    const held = holdingsOn(list, this.#ledger);
    if (held.length === 0 && list.operation === "Lock.acquire" && outstandingOf(list.owner) > 0)
      return [{ task: null, origin: [] }]; // held since before the simulation
    return held.map(({ task, origin }) => ({
      task: task === null ? null : labelOf(task),
      origin: originLines(origin?.origin()),
    }));
  }

  /**
   * What has to happen so that futures are done: the tasks, and the futures of which nothing more is known, behind
   * them.
   */
  #targetsOf(futures: Iterable<Future<unknown>>): WaitTarget[] {
    const targets: WaitTarget[] = [];
    const seen = new Set<Future<unknown>>();
    const left = [...futures].reverse();
    for (let future = left.pop(); future !== undefined; future = left.pop()) {
      if (seen.has(future) || future.isDone) continue;
      seen.add(future);
      const sources = future instanceof Task ? [] : this.#sourcesOf(future);
      if (sources.length > 0) left.push(...sources.reverse());
      else targets.push(targetOf(future));
    }
    return targets;
  }

  #sourcesOf(future: Future<unknown>): Future<unknown>[] {
    const derived = future.derivation?.sources ?? [];
    return [...derived, ...(this.#declared.get(future) ?? [])].filter((source) => !source.isDone);
  }
}

function targetOf(future: Future<unknown>): WaitTarget {
  const origin = originLines(originOf(future));
  if (!(future instanceof Task)) return { kind: "future", text: `a ${nameOfClass(future)}`, task: null, origin };
  const task = labelOf(future);
  return { kind: "task", text: task.text, task, origin };
}

/** The name of an object's class. */
export function nameOfClass(object: object): string {
  return (object.constructor as { readonly name?: string } | undefined)?.name ?? "object";
}

/** For futures that are no tasks: the tasks that are declared to be waited for by them. */
function declaredSources(tasks: readonly Task<unknown>[]): Map<Future<unknown>, Future<unknown>[]> {
  const sources = new Map<Future<unknown>, Future<unknown>[]>();
  for (const task of tasks) {
    for (const awaiter of task.awaiters()) {
      if (awaiter instanceof Task) continue;
      const known = sources.get(awaiter);
      if (known === undefined) sources.set(awaiter, [task]);
      else known.push(task);
    }
  }
  return sources;
}

interface SlotState {
  readonly state: number;
  /** Slot of what it waits on. */
  readonly owner: number;
}

/** State and owner of each slot in use. */
function statesIn(core: Core): Map<number, SlotState> {
  const states = new Map<number, SlotState>();
  let from = 0;
  for (;;) {
    const page = inspect(core).dumpSlots(from);
    if (page.length === 0) return states;
    for (let row = 0; row < page.length; row += 5) {
      const slot = page[row] & SLOT_MASK;
      states.set(slot, { state: page[row + 2], owner: page[row + 3] });
      from = slot + 1;
    }
  }
}

/** Deadline of each slot with a timer, in seconds. */
function deadlinesIn(core: Core): Map<number, number> {
  const deadlines = new Map<number, number>();
  let from = 0;
  for (;;) {
    const page = inspect(core).dumpTimers(from);
    if (page.length === 0) return deadlines;
    for (let row = 0; row < page.length; row += 2) deadlines.set(page[row + 1], page[row]);
    from += page.length / 2;
  }
}
