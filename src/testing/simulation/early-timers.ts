// Timers that come early: before something that was due before them, which is late then.
//
// Asyncio's own order tells which timers could, if what is due before them were ever so late. Of these a search crosses
// out the ones that do, in one of its runs: the others have always kept their place, whatever it has tried.

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
  /** Name of the task that sleeps, or of the function that is called. */
  readonly name: string;
  /** Where it sleeps, or where that was made; null outside debug mode. */
  readonly place: LogFrame | null;
  /** Its deadline in seconds, in asyncio's own order. */
  readonly deadline: number;
  /** By how many seconds what is due before it has to be late, at the least. */
  readonly late: number;
}

/** Who has a timer: the number of a task; of functions, which have none that is the same in each run, the name. */
type Owner = number | string;

/** Percent that are more than any delay has: what a run has to be under that learns. */
export const ANY_PERCENT = 1e11;

/** Takes note of the timers of one program. */
export class EarlyTimers {
  /** Those that could come early, and did not. */
  readonly never = new Map<Owner, EarlyTimer>();
  /** Whether the run is the one in asyncio's own order, under ANY_PERCENT: later ones cross out. */
  learns = true;

  /** At a point with `count` candidates, of which the last ones are timers, one was chosen. */
  note(loop: EventLoop, choice: number, count: number): void {
    const { candidateAt, candidateDeadline } = loop.core.simulation;
    // Those before the chosen one are due when it comes, together with what is late.
    for (let index = this.learns ? count - 1 : choice; index > 0; index--) {
      const deadline = candidateDeadline(index);
      if (deadline === -Infinity) break;
      const object = loop.core.objects[candidateAt(index) >> ENTRY_SHIFT] as Task<unknown> | Handle;
      const owner = object instanceof Task ? object.serial : nameOf(object.callback);
      if (!this.learns) this.never.delete(owner);
      else this.#learn(owner, object, deadline, deadline - loop.time());
    }
  }

  #learn(owner: Owner, object: Task<unknown> | Handle, deadline: number, late: number): void {
    if (late >= (this.never.get(owner)?.late ?? Infinity)) return;
    const isTask = object instanceof Task;
    const [origin] = isTask ? [] : originLines(originOf(object));
    const place = isTask ? (object.suspension?.frames()[0] ?? null) : origin === undefined ? null : frameOf(origin);
    this.never.set(owner, { name: isTask ? object.getName() : nameOf(object.callback), place, deadline, late });
  }
}
