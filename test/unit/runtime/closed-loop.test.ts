// What is left of a closed loop, whose core the next loop has: it behaves as before, and does nothing to that one.

import { describe, expect, test } from "vitest";
import { type Coroutine, Event, EventLoop, Lock, type Task, allTasks, gather, sleep } from "wasyncio";
import { giving } from "../../support/coroutines.ts";
import { counters } from "../../support/counters.ts";
import { ManualHost } from "../../support/manual-host.ts";
import { attempt } from "../../support/outcomes.ts";

const nothing = (): void => {};

/** A loop that can be run by hand. */
function newLoop(): { loop: EventLoop; finish: <T>(coroutine: Coroutine<T>) => Promise<T> } {
  const host = new ManualHost();
  const loop = new EventLoop(host);
  const finish = async <T>(coroutine: Coroutine<T>): Promise<T> => {
    const run = loop.runUntilComplete(coroutine);
    for (let turn = 0; turn < 5; turn++) host.turn();
    return run;
  };
  return { loop, finish };
}

/** The instance that a loop runs on. */
const instanceOf = ({ core }: EventLoop): unknown => core.wasm.instance;

/** Closes a loop, and makes the next one. Says whether that has got its core, and what was done to it by `work`. */
async function afterwards(loop: EventLoop, work: () => void): Promise<{ handedOn: boolean; ran: unknown[] }> {
  const instance = instanceOf(loop);
  loop.close();
  const next = newLoop();
  const handedOn = instanceOf(next.loop) === instance;
  const ran: unknown[] = [];
  // It has tasks and handles in all of the first slots, in which the old loop had its own.
  const tasks: Task<void>[] = [];
  for (let index = 0; index < 8; index++) {
    next.loop.callSoon(() => ran.push(`handle ${index}`));
    tasks.push(
      next.loop.createTask(
        (function* () {
          yield* sleep(0);
          ran.push(`task ${index}`);
        })(),
      ),
    );
  }
  const before = counters(next.loop);
  work();
  expect(counters(next.loop)).toEqual(before);
  await next.finish(
    (function* () {
      yield* gather(tasks);
    })(),
  );
  next.loop.close();
  return { handedOn, ran };
}

const ALL = ["handle", "task"].flatMap((what) => Array.from({ length: 8 }, (_, index) => `${what} ${index}`));

describe("a closed loop with nothing left in it", () => {
  test("has given its core to the next one, which nothing of it reaches", async () => {
    const { loop, finish } = newLoop();
    const called: string[] = [];
    const [pending, settled, subscribed] = [0, 1, 2].map(() => loop.createFuture<number>());
    const [ran, cancelled] = [loop.callSoon(nothing), loop.callLater(9, nothing)];
    cancelled.cancel();
    const lock = new Lock();
    const event = new Event();
    const task = loop.createTask(giving(1));
    await finish(
      (function* () {
        yield* lock.with(() => giving(1));
        event.set();
        yield* event.wait();
        yield* task;
      })(),
    );
    const { handedOn, ran: order } = await afterwards(loop, () => {
      ran.cancel();
      cancelled.cancel();
      expect([ran.cancelled(), cancelled.cancelled()]).toEqual([true, true]);
      expect([task.cancel(), task.cancelling(), task.uncancel()]).toEqual([false, 0, 0]);
      settled.setResult(1);
      expect(settled.result()).toBe(1);
      subscribed.addDoneCallback(() => void called.push("callback"));
      expect(String(subscribed)).toBe("<Future pending>");
      expect(attempt(() => subscribed.setResult(1))).toBe("RuntimeError('Event loop is closed')");
      expect([pending.cancel(), pending.cancelled()]).toEqual([true, true]);
      expect(lock.locked()).toBe(false);
      event.clear();
      loop.stop();
      expect([...allTasks(loop)]).toEqual([]);
      expect(attempt(() => loop.callSoon(nothing))).toBe("RuntimeError('Event loop is closed')");
      loop.close();
    });
    expect(handedOn).toBe(true);
    expect(order).toEqual(ALL);
    expect(called).toEqual([]);
  });

  test("hands its core on through any number of loops", async () => {
    const { loop, finish } = newLoop();
    const instance = instanceOf(loop);
    await finish(giving(1));
    loop.close();
    for (let count = 0; count < 300; count++) {
      const next = newLoop();
      expect(instanceOf(next.loop)).toBe(instance);
      expect(counters(next.loop)).toMatchObject({ iterations: 0, slots: 0, ready: 0, timers: 0 });
      next.loop.callLater(count, nothing).cancel();
      expect(await next.finish(giving(count))).toBe(count);
      next.loop.close();
    }
  });
});

describe("a closed loop with something left in it", () => {
  test("keeps its core, and what is left can be asked and cancelled as before", async () => {
    const { loop, finish } = newLoop();
    const [handle, timer] = [loop.callSoon(nothing), loop.callLater(5, nothing)];
    const future = loop.createFuture<number>();
    const lock = new Lock();
    const coroutines: Coroutine<unknown>[] = [sleep(100), lock.with(() => lock.acquire())];
    const tasks = coroutines.map((coroutine) => loop.createTask(coroutine));
    const waiting = loop.createTask(
      (function* () {
        yield* future;
      })(),
    );
    await finish(sleep(0));
    const late = loop.callSoon(nothing);
    const { handedOn, ran } = await afterwards(loop, () => {
      for (const each of [handle, timer, late]) each.cancel();
      expect([handle, timer, late].map((each) => each.cancelled())).toEqual([true, true, true]);
      for (const task of tasks) expect([task.done(), task.cancel("m"), task.cancelling()]).toEqual([false, true, 1]);
      expect(attempt(() => waiting.cancel())).toBe("RuntimeError('Event loop is closed')");
      expect(attempt(() => future.setResult(1))).toBe("RuntimeError('Event loop is closed')");
      expect(lock.locked()).toBe(true);
      expect([...allTasks(loop)]).toEqual([]);
    });
    expect(handedOn).toBe(false);
    expect(ran).toEqual(ALL);
  });

  test("that fails in its turn, and is closed in it, keeps its core", () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    const core = loop.core;
    const run = loop.runForever();
    loop.callSoon(() => {
      loop.failRun(new RangeError("the host"));
      loop.close();
    });
    host.turn();
    expect(loop.core).toBe(core);
    return expect(run).rejects.toThrow(RangeError);
  });
});
