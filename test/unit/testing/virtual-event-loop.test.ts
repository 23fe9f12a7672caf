import { describe, expect, test } from "vitest";
import { type Coroutine, type createTask, DeadlockError, EventLoop, gather, run, sleep, wrapFuture } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { giving, spin, throwing } from "../../support/coroutines.ts";
import { iteration } from "../../support/counters.ts";
import { attempt } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";
import { randomPrograms } from "./random-programs.ts";

describe("a VirtualEventLoop", () => {
  test("starts at time 0 and jumps from deadline to deadline, inside one call", () => {
    const loop = new VirtualEventLoop();
    expect(loop).toBeInstanceOf(EventLoop);
    expect(loop.time()).toBe(0);
    const times: number[] = [];
    function* main() {
      for (const delay of [3600, 0, 0.25, 1e6]) {
        yield* sleep(delay);
        times.push(loop.time());
      }
      return "done";
    }
    expect(loop.runUntilCompleteSync(main())).toBe("done");
    expect(times).toEqual([3600, 3600, 3600.25, 1003600.25]);
    loop.close();
  });

  test("lets no time pass while anything is ready", () => {
    fullTrace(function* (_, loop) {
      let fired = false;
      loop.callLater(1e-6, () => (fired = true));
      yield* spin(1000);
      expect([fired, loop.time()]).toEqual([false, 0]);
      yield* sleep(1e-6);
      expect(fired).toBe(true);
    });
  });

  test("throws what the program throws", () => {
    const loop = new VirtualEventLoop();
    expect(() => loop.runUntilCompleteSync(throwing(new RangeError("x")))).toThrow(new RangeError("x"));
    loop.close();
  });

  test("keeps time, timers and tasks between runs", () => {
    const loop = new VirtualEventLoop();
    const log: unknown[] = [];
    loop.callLater(5, () => log.push(["timer", loop.time()]));
    loop.runUntilCompleteSync(sleep(2));
    log.push(loop.time());
    loop.runUntilCompleteSync(sleep(4));
    log.push(loop.time());
    expect(log).toEqual([2, ["timer", 5], 6]);
    loop.close();
  });

  test("throws DeadlockError with the names of the waiting tasks when nothing can ever run again", () => {
    const loop = new VirtualEventLoop();
    function* stuck() {
      yield* gather(loop.createFuture(), loop.createFuture());
    }
    loop.createTask(stuck(), { name: "second" });
    const main = loop.createTask(stuck(), { name: "first" });
    expect(() => loop.runUntilCompleteSync(main)).toThrow(DeadlockError);
    expect(attempt(() => loop.runUntilCompleteSync(main))).toMatch(/nothing is scheduled.*'second'.*'first'/s);
    expect([loop.isRunning(), main.done()]).toEqual([false, false]);
    loop.close();
  });

  test("takes a promise that nobody can settle inside the call for a deadlock", () => {
    const loop = new VirtualEventLoop();
    expect(() => loop.runUntilCompleteSync(Promise.resolve(1))).toThrow(DeadlockError);
    loop.close();
  });

  test("goes on after a deadlock, when somebody else has made something ready", async () => {
    const loop = new VirtualEventLoop();
    function* main() {
      return yield* wrapFuture(Promise.resolve("settled"));
    }
    const task = loop.createTask(main());
    expect(() => loop.runUntilCompleteSync(task)).toThrow(DeadlockError);
    await Promise.resolve();
    expect(loop.runUntilCompleteSync(task)).toBe("settled");
    loop.close();
  });

  test("throws RuntimeError when it is stopped before the program is done", () => {
    const loop = new VirtualEventLoop();
    loop.callLater(1, () => loop.stop());
    const task = loop.createTask(sleep(2, "late"));
    expect(attempt(() => loop.runUntilCompleteSync(task))).toBe(
      "RuntimeError('Event loop stopped before Future completed.')",
    );
    expect(loop.time()).toBe(1);
    expect(loop.runUntilCompleteSync(sleep(5, "not stopped by the first"))).toBe("not stopped by the first");
    expect(loop.runUntilCompleteSync(task)).toBe("late");
    loop.close();
  });

  test("runs for ever until it is stopped", () => {
    const loop = new VirtualEventLoop();
    loop.callLater(7, () => loop.stop());
    loop.runForeverSync();
    expect(loop.time()).toBe(7);
    loop.close();
  });

  test("cannot run inside a run, or when it is closed", () => {
    const loop = new VirtualEventLoop();
    const other = new VirtualEventLoop();
    const refused: unknown[] = [];
    loop.callSoon(() => {
      refused.push(
        attempt(() => loop.runForeverSync()),
        attempt(() => other.runUntilCompleteSync(giving(1))),
      );
    });
    loop.runUntilCompleteSync(sleep(0));
    loop.close();
    refused.push(attempt(() => loop.runForeverSync()));
    expect(refused).toEqual([
      "RuntimeError('This event loop is already running')",
      "RuntimeError('Cannot run the event loop while another loop is running')",
      "RuntimeError('Event loop is closed')",
    ]);
    expect(attempt(() => other.runUntilCompleteSync(5 as never))).toMatch(/^TypeError\('A Future, a coroutine/);
    other.close();
  });

  test("also runs through the promises of an EventLoop", async () => {
    const loop = new VirtualEventLoop();
    const result = loop.runUntilComplete(sleep(60, "r"));
    expect(loop.time()).toBe(60);
    expect(await result).toBe("r");
    await expect(loop.runUntilComplete(throwing(new RangeError("x")))).rejects.toThrow(RangeError);
    loop.close();
    expect(await run(() => sleep(60, "by run"), { loopFactory: () => new VirtualEventLoop() })).toBe("by run");
  });

  test("asks no host and no clock, so that a run repeats itself", () => {
    const digests = [0, 1].map(() => {
      const loop = new VirtualEventLoop();
      function* worker(delay: number): Generator<never, void, unknown> {
        yield* sleep(delay) as Generator<never, void, unknown>;
      }
      loop.runUntilCompleteSync(gatherAll([3, 1, 2].map(worker) as never));
      return [loop.digest(), loop.time(), iteration(loop)];
    });
    expect(digests[0]).toEqual(digests[1]);
    const other = new VirtualEventLoop();
    other.runUntilCompleteSync(sleep(3));
    expect(other.digest()).not.toBe(digests[0]?.[0]);
    expect(other.digest()).toMatch(/^[0-9a-f]{16}$/);
  });

  test("makes the same run of a program on a new core and on one that others have left", () => {
    const programs = randomPrograms(20_261_130, 100);
    const loops = programs.map(() => new VirtualEventLoop()); // of which there are more than cores wait
    const runOn = (loop: VirtualEventLoop, index: number): unknown[] => {
      function* main(): Coroutine<unknown> {
        return yield* programs[index]();
      }
      const outcome = attempt(() => loop.runUntilCompleteSync(main()));
      const before = loop.digest();
      loop.close();
      expect(loop.digest()).toBe(before);
      return [String(outcome).replaceAll(/Task-\d+/g, "a task"), before, loop.time()]; // all loops share that count
    };
    const first = loops.map(runOn);
    const again = programs.map((_, index) => runOn(new VirtualEventLoop(), index));
    expect(again).toEqual(first);
    expect(new Set(first.map(([, digest]) => digest)).size).toBeGreaterThan(90);
  });
});

function* gatherAll(coroutines: Parameters<typeof createTask>[0][]) {
  yield* gather(coroutines);
}
