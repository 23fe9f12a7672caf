import { describe, expect, test } from "vitest";
import { type Coroutine, DeadlockError, EventLoop, type Task, getRunningLoop, sleep } from "wasyncio";
import { ManualHost } from "../../support/manual-host.ts";
import { attempt } from "../../support/outcomes.ts";
import { type Trace, dispose, newLoop } from "../../support/stage.ts";

const nothing = (): void => {};

describe("turns of a real host", () => {
  test("asks for the next turn at once, at the earliest deadline, or not at all", () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    void loop.runForever();
    expect(host.requests).toEqual(["soon"]);
    host.turn();
    expect(host.requests).toEqual(["soon", Infinity]); // nothing to wait for
    loop.callAt(1.5, nothing);
    host.turn();
    expect(host.requests).toEqual(["soon", Infinity, "soon", 1.5]);
    loop.callSoon(nothing);
    expect(host.requests.at(-1)).toBe("soon");
  });

  test("gives the host its turn when the slice is used up, and goes on behind it", () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    void loop.runForever();
    const calls = countBusyCalls(loop, () => (host.time += 0.001));
    const each = Array.from({ length: 4 }, () => {
      host.turn();
      expect(host.requests.at(-1)).toBe("soon");
      return calls();
    });
    expect(each).toEqual([32, 4, 4, 4]); // it learns how slow they are behind the first look at the clock
  });

  test("looks at the clock less often when callbacks are fast", () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    void loop.runForever();
    const calls = countBusyCalls(loop, () => (host.time += 1e-7));
    host.turn();
    let looks = 0;
    const now = host.now.bind(host);
    host.now = () => (looks++, now());
    calls();
    host.turn();
    expect(calls()).toBeGreaterThan(39_000);
    expect(looks).toBeLessThan(100);
  });

  test("gives the host its turn when its clock stands still", () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    void loop.runForever();
    const calls = countBusyCalls(loop, () => {});
    host.turn();
    expect(calls()).toBeGreaterThan(1000);
    expect(host.requests.at(-1)).toBe("soon");
    loop.callLater(1, nothing); // from now on each iteration asks for the time
    host.turn();
    expect(calls()).toBeGreaterThan(100);
    expect(host.requests.at(-1)).toBe("soon");
  });

  test("a turn that ends inside an iteration changes nothing in the order", () => {
    const run = (secondsEach: number): Trace => {
      const log: Trace = [];
      const host = new ManualHost();
      const loop = new EventLoop(host);
      void loop.runForever();
      loop.callLater(0.0001, () => log.push("timer"));
      for (let i = 0; i < 1000; i++)
        loop.callSoon(() => {
          host.time += secondsEach;
          log.push(i);
          if (i === 700) loop.callSoon(() => log.push("next"));
        });
      let turns = 0;
      while (host.requests.at(-1) === "soon") {
        host.requests.length = 0;
        host.turn();
        turns++;
      }
      host.time = 1;
      host.turn();
      return [turns > 1, ...log.filter((entry) => typeof entry !== "number" || entry % 100 === 0)];
    };
    const order = [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, "next", "timer"];
    expect(run(0.0001)).toEqual([true, ...order]); // the timer was due early in the first iteration
    expect(run(0)).toEqual([false, ...order]);
  });

  test("stopping between two turns ends the run behind one more iteration", async () => {
    const log: Trace = [];
    const host = new ManualHost();
    const loop = new EventLoop(host);
    const run = loop.runForever();
    host.turn();
    loop.callSoon(() => {
      log.push("a");
      loop.callSoon(() => log.push("b"));
    });
    loop.stop();
    host.turn();
    await run;
    expect(log).toEqual(["a"]);
    expect([loop.isRunning(), host.serving]).toEqual([false, false]);
    host.turn(); // a late turn
    expect(log).toEqual(["a"]);
  });

  test("getRunningLoop knows the loop only while it has its turn", () => {
    const log: Trace = [];
    const host = new ManualHost();
    const loop = new EventLoop(host);
    void loop.runForever();
    loop.callSoon(() => log.push(getRunningLoop() === loop));
    host.turn();
    log.push(attempt(() => getRunningLoop()));
    expect(log).toEqual([true, "RuntimeError('no running event loop')"]);
    expect(loop.isRunning()).toBe(true);
  });

  test("two loops take turns, and wake each other", async () => {
    const log: Trace = [];
    const hosts = [new ManualHost(), new ManualHost()];
    const [first, second] = hosts.map((host) => new EventLoop(host)) as [EventLoop, EventLoop];
    void first.runForever();
    void second.runForever();
    hosts[0]?.turn();
    hosts[1]?.turn();
    first.callSoon(() => {
      log.push(getRunningLoop() === first);
      second.callSoonThreadsafe(() => log.push(getRunningLoop() === second));
    });
    hosts[0]?.turn();
    expect(hosts[1]?.requests.at(-1)).toBe("soon");
    hosts[1]?.turn();
    expect(log).toEqual([true, true]);
  });

  test("rejects with DeadlockError, naming the tasks that wait, when the host has nothing left", async () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    const run = loop.runUntilComplete(loop.createTask(waitForever(loop), { name: "main" }));
    loop.createTask(waitForever(loop), { name: "helper" });
    host.turn();
    host.exhaust();
    await expect(run).rejects.toThrow(DeadlockError);
    await expect(run).rejects.toThrow(
      /Task 'main' is waiting for a Future\n {2}Task 'helper' is waiting for a Future\nIf something outside is to wake one, [^\n]*$/,
    );
    expect(loop.isRunning()).toBe(false);
  });

  test("closing gives the host back", () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    loop.close();
    loop.close();
    expect(host.closed).toBe(true);
  });
});

describe("deadlock in virtual time", () => {
  test("throws DeadlockError when nothing can ever run again, and the loop can go on", () => {
    const loop = newLoop();
    const future = loop.createFuture<number>();
    const task = loop.createTask(
      (function* () {
        return yield* future;
      })(),
      { name: "waiter" },
    );
    expect(() => loop.runUntilCompleteSync(task)).toThrow(DeadlockError);
    expect(() => loop.runUntilCompleteSync(task)).toThrow("Task 'waiter' is waiting for a Future");
    expect([loop.isRunning(), task.done()]).toEqual([false, false]);
    future.setResult(3);
    expect(loop.runUntilCompleteSync(task)).toBe(3);
    dispose(loop);
  });

  test("sees that a sleep to infinity never ends", () => {
    const loop = newLoop();
    expect(() => loop.runUntilCompleteSync(sleep(Infinity))).toThrow(DeadlockError);
    dispose(loop);
  });

  test("names tasks that wait for each other without going in circles", () => {
    const loop = newLoop();
    const tasks: Task<void>[] = [];
    function* wait(other: number): Coroutine<void> {
      yield* sleep(0);
      yield* tasks[other];
    }
    tasks.push(loop.createTask(wait(1), { name: "left" }), loop.createTask(wait(0), { name: "right" }));
    const message = attempt(() => loop.runForeverSync()) as string;
    expect(message).toMatch(/Task 'left' is waiting for task 'right'\n {2}Task 'right' is waiting for task 'left'/);
    expect(message.length).toBeLessThan(1000);
    expect(tasks.map((task) => task.cancel())).toEqual([true, true]);
    expect(attempt(() => loop.runForeverSync())).toMatch(
      /^DeadlockError.*\n.*Task 'left' is waiting for task 'right', and is to stop/,
    );
  });

  test("keeps its message short when a hundred thousand tasks wait", () => {
    const loop = newLoop();
    for (let i = 0; i < 100_000; i++) loop.createTask(waitForever(loop));
    const message = attempt(() => loop.runForeverSync()) as string;
    expect(message).toMatch(/and \d+ more/);
    expect(message.length).toBeLessThan(20_000);
    dispose(loop);
  });

  test("a chain of ten thousand tasks can be named", () => {
    const loop = newLoop();
    let innermost: Task<void> = loop.createTask(waitForever(loop));
    function* wait(inner: Task<void>): Coroutine<void> {
      yield* inner;
    }
    for (let i = 0; i < 10_000; i++) innermost = loop.createTask(wait(innermost));
    const message = attempt(() => loop.runForeverSync()) as string;
    expect(message).toMatch(/^DeadlockError/);
    expect(message.length).toBeLessThan(200_000);
    expect(String(innermost)).toMatch(/^<Task pending .* waitFor=\.\.\. cb=/);
  });
});

function countBusyCalls(loop: EventLoop, work: () => void): () => number {
  let calls = 0;
  const busy = (): void => {
    calls++;
    work();
    loop.callSoon(busy);
  };
  loop.callSoon(busy);
  return () => {
    const count = calls;
    calls = 0;
    return count;
  };
}

function* waitForever(loop: EventLoop): Coroutine<void> {
  yield* loop.createFuture();
}
