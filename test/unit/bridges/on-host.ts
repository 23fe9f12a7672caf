// Programs in real time: what crosses to promises and async iterables needs the turns of a host.

import { expect } from "vitest";
import { type Coroutine, EventLoop, wrapFuture } from "wasyncio";
import { slotsInUse } from "../../support/counters.ts";
import { describeError } from "../../support/outcomes.ts";
import type { Trace } from "../../support/stage.ts";

/** Runs a program to its end on a loop of its own, and checks that it left nothing in the core. Returns its trace. */
export async function runOnHost(program: (log: Trace, loop: EventLoop) => Coroutine<unknown>): Promise<Trace> {
  const log: Trace = [];
  const loop = new EventLoop();
  loop.setExceptionHandler((_, { message, exception }) => log.push(["EH", message, describeError(exception)]));
  await loop.runUntilComplete(program(log, loop));
  await loop.runUntilComplete(comeThrough());
  expect(slotsInUse(loop), "slots left in the core").toBe(0);
  await loop.runUntilComplete(loop.shutdownAsyncgens());
  loop.close();
  return log;
}

/** Lets promises that are settled come through. */
export function* comeThrough(): Coroutine<void> {
  for (let i = 0; i < 5; i++) yield* wrapFuture(Promise.resolve());
}
