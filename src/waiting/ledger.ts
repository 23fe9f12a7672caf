// What tasks hold, and what stands behind what they wait on: the ledger that a simulation keeps, to explain deadlocks
// and leaks.
//
// Outside a simulation there is none, and a primitive pays for it with one look at a variable. What is held is kept
// under the list of those that wait for it. An entry is made when the holder runs and has the lock or the permit, after
// all that can fail, and taken off as soon as it is free again; so the ledger is right whatever is thrown or cancelled
// in between.

import type { Derivation, Future } from "../runtime/future.ts";
import { noteOrigin } from "../support/origins.ts";
import { runningTask } from "../runtime/loop.ts";
import { Capture } from "../support/stack.ts";
import type { Task } from "../runtime/task.ts";
import type { WaiterList } from "./waiter-list.ts";

/** Something that is held: a lock, a permit, an item taken from a queue. */
export interface Holding {
  /** Who holds it; null when it was acquired outside tasks. */
  task: Task<unknown> | null;
  /** The hold that `acquire` gave for it, or null. */
  readonly hold: object | null;
  /** Where it was acquired; null when that is not kept. */
  readonly origin: Capture | null;
}

/** The primitive that another one is a part of. */
export interface Whole {
  readonly primitive: object;
  /** What a task does that waits on the part: "Barrier.wait". */
  readonly operation: string;
}

/** The ledger of the simulation that runs, or null. */
export let currentLedger: Ledger | null = null;

/** Makes a ledger the current one, or none with null. Returns the one that was. */
export function switchLedger(ledger: Ledger | null): Ledger | null {
  const outer = currentLedger;
  currentLedger = ledger;
  return outer;
}

const NONE_CHANGED: readonly WaiterList[] = [];

/** The ledger of a simulation. */
export class Ledger {
  /** The list that a task began to wait on last. */
  latestPark: WaiterList | null = null;
  readonly #origins: boolean;
  readonly #held = new Map<WaiterList, Holding[]>();
  // Made with their first entry, which most ledgers do not have: V8 collects WeakMaps slowly, and there is a ledger for
  // each run of a sweep.
  #derivations: WeakMap<object, Derivation> | null = null;
  #wholes: WeakMap<object, Whole> | null = null;
  /** Numbers of primitives, in order of creation. */
  #numbers: WeakMap<object, number> | null = null;
  #made = 0;
  /** Lists of what has changed since somebody asked. */
  readonly #changed = new Set<WaiterList>();

  /** @param origins whether to keep where things are made and acquired, which takes some time */
  constructor(origins = false) {
    this.#origins = origins;
  }

  // ── Told by the primitives ─────────────────────────────────────────────────────────────────────────────────────

  /** A primitive is made here. */
  made(primitive: object): void {
    if (!this.#origins) return;
    noteOrigin(primitive);
    (this.#numbers ??= new WeakMap()).set(primitive, this.#made++);
  }

  /** The current task has what others wait for on `list`; `hold` is what it got for it. */
  acquired(list: WaiterList, hold: object | null): void {
    const holding: Holding = { task: runningTask(), hold, origin: this.#origins ? new Capture() : null };
    const held = this.#held.get(list);
    if (held === undefined) this.#held.set(list, [holding]);
    else held.push(holding);
    this.changed(list);
  }

  /** What others wait for on `list` has changed: a queue has more items or fewer. */
  changed(list: WaiterList): void {
    if (this.#origins) this.#changed.add(list);
  }

  /**
   * What others wait for on `list` was released: the current task's latest holding, or the oldest one when it has none.
   */
  released(list: WaiterList): void {
    this.changed(list);
    const held = this.#held.get(list);
    if (held === undefined) return; // it was acquired before there was a ledger
    if (held.length === 1) {
      this.#held.delete(list);
      return;
    }
    const task = runningTask();
    let index = held.length - 1;
    while (index > 0 && held[index].task !== task) index--;
    held.splice(index, 1);
  }

  /**
   * The current task is about to release by `hold`, whoever got it: from now on the holding is its own, and the latest
   * one.
   */
  passed(list: WaiterList, hold: object): void {
    const held = this.#held.get(list) ?? [];
    const index = held.findIndex((holding) => holding.hold === hold);
    if (index < 0) return;
    const [holding] = held.splice(index, 1) as [Holding];
    holding.task = runningTask();
    held.push(holding);
    this.changed(list);
  }

  /** A queue is filled with futures: `sources`, which is read when somebody asks. */
  derived(queue: object, operation: string, sources: Iterable<Future<unknown>>): void {
    (this.#derivations ??= new WeakMap()).set(queue, { operation, sources });
  }

  /** Tasks that wait on `part` wait for `primitive`. */
  isPartOf(part: object, primitive: object, operation: string): void {
    (this.#wholes ??= new WeakMap()).set(part, { primitive, operation });
  }

  // ── For diagnoses ──────────────────────────────────────────────────────────────────────────────────────────────

  /** What is held of what tasks wait for on `list`, in order of acquisition. */
  heldOf(list: WaiterList): readonly Holding[] {
    return this.#held.get(list) ?? [];
  }

  /** Lists with something held, in order of the oldest holding. */
  lists(): Iterable<WaiterList> {
    return this.#held.keys();
  }

  /** Lists of what has changed since the last call; none when no origins are kept. */
  takeChanged(): readonly WaiterList[] {
    if (this.#changed.size === 0) return NONE_CHANGED;
    const lists = [...this.#changed];
    this.#changed.clear();
    return lists;
  }

  /** Number of a primitive in order of creation, from 0; -1 for what was there before, and without origins. */
  numberOf(primitive: object): number {
    return this.#numbers?.get(primitive) ?? -1;
  }

  /** What a queue is filled with, or undefined. */
  derivationOf(queue: object): Derivation | undefined {
    return this.#derivations?.get(queue);
  }

  /** The primitive that another one is a part of, or undefined. */
  wholeOf(primitive: object): Whole | undefined {
    return this.#wholes?.get(primitive);
  }
}
