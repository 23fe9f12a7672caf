// What steps change in locks, semaphores and queues: who holds them, and how full they are. Read off the ledger behind
// each step.

import { holdingsOn, nameOfClass, originLines } from "../../introspection/waits.ts";
import type { Queue } from "../../queues/queue.ts";
import { originOf } from "../../support/origins.ts";
import type { LogChange, LogPrimitive } from "../../trace/log.ts";
import { type Ledger, currentLedger } from "../../waiting/ledger.ts";
import type { WaiterList } from "../../waiting/waiter-list.ts";

/** A semaphore may be held by thousands, at each of their steps: so many are named. */
const MOST_HOLDERS = 10;

/** A primitive, and how it was noted last. */
interface Noted {
  readonly id: number;
  latest: string;
}

/** Takes note of what changes. */
export class Changes {
  readonly primitives: LogPrimitive[] = [];
  readonly all: LogChange[] = [];
  readonly #noted = new Map<WaiterList, Noted>();
  /** Numbers of tasks that have held something: one may end and hold it still. */
  readonly #holders = new WeakMap<object, number>();

  /** A step has run; `actorOf` gives the index of a task among the log's actors, as long as it makes steps. */
  note(step: number, actorOf: (task: object) => number | undefined): void {
    const ledger = currentLedger;
    if (ledger === null) return;
    for (const list of ledger.takeChanged()) {
      if (ledger.derivationOf(list.owner) !== undefined) continue; // a queue of the library's own
      const change = this.#changeOf(list, ledger, actorOf);
      const noted = this.#noted.get(list) ?? this.#add(list, ledger);
      const now = `${change.count} ${change.holders.join()}`;
      // What is acquired and released again in one step has not changed.
      if (now === noted.latest) continue;
      noted.latest = now;
      this.all.push({ step, primitive: noted.id, ...change });
    }
  }

  #changeOf(
    list: WaiterList,
    ledger: Ledger,
    actorOf: (task: object) => number | undefined,
  ): Pick<LogChange, "holders" | "count"> {
    const queue = queueOf(list);
    if (queue !== null) return { holders: [], count: queue.qsize() };
    const holdings = holdingsOn(list, ledger);
    const holders = holdings.slice(0, MOST_HOLDERS).map(({ task }) => {
      if (task === null) return -1;
      const actor = actorOf(task) ?? this.#holders.get(task) ?? -1;
      this.#holders.set(task, actor);
      return actor;
    });
    return { holders, count: holdings.length };
  }

  #add(list: WaiterList, ledger: Ledger): Noted {
    const { owner } = list;
    const id = this.primitives.length;
    const queue = queueOf(list);
    this.primitives.push({
      id,
      kind: queue === null ? "lock" : "queue",
      number: ledger.numberOf(owner),
      name: nameOfClass(owner),
      limit: queue === null || !(queue.maxsize > 0 && queue.maxsize < Infinity) ? 0 : queue.maxsize,
      origin: originLines(originOf(owner)),
    });
    const noted: Noted = { id, latest: "0 " };
    this.#noted.set(list, noted);
    return noted;
  }
}

/** The queue of a list, or null: what is acquired of a queue stands on the list of those who join it. */
function queueOf({ operation, owner }: WaiterList): Queue<unknown> | null {
  return operation === "Queue.join" ? (owner as Queue<unknown>) : null;
}
