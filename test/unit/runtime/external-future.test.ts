// Futures that something outside is to settle: how long the host is told that somebody is expected, and that settling
// them wakes the loop.

import { describe, expect, test } from "vitest";
import { type Coroutine, DeadlockError, EventLoop, Future, TimeoutError, getRunningLoop, waitFor } from "wasyncio";
import { VirtualEventLoop, simulate } from "wasyncio/testing";
import { ManualHost } from "../../support/manual-host.ts";
import { attempt } from "../../support/outcomes.ts";

function newLoop(): { loop: EventLoop; host: ManualHost } {
  const host = new ManualHost();
  return { loop: new EventLoop(host), host };
}

describe("a future for the outside", () => {
  test("is a future, and wakes the loop when it is settled between its turns", async () => {
    const { loop, host } = newLoop();
    const future = loop.createExternalFuture<number>();
    expect([future instanceof Future, String(future)]).toEqual([true, "<Future pending>"]);
    const running = loop.runUntilComplete(future);
    host.turn();
    host.requests.length = 0;
    future.setResult(42);
    expect([future.done(), host.requests, loop.arrivals.count]).toEqual([true, ["soon"], 1]);
    host.turn();
    host.turn();
    expect(await running).toBe(42);
    loop.close();
  });

  test("has the host stay alive while it is pending, however it ends", () => {
    const { loop, host } = newLoop();
    const ends: ((future: Future<void>) => unknown)[] = [
      (future) => future.setResult(),
      (future) => future.setException(new RangeError("outside")),
      (future) => future.cancel(),
    ];
    for (const end of ends) {
      const [future, other] = [loop.createExternalFuture(), loop.createExternalFuture()];
      const seen = [host.expecting];
      end(future);
      seen.push(host.expecting);
      expect(attempt(() => future.setResult())).toBe("InvalidStateError('invalid state')");
      seen.push(host.expecting);
      end(other);
      seen.push(host.expecting);
      expect(seen).toEqual([true, true, true, false]);
      for (const each of [future, other]) if (!each.cancelled()) each.exception();
    }
    loop.close();
  });

  test("is cancelled by a timeout: then nobody is expected any more", async () => {
    const { loop, host } = newLoop();
    const running = loop.runUntilComplete(waitFor(loop.createExternalFuture(), 1));
    host.turn();
    expect(host.expecting).toBe(true);
    host.time = 2;
    for (let i = 0; i < 4; i++) host.turn();
    await expect(running).rejects.toThrow(TimeoutError);
    expect(host.expecting).toBe(false);
    loop.close();
  });

  test("may be settled when its loop is closed, for nobody waits then", () => {
    const { loop } = newLoop();
    const future = loop.createExternalFuture<number>();
    loop.close();
    future.setResult(1);
    expect(future.result()).toBe(1);
  });

  test("needs no method of the host: one without it goes by what it has itself", async () => {
    const host = new ManualHost();
    (host as { keepAlive?: unknown }).keepAlive = undefined;
    const loop = new EventLoop(host);
    const running = loop.runUntilComplete(loop.createExternalFuture());
    host.turn();
    host.exhaust();
    await expect(running).rejects.toThrow(DeadlockError);
    loop.close();
  });
});

describe("in virtual time", () => {
  function* waiting(loop: EventLoop): Coroutine<string> {
    return yield* loop.createExternalFuture<string>();
  }

  test("it is a deadlock, because nothing outside can come", () => {
    const loop = new VirtualEventLoop();
    expect(() => loop.runUntilCompleteSync(waiting(loop))).toThrow(DeadlockError);
    loop.close();
    expect(simulate(() => waiting(getRunningLoop())).status).toBe("deadlock");
  });

  test("what stands in for the outside may settle it", () => {
    const loop = new VirtualEventLoop();
    const future = loop.createExternalFuture<string>();
    loop.callLater(10, () => future.setResult("stand-in"));
    expect(loop.runUntilCompleteSync(future)).toBe("stand-in");
    loop.close();
  });
});

test("the error of a deadlock says what to do where something outside is to wake a task; in virtual time nothing is", async () => {
  const { loop, host } = newLoop();
  const running = loop.runUntilComplete(loop.createFuture());
  host.turn();
  host.exhaust();
  await expect(running).rejects.toThrow(
    /If something outside is to wake one, let it settle loop\.createExternalFuture\(\)$/,
  );
  const virtual = new VirtualEventLoop();
  expect(() => virtual.runUntilCompleteSync(virtual.createFuture())).toThrow(/tasks wait: none$/);
  for (const each of [loop, virtual]) each.close();
});
