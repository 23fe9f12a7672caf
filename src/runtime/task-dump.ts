// What a loop's tasks do at one moment: what each waits for, who holds that, and in debug mode where. Deadlocks are
// told by it, too.
//
// All of it is read off what is there anyway, so that nothing is recorded for it while a program runs. In a simulation
// more is known, by the ledger: src/introspection/waits.ts.

import { Shown } from "../support/shown.ts";
import { formatSeconds } from "../support/delay.ts";
import { STATE_READY, STATE_RUNNING, STATE_SLEEPING, STATE_WAITING } from "../core/abi.ts";
import { type Core, slotOf } from "../core/core.ts";
import { eachSlot } from "../core/dumps.ts";
import { format } from "../support/format.ts";
import { originOf } from "../support/origins.ts";
import { awaitingFrames } from "./async-stack.ts";
import type { Future } from "./future.ts";
import { Task } from "./task.ts";

/** What a task does. */
export interface TaskReport {
  readonly name: string;
  /** "running": it is being stepped. "ready": its next step is to come. "waiting": for others. "sleeping": for time. */
  readonly state: "running" | "ready" | "waiting" | "sleeping";
  /** Whether it was asked to stop. */
  readonly cancelling: boolean;
  /** What it waits in: "Lock.acquire", "gather", "await" for a task or a future; "" when it does not wait. */
  readonly operation: string;
  /** What it waits for: "<Lock [locked, waiters:1]>", "task 'load', a Future", of many the first; or "". */
  readonly waitsFor: string;
  /** The name of the task that holds the lock that it waits for; null when nobody does, or that is not known. */
  readonly heldBy: string | null;
  /** Until when it sleeps, in seconds of the loop's time; null when it does not. */
  readonly until: number | null;
  /** Where it was made, "name (file:line:column)"; null outside debug mode. */
  readonly madeAt: string | null;
  /** Where it waits, as `madeAt`. */
  readonly suspendedAt: string | null;
  /** Where it waits, and who awaits it, a line a frame, innermost first; empty outside debug mode. */
  readonly stack: readonly string[];
}

/** The tasks of a loop at one moment, in order of creation; `String(dump)` has a line for each. */
export class TaskDump extends Shown {
  /** @internal */
  static override readonly name: string = "TaskDump";
  readonly tasks: readonly TaskReport[];

  /** @internal */
  constructor(tasks: readonly TaskReport[]) {
    super();
    this.tasks = tasks;
  }

  override toString(): string {
    return this.tasks.map(describe).join("\n");
  }
}

/** A waiter list, as a dump sees it. */
interface List {
  readonly operation: string;
  readonly owner: object & { readonly holder?: Task<unknown> | null };
}

/** Of what a task waits for, so many are told. */
const NAMED = 5;

/**
 * Reads what tasks of a loop do, which has this core.
 * @param deadlines those of the slots that sleep; default: not told
 */
export function readTasks(
  core: Core,
  tasks: readonly Task<unknown>[],
  deadlines?: ReadonlyMap<number, number>,
): TaskDump {
  const states: number[] = [];
  const owners: number[] = [];
  eachSlot(core, (slot, state, owner) => {
    states[slot] = state;
    owners[slot] = owner;
  });
  const texts = new Map<object, string>(); // thousands may wait for the same
  const report = (task: Task<unknown>): TaskReport => {
    const slot = slotOf(task.id);
    const { awaited } = task;
    let state: TaskReport["state"] = "waiting";
    let operation = "";
    let waitsFor = "";
    let holder: Task<unknown> | null | undefined;
    if (states[slot] === STATE_READY) state = "ready";
    else if (states[slot] === STATE_RUNNING) state = "running";
    else if (states[slot] === STATE_SLEEPING) state = "sleeping";
    else if (states[slot] === STATE_WAITING) {
      const list = core.objects[owners[slot]] as List;
      const { owner } = list;
      if (!texts.has(owner)) texts.set(owner, format(owner));
      operation = list.operation;
      waitsFor = texts.get(owner) as string;
      holder = owner.holder;
    } else if (awaited !== null) {
      operation = awaited.derivation?.operation ?? "await";
      waitsFor = labelsOf(awaited.derivation?.sources ?? [awaited]);
    }
    return {
      name: task.getName(),
      state,
      cancelling: task.cancelling() > 0,
      operation,
      waitsFor,
      heldBy: holder?.getName() ?? null,
      until: deadlines?.get(slot) ?? null,
      madeAt: firstLine(originOf(task)),
      suspendedAt: firstLine(task.suspension?.origin()),
      stack: task.suspension === null ? [] : awaitingFrames(task).map(({ text }) => text),
    };
  };
  return new TaskDump(tasks.map(report));
}

function labelsOf(sources: Iterable<Future<unknown>>): string {
  const pending = [...sources].filter((source) => !source.isDone);
  const labels = pending
    .slice(0, NAMED)
    .map((source) => (source instanceof Task ? `task ${format(source.getName())}` : `a ${source.constructor.name}`));
  if (pending.length > NAMED) labels.push(`${pending.length - NAMED} more`);
  return labels.join(", ");
}

function firstLine(text: string | undefined): string | null {
  return text?.split("\n", 1)[0] || null;
}

/** "Task 'a' (made at f (app.ts:3:5)) is waiting for <Event [unset, waiters:1]> in Event.wait at g (app.ts:9:3)". */
function describe({
  name,
  state,
  cancelling,
  operation,
  waitsFor,
  heldBy,
  until,
  madeAt,
  suspendedAt,
}: TaskReport): string {
  return [
    `Task ${format(name)}`,
    madeAt && ` (made at ${madeAt})`,
    ` is ${state}`,
    waitsFor && ` for ${waitsFor}`,
    until !== null && ` until ${formatSeconds(until)}`,
    operation && operation !== "await" && ` in ${operation}`,
    suspendedAt && ` at ${suspendedAt}`,
    heldBy !== null && `, held by ${heldBy === name ? "itself" : `task ${format(heldBy)}`}`,
    cancelling && ", and is to stop",
  ]
    .filter(Boolean)
    .join("");
}
