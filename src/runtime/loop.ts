// The loop as everything below it sees it: what futures, tasks, handles, joins and primitives ask of one, and which one
// runs now.
//
// An interface, so that none of them names the class: EventLoop stands on top of them all. Loop, Future, Task and
// Handle name each other, as they do in asyncio; nothing else in the runtime goes round in a circle.

import type { Core } from "../core/core.ts";
import type { Host } from "../drivers/clock.ts";
import type { CancelledError } from "../errors/asyncio.ts";
import { RuntimeError } from "../errors/base.ts";
import type { Delay } from "../support/delay.ts";
import { checkNames, checkOptions } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { captureDeeply } from "../support/stack.ts";
import type { Arrivals } from "./arrivals.ts";
import type { CallOptions } from "./callback.ts";
import { type ContextCarrier, contextsAreOf } from "./context.ts";
import type { Future } from "./future.ts";
import type { Handle, TimerHandle } from "./handle.ts";
import type { Coroutine } from "./suspension.ts";
import type { Task, TaskOptions } from "./task.ts";

/** What is known of an error. Mirrors the context of asyncio's exception handlers, with its keys in camelCase. */
export interface ExceptionContext {
  message?: string;
  exception?: unknown;
  future?: Future<unknown>;
  task?: Task<unknown>;
  handle?: Handle;
  /** Name of the task whose error nobody looked at, when the task itself was collected. */
  name?: string;
  /** Where the handle, future or task was made, in debug mode. */
  sourceTraceback?: string | undefined;
  [key: string]: unknown;
}

/** Who handles requests on a loop, and is told what happens there. */
export interface Service {
  /** A task was made, and has not begun; `carrier` has the values of its context. */
  taskMade(task: Task<unknown>, carrier: ContextCarrier): void;
  /** Takes an error that nobody else can get, in the context of what it belongs to. Returns whether it did. */
  takeReport(context: ExceptionContext): boolean;
  /** The loop was closed. */
  loopClosed(): void;
}

/**
 * A loop, as a future or a task knows it; EventLoop documents each. Mirrors what is always there of
 * asyncio.AbstractEventLoop.
 */
export interface Loop {
  callSoon<A extends unknown[]>(callback: (...args: A) => unknown, ...args: A): Handle;
  callSoon<A extends unknown[]>(callback: (...args: A) => unknown, ...args: [...A, CallOptions]): Handle;
  callSoonThreadsafe<A extends unknown[]>(callback: (...args: A) => unknown, ...args: A): Handle;
  callSoonThreadsafe<A extends unknown[]>(callback: (...args: A) => unknown, ...args: [...A, CallOptions]): Handle;
  callLater<A extends unknown[]>(delay: Delay, callback: (...args: A) => unknown, ...args: A): TimerHandle;
  callLater<A extends unknown[]>(
    delay: Delay,
    callback: (...args: A) => unknown,
    ...args: [...A, CallOptions]
  ): TimerHandle;
  callAt<A extends unknown[]>(when: number, callback: (...args: A) => unknown, ...args: A): TimerHandle;
  callAt<A extends unknown[]>(
    when: number,
    callback: (...args: A) => unknown,
    ...args: [...A, CallOptions]
  ): TimerHandle;
  createFuture<T = void>(): Future<T>;
  createTask<T>(coro: Coroutine<T>, options?: TaskOptions): Task<T>;
  time(): number;
  isRunning(): boolean;
  isClosed(): boolean;
  getDebug(): boolean;
  callExceptionHandler(context: ExceptionContext): void;
  getExceptionHandler(): unknown;

  /** @internal */
  readonly core: Core;
  /** @internal */
  readonly host: Host;
  /** @internal The entrance for the outside. */
  readonly arrivals: Arrivals;
  /** @internal Who handles requests on it, or null. */
  readonly service: Service | null;
  /** @internal Options of what belongs to it, and is made with no others: these need no look at their names. */
  readonly own: { readonly loop: Loop };
  /** @internal Whether a timer is pending that keeps the host alive; null: each does that. */
  timersKeepAlive: (() => boolean) | null;
  /**
   * @internal Slot of the task that is being stepped, or NONE. Not the task itself: to keep another one at each step
   * would have the engine's collector note it each time.
   */
  currentSlot: number;
  /** @internal The task that is being stepped, or null. */
  readonly currentTask: Task<unknown> | null;
  /** @internal What runs it: between its turns, what is done from `enter` to `leave` is as in one of them. */
  readonly pump: { enter(): Loop | null; leave(outside: Loop | null): void };
  /** @internal Whether it is running callbacks right now. */
  readonly inTurn: boolean;
  /** @internal Looks whether its steps are plain: it is debugged, or contexts of the host are kept, or not. */
  noteSteps(): void;
  /** @internal Throws RuntimeError when the loop is closed. */
  checkOpen(): void;
  /** @internal Number of a new task among the loop's tasks. */
  nextTaskSerial(task: Task<unknown>): number;
  /** @internal Number in the default name of a new task. */
  nextTaskNumber(): number;
  /** @internal The error for a future or task that was cancelled; in debug mode its stack tells by whom. */
  newCancelledError(message: string | undefined, cancelled: Future<unknown>): CancelledError;
  /** @internal Remembers where the current task is about to wait, in debug mode. */
  noteSuspension(): void;
  /** @internal Reports a failure later if nobody looks at it. Returns what withdraws that. */
  watchFailure(future: Future<unknown>, error: unknown): () => void;
  /**
   * @internal Reports what a program forgot to do with `object`, which is made here. `describe` says what that is, or
   * null when it is nothing, and must not keep the object. Returns what withdraws the report.
   */
  watchForgotten(object: object, describe: () => string | null): () => void;
}

let running: Loop | null = null;
/** Loops that were chosen and not taken back; the last one counts. */
let chosen: readonly Loop[] = [];

/** The loop whose turn it is, or null. Mirrors asyncio._get_running_loop. */
export function runningLoop(): Loop | null {
  return running;
}

/** The one chosen loop that a run goes on in, also between its turns; null for none, and for several. */
export function onlyLoop(): Loop | null {
  const [loop = null, ...others] = chosen.filter((each) => each.isRunning());
  return others.length === 0 ? loop : null;
}

/** The task that is being stepped, or null. */
export function runningTask(): Task<unknown> | null {
  return running === null ? null : running.currentTask;
}

/** The loop whose turn it is. Throws RuntimeError when none runs, as between its turns. */
export function requireRunningLoop(): Loop {
  if (running === null) throw new RuntimeError("no running event loop");
  return running;
}

/** The loop whose turn it is, else the one that was chosen. Throws RuntimeError when there is neither. */
export function requireLoop(): Loop {
  const loop = running ?? chosen.at(-1);
  if (loop === undefined) throw new RuntimeError("There is no current event loop");
  return loop;
}

/** Makes a loop the running one, and returns the one that was. */
export function enterLoop(loop: Loop | null): Loop | null {
  const outer = running;
  running = loop;
  contextsAreOf(loop);
  captureDeeply(loop?.getDebug() === true); // the stacks of a program in debug mode reach to where its tasks begin
  return outer;
}

/** Throws TypeError for what is no event loop: by what it can do, for the class stands on this file. Returns it. */
export function checkLoop<L extends Loop>(loop: L): L {
  if (typeof (loop as Partial<Loop> | null)?.getDebug === "function") return loop;
  throw new TypeError(`Invalid loop: expected an EventLoop, got ${format(loop)}`);
}

/** Options that the library makes, for a task that starts at once: these need no look at their names. */
export class OwnOptions {
  readonly loop: Loop;
  readonly name: string | undefined;
  readonly eagerStart = true;

  constructor(loop: Loop, name: string | undefined) {
    this.loop = loop;
    this.name = name;
  }
}

const LOOP = ["loop"];

/** The option `loop`, or null. Throws TypeError for options of other names, and for what is no loop. */
export function loopOption<L extends Loop>(options: { loop?: L }, names: readonly string[] = LOOP): L | null {
  const loop = checkOptions(options).loop ?? null;
  if (loop?.own === options || options instanceof OwnOptions) return loop;
  checkNames(options, names);
  return loop === null ? null : checkLoop(loop);
}

/** Chooses a loop for when none runs; null takes all choices back. */
export function chooseLoop(loop: Loop | null): void {
  chosen = loop === null ? [] : [...chosen.filter((other) => other !== loop), loop];
}

/** Takes the choice of a loop back: the one chosen before it counts again. */
export function unchooseLoop(loop: Loop): void {
  chosen = chosen.filter((other) => other !== loop);
}
