// The modes of a sweep: which fault is injected at a point, when exactly, and which errors follow from it.

import { CancelledError, TimeoutError } from "../../errors/asyncio.ts";
import type { Coroutine } from "../../runtime/suspension.ts";
import type { Task } from "../../runtime/task.ts";
import { Timeout } from "../../tasks/timeout.ts";
import type { Intervention } from "../simulation/policy.ts";
import type { SimulationLoop } from "../simulation/simulation-loop.ts";
import { type FaultPoint, type Resumption, taskAt } from "./points.ts";

/**
 * A kind of fault. "cancel": the task of the point is cancelled there, by nobody in the program. "cancelTwice": and
 * once more where it waits next, in its clean-up. "timeout": a `timeout` around the whole program expires. "throw": the
 * task gets an error instead of what it waits for. "cancelWithCompletion": it is cancelled when what it waits for has
 * come already, before it goes on.
 */
export type SweepMode = "cancel" | "cancelTwice" | "timeout" | "throw" | "cancelWithCompletion";

/** All modes, in the order of their runs. */
export const MODES: readonly SweepMode[] = ["cancel", "cancelTwice", "timeout", "throw", "cancelWithCompletion"];

/**
 * Whether a mode has a fault for a point. What has not begun can only be cancelled, and there is no clean-up of its
 * own.
 */
export function applies(mode: SweepMode, { waits, mayFail, resumption }: FaultPoint): boolean {
  if (mode === "cancel") return true;
  if (!waits) return false;
  if (mode === "throw") return mayFail && resumption !== null && !resumption.cancelled;
  return mode !== "cancelWithCompletion" || resumption !== null;
}

/** A fault of one run. */
export abstract class Fault implements Intervention {
  abstract readonly after: number;
  /** The loop that it was injected into, or null. */
  loop: SimulationLoop | null = null;
  protected readonly point: FaultPoint;

  constructor(point: FaultPoint) {
    this.point = point;
  }

  intervene(loop: SimulationLoop): number {
    if (this.loop !== null) return this.again(loop);
    this.loop = loop;
    const task = taskAt(this.point, loop);
    loop.leaveTask(); // it comes from outside
    return this.inject(task);
  }

  /** The program's coroutine as it has to be for the fault. */
  enclose<T>(coroutine: Coroutine<T>): Coroutine<T> {
    return coroutine;
  }

  /** Whether an error is the fault itself. */
  abstract isFault(error: unknown): boolean;

  /** Injects it. Returns what `intervene` does. */
  protected abstract inject(task: Task<unknown>): number;

  protected again(_loop: SimulationLoop): number {
    return Infinity;
  }
}

class Cancel extends Fault {
  readonly after: number;

  constructor(point: FaultPoint, after: number) {
    super(point);
    this.after = after;
  }

  isFault(error: unknown): boolean {
    return error instanceof CancelledError;
  }

  protected inject(task: Task<unknown>): number {
    task.cancel();
    return Infinity;
  }
}

class CancelTwice extends Cancel {
  #task: Task<unknown> | null = null;

  protected override inject(task: Task<unknown>): number {
    this.#task = task;
    task.cancel();
    return 1;
  }

  /** Looks, entry by entry, whether the task has made a step: then it is the current one, still, or done. */
  protected override again(loop: SimulationLoop): number {
    const task = this.#task as Task<unknown>;
    if (loop.isWatched) return Infinity;
    if (loop.currentTask !== task && !task.isDone) return 1;
    loop.leaveTask();
    task.cancel(); // which does nothing when it is done
    return Infinity;
  }
}

class Expire extends Fault {
  readonly after: number;
  readonly #scope = new Timeout(null);

  constructor(point: FaultPoint) {
    super(point);
    this.after = point.after;
  }

  override *enclose<T>(coroutine: Coroutine<T>): Coroutine<T> {
    const scope = this.#scope.enter();
    try {
      return yield* coroutine;
    } catch (error) {
      throw scope.fail(error);
    } finally {
      scope.exit();
    }
  }

  isFault(error: unknown): boolean {
    return error instanceof TimeoutError || error instanceof CancelledError;
  }

  protected inject(): number {
    this.#scope.expireNow();
    return Infinity;
  }
}

class Throw extends Fault {
  readonly after: number;
  readonly #error: unknown;

  constructor(point: FaultPoint, error: unknown) {
    super(point);
    this.after = (point.resumption as Resumption).after;
    this.#error = error;
  }

  isFault(error: unknown): boolean {
    return error === this.#error;
  }

  protected inject(task: Task<unknown>): number {
    task.failWait(this.#error);
    return Infinity;
  }
}

/** The fault of a mode at a point that it applies to; `makeError` makes what "throw" throws. */
export function faultFor(mode: SweepMode, point: FaultPoint, makeError: () => unknown): Fault {
  switch (mode) {
    case "cancel":
      return new Cancel(point, point.after);
    case "cancelTwice":
      return new CancelTwice(point, point.after);
    case "timeout":
      return new Expire(point);
    case "throw":
      return new Throw(point, makeError());
    case "cancelWithCompletion":
      return new Cancel(point, (point.resumption as Resumption).after);
  }
}
