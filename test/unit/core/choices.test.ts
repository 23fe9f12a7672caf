import { describe, expect, test } from "vitest";
import {
  BOUNDARY,
  BUDGET_SPENT,
  CALLBACK,
  CHOICE,
  DONE_CALLBACK,
  ENTRY_KIND,
  ENTRY_SHIFT,
  E_KIND,
  E_STALE,
  NONE,
  OP_FINISH,
  OP_NONE,
  OP_YIELD,
  ORDERS_ANY,
  ORDERS_JAVASCRIPT,
  ORDERS_TIMERS,
  REDUNDANT,
  STEP,
  TIMER,
} from "../../../src/core/abi.ts";
import { type Core, createCore, slotOf } from "../../../src/core/core.ts";
import { inspect } from "../../../src/core/inspection.ts";

const MANY = 1_000_000;

function coreWith(orders: number, window = 0, always = false): Core {
  const core = createCore({ clockStands: true });
  core.simulation.offerChoices(orders, window, 0, always, false);
  core.setBudget(MANY);
  return core;
}

function candidates(core: Core): number[] {
  const { candidateAt, candidateCount } = core.simulation;
  return Array.from({ length: candidateCount() }, (_, index) => candidateAt(index));
}

const entry = (id: number, kind: number): number => (slotOf(id) << ENTRY_SHIFT) | kind;

describe("a choice", () => {
  test("is offered where more than one thing could run, and chooses what is next", () => {
    const core = coreWith(ORDERS_ANY);
    const [a, b, c] = [core.spawn(), core.spawn(), core.spawn()] as [number, number, number];
    core.advance(0, 0);
    expect(core.next(OP_NONE)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(a, STEP), entry(b, STEP), entry(c, STEP)]);
    expect(core.simulation.choose(2)).toBe(-Infinity);
    expect(core.next(OP_NONE)).toBe(entry(c, STEP));
    expect(core.next(OP_FINISH)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(a, STEP), entry(b, STEP)]);
    core.simulation.choose(1);
    expect(core.next(OP_NONE)).toBe(entry(b, STEP));
    expect(core.next(OP_FINISH)).toBe(entry(a, STEP)); // the last one: no choice
    expect(core.next(OP_FINISH)).toBe(BOUNDARY);
  });

  test("is among what is ready now and what became ready meanwhile", () => {
    const core = coreWith(ORDERS_ANY);
    const [a, b] = [core.spawn(), core.spawn()] as [number, number];
    core.advance(0, 0);
    core.next(OP_NONE);
    core.simulation.choose(0);
    expect(core.next(OP_NONE)).toBe(entry(a, STEP));
    expect(core.next(OP_YIELD)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(b, STEP), entry(a, STEP)]);
    core.simulation.choose(1);
    expect(core.next(OP_NONE)).toBe(entry(a, STEP));
  });

  test("is offered at each point when asked for", () => {
    const core = coreWith(ORDERS_ANY, 0, true);
    const a = core.spawn();
    core.advance(0, 0);
    expect(core.next(OP_NONE)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(a, STEP)]);
    core.simulation.choose(0);
    expect(core.next(OP_NONE)).toBe(entry(a, STEP));
  });

  test("that there is not is refused, and changes nothing", () => {
    const core = coreWith(ORDERS_ANY);
    const a = core.spawn();
    core.spawn();
    core.advance(0, 0);
    core.next(OP_NONE);
    expect(core.simulation.choose(2)).toBeNaN();
    expect(core.simulation.choose(-1)).toBeNaN();
    expect(core.simulation.candidateAt(2)).toBe(NONE);
    expect(core.simulation.candidateAt(-1)).toBe(NONE);
    core.simulation.choose(0);
    expect(core.next(OP_NONE)).toBe(entry(a, STEP));
  });

  test("is not offered when the run is to end with the iteration", () => {
    const core = coreWith(ORDERS_ANY);
    const [a, b] = [core.spawn(), core.spawn()] as [number, number];
    core.advance(0, 0);
    core.interrupt();
    expect(core.next(OP_NONE)).toBe(entry(a, STEP));
    expect(core.next(OP_YIELD)).toBe(entry(b, STEP));
    expect(core.next(OP_YIELD)).toBe(BOUNDARY);
  });

  test("is among sources that are posted, too, and not among those that are closed", () => {
    const core = coreWith(ORDERS_ANY);
    const [task, source, closed] = [core.spawn(), core.openSource(), core.openSource()];
    for (const id of [closed, source]) core.post(id);
    core.closeSource(closed);
    core.advance(0, 0);
    expect(core.next(OP_NONE)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(task, STEP), entry(source, CALLBACK)]);
    core.simulation.choose(1);
    expect(core.next(OP_NONE)).toBe(entry(source, CALLBACK));
    expect(core.post(source)).toBe(1);
    expect(core.next(OP_NONE)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(task, STEP), entry(source, CALLBACK)]);
  });

  test("leaves the budget alone", () => {
    const core = coreWith(ORDERS_ANY);
    core.spawn();
    core.spawn();
    core.advance(0, 0);
    core.setBudget(1);
    expect(core.next(OP_NONE)).toBe(CHOICE);
    core.simulation.choose(1);
    expect(core.next(OP_NONE)).toBeGreaterThanOrEqual(0);
    expect(core.next(OP_YIELD)).toBe(BUDGET_SPENT);
  });

  test("is among 256 ready entries at most", () => {
    const core = coreWith(ORDERS_ANY);
    const ids = Array.from({ length: 1000 }, () => core.spawn());
    core.advance(0, 0);
    expect(core.next(OP_NONE)).toBe(CHOICE);
    expect(core.simulation.candidateCount()).toBe(256);
    core.simulation.choose(255);
    expect(core.next(OP_NONE)).toBe(entry(ids[255], STEP));
  });
});

describe("a wake-up", () => {
  /** Two tasks that are ready, and a third whose end calls a done-callback. */
  function withCallback(bookkeeping: boolean): { core: Core; a: number; b: number; callback: number } {
    const core = coreWith(ORDERS_ANY);
    const ended = core.spawn();
    const callback = core.subscribe(ended, bookkeeping);
    core.advance(0, 0);
    expect(core.next(OP_NONE)).toBe(entry(ended, STEP));
    const [a, b] = [core.spawn(), core.spawn()] as [number, number];
    return { core, a, b, callback };
  }

  test("is a candidate only with all others, and runs before what is chosen past it", () => {
    const { core, a, b, callback } = withCallback(true);
    expect(core.next(OP_FINISH)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(a, STEP), entry(b, STEP), NONE]);
    core.simulation.choose(1);
    expect(core.next(OP_NONE)).toBe(entry(callback, DONE_CALLBACK));
    expect(core.next(OP_NONE)).toBe(entry(b, STEP));
    expect(core.next(OP_FINISH)).toBe(entry(a, STEP));
  });

  test("runs where it stands when nothing is chosen past it", () => {
    const { core, a, b, callback } = withCallback(true);
    expect(core.next(OP_FINISH)).toBe(CHOICE);
    core.simulation.choose(0);
    expect(core.next(OP_NONE)).toBe(entry(a, STEP));
    expect(core.next(OP_FINISH)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(b, STEP), NONE]);
    core.simulation.choose(0);
    expect(core.next(OP_NONE)).toBe(entry(b, STEP));
    expect(core.next(OP_FINISH)).toBe(entry(callback, DONE_CALLBACK));
  });

  test("that is let go first has what it wakes run first", () => {
    const { core, a, b, callback } = withCallback(true);
    expect(core.next(OP_FINISH)).toBe(CHOICE);
    expect(core.simulation.choose(2)).toBe(-Infinity);
    expect(core.next(OP_NONE)).toBe(entry(callback, DONE_CALLBACK));
    const woken = core.spawn();
    expect(core.next(OP_NONE)).toBe(entry(woken, STEP)); // the only one: no choice
    expect(core.next(OP_FINISH)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(a, STEP), entry(b, STEP)]);
  });

  test("that is let go first leaves a choice among those that it wakes", () => {
    const { core, callback } = withCallback(true);
    core.next(OP_FINISH);
    core.simulation.choose(2);
    expect(core.next(OP_NONE)).toBe(entry(callback, DONE_CALLBACK));
    const woken = [core.spawn(), core.spawn(), core.spawn()];
    expect(core.next(OP_NONE)).toBe(CHOICE);
    expect(candidates(core)).toEqual(woken.map((id) => entry(id, STEP)));
    core.simulation.choose(1);
    expect(core.next(OP_NONE)).toBe(entry(woken[1], STEP));
    expect(core.next(OP_FINISH)).toBe(CHOICE);
    expect(core.simulation.candidateCount()).toBe(4); // all that is ready again
  });

  test("that is let go first and wakes wake-ups lets those go, too", () => {
    const { core, callback } = withCallback(true);
    const future = core.openFuture();
    const outer = core.subscribe(future, true);
    core.next(OP_FINISH);
    core.simulation.choose(2);
    expect(core.next(OP_NONE)).toBe(entry(callback, DONE_CALLBACK));
    core.settleFuture(future);
    expect(core.next(OP_NONE)).toBe(entry(outer, DONE_CALLBACK));
    const woken = core.spawn();
    expect(core.next(OP_NONE)).toBe(entry(woken, STEP));
  });

  test("that wakes nobody is told of as redundant, where that is asked for", () => {
    for (const redundant of [false, true]) {
      const { core, a, callback } = withCallback(true);
      core.simulation.offerChoices(ORDERS_ANY, 0, 0, false, redundant);
      core.next(OP_FINISH);
      core.simulation.choose(2);
      expect(core.next(OP_NONE)).toBe(entry(callback, DONE_CALLBACK));
      expect(core.next(OP_NONE)).toBe(redundant ? REDUNDANT : CHOICE);
      if (redundant) continue;
      core.simulation.choose(0);
      expect(core.next(OP_NONE)).toBe(entry(a, STEP));
    }
  });

  /** A join of `count` tasks, of which the first is about to end, and two other tasks that are ready. */
  function withMembers(count: number): { core: Core; join: number; members: number[]; a: number; b: number } {
    const core = coreWith(ORDERS_ANY);
    const join = core.openJoin();
    const ended = core.spawn();
    core.advance(0, 0);
    expect(core.next(OP_NONE)).toBe(entry(ended, STEP));
    const sources = [ended, ...Array.from({ length: count - 1 }, () => core.openFuture())];
    const members = sources.map((source) => core.join(join, source));
    const [a, b] = [core.spawn(), core.spawn()] as [number, number];
    return { core, join, members, a, b };
  }

  test("is a member of a join, which is told before what is chosen past it", () => {
    const { core, join, a, b } = withMembers(1);
    expect(core.next(OP_FINISH)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(a, STEP), entry(b, STEP), NONE]);
    core.simulation.choose(1);
    expect(core.next(OP_NONE)).toBe(entry(join, DONE_CALLBACK));
    expect(core.next(OP_NONE)).toBe(entry(b, STEP));
    expect(core.next(OP_FINISH)).toBe(entry(a, STEP));
  });

  test("is a member of a join that is told of it, although others are left", () => {
    const { core, join, members, b } = withMembers(2);
    core.tell(members[0]);
    expect(core.next(OP_FINISH)).toBe(CHOICE);
    core.simulation.choose(1);
    expect(core.next(OP_NONE)).toBe(entry(join, DONE_CALLBACK));
    expect([core.joinedSlot(), core.joinedLeft()]).toEqual([members[0], 1]);
    expect(core.next(OP_NONE)).toBe(entry(b, STEP));
  });

  test("is a member of a join that is not told, and is counted before what is chosen past it", () => {
    const { core, join, a, b } = withMembers(2);
    expect(core.next(OP_FINISH)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(a, STEP), entry(b, STEP), NONE]);
    core.simulation.choose(1);
    expect(core.memberCount(join)).toBe(2);
    expect(core.next(OP_NONE)).toBe(entry(b, STEP));
    expect(core.memberCount(join)).toBe(1);
    expect(core.next(OP_FINISH)).toBe(entry(a, STEP));
  });

  test("is a member of a join: let go first, it has what the join wakes run first", () => {
    const { core, join } = withMembers(1);
    expect(core.next(OP_FINISH)).toBe(CHOICE);
    core.simulation.choose(2);
    expect(core.next(OP_NONE)).toBe(entry(join, DONE_CALLBACK));
    const woken = core.spawn();
    expect(core.next(OP_NONE)).toBe(entry(woken, STEP));
  });

  test("is a member of a join: let go first, it has woken nobody when the join is not told", () => {
    for (const redundant of [false, true]) {
      const { core, join, a } = withMembers(2);
      core.simulation.offerChoices(ORDERS_ANY, 0, 0, false, redundant);
      core.next(OP_FINISH);
      core.simulation.choose(2);
      expect(core.next(OP_NONE)).toBe(redundant ? REDUNDANT : CHOICE);
      expect(core.memberCount(join)).toBe(1);
      if (redundant) continue;
      core.simulation.choose(0);
      expect(core.next(OP_NONE)).toBe(entry(a, STEP));
    }
  });

  test("is not the program's own callback", () => {
    const { core, a, b, callback } = withCallback(false);
    expect(core.next(OP_FINISH)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(a, STEP), entry(b, STEP), entry(callback, DONE_CALLBACK)]);
  });

  test("is not a cancelled handle, which is no candidate at all", () => {
    const core = coreWith(ORDERS_ANY);
    const [a, b, c] = [core.callSoon(), core.callSoon(), core.callSoon()] as [number, number, number];
    core.cancelHandle(b);
    core.advance(0, 0);
    expect(core.next(OP_NONE)).toBe(CHOICE);
    expect(candidates(core).map((candidate) => candidate >> ENTRY_SHIFT)).toEqual([slotOf(a), slotOf(c)]);
  });
});

describe("a window", () => {
  /** A task that sleeps until 1 and a callback at 1.5, seen at time 1, when a second task has just been made ready. */
  function atOne(orders: number, window: number): { core: Core; sleeper: number; timer: number; ready: number } {
    const core = coreWith(orders, window);
    const sleeper = core.spawn();
    core.advance(0, 0);
    core.next(OP_NONE);
    core.sleep(1.5);
    expect(core.next(OP_NONE)).toBe(BOUNDARY);
    const timer = core.callAt(1.25);
    const ready = core.spawn();
    core.advance(1, 0);
    return { core, sleeper, timer, ready };
  }

  test("makes timers candidates that are nearly due, earliest first", () => {
    const { core, sleeper, timer, ready } = atOne(ORDERS_ANY, 0.5);
    expect(core.next(OP_NONE)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(ready, STEP), entry(timer, TIMER), entry(sleeper, STEP)]);
    expect(core.simulation.choose(2)).toBe(1.5);
    expect(core.next(OP_NONE)).toBe(entry(sleeper, STEP));
    // It is half past one now: the earlier timer is due, in the iteration to come.
    expect(core.next(OP_FINISH)).toBe(CHOICE);
    core.simulation.choose(1);
    expect(core.next(OP_NONE) & ENTRY_KIND).toBe(TIMER);
    expect(core.next(OP_NONE)).toBe(entry(ready, STEP));
  });

  test("has timers come behind what is ready, where order is kept", () => {
    const { core, sleeper, timer, ready } = atOne(ORDERS_TIMERS, 0.5);
    const second = core.spawn();
    expect(core.next(OP_NONE)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(ready, STEP), entry(timer, TIMER), entry(sleeper, STEP)]);
    expect(core.simulation.choose(1)).toBe(1.25);
    expect(core.next(OP_NONE)).toBe(CHOICE); // the first entry is still to run, or another timer comes early
    expect(candidates(core)).toEqual([entry(ready, STEP), entry(sleeper, STEP)]);
    core.simulation.choose(0);
    expect(core.next(OP_NONE)).toBe(entry(ready, STEP));
    expect(core.next(OP_FINISH)).toBe(CHOICE);
    core.simulation.choose(0);
    // In the iteration that it came early in: before the task that was made while that ran.
    expect(core.next(OP_NONE)).toBe(entry(timer, TIMER));
    expect(core.next(OP_NONE)).toBe(CHOICE);
    core.simulation.choose(0);
    expect(core.next(OP_NONE)).toBe(entry(second, STEP));
  });

  test("has what a timer fired for wait until nothing else is ready, in JavaScript's orders", () => {
    const { core, sleeper, timer, ready } = atOne(ORDERS_JAVASCRIPT, 0.5);
    expect(core.next(OP_NONE)).toBe(entry(ready, STEP)); // before all timers: no choice
    expect(core.next(OP_FINISH)).toBe(BOUNDARY);
    core.advance(1.25, 0);
    expect(core.next(OP_NONE)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(timer, TIMER), entry(sleeper, STEP)]);
    expect(core.simulation.choose(1)).toBe(1.5);
    expect(core.next(OP_NONE)).toBe(entry(sleeper, STEP));
    const job = core.callSoon();
    expect(core.next(OP_YIELD)).toBe(entry(job, CALLBACK)); // the timer is late, and does not come between
    expect(core.next(OP_NONE)).toBe(entry(sleeper, STEP));
    expect(core.next(OP_FINISH)).toBe(entry(timer, TIMER));
  });

  test("has timers that are due together fire one at a time, in JavaScript's orders", () => {
    const core = coreWith(ORDERS_JAVASCRIPT);
    const [first, second] = [core.callAt(1), core.callAt(1)];
    core.advance(1, 0);
    expect(core.next(OP_NONE)).toBe(entry(first, TIMER));
    const job = core.callSoon();
    expect(core.next(OP_NONE)).toBe(entry(job, CALLBACK));
    const next = core.callSoon();
    expect(core.next(OP_NONE)).toBe(entry(next, CALLBACK));
    expect(core.next(OP_NONE)).toBe(entry(second, TIMER));
    expect(core.next(OP_NONE)).toBe(BOUNDARY);
  });

  test("ends where it ends", () => {
    const { core, ready } = atOne(ORDERS_ANY, 0.24);
    expect(core.next(OP_NONE)).toBe(entry(ready, STEP));
  });

  test("is moved by the time, not by what happens in it", () => {
    const { core, ready } = atOne(ORDERS_ANY, 0.3);
    expect(core.next(OP_NONE)).toBe(CHOICE);
    core.simulation.choose(1);
    core.next(OP_NONE); // the callback at 1.25
    expect(core.next(OP_NONE)).toBe(entry(ready, STEP)); // 1.5 is more than 0.3 from 1
  });

  test("keeps what is ready in order when only timers may be chosen", () => {
    const core = coreWith(ORDERS_TIMERS, 1);
    const [a, b] = [core.spawn(), core.spawn()] as [number, number];
    core.advance(0, 0);
    expect(core.next(OP_NONE)).toBe(entry(a, STEP));
    expect(core.next(OP_YIELD)).toBe(entry(b, STEP));
  });

  test("passes over timers that were cancelled", () => {
    const { core, timer, sleeper, ready } = atOne(ORDERS_ANY, 0.5);
    core.cancelHandle(timer);
    expect(core.next(OP_NONE)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(ready, STEP), entry(sleeper, STEP)]);
  });

  test("holds the 32 earliest timers at most, in order", () => {
    const core = coreWith(ORDERS_ANY, 10);
    const ids = Array.from({ length: 100 }, (_, index) => core.callAt(1 + ((index * 37) % 100) / 100));
    core.spawn();
    core.advance(0, 0);
    expect(core.next(OP_NONE)).toBe(CHOICE);
    const earliest = Array.from({ length: 32 }, (_, rank) => ids[(rank * 73) % 100]);
    expect(candidates(core).slice(1)).toEqual(earliest.map((id) => entry(id, TIMER)));
  });
});

describe("a lateness", () => {
  const SHARE = 0.5;

  /** A core in which a task sleeps from 0 to 1, with timers that were made before, when the time is 1. */
  function atOne(...deadlines: readonly number[]): { core: Core; sleeper: number; timers: number[] } {
    const core = createCore({ clockStands: true });
    core.simulation.offerChoices(ORDERS_ANY, 0, SHARE, false, false);
    core.setBudget(MANY);
    const sleeper = core.spawn();
    core.advance(0, 0);
    core.next(OP_NONE);
    core.sleep(1);
    expect(core.next(OP_NONE)).toBe(BOUNDARY);
    const timers = deadlines.map((deadline) => core.callAt(deadline));
    core.advance(1, 0);
    return { core, sleeper, timers };
  }

  test("lets timers come before a sleep that is late by less than its share", () => {
    const { core, sleeper, timers } = atOne(1.4, 1.5);
    expect(core.next(OP_NONE)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(sleeper, STEP), entry(timers[0], TIMER)]);
    const { candidateDeadline, choose } = core.simulation;
    expect([0, 1, 2].map((index) => candidateDeadline(index))).toEqual([-Infinity, 1.4, -Infinity]);
    expect(choose(1)).toBe(1.4);
    expect(core.next(OP_NONE)).toBe(entry(timers[0], TIMER));
    expect(core.next(OP_NONE)).toBe(entry(sleeper, STEP));
  });

  test("has callbacks come in time, but for those with a delay", () => {
    const { core, sleeper, timers } = atOne(1.2, 1.3);
    expect(core.next(OP_NONE)).toBe(CHOICE);
    expect(candidates(core)).toEqual([entry(sleeper, STEP), entry(timers[0], TIMER)]);
    expect(core.simulation.mayBeLate(timers[0], 1.2)).toBe(0);
    expect(core.simulation.choose(0)).toBe(-Infinity);
    core.next(OP_NONE);
    expect(core.next(OP_YIELD)).toBe(CHOICE); // what came of it may be late, as itself
    expect(candidates(core)).toEqual([sleeper, ...timers].map((id, index) => entry(id, index === 0 ? STEP : TIMER)));
  });

  test("has what is made at the time come behind what made it", () => {
    const { core, sleeper } = atOne();
    expect(core.next(OP_NONE)).toBe(entry(sleeper, STEP));
    core.callAt(1.1);
    expect(core.next(OP_YIELD)).toBe(entry(sleeper, STEP));
    expect(core.next(OP_YIELD)).toBe(entry(sleeper, STEP));
  });

  test("is of timers alone", () => {
    const { core, timers } = atOne(2);
    expect(core.simulation.mayBeLate(timers[0] + 1, 2)).toBe(E_STALE);
    expect(core.simulation.mayBeLate(core.callSoon(), 2)).toBe(E_KIND);
  });
});

test("reset makes a core as new", () => {
  const trace = (core: Core): number[] => {
    const seen: number[] = [];
    const task = core.spawn();
    core.callAt(1);
    core.advance(0, 0);
    seen.push(core.next(OP_NONE), core.sleep(2), core.next(OP_NONE));
    core.advance(2, 0);
    for (let op = OP_NONE; ; op = OP_FINISH) {
      const result = core.next(op);
      seen.push(result);
      if (result < 0) break;
    }
    return [...seen, task, core.usedSlots(), core.simulation.digestHigh(), core.simulation.digestLow()];
  };
  const core = coreWith(0);
  const fresh = trace(core);
  for (let index = 0; index < 100; index++) core.callAt(index);
  core.spawn();
  expect(core.reset(true, 1)).toBe(0);
  expect(core.usedSlots()).toBe(0);
  expect([...inspect(core).dumpSlots(0)]).toEqual([]);
  core.setBudget(MANY);
  expect(trace(core)).toEqual(fresh);
});
