// A program in virtual time: how tests run one, what it writes down, and that it leaves nothing behind in the core. It
// asks nothing of a test runner, because the programs run on hosts that have none, too.

import { type Coroutine, DeadlockError, type TaskFactory } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { counters } from "./counters.ts";
import { spin } from "./coroutines.ts";
import { describeError } from "./outcomes.ts";

/** What a program has done, in order. */
export type Trace = unknown[];

/** A program: writes what it does to `log`. */
export type Program = (log: Trace, loop: VirtualEventLoop) => Coroutine<unknown>;

export interface StageOptions {
  readonly taskFactory?: TaskFactory;
  readonly debug?: boolean;
}

/** A loop that writes what reaches its exception handler, and what it tells the developer, to `log`. */
export function newLoop(log: Trace = []): VirtualEventLoop {
  const loop = new VirtualEventLoop();
  loop.setExceptionHandler((_, { message, exception }) =>
    log.push(["EH", message, exception === undefined ? "undefined" : describeError(exception)]),
  );
  loop.host.report = (level, text) => log.push([level, text]);
  return loop;
}

/** Runs a program to its end, cancels what it left, and checks that nothing is left in the core. Returns its trace. */
export function trace(program: Program, options: StageOptions = {}): Trace {
  return play(program, options, dispose);
}

/** As `trace`, of a program that has to end all that it begins: nothing is cancelled for it. */
export function tidyTrace(program: Program, options: StageOptions = {}): Trace {
  return play(program, options, (loop) => {
    loop.runUntilCompleteSync(spin(3)); // tasks that were cancelled last
    checkCore(loop);
    loop.close();
  });
}

/** As `trace`, of a program whose tasks and timers go on behind its end: what they do then belongs to the trace. */
export function fullTrace(program: Program, options: StageOptions = {}): Trace {
  return play(program, options, (loop) => {
    clear(loop);
    loop.close();
  });
}

function play(program: Program, options: StageOptions, end: (loop: VirtualEventLoop) => void): Trace {
  const log: Trace = [];
  const loop = newLoop(log);
  loop.setTaskFactory(options.taskFactory ?? null);
  loop.setDebug(options.debug ?? false);
  loop.runUntilCompleteSync(program(log, loop));
  end(loop);
  return options.debug === true ? log.filter((entry) => !String(entry).startsWith("debug,Close")) : log;
}

/** Cancels what is left, runs it out without letting time pass, checks that no slot is in use, and closes the loop. */
export function dispose(loop: VirtualEventLoop, slotsLeft = 0): void {
  for (const task of loop.pendingTasks()) task.cancel();
  for (let round = 0; round < 100 && counters(loop).ready > 0; round++) runOnce(loop);
  checkCore(loop, slotsLeft);
  loop.close();
}

/** Runs all that is left in a loop to its end, cancels what waits for ever, and checks that the core is empty. */
export function clear(loop: VirtualEventLoop): void {
  for (let round = 0; round < 10; round++) {
    exhaust(loop);
    const tasks = loop.pendingTasks();
    if (tasks.length === 0) break;
    for (const task of tasks) task.cancel();
  }
  checkCore(loop);
}

/** Throws Error unless so many slots are in use, with an object each: a task that is pending has one. */
function checkCore(loop: VirtualEventLoop, slotsLeft = 0): void {
  const objects = loop.core.objects.filter((object) => object !== undefined).length;
  const { slots } = counters(loop);
  if (slots === slotsLeft && objects === slotsLeft) return;
  const tasks = loop.pendingTasks().map(String).join(", ");
  throw new Error(`${slots} slots and ${objects} objects in use, ${slotsLeft} expected; pending tasks: ${tasks}`);
}

/** Runs until nothing is scheduled any more. */
export function exhaust(loop: VirtualEventLoop): void {
  try {
    loop.runForeverSync();
  } catch (error) {
    if (!(error instanceof DeadlockError)) throw error;
  }
}

/** Runs one iteration at the current time. */
export function runOnce(loop: VirtualEventLoop): void {
  loop.stop();
  loop.runForeverSync();
}

/** Lets time pass inside a callback or a step. */
export function passTime(loop: VirtualEventLoop, seconds: number): void {
  (loop.host as unknown as { jumpTo(time: number): void }).jumpTo(loop.time() + seconds);
}
