// TIMER: callLater, callAt and their handles.

import { EventLoop } from "wasyncio";
import { type Facts, differs, excused } from "../fact.ts";
import { ManualHost } from "../../../support/manual-host.ts";
import { iteration } from "../../../support/counters.ts";
import { attempt } from "../../../support/outcomes.ts";
import { dispose, newLoop, passTime, runOnce } from "../../../support/stage.ts";
import { counters } from "../../../support/counters.ts";

function print(): void {}

/** Runs a loop until it is stopped; time jumps to what it waits for. */
async function runForever(loop: EventLoop, host: ManualHost): Promise<void> {
  const run = loop.runForever();
  while (loop.isRunning()) {
    host.turn();
    const request = host.requests.at(-1);
    if (typeof request === "number") host.time = request;
  }
  await run;
}

export const facts: Facts = {
  "TIMER-01": () => {
    const log: unknown[] = [];
    const loop = newLoop(log);
    const note = (name: string): unknown => log.push([name, iteration(loop), loop.time()]);
    loop.callLater(1, () => {
      note("one");
      loop.stop();
    });
    loop.callLater(0, note, "zero");
    loop.callLater(-5, note, "neg");
    loop.callSoon(note, "soon");
    loop.runForeverSync();
    dispose(loop);
    return log;
  },

  "TIMER-02": differs(
    "timers with equal deadlines fire in the order in which they were made",
    [
      [0, 1, 2],
      [0, 1, 2, 3],
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4, 5],
    ],
    () =>
      [3, 4, 5, 6].map((count) => {
        const log: unknown[] = [];
        const loop = newLoop(log);
        for (let i = 0; i < count; i++)
          loop.callAt(1, () => {
            log.push(i);
            loop.stop();
          });
        loop.runForeverSync();
        dispose(loop);
        return log;
      }),
  ),

  "TIMER-03": async () => {
    const log: unknown[] = [];
    const host = new ManualHost();
    host.resolution = 0.5;
    const loop = new EventLoop(host);
    loop.callAt(0.49, () => log.push(["in", loop.time()]));
    loop.callAt(1, () => {
      log.push(["edge", loop.time()]);
      loop.stop();
    });
    loop.callSoon(() => {});
    await runForever(loop, host);
    loop.close();
    return log;
  },

  "TIMER-04": () =>
    [
      [100, 60],
      [101, 51],
      [102, 51],
    ].map(([count = 0, cancelled = 0]) => {
      const loop = newLoop();
      const handles = Array.from({ length: count }, (_, i) => loop.callAt(100 + i, print));
      for (const handle of handles.slice(1, cancelled + 1)) handle.cancel();
      runOnce(loop);
      const scheduled = counters(loop).timers;
      dispose(loop, count - cancelled);
      return scheduled;
    }),

  "TIMER-05": async () => {
    const host = new ManualHost();
    const loop = new EventLoop(host);
    loop.callAt(3, print).cancel();
    loop.callAt(7, () => loop.stop());
    await runForever(loop, host);
    const [, wait] = host.requests; // behind the request for the first turn
    loop.close();
    return [wait];
  },

  "TIMER-06": () => {
    const log: unknown[] = [];
    const loop = newLoop(log);
    loop.callSoon(() => {
      log.push("a");
      timer.cancel();
    });
    const timer = loop.callLater(0, () => log.push("t"));
    loop.callLater(1, () => loop.stop());
    loop.runForeverSync();
    const out = [log, counters(loop).cancelledTimers];
    dispose(loop);
    return out;
  },

  "TIMER-07": () => {
    const loop = newLoop();
    const out = [attempt(() => loop.callLater(null as never, print)), attempt(() => loop.callAt(null as never, print))];
    dispose(loop);
    return out;
  },

  "TIMER-08": excused(
    "a class of JavaScript cannot say when two objects are equal: timers are compared by what when() gives",
  ),

  "TIMER-09": () => {
    const loop = newLoop();
    const timer = loop.callAt<unknown[]>(1, print, "secret");
    const handle = loop.callSoon<unknown[]>(print, "secret");
    const out = [String(timer)];
    timer.cancel();
    out.push(String(timer), String(handle));
    handle.cancel();
    out.push(String(handle));
    dispose(loop);
    return out;
  },

  "TIMER-10": () => {
    const log: unknown[] = [];
    const loop = newLoop(log);
    loop.callAt(2, () => {
      log.push(["t2", iteration(loop), loop.time()]);
      loop.stop();
    });
    loop.callAt(1, () => log.push(["t1", iteration(loop), loop.time()]));
    loop.callSoon(() => passTime(loop, 5));
    loop.runForeverSync();
    dispose(loop);
    return log;
  },

  "TIMER-11": () => {
    const log: unknown[] = [];
    const loop = newLoop(log);
    loop.callLater(1, () => {
      log.push(["a", iteration(loop)]);
      loop.callLater(0, () => {
        log.push(["b", iteration(loop)]);
        loop.stop();
      });
    });
    loop.callSoon(() => {});
    loop.runForeverSync();
    dispose(loop);
    return log;
  },

  "TIMER-12": differs(
    "a timer at infinity wakes nobody: the host is asked for no turn at all",
    ["Infinity"],
    async () => {
      const host = new ManualHost();
      const loop = new EventLoop(host);
      loop.callLater(Infinity, print);
      const run = loop.runForever();
      host.turn();
      const seen = [String(host.requests.at(-1))];
      loop.stop();
      host.turn();
      await run;
      loop.close();
      return seen;
    },
  ),
};
