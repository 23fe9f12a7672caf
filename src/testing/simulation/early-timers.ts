// Timers that come early: before something that was due before them, which is late then.
//
// Asyncio's own order tells which timers could, if what is due before them were ever so late. Of these a search crosses
// out the ones that do, in one of its runs: the others have always kept their place, whatever it has tried.
//
// A timer is known by what is the same in other orders: a sleep by its task and the sleeps that this one has made
// before, a callback by who armed it and the calls of that name before. A task is known by who made it, and by how many
// that one had made before.

import { ENTRY_SHIFT } from "../../core/abi.ts";
import { originLines } from "../../introspection/waits.ts";
import { frameOf } from "../../introspection/places.ts";
import type { EventLoop } from "../../runtime/event-loop.ts";
import type { Handle } from "../../runtime/handle.ts";
import { Task } from "../../runtime/task.ts";
import { nameOf } from "../../support/format.ts";
import { originOf } from "../../support/origins.ts";
import type { LogFrame } from "../../trace/log.ts";

/** A timer that could come early. */
export interface EarlyTimer {
  /** The task that sleeps, or who has armed it: a number that is the same in each run. */
  readonly owner: number;
  /** Name of the task that sleeps, or of the function that is called. */
  readonly name: string;
  /** Where it sleeps, or where that was made; null outside debug mode. */
  readonly place: LogFrame | null;
  /** Its deadline in seconds, in asyncio's own order. */
  readonly deadline: number;
  /** By how many seconds what is due before it has to be late, at the least. */
  readonly late: number;
}

/** Percent that are more than any delay has: what a run has to be under that learns. */
export const ANY_PERCENT = 1e11;

/** Owners that are no task, and tasks that there are none of in asyncio's own order. */
const OUTSIDE = 0;
const UNKNOWN = -1;

/** Which timer one is, in each run. */
interface KnownTimer {
  readonly owner: number;
  readonly key: string;
}

/** Takes note of the timers of one program. */
export class EarlyTimers {
  /** Those that could come early, and did not. */
  readonly never = new Map<string, EarlyTimer>();
  /** Whether the run is the one in asyncio's own order, under ANY_PERCENT: later ones cross out. */
  learns = true;
  /** The tasks of asyncio's own order, by who made them: numbers from 1. */
  readonly #known = new Map<string, number>();
  /** Which of them each task of the run is, in order of creation, or UNKNOWN; and how often it has begun to sleep. */
  readonly #owners: number[] = [];
  readonly #sleeps: number[] = [];
  /** The callbacks that were armed. */
  readonly #armed = new WeakMap<Handle, KnownTimer>();
  /** How many of a kind somebody has made in the run. */
  readonly #made = new Map<string, number>();

  /** A run begins. */
  begin(): void {
    this.#owners.length = 0;
    this.#sleeps.length = 0;
    this.#made.clear();
  }

  /** A task is made, by another one or outside of all. They come in the order of their numbers. */
  taskMade(maker: Task<unknown> | null): void {
    const key = this.#next(`${this.#ownerOf(maker)}`);
    if (this.learns) this.#known.set(key, this.#known.size + 1);
    this.#owners.push(this.#known.get(key) ?? UNKNOWN);
    this.#sleeps.push(0);
  }

  /** A task begins to sleep. */
  sleepBegins(task: Task<unknown>): void {
    this.#sleeps[task.serial]++;
  }

  /** A callback is armed, by a task or outside of all. */
  callbackArmed(maker: Task<unknown> | null, handle: Handle): void {
    const owner = this.#ownerOf(maker);
    this.#armed.set(handle, { owner, key: this.#next(`${owner} ${nameOf(handle.callback)}`) });
  }

  /** At a point with `count` candidates, of which the last ones are timers, one was chosen. */
  note(loop: EventLoop, choice: number, count: number): void {
    const { candidateAt, candidateDeadline } = loop.core.simulation;
    // Those before the chosen one are due when it comes, together with what is late.
    for (let index = this.learns ? count - 1 : choice; index > 0; index--) {
      const deadline = candidateDeadline(index);
      if (deadline === -Infinity) break;
      const object = loop.core.objects[candidateAt(index) >> ENTRY_SHIFT] as Task<unknown> | Handle;
      if (this.learns) this.#learn(object, deadline, deadline - loop.time());
      else this.never.delete(this.#identify(object).key);
    }
  }

  #learn(object: Task<unknown> | Handle, deadline: number, late: number): void {
    const { owner, key } = this.#identify(object);
    if (late >= (this.never.get(key)?.late ?? Infinity)) return;
    const isTask = object instanceof Task;
    const name = isTask ? object.getName() : nameOf(object.callback);
    const [origin] = isTask ? [] : originLines(originOf(object));
    const place = isTask ? (object.suspension?.frames()[0] ?? null) : origin === undefined ? null : frameOf(origin);
    this.never.set(key, { owner, name, place, deadline, late });
  }

  #identify(object: Task<unknown> | Handle): KnownTimer {
    if (!(object instanceof Task)) return this.#armed.get(object) as KnownTimer;
    const owner = this.#ownerOf(object);
    return { owner, key: `${owner} ${this.#sleeps[object.serial]}` };
  }

  #ownerOf(task: Task<unknown> | null): number {
    return task === null ? OUTSIDE : this.#owners[task.serial];
  }

  /** A name for the next one of a kind. */
  #next(kind: string): string {
    const number = this.#made.get(kind) ?? 0;
    this.#made.set(kind, number + 1);
    return `${kind} ${number}`;
  }
}
