// The state machine: every state times every event, the forbidden ones too, and every task state times every call.

import { describe, expect, test } from "vitest";
import {
  CANCELLED_WAIT,
  CANCEL_FORWARD,
  CANCEL_REMEMBERED,
  EVENT_COUNT,
  E_KIND,
  E_STALE,
  E_TRANSITION,
  NONE,
  OP_FINISH,
  OP_NONE,
  OP_YIELD,
  STATE_COUNT,
} from "../../../src/core/abi.ts";
import * as abi from "../../../src/core/abi.ts";
import { ALLOWED, EVENTS, KINDS, STATES } from "../../support/typescript-core/state.ts";
import { implementations, parkTask, runTask, slotOf, stateOf, turn } from "./support.ts";
import type { InspectedCore as Core } from "./inspected.ts";

const numbers: Record<string, number> = { ...abi };

describe.each(implementations)("the state machine of the %s", (_, create) => {
  const core = create();

  test("has the kinds, states and events of the table", () => {
    const constant = (prefix: string, name: string) => numbers[`${prefix}_${name.toUpperCase().replace(/[ -]/, "_")}`];
    expect(KINDS.map((name) => constant("KIND", name.replace("waiter ", "")))).toEqual(Array.from(KINDS.keys()));
    expect(STATES.map((name) => constant("STATE", name))).toEqual(Array.from(STATES.keys()));
    expect(EVENTS.map((name) => constant("EVENT", name))).toEqual(Array.from(EVENTS.keys()));
    expect([STATES.length, EVENTS.length]).toEqual([STATE_COUNT, EVENT_COUNT]);
  });

  describe.each([...STATES.entries()])("in state %i, %s,", (state, from) => {
    test.each([...EVENTS.entries()])("event %i, %s, leads where the table says", (event, name) => {
      const to = ALLOWED[from][name];
      expect(core.transition(state, event)).toBe(to === undefined ? E_TRANSITION : STATES.indexOf(to));
    });
  });

  test.each([
    [-1, 0],
    [0, -1],
    [STATE_COUNT, 0],
    [0, EVENT_COUNT],
    [2 ** 31 - 1, 0],
    [-(2 ** 31), -(2 ** 31)],
  ])("refuses state %i with event %i, which do not exist", (state, event) => {
    expect(core.transition(state, event)).toBe(E_TRANSITION);
  });
});

/** How to bring a task into each state. The running one is entered, the others are left alone. */
const TASKS: Record<string, (core: Core) => number> = {
  ready: (core) => core.spawn(),
  running: (core) => runTask(core),
  waiting: (core) => parkTask(core, () => core.park(core.openList())),
  awaiting: (core) => parkTask(core, () => core.awaitFuture(core.openFuture())),
  sleeping: (core) => parkTask(core, () => core.sleep(10)),
  finished: (core) => {
    const task = runTask(core);
    core.exit(NONE, OP_FINISH);
    return task;
  },
};

type Outcome = [result: number | "id" | "none", state: string];

/** What each call on a task returns in each state, and the state that it leaves the task in. */
const CALLS: Record<string, [call: (core: Core, task: number) => number, outcomes: Record<string, Outcome>]> = {
  cancelTask: [
    (core, task) => core.cancelTask(task),
    {
      ready: [CANCEL_REMEMBERED, "ready"],
      running: [CANCEL_REMEMBERED, "running"],
      waiting: [CANCELLED_WAIT, "ready"],
      awaiting: [CANCEL_FORWARD, "awaiting"],
      sleeping: [CANCELLED_WAIT, "ready"],
      finished: [E_STALE, "free"],
    },
  ],
  leaveFuture: [
    (core, task) => core.leaveFuture(task),
    { ...unchanged(E_TRANSITION), awaiting: [0, "ready"], finished: [E_STALE, "free"] },
  ],
  requireCancel: [(core, task) => core.requireCancel(task), unchanged(0)],
  clearCancel: [(core, task) => core.clearCancel(task), unchanged(0)],
  mustCancel: [(core, task) => core.mustCancel(task), unchanged(0)],
  uncancel: [(core, task) => core.uncancel(task), unchanged(0)],
  cancelling: [(core, task) => core.cancelling(task), unchanged(0)],
  firstWaiter: [(core, task) => core.firstWaiter(task), unchanged(NONE)],
  subscribe: [(core, task) => core.subscribe(task, false), unchanged("id")],
  join: [(core, task) => core.join(task, NONE), unchanged(E_KIND)],
  memberCount: [(core, task) => core.memberCount(task), unchanged(E_KIND)],
  firstMember: [(core, task) => core.firstMember(task), unchanged(E_KIND)],
  enter: [
    (core, task) => core.enter(task),
    { ...unchanged(E_TRANSITION), finished: [E_STALE, "free"] }, // running: it is entered already
  ],
  cancelHandle: [(core, task) => core.cancelHandle(task), unchanged(E_KIND)],
  settleFuture: [(core, task) => core.settleFuture(task), unchanged(E_KIND)],
  unsubscribe: [(core, task) => core.unsubscribe(task), unchanged(E_KIND)],
  park: [(core, task) => core.park(task), unchanged(E_KIND)],
  wakeFirst: [(core, task) => core.wakeFirst(task), unchanged(E_KIND)],
  wakeWaiting: [(core, task) => core.wakeWaiting(task, 1), unchanged(E_KIND)],
  wakeAndRemove: [(core, task) => core.wakeAndRemove(task), unchanged(E_KIND)],
  waiterCount: [(core, task) => core.waiterCount(task), unchanged(E_KIND)],
  liveWaiterCount: [(core, task) => core.liveWaiterCount(task), unchanged(E_KIND)],
  post: [(core, task) => core.post(task), unchanged(E_KIND)],
  closeSource: [(core, task) => core.closeSource(task), unchanged(E_KIND)],
};

/** Outcomes of a call that leaves every task where it is. */
function unchanged(result: number | "id"): Record<string, Outcome> {
  const outcomes: Record<string, Outcome> = { finished: [E_STALE, "free"] };
  for (const state of ["ready", "running", "waiting", "awaiting", "sleeping"]) outcomes[state] = [result, state];
  return outcomes;
}

describe.each(implementations)("in the %s, a task that is", (_, create) => {
  describe.each(Object.entries(TASKS))("%s", (state, make) => {
    test.each(Object.entries(CALLS))("answers %s as the table says", (_name, [call, outcomes]) => {
      const core = create();
      const task = make(core);
      const result = call(core, task);
      const [expected, after] = outcomes[state];
      if (expected === "id") expect(result).toBeGreaterThanOrEqual(0);
      else expect(result).toBe(expected);
      expect(stateOf(core, task)).toBe(after);
    });
  });
});

/** Waits that a running task may have begun before its step ends in another way. */
const WAITS: Record<string, (core: Core, task: number) => void> = {
  nothing: () => {},
  park: (core) => core.park(core.openList()),
  "park, woken": (core) => {
    const list = core.openList();
    core.park(list);
    core.wakeFirst(list);
  },
  "park, woken and taken off": (core) => {
    const list = core.openList();
    core.park(list);
    core.wakeAndRemove(list);
  },
  "park, cancelled": (core, task) => {
    core.park(core.openList());
    core.cancelTask(task);
  },
  "park behind a cancel": (core, task) => {
    core.cancelTask(task);
    core.park(core.openList());
  },
  sleep: (core) => core.sleep(10),
  "sleep, cancelled": (core, task) => {
    core.sleep(10);
    core.cancelTask(task);
  },
  "sleep behind a cancel": (core, task) => {
    core.cancelTask(task);
    core.sleep(10);
  },
  "sleep, due": (core) => {
    core.sleep(1);
    core.advance(2, 0);
  },
  "sleep, due and cancelled": (core, task) => {
    core.sleep(1);
    core.advance(2, 0);
    core.cancelTask(task);
  },
  await: (core) => core.awaitFuture(core.openFuture()),
  "await, settled": (core) => {
    const future = core.openFuture();
    core.awaitFuture(future);
    core.settleFuture(future);
  },
  "await, settled and cancelled": (core, task) => {
    const future = core.openFuture();
    core.awaitFuture(future);
    core.settleFuture(future);
    core.cancelTask(task);
  },
  "await behind a cancel": (core, task) => {
    core.cancelTask(task);
    core.awaitFuture(core.openFuture());
  },
};

describe.each(implementations)("in the %s, a step that began to wait by", (_, create) => {
  describe.each(Object.entries(WAITS))("%s", (name, wait) => {
    test("and finishes leaves nothing of the task behind", () => {
      const core = create();
      const task = runTask(core);
      wait(core, task);
      core.exit(NONE, OP_FINISH);
      expect(stateOf(core, task)).toBe("free");
      expect(core.cancelTask(task)).toBe(E_STALE);
      expect(turn(core, 20)).toEqual([]);
    });

    test("and gives way steps the task once, in the next iteration", () => {
      const core = create();
      const task = runTask(core);
      wait(core, task);
      core.exit(NONE, OP_YIELD);
      expect(stateOf(core, task)).toBe("ready");
      const cancelled = name.includes("settled and cancel") || name === "await behind a cancel";
      const kind = cancelled ? "step cancelled" : name.includes("cancel") ? "wait cancelled" : "step";
      expect(turn(core, 20)).toEqual([`${kind} ${slotOf(task)}`]);
      expect(turn(core, 20)).toEqual([]);
    });

    test("and says nothing is never lost", () => {
      const core = create();
      const task = runTask(core);
      wait(core, task);
      const before = stateOf(core, task);
      core.exit(NONE, OP_NONE);
      expect(stateOf(core, task)).toBe(before === "running" ? "ready" : before);
      if (before === "running" || before === "ready") expect(turn(core, 0)).toHaveLength(1);
    });
  });
});
