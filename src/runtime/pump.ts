// The pump: runs a loop, in the turns that its host gives.
//
// JavaScript cannot block, so a running loop works in slices: it runs iterations until nothing is ready or the slice is
// used up, then asks the host for its next turn, at once or at the earliest deadline. The order of what runs is the
// core's alone.

import { BUDGET_SPENT, ENTRY_KIND, ENTRY_SHIFT, NONE, OP_NONE, WAIT_CANCELLED } from "../core/abi.ts";
import { DeadlockError } from "../errors/base.ts";
import { beginInside, currentContext, endInside } from "./context.ts";
import type { EventLoop } from "./event-loop.ts";
import { writeLog } from "./reports.ts";
import { format } from "../support/format.ts";
import { Handle } from "./handle.ts";
import {
  noticeFirstUse,
  runInHostContext,
  runInsideHostContext,
  runOutsideHostContexts,
  tellOfContexts,
} from "./host-context.ts";
import type { Join } from "./join.ts";
import { type Loop, enterLoop } from "./loop.ts";
import { Task, step } from "./task.ts";
import { readTasks } from "./task-dump.ts";

/**
 * Entries between two looks at the clock, at first; then as many as take about an eighth of the slice, within bounds.
 */
const FIRST_BUDGET = 32;
const LARGEST_BUDGET = 1024;
const NO_BUDGET_LIMIT = 0x7fffffff;

/**
 * Looks at the clock without seeing it move that end a slice too: some hosts' clocks stand still while a program runs.
 */
const LOOKS_AT_STANDING_CLOCK = 256;

/** Tasks that a DeadlockError names; of the others it gives the number. */
const DEADLOCKED_NAMED = 20;

/** In virtual time there is nothing outside. */
const ADVICE = "If something outside is to wake one, let it settle loop.createExternalFuture()";

/**
 * How a loop is driven at a standing clock where it is not left to the core alone: by who chooses, records or
 * intervenes.
 */
export interface Policy {
  /** Entries that the core may hand out before it asks how to go on. */
  budget(): number;
  /**
   * The core hands out no entry, for one of the reasons of `next`. Returns whether to ask it again; else nothing is
   * ready any more.
   */
  goOn(reason: number): boolean;
  /** Runs an entry, and returns the follow-up for the core; null: the pump does that. */
  readonly run: ((entry: number) => number) | null;
}

/** How a run ends. */
interface Run {
  resolve(): void;
  reject(error: unknown): void;
}

/** A run inside the call, which throws. */
const AT_ONCE: Run = { resolve() {}, reject() {} };

/** Runs one loop. */
export class Pump {
  /** Whether the loop is running callbacks right now. */
  inTurn = false;
  /** The handle whose callback is being called, or null; known in debug mode only. */
  currentHandle: Handle | null = null;
  readonly #loop: EventLoop;
  /** The run that goes on, or null. */
  #run: Run | null = null;
  #stopping = false;
  #budget = FIRST_BUDGET;
  /** Whether the slice ended inside an iteration. */
  #midIteration = false;

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  /** Whether a run goes on: also between the turns. */
  get isRunning(): boolean {
    return this.#run !== null;
  }

  /** Ends the run at the end of the current iteration; without a run, lets the next one end after one iteration. */
  stop(): void {
    this.#stopping = true;
    this.#loop.core.interrupt();
    if (!this.inTurn) this.#loop.arrivals.wake();
  }

  /** The run cannot go on. */
  fail(error: unknown): void {
    this.#endRun()?.reject(error);
  }

  /**
   * Runs in the host's turns until stopped. Rejects with DeadlockError when the host can tell that nothing will ever
   * run.
   */
  runInTurns(): Promise<void> {
    const { host } = this.#loop;
    return new Promise((resolve, reject) => {
      this.#run = { resolve, reject };
      try {
        host.start({
          turn: () => runOutsideHostContexts(this.#turn),
          exhausted: () => this.fail(deadlockIn(this.#loop)),
          followsPromises: () => this.#loop.arrivals.followsPromises,
        });
      } catch (error) {
        this.fail(error);
        return;
      }
      this.#loop.arrivals.wake();
    });
  }

  /** Runs inside the call until stopped, at a standing clock, which `moveClock` moves whenever nothing is ready. */
  runAtOnce(moveClock: () => void, policy: Policy | null = null): void {
    this.#run = AT_ONCE;
    try {
      runInsideHostContext(() => {
        while (!this.#runIterations(policy)) moveClock();
      });
    } finally {
      this.#endRun();
    }
  }

  /** A turn of the host: runs what is ready until the slice is used up, and asks for the next turn. */
  readonly #turn = (): void => {
    if (this.#run === null || this.inTurn) return;
    const { core, host, arrivals } = this.#loop;
    arrivals.checkTurn();
    const outside = this.enter();
    let now = 0;
    let stood = 0;
    let wakeAt = -Infinity;
    try {
      now = host.now();
      const sliceEnd = now + host.slice;
      do {
        if (!this.#midIteration) core.advance(now, host.resolution);
        if (this.#stopping) core.interrupt();
        this.#midIteration = this.#drive(this.#budget, null) === BUDGET_SPENT;
        const before = now;
        now = host.now();
        const seconds = now - before;
        stood = seconds > 0 ? 0 : stood + 1;
        if (this.#midIteration) {
          this.#adjustBudget(seconds);
          continue;
        }
        if (this.#stopping) break;
        wakeAt = core.nextDeadline();
        if (wakeAt > now) break;
      } while (now < sliceEnd && stood < LOOKS_AT_STANDING_CLOCK);
    } catch (error) {
      this.fail(error);
      return;
    } finally {
      this.leave(outside);
    }
    if (this.#stopping && !this.#midIteration) this.#endRun()?.resolve();
    else if (this.#midIteration || wakeAt <= now) this.#goOn();
    else this.#rest(wakeAt);
  };

  /** The slice is used up, and there is more to do: asks for the next turn. */
  #goOn(): void {
    const { arrivals, host } = this.#loop;
    if (host.yieldTurn === undefined) return arrivals.wake();
    try {
      host.yieldTurn();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Nothing is ready: waits for a deadline, or for what makes something ready before. */
  #rest(deadline: number): void {
    const { core, host, timersKeepAlive } = this.#loop;
    core.rest();
    try {
      host.wakeAt(deadline, timersKeepAlive?.());
    } catch (error) {
      this.fail(error);
    }
  }

  /** Sees to it that a budget of slow entries does not make a slice many times longer. It took `seconds`. */
  #adjustBudget(seconds: number): void {
    if (seconds <= 0) return; // nothing is known when the clock has not moved
    const fitting = Math.floor((this.#budget * this.#loop.host.slice) / 8 / seconds);
    this.#budget = Math.min(Math.max(1, fitting), 2 * this.#budget, LARGEST_BUDGET);
  }

  /**
   * Runs iterations at a standing clock until nothing is ready or the loop is stopped. Returns whether it was stopped.
   */
  #runIterations(policy: Policy | null): boolean {
    const { core, host } = this.#loop;
    const outside = this.enter();
    try {
      core.advance(host.now(), host.resolution);
      if (this.#stopping) core.interrupt();
      this.#drive(policy?.budget() ?? NO_BUDGET_LIMIT, policy);
      return this.#stopping;
    } finally {
      this.leave(outside);
    }
  }

  /**
   * Runs entries until the core has none and the policy, if there is one, does not go on. Returns the core's reason.
   */
  #drive(budget: number, policy: Policy | null): number {
    const loop = this.#loop;
    const { core } = loop;
    const { next, objects } = core;
    const runByPolicy = policy?.run ?? null;
    core.setBudget(budget);
    let op = OP_NONE;
    for (;;) {
      const entry = next(op);
      if (entry >= 0) {
        op =
          runByPolicy !== null ? runByPolicy(entry) : loop.hasPlainSteps ? run(objects, entry) : this.#runNoted(entry);
      } else {
        if (policy === null || !policy.goOn(entry)) return entry;
        op = OP_NONE;
      }
    }
  }

  /** Runs one entry, for a policy that does more about it. Returns the follow-up for the core. */
  runEntry(entry: number): number {
    const loop = this.#loop;
    return loop.hasPlainSteps ? run(loop.core.objects, entry) : this.#runNoted(entry);
  }

  /** Runs one entry, in its context of the host's, if these are kept, and timed, in debug mode. */
  #runNoted(entry: number): number {
    const loop = this.#loop;
    noticeFirstUse(loop.currentTask); // which made the step before this one
    if (loop.getDebug()) return this.#runTimed(entry);
    const object = loop.core.objects[entry >> ENTRY_SHIFT];
    return object instanceof Task ? runInHostContext(object, step, entry & ENTRY_KIND) : run(loop.core.objects, entry);
  }

  /** Runs one entry, and reports it when it was slow. */
  #runTimed(entry: number): number {
    const loop = this.#loop;
    const slot = entry >> ENTRY_SHIFT;
    const object = loop.core.objects[slot] as Task<unknown> | Handle | Join;
    const started = this.#timeOrNaN();
    let op = OP_NONE;
    if (object instanceof Task) {
      op = runInHostContext(object, step, entry & ENTRY_KIND);
    } else {
      if (object instanceof Handle) this.currentHandle = object;
      object.run();
      this.currentHandle = null;
    }
    const seconds = this.#timeOrNaN() - started;
    if (seconds >= loop.slowCallbackDuration) {
      writeLog(loop.host, "warning", `Executing ${format(object)} took ${seconds.toFixed(3)} seconds`);
    }
    return op;
  }

  /** The time, or NaN where the host throws: the core has to be told what follows from the step all the same. */
  #timeOrNaN(): number {
    try {
      return this.#loop.host.now();
    } catch {
      return NaN;
    }
  }

  /** Begins a turn. Returns what it ends with: the loop from outside. */
  enter(): Loop | null {
    this.inTurn = true;
    beginInside(currentContext());
    tellOfContexts(this.#loop);
    return enterLoop(this.#loop);
  }

  /** Ends a turn: steps and callbacks leave their task and their context behind. */
  leave(outside: Loop | null): void {
    this.inTurn = false;
    if (!this.#loop.hasPlainSteps) noticeFirstUse(this.#loop.currentTask);
    this.#loop.currentSlot = NONE;
    enterLoop(outside);
    tellOfContexts(outside);
    endInside();
  }

  /** Marks the loop as not running. Returns the run that ended, or null. */
  #endRun(): Run | null {
    const run = this.#run;
    this.#run = null;
    this.#stopping = false;
    this.#midIteration = false;
    try {
      this.#loop.host.stop();
    } catch (error) {
      run?.reject(error);
      return null;
    }
    return run;
  }
}

/** Runs the task or the callback of an entry. Returns the follow-up for the core. */
function run(objects: unknown[], entry: number): number {
  const kind = entry & ENTRY_KIND;
  const slot = entry >> ENTRY_SHIFT;
  if (kind <= WAIT_CANCELLED) return (objects[slot] as Task<unknown>).step(kind);
  (objects[slot] as Handle | Join).run();
  return OP_NONE;
}

/** The error for a loop in which nothing can run any more. */
export function deadlockIn(loop: EventLoop): DeadlockError {
  const tasks = loop.pendingTasks();
  const dump = readTasks(loop.core, tasks.slice(0, DEADLOCKED_NAMED));
  const named = `\n${dump.toString()}`.replaceAll("\n", "\n  ");
  const more = tasks.length > DEADLOCKED_NAMED ? `\n  and ${tasks.length - DEADLOCKED_NAMED} more` : "";
  const advice = loop.host.virtual === true ? "" : `\n${ADVICE}`;
  const scheduled = loop.timersKeepAlive === null ? "nothing" : "nothing that keeps the process alive";
  return new DeadlockError(
    `Cannot go on: ${scheduled} is scheduled, and these tasks wait:${tasks.length === 0 ? " none" : named}${more}${advice}`,
  );
}
