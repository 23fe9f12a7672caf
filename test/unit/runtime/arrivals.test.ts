// What comes from outside: numbered, in order, in the loop's own turn; and what is made ready between turns wakes the
// loop, whoever has made it ready.

import { describe, expect, test } from "vitest";
import { Event, EventLoop, Future, Lock, Queue, Semaphore, gather, sleep, wrapFuture } from "wasyncio";
import type { Coroutine, Task } from "wasyncio";
import { VirtualHost } from "../../../src/hosts/virtual/clock.ts";
import { Source } from "../../../src/runtime/arrivals.ts";
import { inspect } from "../../../src/core/inspection.ts";
import { ManualHost } from "../../support/manual-host.ts";

/** A loop that runs, and waits for its host. */
function restingLoop(): { loop: EventLoop; host: ManualHost; run: Promise<void> } {
  const host = new ManualHost();
  const loop = new EventLoop(host);
  const run = loop.runForever();
  host.turn();
  host.requests.length = 0;
  return { loop, host, run };
}

async function end(loop: EventLoop, host: ManualHost, run: Promise<void>): Promise<void> {
  loop.stop();
  host.turn();
  await run;
  loop.close();
}

/** Lets what was settled call back. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a promise", () => {
  test("settles its future in the loop's turn, and the host is asked once for all that came", async () => {
    const { loop, host, run } = restingLoop();
    const futures = [Promise.resolve(1), Promise.resolve(2), Promise.reject(new RangeError("3"))].map((promise) =>
      wrapFuture<unknown>(promise, { loop }),
    );
    await settle();
    expect(futures.map((future) => future.done())).toEqual([false, false, false]);
    expect(host.requests).toEqual(["soon"]);
    host.turn();
    expect([futures[0].result(), futures[1].result(), futures[2].exception()]).toEqual([1, 2, new RangeError("3")]);
    expect(loop.arrivals.count).toBe(3);
    expect(inspect(loop.core).counters()[2]).toBe(0);
    await end(loop, host, run);
  });

  test("counts for nothing when its future was cancelled before its turn came", async () => {
    const { loop, host, run } = restingLoop();
    const future = wrapFuture(Promise.resolve(1), { loop });
    await settle();
    future.cancel();
    host.turn();
    expect(future.cancelled()).toBe(true);
    await end(loop, host, run);
  });

  test("settles its future at once while no run goes on: nothing has an order then", async () => {
    const loop = new EventLoop(new ManualHost());
    const future = wrapFuture(Promise.resolve(1), { loop });
    await settle();
    expect(future.result()).toBe(1);
    loop.close();
  });

  test("that is answered from inside the loop's turn is no arrival from outside", async () => {
    const { loop, host, run } = restingLoop();
    const seen: unknown[] = [];
    const thenable = { then: (answer: (value: string) => void) => void loop.callSoon(answer, "inside") } as unknown;
    const task = loop.createTask(
      (function* (): Coroutine<void> {
        seen.push(yield* wrapFuture<unknown>(thenable as PromiseLike<unknown>));
      })(),
    );
    host.turn();
    expect([seen, task.done()]).toEqual([["inside"], true]);
    await end(loop, host, run);
  });
});

describe("arrivals", () => {
  test("are applied in order, also behind one that throws, which is reported", async () => {
    const { loop, host, run } = restingLoop();
    const seen: unknown[] = [];
    loop.setExceptionHandler((_, { message, exception }) => seen.push([message, exception]));
    const failure = new Error("no");
    loop.arrivals.deliver("a", () => seen.push(1));
    loop.arrivals.deliver("b", () => {
      throw failure;
    });
    loop.arrivals.deliver("c", () => seen.push(3));
    expect(seen).toEqual([]);
    host.turn();
    expect(seen).toEqual([1, ["Exception in an arrival of b", failure], 3]);
    await end(loop, host, run);
  });

  test("have their place among all that is ready", async () => {
    const { loop, host, run } = restingLoop();
    const seen: unknown[] = [];
    loop.callSoonThreadsafe(() => seen.push("first"));
    loop.arrivals.deliver("x", () => seen.push("second"));
    loop.callSoonThreadsafe(() => seen.push("third"));
    loop.arrivals.deliver("x", () => seen.push("with the second"));
    host.turn();
    expect(seen).toEqual(["first", "second", "with the second", "third"]);
    await end(loop, host, run);
  });

  test("that come when the loop is closed change nothing", async () => {
    const { loop, host, run } = restingLoop();
    const future = new Future<number>({ loop });
    let answer: (value: number) => void = () => {};
    loop.arrivals.follow<number>(new Promise((resolve) => (answer = resolve)), future);
    await end(loop, host, run);
    answer(1);
    await settle();
    expect(future.done()).toBe(false);
  });
});

describe("a source", () => {
  test("runs once for all that was posted since, and again for what is posted while it runs", async () => {
    const { loop, host, run } = restingLoop();
    let times = 0;
    const source: Source = new Source(loop, "socket", () => {
      if (++times === 1) source.post();
    });
    source.post();
    source.post();
    expect(host.requests).toEqual(["soon"]);
    host.turn();
    expect(times).toBe(2);
    source.close();
    source.close();
    expect(inspect(loop.core).counters()[2]).toBe(0);
    await end(loop, host, run);
  });

  test("that is closed after it was posted does not run", async () => {
    const { loop, host, run } = restingLoop();
    let times = 0;
    const source = new Source(loop, "socket", () => times++);
    source.post();
    source.close();
    host.turn();
    expect([times, inspect(loop.core).counters()[2]]).toEqual([0, 0]);
    await end(loop, host, run);
  });

  test("that throws is reported, and stays open", async () => {
    const { loop, host, run } = restingLoop();
    const seen: unknown[] = [];
    loop.setExceptionHandler((_, { message }) => seen.push(message));
    const source = new Source(loop, "socket", () => {
      throw new Error("no");
    });
    source.post();
    host.turn();
    source.post();
    host.turn();
    expect(seen).toEqual(["Exception in <Source socket>", "Exception in <Source socket>"]);
    source.close();
    await end(loop, host, run);
  });
});

/** Something that waits, and what a program may do from outside of the loop's turns to let it go on. */
interface Waiting {
  readonly waits: (loop: EventLoop) => Coroutine<unknown>;
  readonly wake: (loop: EventLoop, task: Task<unknown>) => void;
}

function waiting<T>(make: (loop: EventLoop) => T, wait: (it: T) => Coroutine<unknown>, wake: (it: T) => void): Waiting {
  let it: T;
  return {
    waits: function* (loop) {
      it = make(loop);
      yield* wait(it);
    },
    wake: () => wake(it),
  };
}

const never = function* (): Coroutine<void> {
  yield* new Event().wait();
};

const WAYS: Record<string, Waiting> = {
  "an event is set": waiting(
    () => new Event(),
    (event) => event.wait(),
    (event) => event.set(),
  ),
  "a future is settled": waiting(
    (loop) => loop.createFuture(),
    function* (future) {
      yield* future;
    },
    (future) => future.setResult(),
  ),
  "a future fails in a gather": waiting(
    (loop) => loop.createFuture(),
    function* (future) {
      yield* gather([future], { returnExceptions: true });
    },
    (future) => future.setException(new Error("x")),
  ),
  "an item is put": waiting(
    () => new Queue<number>(),
    (queue) => queue.get(),
    (queue) => queue.putNowait(1),
  ),
  "a lock is released": waiting(
    () => new Lock(),
    function* (lock) {
      yield* lock.acquire();
      yield* lock.acquire();
    },
    (lock) => lock.release(),
  ),
  "a permit is given back": waiting(
    () => new Semaphore(0),
    (semaphore) => semaphore.acquire(),
    (semaphore) => semaphore.release(),
  ),
  "the task is cancelled while it waits on a list": {
    waits: never,
    wake: (_, task) => task.cancel(),
  },
  "the task is cancelled while it sleeps": {
    waits: () => sleep(1000),
    wake: (_, task) => task.cancel(),
  },
  "a task is made": {
    waits: never,
    wake: (loop, task) => {
      loop.createTask(
        (function* (): Coroutine<void> {
          task.cancel();
        })(),
      );
    },
  },
  "a callback is scheduled": {
    waits: never,
    wake: (loop, task) => void loop.callSoon(() => task.cancel()),
  },
  "a timer is armed": {
    waits: never,
    wake: (loop, task) => void loop.callLater(0, () => task.cancel()),
  },
};

describe("a loop that waits for its host asks for a turn when", () => {
  test.each(Object.entries(WAYS))("%s between its turns: once", async (_, { waits, wake }) => {
    const { loop, host, run } = restingLoop();
    const task = loop.createTask(waits(loop));
    host.turn();
    host.requests.length = 0;
    wake(loop, task);
    expect(host.requests).toEqual(["soon"]);
    loop.callSoonThreadsafe(() => {});
    expect(host.requests).toEqual(["soon"]);
    host.turn();
    expect(task.done()).toBe(true);
    await task.then(null, () => {});
    await end(loop, host, run);
  });

  test("it is stopped", async () => {
    const { loop, host, run } = restingLoop();
    loop.stop();
    expect(host.requests).toEqual(["soon"]);
    host.turn();
    await run;
    loop.close();
  });
});

test("a loop with more to do than its slice yields, where its host knows the difference", async () => {
  class YieldingHost extends ManualHost {
    yields = 0;
    override now(): number {
      return (this.time += 0.001);
    }
    yieldTurn(): void {
      this.yields++;
    }
  }
  const host = new YieldingHost();
  const loop = new EventLoop(host);
  const run = loop.runUntilComplete(
    (function* (): Coroutine<void> {
      for (let i = 0; i < 5000; i++) yield* sleep(0);
    })(),
  );
  expect(host.requests).toEqual(["soon"]);
  while (loop.isRunning()) host.turn();
  await run;
  expect([host.yields > 0, host.requests]).toEqual([true, ["soon"]]);
  loop.close();
});

test("a host that gives the turn inside of wakeSoon ends the run: what has become ready is still under way", async () => {
  class HastyHost extends ManualHost {
    isHasty = false;
    override wakeSoon(): void {
      super.wakeSoon();
      if (this.isHasty) this.turn();
    }
  }
  const host = new HastyHost();
  const loop = new EventLoop(host);
  const run = loop.runForever();
  host.turn();
  host.isHasty = true;
  const event = new Event();
  const task = loop.createTask(event.wait());
  await expect(run).rejects.toThrow("Cannot take a turn inside wakeSoon");
  host.isHasty = false;
  event.set();
  const again = loop.runUntilComplete(task);
  host.turn();
  expect(await again).toBe(true);
  loop.close();
});

test("virtual time has no host to wake", () => {
  const loop = new EventLoop(new VirtualHost());
  loop.callSoonThreadsafe(() => {});
  expect(loop.arrivals.count).toBe(1);
  loop.close();
});
