// The baseline: the scheduler core in plain TypeScript, as well as we can write it, to see what WebAssembly gives and
// costs.
//
// The same calls with the same results as src/core/core.ts, which this file takes the place of in a bundle (bundle.ts);
// so the runtime above it is the same. test/house/bench/baseline.test.ts compares the two, call for call. What differs
// is the machine: an object for each slot, a ring and a heap in typed arrays that double, and no limit of memory but
// the engine's.

import { E_TRANSITION, SLOT_MASK } from "../../src/core/abi.ts";
import type { CoreOptions } from "../../src/core/core.ts";
import type { CoreCalls, CoreInspection } from "../../src/core/exports.ts";
import { Containers } from "./containers.ts";
import { inspectionOf } from "./inspection.ts";
import { Operations } from "./operations.ts";
import { Scheduler } from "./scheduler.ts";

export function slotOf(id: number): number {
  return id & SLOT_MASK;
}

/** As the core, for all that programs call; what only simulations call is left out. */
export function createCore(
  options: CoreOptions = {},
): CoreCalls & { readonly objects: unknown[]; readonly inspection: CoreInspection } {
  const { clockStands = false, firstSequence = 1, wake = () => {} } = options;
  const scheduler = new Scheduler(clockStands, firstSequence, wake);
  const operations = new Operations(scheduler);
  const { joins } = scheduler;
  const containers = new Containers(options.compare ?? (() => -1));
  return {
    objects: [],
    inspection: inspectionOf(scheduler),

    initialize: () => 0,
    advance: (now, resolution) => scheduler.advance(now, resolution),
    interrupt: () => void (scheduler.interrupted = true),
    next: (op) => scheduler.next(op),
    nextDeadline: () => scheduler.nextDeadline(),
    rest: () => scheduler.rest(),
    setBudget: (entries) => void (scheduler.budget = entries),

    callSoon: () => operations.callSoon(),
    callAt: (deadline) => operations.callAt(deadline),
    cancelHandle: (id) => operations.cancelHandle(id),
    spawn: () => operations.spawn(),
    spawnEager: () => operations.spawnEager(),
    enter: (id) => operations.enter(id),
    exit: (outer, op) => operations.exit(outer, op),
    sleep: (deadline) => operations.sleep(deadline),
    cancelTask: (id) => operations.cancelTask(id),
    requireCancel: (id) => operations.requireCancel(id),
    clearCancel: (id) => operations.clearCancel(id),
    mustCancel: (id) => operations.mustCancel(id),
    uncancel: (id) => operations.uncancel(id),
    cancelling: (id) => operations.cancelling(id),
    openFuture: () => operations.openFuture(),
    settleFuture: (id) => operations.settleFuture(id),
    awaitFuture: (id) => operations.awaitFuture(id),
    subscribe: (id) => operations.subscribe(id),
    unsubscribe: (id) => operations.unsubscribe(id),
    firstWaiter: (id) => operations.firstWaiter(id),
    nextWaiter: (slot) => operations.nextWaiter(slot),
    openJoin: () => joins.open(),
    closeJoin: (id) => joins.close(id),
    join: (id, future) => joins.join(id, future),
    tell: (member) => joins.tell(member),
    joinedSlot: () => joins.toldOf,
    joinedLeft: () => joins.left,
    memberCount: (id) => joins.memberCount(id),
    firstMember: (id) => joins.firstMember(id),
    nextMember: (slot) => joins.nextMember(slot),
    sourceOf: (member) => joins.sourceOf(member),
    joinOfWaiter: (slot) => joins.joinOfWaiter(slot),
    openList: () => operations.openList(),
    park: (id) => operations.park(id),
    leave: () => operations.leave(),
    wakeFirst: (id) => operations.wakeFirst(id),
    wakeWaiting: (id, limit) => operations.wakeWaiting(id, limit),
    wakeAndRemove: (id) => operations.wakeAndRemove(id),
    waiterCount: (id) => operations.waiterCount(id),
    liveWaiterCount: (id) => operations.liveWaiterCount(id),
    openSource: () => operations.openSource(),
    post: (id) => operations.post(id),
    closeSource: (id) => operations.closeSource(id),

    createContainer: (kind, bound) => containers.create(kind, bound),
    destroyContainer: (container) => containers.destroy(container),
    compareContainer: (container) => containers.compareFromHereOn(container),
    reserveCell: (container) => containers.reserveCell(container),
    put: (container, priority) => containers.put(container, priority),
    take: (container) => containers.take(container),
    cellAt: (container, index) => containers.cellAt(container, index),

    transition: () => E_TRANSITION, // there is no table here: a call checks the state that it needs
  };
}
