// Joins: which member is told of, when and in which place, and what is counted without a word.

import { describe, expect, test } from "vitest";
import { BOUNDARY, BUDGET_SPENT, E_KIND, E_STALE, E_TRANSITION, NONE, OP_NONE } from "../../../src/core/abi.ts";
import {
  countersOf,
  describeEntry,
  implementations,
  joinsOf,
  parkTask,
  slotOf,
  snapshot,
  turn,
  unfinishedOf,
} from "./support.ts";
import type { InspectedCore as Core } from "./inspected.ts";

/** A join of `count` futures. */
function joinOf(core: Core, count: number): { join: number; futures: number[]; members: number[] } {
  const join = core.openJoin();
  const futures = Array.from({ length: count }, () => core.openFuture());
  return { join, futures, members: futures.map((future) => core.join(join, future)) };
}

const told = (join: number): string => `done callback ${slotOf(join)}`;

/** What a join is told in one iteration: the slot and the number left of each time, behind what ran. */
function tellings(core: Core): [ran: string[], tellings: [slot: number, left: number][]] {
  const all: [number, number][] = [];
  const ran = turn(core, 0, (_slot, kind) => {
    if (kind === "done callback") all.push([core.joinedSlot(), core.joinedLeft()]);
  });
  return [ran, all];
}

describe.each(implementations)("a join of the %s", (_, create) => {
  test("is told when its last member is done, and of nobody", () => {
    const core = create();
    const { join, futures } = joinOf(core, 3);
    for (const future of [futures[1], futures[0]]) core.settleFuture(future);
    expect(tellings(core)).toEqual([[], []]);
    expect(core.memberCount(join)).toBe(1);
    core.settleFuture(futures[2]);
    expect(tellings(core)).toEqual([[told(join)], [[NONE, 0]]]);
    expect(countersOf(core)).toMatchObject({ slotCount: 0, decisions: 3, iterations: 2 });
  });

  test("is told at the last of several that are done in one iteration", () => {
    const core = create();
    const { join, futures } = joinOf(core, 3);
    const others = futures.map((future) => core.subscribe(future, false));
    for (const future of futures) core.settleFuture(future);
    const [first, second, third] = others.map((id) => `done callback ${slotOf(id)}`);
    expect(turn(core)).toEqual([first, second, told(join), third]);
  });

  test("counts tasks as futures", () => {
    const core = create();
    const join = core.openJoin();
    const [task, future] = [core.spawn(), core.openFuture()];
    for (const source of [task, future]) core.join(join, source);
    expect(turn(core)).toEqual([`step ${slotOf(task)}`]);
    expect([turn(core), core.memberCount(join)]).toEqual([[], 1]);
    core.settleFuture(future);
    expect(turn(core)).toEqual([told(join)]);
  });

  test("is told of a member in its place among what waits for the future, and how many are left", () => {
    const core = create();
    const { join, futures } = joinOf(core, 2);
    const future = core.openFuture();
    const before = core.subscribe(future, false);
    const waiter = parkTask(core, () => core.awaitFuture(future));
    const member = core.join(join, future);
    const behind = core.subscribe(future, false);
    const last = parkTask(core, () => core.awaitFuture(future));
    expect(core.tell(member)).toBe(slotOf(join));
    core.settleFuture(future);
    core.settleFuture(futures[0]); // is counted later
    const seen: number[] = [];
    const ran = turn(core, 0, (slot) => {
      if (slot === slotOf(join)) seen.push(core.joinedSlot(), core.joinedLeft(), core.memberCount(join));
    });
    expect(ran).toEqual([
      `done callback ${slotOf(before)}`,
      `wake ${slotOf(waiter)}`,
      told(join),
      `done callback ${slotOf(behind)}`,
      `wake ${slotOf(last)}`,
    ]);
    expect(seen).toEqual([member, 2, 2]);
    expect(core.memberCount(join)).toBe(1);
  });

  test.each<[string, (core: Core, member: number, settle: () => void) => void]>([
    [
      "before it is done",
      (core, member, settle) => {
        core.tell(member);
        settle();
      },
    ],
    [
      "when it is done and not counted",
      (core, member, settle) => {
        settle();
        core.tell(member);
      },
    ],
    [
      "twice",
      (core, member, settle) => {
        core.tell(member);
        settle();
        core.tell(member);
      },
    ],
  ])("that is to be told of a member is told once: %s", (_name, work) => {
    const core = create();
    const { join, futures, members } = joinOf(core, 2);
    work(core, members[0], () => core.settleFuture(futures[0]));
    expect(tellings(core)).toEqual([[told(join)], [[members[0], 1]]]);
    core.settleFuture(futures[1]);
    expect(tellings(core)).toEqual([[told(join)], [[NONE, 0]]]);
  });

  test("is told once of a last member that it is to be told of", () => {
    const core = create();
    const { join, futures, members } = joinOf(core, 1);
    core.tell(members[0]);
    core.settleFuture(futures[0]);
    expect(tellings(core)).toEqual([[told(join)], [[members[0], 0]]]);
    expect(turn(core)).toEqual([]);
  });

  test("is told of each member that it is to be told of", () => {
    const core = create();
    const { join, futures, members } = joinOf(core, 4);
    for (const index of [0, 2, 3]) core.tell(members[index]);
    for (const future of futures) core.settleFuture(future);
    const expected = [
      [members[0], 3],
      [members[2], 1],
      [members[3], 0],
    ];
    expect(tellings(core)).toEqual([[told(join), told(join), told(join)], expected]);
  });

  test("counts a member that is done already in the next iteration, behind what is ready", () => {
    const core = create();
    const join = core.openJoin();
    const [before, behind] = [core.callSoon(), core.callSoon()];
    const ran = turn(core, 0, (slot) => {
      if (slot === slotOf(before)) core.join(join, NONE);
    });
    expect(ran).toEqual([`callback ${slotOf(before)}`, `callback ${slotOf(behind)}`]);
    expect(core.memberCount(join)).toBe(1);
    expect(tellings(core)).toEqual([[told(join)], [[NONE, 0]]]);
  });

  test("is told of a member that was done already", () => {
    const core = create();
    const { join } = joinOf(core, 1);
    const member = core.join(join, NONE);
    core.tell(member);
    expect(tellings(core)).toEqual([[told(join)], [[member, 1]]]);
  });

  test("counts a future as often as it was added", () => {
    const core = create();
    const { join, futures } = joinOf(core, 1);
    core.join(join, futures[0]);
    expect(core.memberCount(join)).toBe(2);
    core.settleFuture(futures[0]);
    expect(tellings(core)).toEqual([[told(join)], [[NONE, 0]]]);
  });

  test("has its own members on a future's list", () => {
    const core = create();
    const future = core.openFuture();
    const joins = [core.openJoin(), core.openJoin(), core.openJoin()];
    const members = joins.map((join) => core.join(join, future));
    core.join(joins[1], core.openFuture());
    core.tell(members[2]);
    core.settleFuture(future);
    expect(tellings(core)).toEqual([
      [told(joins[0]), told(joins[2])],
      [
        [NONE, 0],
        [members[2], 0],
      ],
    ]);
    expect(core.memberCount(joins[1])).toBe(1);
  });

  test("may get members as long as one is left, also when it is told", () => {
    const core = create();
    const { join, futures, members } = joinOf(core, 2);
    core.tell(members[0]);
    core.settleFuture(futures[0]);
    turn(core, 0, () => void core.join(join, NONE));
    core.settleFuture(futures[1]);
    expect(tellings(core)).toEqual([[told(join)], [[NONE, 0]]]);
  });

  test("is closed when it is told of its last member, and its slot and the member's are given out again", () => {
    const core = create();
    const { join, futures, members } = joinOf(core, 1);
    const future = core.openFuture();
    core.settleFuture(futures[0]);
    const results: number[] = [];
    turn(core, 0, () => {
      results.push(core.join(join, future), core.memberCount(join), core.firstMember(join), core.tell(members[0]));
    });
    expect(results).toEqual([E_STALE, E_STALE, E_STALE, E_STALE]);
    const next = [core.openJoin(), core.openJoin()];
    expect(next.map(slotOf)).toEqual([members[0], slotOf(join)]);
    expect(next).not.toContain(join);
    core.join(next[1], NONE);
    expect(turn(core)).toEqual([told(join)]);
  });

  test("is closed by hand when it has no members, and only then", () => {
    const core = create();
    const { join } = joinOf(core, 1);
    expect(core.closeJoin(join)).toBe(E_TRANSITION);
    expect(core.memberCount(join)).toBe(1);
    const empty = core.openJoin();
    expect([core.closeJoin(empty), core.closeJoin(empty), core.closeJoin(core.openList())]).toEqual([
      0,
      E_STALE,
      E_KIND,
    ]);
    expect(slotOf(core.openJoin())).not.toBe(slotOf(join));
  });

  test("lists its members in the order in which they were added, with what they wait for", () => {
    const core = create();
    const { join, futures, members } = joinOf(core, 4);
    const task = core.spawn();
    members.push(core.join(join, NONE), core.join(join, task));
    const sources = [...futures, NONE, task].map((id) => (id === NONE ? NONE : slotOf(id)));
    expect(joinsOf(core)).toEqual([{ join: slotOf(join), members, sources, claimed: members }]);
    for (const index of [3, 0, 1]) core.settleFuture(futures[index]); // done, and not counted
    for (const index of [3, 0, 1]) sources[index] = NONE;
    expect(joinsOf(core)).toEqual([{ join: slotOf(join), members, sources, claimed: members }]);
    turn(core); // the task's end is counted in the next one
    expect(joinsOf(core)).toMatchObject([{ members: [members[2], members[5]], sources: [slotOf(futures[2]), NONE] }]);
    core.settleFuture(futures[2]);
    turn(core);
    expect(joinsOf(core)).toEqual([]);
  });

  test("stands with what waits for a future", () => {
    const core = create();
    const { join, futures, members } = joinOf(core, 1);
    const callback = core.subscribe(futures[0], false);
    const waiters = [core.firstWaiter(futures[0]), core.nextWaiter(members[0])];
    expect(waiters).toEqual([members[0], slotOf(callback)]);
    expect(waiters.map((slot) => core.joinOfWaiter(slot))).toEqual([slotOf(join), NONE]);
  });

  test("refuses what is no future, and what is none any more", () => {
    const core = create();
    const { join } = joinOf(core, 1);
    const callback = core.subscribe(core.openFuture(), false);
    const others = [join, core.openJoin(), core.openList(), core.callSoon(), core.callAt(1), callback];
    const stale = core.openFuture();
    core.settleFuture(stale);
    const before = snapshot(core);
    for (const id of others) expect(core.join(join, id)).toBe(E_KIND);
    for (const id of [stale, 1023, 1024, 2 ** 31 - 1, -2, -(2 ** 31)]) expect(core.join(join, id)).toBe(E_STALE);
    expect(snapshot(core)).toEqual(before);
  });

  test("is not asked for by slots that are no members", () => {
    const core = create();
    const { join, futures } = joinOf(core, 1);
    const callback = core.subscribe(futures[0], false);
    const others = [join, core.openJoin(), core.openList(), core.callSoon(), core.callAt(1), callback, core.spawn()];
    const before = snapshot(core);
    for (const slot of [...others, ...futures, 99, 1023, 1024, 2 ** 31 - 1, -1, -2, -(2 ** 31)]) {
      expect(core.tell(slot)).toBe(E_STALE);
      expect([core.nextMember(slot), core.sourceOf(slot), core.joinOfWaiter(slot)]).toEqual([NONE, NONE, NONE]);
    }
    expect(snapshot(core)).toEqual(before);
  });

  test("keeps its members: they cannot be taken off as callbacks", () => {
    const core = create();
    const { futures, members } = joinOf(core, 2); // a slot in its first life is its own id
    core.settleFuture(futures[1]);
    const before = snapshot(core);
    for (const member of members) expect(core.unsubscribe(member)).toBe(E_KIND);
    expect(snapshot(core)).toEqual(before);
  });

  test("uses up the budget with members that it is not told of", () => {
    const core = create();
    const { join, futures } = joinOf(core, 3);
    for (const future of futures) core.settleFuture(future);
    core.advance(0, 0);
    core.setBudget(2);
    expect(core.next(OP_NONE)).toBe(BUDGET_SPENT);
    expect([core.memberCount(join), unfinishedOf(core)]).toEqual([1, 1]);
    core.setBudget(1);
    expect(describeEntry(core.next(OP_NONE))).toBe(told(join));
    expect(core.next(OP_NONE)).toBe(BOUNDARY);
  });

  test("lets an iteration end with members that it is not told of", () => {
    const core = create({ clockStands: true });
    const { join, futures } = joinOf(core, 3);
    core.settleFuture(futures[0]);
    core.advance(0, 0);
    core.settleFuture(futures[1]); // belongs to the next iteration
    core.interrupt();
    core.setBudget(9);
    expect(core.next(OP_NONE)).toBe(BOUNDARY);
    expect([core.memberCount(join), countersOf(core).readyCount]).toEqual([2, 1]);
    core.advance(0, 0);
    core.settleFuture(futures[2]);
    // Not interrupted: the next iteration comes by itself.
    expect(describeEntry(core.next(OP_NONE))).toBe(told(join));
    expect([core.joinedLeft(), countersOf(core).iterations]).toEqual([0, 3]);
  });
});
