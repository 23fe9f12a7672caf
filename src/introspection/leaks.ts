// Leaks: what a program has left behind when it ended.
//
// Only tasks wait on lists, so a wait on a primitive is told with its task. What is called a waiter here has no task:
// callbacks of a future that is not done.

import type { EventLoop } from "../runtime/event-loop.ts";
import { formatSeconds } from "../support/delay.ts";
import { format, nameOf } from "../support/format.ts";
import { Future } from "../runtime/future.ts";
import { DoneCallback, TimerHandle } from "../runtime/handle.ts";
import { type Holding, type Ledger, currentLedger } from "../waiting/ledger.ts";
import { waiterIn } from "../core/core.ts";
import { Join } from "../runtime/join.ts";
import { originOf } from "../support/origins.ts";
import { Task } from "../runtime/task.ts";
import type { WaiterList } from "../waiting/waiter-list.ts";
import { describeWaits } from "./wait-texts.ts";
import { holdingsOn, labelOf, originLines, outstandingOf, waitsOf } from "./waits.ts";

/** Something that was left when a program ended. */
export interface Leak {
  /**
   * "task": a task that is not done, but the main one. "timer": a callback of `callLater` or `callAt` that is still to
   * come. "permit": a lock or a permit that somebody has. "waiter": a future that is not done and has callbacks, which
   * are no task's.
   */
  readonly kind: "task" | "timer" | "permit" | "waiter";
  /** What it is, in a sentence. */
  readonly description: string;
  /** Where it was made, or acquired, a line a frame, innermost first; empty outside debug mode. */
  readonly origin: readonly string[];
}

const NOTHING: readonly Leak[] = [];

/**
 * What is left in a loop whose program has ended: tasks in order of creation, timers by deadline, permits in order of
 * acquisition, waiters. A semaphore has leaked only what it has fewer than at its creation. Quick when nothing is left.
 * @param ledger what tasks hold; default: the ledger that is recorded now. Without one, permits are not known.
 */
export function leaksOf(loop: EventLoop, ledger: Ledger | null = currentLedger): readonly Leak[] {
  const isEmpty = loop.core.objects.every((object) => object === undefined || isPlainFuture(object));
  const inLoop = isEmpty ? NOTHING : [...taskLeaks(loop, ledger), ...timerLeaks(loop)];
  const permits = ledger === null ? NOTHING : permitLeaks(ledger);
  const waiters = isEmpty ? NOTHING : waiterLeaks(loop);
  return [...inLoop, ...permits, ...waiters];
}

function taskLeaks(loop: EventLoop, ledger: Ledger | null): Leak[] {
  const waits = waitsOf(loop, ledger).filter(({ task }) => task.id !== 0);
  const sentences = describeWaits(waits);
  return waits.map(({ origin }, index) => ({ kind: "task", description: sentences[index], origin }));
}

function timerLeaks({ core }: EventLoop): Leak[] {
  return core.objects
    .filter((object) => object instanceof TimerHandle)
    .sort((left, right) => left.when() - right.when())
    .map((timer) => ({
      kind: "timer",
      description: `${nameOf(timer.callback)}() at ${formatSeconds(timer.when())}`,
      origin: originLines(originOf(timer)),
    }));
}

function permitLeaks(ledger: Ledger): Leak[] {
  const leaks: Leak[] = [];
  for (const list of ledger.lists()) {
    if (list.operation === "Queue.join") continue; // a queue that nobody joins needs no taskDone
    const held = holdingsOn(list, ledger);
    const count = Math.min(held.length, outstandingOf(list.owner));
    for (const holding of held.slice(held.length - count)) leaks.push(permitLeak(list, holding));
  }
  return leaks;
}

function permitLeak(list: WaiterList, { task, origin }: Holding): Leak {
  const ended = task?.isDone === true ? ", which has ended" : "";
  const holder = task === null ? "from outside any task" : `by ${labelOf(task).text}${ended}`;
  return { kind: "permit", description: `${format(list.owner)} held ${holder}`, origin: originLines(origin?.origin()) };
}

function waiterLeaks({ core }: EventLoop): Leak[] {
  const leaks: Leak[] = [];
  for (const future of core.objects.filter(isPlainFuture)) {
    if (future.derivation !== undefined) continue; // it comes from others, which tell of themselves
    const names: string[] = [];
    for (let slot = core.firstWaiter(future.id); slot >= 0; slot = core.nextWaiter(slot)) {
      const waiter = waiterIn(core, slot);
      if ((waiter instanceof DoneCallback || waiter instanceof Join) && hasNoTask(waiter))
        names.push(`${nameOf(waiter.callback)}()`);
    }
    if (names.length > 0) leaks.push(waiterLeak(future, names));
  }
  return leaks;
}

function waiterLeak(future: Future<unknown>, names: readonly string[]): Leak {
  return {
    kind: "waiter",
    description: `${names.join(", ")} for a ${future.constructor.name} that is not done`,
    origin: originLines(originOf(future)),
  };
}

/** Whether no task waits by a callback. */
function hasNoTask({ waiter }: DoneCallback | Join): boolean {
  return waiter === null || waiter.isDone;
}

/** Whether an object of the core is a future that is no task: one that something waits for. */
function isPlainFuture(object: unknown): object is Future<unknown> {
  return object instanceof Future && !(object instanceof Task);
}
