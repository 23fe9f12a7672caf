// How hostile programs are run: to their end, in a loop that must be empty behind them, and go on.

import type { Future } from "wasyncio";
import { type Coroutine, type EventLoop, sleep } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { describeError } from "../support/outcomes.ts";
import { runOnce } from "../support/stage.ts";
import { stillWorks } from "./world.ts";
import { counters } from "../support/counters.ts";

export type Log = unknown[];

/** A loop that writes what reaches its handler, and its host, to a log. */
export function listeningLoop(log: Log): VirtualEventLoop {
  const loop = new VirtualEventLoop();
  loop.setExceptionHandler((_, { message, exception }) => log.push(["reported", message, wordsOf(exception)]));
  loop.host.report = (level, text, error) => log.push([level, text.split("\n")[0], wordsOf(error)]);
  return loop;
}

/** Runs a program to its end. Nothing of it may be left: no task, no slot, no object; and the loop must go on. */
export function survive(program: (log: Log, loop: VirtualEventLoop) => Coroutine<unknown>): Log {
  const log: Log = [];
  const loop = listeningLoop(log);
  loop.runUntilCompleteSync(program(log, loop));
  leavesNothing(loop);
  loop.close();
  return log;
}

/** Throws unless the loop is empty, and runs a small program as it should. */
export function leavesNothing(loop: VirtualEventLoop): void {
  for (let i = 0; i < 5; i++) runOnce(loop); // callbacks of what has just ended
  const tasks = loop.pendingTasks().map(String);
  if (tasks.length > 0) throw new Error(`tasks left: ${tasks.join(", ")}`);
  const { slots, ready, timers, cancelledTimers: cancelled } = counters(loop);
  const objects = loop.core.objects.filter((object) => object !== undefined).length;
  const left = { slots, ready, timers: timers - cancelled, objects };
  if (Object.values(left).some((count) => count !== 0)) throw new Error(`left behind: ${JSON.stringify(left)}`);
  if (!stillWorks(loop)) throw new Error("the loop does not go on as it should");
}

/** An error in words; anything else that was thrown, too, whatever it is. */
export function wordsOf(error: unknown): unknown {
  try {
    return error instanceof Error ? describeError(error) : error;
  } catch {
    return "untouchable";
  }
}

/** What a task or future ends with, in words, and what `cancelled` says. Waits for at most some iterations. */
export function* endOf(future: Future<unknown>): Coroutine<unknown> {
  for (let i = 0; i < 20 && !future.done(); i++) yield* sleep(0);
  if (!future.done()) return "pending";
  if (future.cancelled()) return "cancelled";
  return future.failed ? ["failed", wordsOf(future.exception())] : future.result();
}

/** A coroutine by hand: any behaviour goes. */
export function handmade(methods: {
  next?: (value?: unknown) => unknown;
  throw?: unknown;
  return?: unknown;
}): Coroutine<unknown> {
  const coroutine = {
    next: () => ({ done: true, value: undefined }),
    throw: (error: unknown) => {
      throw error;
    },
    return: () => ({ done: true, value: undefined }),
    [Symbol.iterator]: () => coroutine,
    ...methods,
  };
  return coroutine as never;
}

/** An object that cannot be shown, asked or told from others. */
export function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Whether a promise rejects, and with what; for some turns of the host. */
export async function settlementOf(promise: Promise<unknown>): Promise<unknown> {
  const late = new Promise((resolve) => setImmediate(() => setImmediate(() => resolve("pending"))));
  return Promise.race([promise.then(() => "fulfilled", wordsOf), late]);
}

export function quiet(loop: EventLoop): EventLoop {
  loop.setExceptionHandler(() => {});
  return loop;
}
