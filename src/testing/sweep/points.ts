// The points of a run: where a fault can be injected. A point is a place in time: a task has been created, or its step
// ended by waiting or giving way. Until its fault, another run is the same run; so a point is known by the number of
// entries before it.

import { ENTRY_SHIFT } from "../../core/abi.ts";
import { slotOf } from "../../core/core.ts";
import { RuntimeError } from "../../errors/base.ts";
import type { EventLoop } from "../../runtime/event-loop.ts";
import type { Future } from "../../runtime/future.ts";
import { getRunningLoop } from "../../runtime/running.ts";
import { Task } from "../../runtime/task.ts";
import type { LogStep } from "../../trace/log.ts";
import type { SimulationLoop } from "../simulation/simulation-loop.ts";

/** A point at which a task is suspended. */
export interface FaultPoint {
  /** Entries before it. */
  readonly after: number;
  /** Name of the task. */
  readonly task: string;
  /** Number of the task among the loop's tasks. */
  readonly serial: number;
  /** Slot of the task. */
  readonly slot: number;
  /** Whether the task waits; else it was created, and has not begun. */
  readonly waits: boolean;
  /** Whether what it waits for can fail: not the end of a task group. */
  readonly mayFail: boolean;
  /** How the task goes on in the undisturbed run; null when the program ends before. */
  resumption: Resumption | null;
}

/** How a task goes on after a point. */
export interface Resumption {
  /** Entries before it. */
  readonly after: number;
  /** Whether it goes on with a CancelledError. */
  readonly cancelled: boolean;
}

/** A point of a task that is suspended. */
interface LatestPoint {
  readonly point: FaultPoint;
  /** The future that the task awaits, or null. */
  readonly awaited: Future<unknown> | null;
}

/** A task that was made in the step that goes on. */
interface NewTask {
  readonly task: Task<unknown>;
  /** Whether its first step is to come: else it was made eagerly. */
  readonly isQueued: boolean;
}

/**
 * Finds the points of a run, step by step: `note` is for a recorder, `taskMade` for the loop. The main task's own
 * beginning is none: nothing has run there. There is none either while somebody waits for what comes when there are no
 * more faults.
 */
export class PointFinder {
  /** In order. */
  readonly points: FaultPoint[] = [];
  /** The latest point of each task that is suspended. */
  readonly #latest = new Map<Task<unknown>, LatestPoint>();
  /** The tasks that were made in the step that goes on. */
  readonly #made: NewTask[] = [];
  #mainIsDone = false;
  /** Whether the loop was watched before the step. */
  #wasWatched = false;

  /** A task is made. */
  readonly taskMade = (task: Task<unknown>): void => {
    const { readyAt, readyLength } = task.loop.core.simulation;
    this.#made.push({ task, isQueued: readyAt(readyLength() - 1) >> ENTRY_SHIFT === slotOf(task.id) });
  };

  /** A step of somebody is over. */
  readonly note = (step: LogStep, actor: object): void => {
    if (this.#mainIsDone) return; // what is left runs on until the end of the iteration, and is cancelled then
    const loop = getRunningLoop() as SimulationLoop;
    const after = loop.core.simulation.decisionCount();
    if (actor instanceof Task) this.#noteStep(actor, step, after);
    if (this.#mainIsDone) return;
    for (const { task, isQueued } of this.#made) if (task.serial > 0 && !task.isDone) this.#add(task, after, !isQueued);
    this.#made.length = 0;
    this.#wasWatched = loop.isWatched;
  };

  #noteStep(task: Task<unknown>, { begin }: LogStep, after: number): void {
    const latest = this.#latest.get(task);
    if (latest !== undefined && !this.#wasWatched) {
      const cancelled = begin === "throw" || latest.awaited?.isCancelled === true;
      latest.point.resumption = { after: after - 1, cancelled };
    }
    if (!task.isDone) {
      this.#add(task, after, true);
      return;
    }
    this.#latest.delete(task);
    if (task.serial === 0) this.#mainIsDone = true;
  }

  #add(task: Task<unknown>, after: number, waits: boolean): void {
    const { serial, loop, awaited } = task;
    if ((loop as SimulationLoop).isWatched) {
      this.#latest.delete(task);
      return;
    }
    const mayFail = awaited?.derivation?.operation !== "TaskGroup";
    const point = { after, task: task.getName(), serial, slot: slotOf(task.id), waits, mayFail, resumption: null };
    this.points.push(point);
    this.#latest.set(task, { point, awaited });
  }
}

/** The task of a point, in another run that has come to it. Throws RuntimeError when it is not there. */
export function taskAt(point: FaultPoint, loop: EventLoop): Task<unknown> {
  const task = loop.core.objects[point.slot];
  if (task instanceof Task && task.serial === point.serial) return task;
  throw new RuntimeError(
    `Cannot sweep: ${point.task} is not where it was when the program ran first; simulate it with verify`,
  );
}
