// The scheduler core: one WebAssembly instance for each event loop, compiled once, on first use.
//
// The numeric exports are called raw; those of strings and typed arrays are inspection.ts's. `objects` is the other half of the slot
// table: what the core knows as a slot number, the runtime finds here.

import { compileCore } from "#core";
import { check } from "./codes.ts";
import { SLOT_MASK } from "./abi.ts";

/** The exports that take and give numbers only; `assembly/` documents each. */
export interface CoreCalls {
  initialize(limitPages: number, clockStands: boolean, firstSequence: number): number;
  advance(now: number, resolution: number): void;
  interrupt(): void;
  next(op: number): number;
  nextDeadline(): number;
  setBudget(entries: number): void;
  callSoon(): number;
  callAt(deadline: number): number;
  cancelHandle(id: number): number;
  spawn(): number;
  spawnEager(): number;
  enter(id: number): number;
  exit(outer: number, op: number): number;
  sleep(deadline: number): number;
  cancelTask(id: number): number;
  requireCancel(id: number): number;
  clearCancel(id: number): number;
  mustCancel(id: number): number;
  uncancel(id: number): number;
  cancelling(id: number): number;
  openFuture(): number;
  settleFuture(id: number): number;
  awaitFuture(id: number): number;
  subscribe(id: number, bookkeeping?: boolean): number;
  unsubscribe(id: number): number;
  firstWaiter(id: number): number;
  nextWaiter(slot: number): number;
  openJoin(): number;
  closeJoin(id: number): number;
  join(id: number, future: number): number;
  tell(member: number): number;
  joinedSlot(): number;
  joinedLeft(): number;
  memberCount(id: number): number;
  firstMember(id: number): number;
  nextMember(slot: number): number;
  sourceOf(member: number): number;
  joinOfWaiter(slot: number): number;
  openList(): number;
  park(id: number): number;
  leave(): number;
  wakeFirst(id: number): number;
  wakeWaiting(id: number, limit: number): number;
  wakeAndRemove(id: number): number;
  waiterCount(id: number): number;
  liveWaiterCount(id: number): number;
  createContainer(kind: number, bound: number): number;
  destroyContainer(container: number): number;
  compareContainer(container: number): number;
  reserveCell(container: number): number;
  put(container: number, priority: number): number;
  take(container: number): number;
  cellAt(container: number, index: number): number;
  transition(state: number, event: number): number;
}

/** The numeric exports that only simulations call. */
export interface CoreSimulation {
  reset(clockStands: boolean, firstSequence: number): number;
  offerChoices(orders: number, window: number, always: boolean, redundant: boolean): void;
  candidateCount(): number;
  candidateAt(index: number): number;
  candidatesLeftOut(): number;
  choose(candidate: number): number;
  iterationCount(): number;
  decisionCount(): number;
  digestHigh(): number;
  digestLow(): number;
  readyLength(): number;
  readyAt(index: number): number;
  usedSlots(): number;
  wakeTime(id: number): number;
}

/** Compares the values in two cells: 1 when `left` comes first, 0 when not, -1 when the comparison failed. */
export type CompareCells = (left: number, right: number) => number;

export interface CoreOptions {
  /** Most memory, in pages of 64 KiB. Default: 65,536, all that wasm can address. */
  limitPages?: number;
  /** Whether the time moves only when an iteration is begun. Default: false. */
  clockStands?: boolean;
  /** Sequence of the first timer. Default: 1. */
  firstSequence?: number;
  /** Order of priorities that are not numbers. Default: every comparison fails. */
  compare?: CompareCells;
}

export interface Core extends CoreCalls {
  /** What occupies each slot; index with `id & SLOT_MASK`, or with `entry >> ENTRY_SHIFT`. */
  readonly objects: unknown[];
  readonly simulation: CoreSimulation;
  /** What `inspect` binds to. */
  readonly wasm: { readonly module: WebAssembly.Module; readonly instance: WebAssembly.Instance };
}

/** Slot of an id: the index of its object. */
export function slotOf(id: number): number {
  return id & SLOT_MASK;
}

let compiled: WebAssembly.Module | undefined;

/** Instantiates a core. Throws MemoryError when not even the first tables fit. */
export function createCore(options: CoreOptions = {}): Core {
  compiled ??= compileCore();
  const compare = options.compare ?? (() => -1);
  const instance = new WebAssembly.Instance(compiled, { host: { compare } });
  // A plain object: engines look properties up faster there than on an exports object.
  const calls = { ...instance.exports } as unknown as CoreCalls & CoreSimulation;
  check(calls.initialize(options.limitPages ?? 65536, options.clockStands ?? false, options.firstSequence ?? 1));
  return { ...calls, objects: [], simulation: calls, wasm: { module: compiled, instance } };
}
