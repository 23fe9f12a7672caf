// LOOP: iterations of the event loop, callSoon, stop and close.

import {
  CancelledError,
  type Coroutine,
  EventLoop,
  type Future,
  Handle,
  KeyboardInterrupt,
  TimerHandle,
  getRunningLoop,
  setEventLoop,
  sleep,
} from "wasyncio";
import { runInExecutor } from "wasyncio/executors";
import { VirtualEventLoop } from "wasyncio/testing";
import { type Facts, differs, excused, reworded } from "../fact.ts";
import { ManualHost } from "../../../support/manual-host.ts";
import { giving, spin, throwing } from "../../../support/coroutines.ts";
import { iteration } from "../../../support/counters.ts";
import { attempt, describeError } from "../../../support/outcomes.ts";
import { dispose, newLoop, trace } from "../../../support/stage.ts";

class GeneratorExit extends Error {
  override name = "GeneratorExit";
}

class VLoop extends VirtualEventLoop {}

const NO_PLACE = "a function does not know its file and line: messages give its name alone";

function print(): void {}

/** Calls a function while a loop is the current one. */
function currently<T>(loop: EventLoop, call: () => T): T {
  setEventLoop(loop);
  try {
    return call();
  } finally {
    setEventLoop(null);
  }
}

/** What a loop asked its host for, as the poll timeouts of asyncio's loop. */
function timeouts(host: ManualHost): number[] {
  return host.requests.map((request) => (request === "soon" ? 0 : request));
}

export const facts: Facts = {
  "LOOP-01": () => {
    const log: unknown[] = [];
    const loop = newLoop(log);
    for (const name of ["a", "b", "c"]) loop.callSoon(() => log.push([name, iteration(loop)]));
    loop.callSoon(() => loop.stop());
    loop.runForeverSync();
    dispose(loop);
    return log;
  },

  "LOOP-02": () => {
    const log: unknown[] = [];
    const loop = newLoop(log);
    loop.callSoon(() => {
      log.push(["a", iteration(loop)]);
      loop.callSoon(() => {
        log.push(["a2", iteration(loop)]);
        loop.stop();
      });
    });
    loop.callSoon(() => log.push(["b", iteration(loop)]));
    loop.runForeverSync();
    dispose(loop);
    return log;
  },

  "LOOP-03": async () => {
    const log: unknown[] = [];
    const host = new ManualHost();
    const loop = new EventLoop(host);
    loop.callLater(0, () => log.push("timer"));
    loop.callSoon(() => log.push("ready"));
    loop.callSoon(() => loop.stop());
    const run = loop.runForever();
    loop.callSoonThreadsafe(() => log.push("io")); // the host brings it before the turn
    host.turn();
    await run;
    loop.close();
    return log;
  },

  "LOOP-04": () => {
    const log: unknown[] = [];
    const loop = newLoop(log);
    loop.callSoon(() => {
      log.push(["a", iteration(loop)]);
      handle.cancel();
    });
    const handle = loop.callSoon(() => log.push(["b", iteration(loop)]));
    loop.callSoon(() => {
      log.push(["c", iteration(loop)]);
      loop.stop();
    });
    loop.runForeverSync();
    dispose(loop);
    return log;
  },

  "LOOP-05": () => {
    const loop = newLoop();
    const handle = loop.callSoon<unknown[]>(print, 1);
    const out: unknown[] = [handle.cancel(), handle.cancel(), handle.cancelled()];
    loop.setDebug(true); // now a handle's text has the arguments too
    const [, callback, args] = /(\w+)\((.*)\)/.exec(String(handle)) ?? [];
    out.push(callback, args);
    loop.setDebug(false);
    const ran = loop.callSoon(() => {});
    loop.callSoon(() => loop.stop());
    loop.runForeverSync();
    out.push(ran.cancelled(), ran.cancel(), ran.cancelled());
    dispose(loop);
    return out;
  },

  "LOOP-06": reworded(
    NO_PLACE,
    [["Exception in callback bad()", "RangeError('x')", ["exception", "handle", "message"]], "next"],
    () => {
      const log: unknown[] = [];
      const loop = newLoop();
      loop.setExceptionHandler((_, context) =>
        log.push([context.message, describeError(context.exception), Object.keys(context).sort()]),
      );
      function bad(): void {
        throw new RangeError("x");
      }
      loop.callSoon(bad);
      loop.callSoon(() => log.push("next"));
      loop.callSoon(() => loop.stop());
      loop.runForeverSync();
      dispose(loop);
      return log;
    },
  ),

  "LOOP-07": differs(
    "an error of a callback never ends the run: JavaScript has one kind of exception, and Ctrl-C cancels the program of run",
    [
      "a",
      ["EH", "Exception in callback kb()", "KeyboardInterrupt('k')"],
      "b",
      "DeadlockError('Cannot go on: nothing is scheduled, and these tasks wait: none')",
      false,
    ],
    () => {
      const log: unknown[] = [];
      const loop = newLoop(log);
      function kb(): void {
        throw new KeyboardInterrupt("k");
      }
      loop.callSoon(() => log.push("a"));
      loop.callSoon(kb);
      loop.callSoon(() => log.push("b"));
      log.push(attempt(() => loop.runForeverSync()));
      log.push(loop.isRunning());
      loop.callSoon(() => loop.stop());
      loop.runForeverSync();
      dispose(loop);
      return log;
    },
  ),

  "LOOP-08": reworded(
    NO_PLACE,
    [
      ["EH", "Exception in callback f()", "CancelledError()"],
      ["EH", "Exception in callback f()", "GeneratorExit()"],
    ],
    () => {
      const log: unknown[] = [];
      const loop = newLoop(log);
      for (const Kind of [CancelledError, GeneratorExit]) {
        const f = (): void => {
          throw new Kind();
        };
        loop.callSoon(f);
      }
      loop.callSoon(() => loop.stop());
      loop.runForeverSync();
      dispose(loop);
      return log;
    },
  ),

  "LOOP-09": async () => {
    const log: unknown[] = [];
    const host = new ManualHost();
    const loop = new EventLoop(host);
    loop.callSoon(() => log.push(["a", iteration(loop)]));
    loop.callLater(5, () => log.push("late"));
    loop.stop();
    const run = loop.runForever();
    host.turn();
    await run;
    log.push(timeouts(host), iteration(loop));
    const nextRun = loop.runForever(); // would end with its first turn if it were still to be stopped
    host.turn();
    log.push(!loop.isRunning());
    loop.stop();
    host.turn();
    await nextRun;
    loop.close();
    return log;
  },

  "LOOP-10": () => {
    const log: unknown[] = [];
    const loop = newLoop(log);
    loop.callSoon(() => {
      log.push("a");
      loop.stop();
      loop.callSoon(() => log.push("a2"));
    });
    loop.callSoon(() => log.push("b"));
    loop.runForeverSync();
    log.push("run2");
    loop.stop();
    loop.runForeverSync();
    dispose(loop);
    return log;
  },

  "LOOP-11": () => {
    const iterations = (main: (loop: EventLoop) => Future<number> | Coroutine<unknown>): number => {
      const loop = newLoop();
      loop.runUntilCompleteSync(main(loop));
      const count = iteration(loop); // a loop that is closed has left its core
      dispose(loop);
      return count;
    };
    const done = (loop: EventLoop): Future<number> => {
      const future = loop.createFuture<number>();
      future.setResult(1);
      return future;
    };
    return [iterations(done), iterations(() => giving(null)), iterations(() => spin(3))];
  },

  "LOOP-12": () => {
    const log: unknown[] = [];
    const loop = newLoop(log);
    function* main(): Coroutine<void> {
      const future = loop.createFuture();
      future.addDoneCallback(() => {
        log.push("same-batch");
        loop.callSoon(() => log.push("next-batch"));
      });
      future.setResult();
    }
    loop.runUntilCompleteSync(main());
    loop.close();
    return log;
  },

  "LOOP-13": () => {
    const loop = newLoop();
    const future = loop.createFuture();
    loop.callSoon(() => loop.stop());
    const out = [
      attempt(() => loop.runUntilCompleteSync(future)),
      future.done(),
      String(future) === "<Future pending>" ? 0 : 1, // its done-callbacks would stand there
    ];
    future.cancel();
    dispose(loop);
    return out;
  },

  "LOOP-14": () =>
    trace(function* (log, loop) {
      log.push(attempt(() => loop.runForeverSync()));
      const future = loop.createFuture();
      log.push(attempt(() => loop.runUntilCompleteSync(future)));
      const other = newLoop();
      log.push(attempt(() => other.runForeverSync()));
      other.close();
    }),

  "LOOP-15": () => {
    const log: unknown[] = [];
    const loop = newLoop();
    function* main(): Coroutine<void> {
      log.push(attempt(() => loop.close()));
    }
    loop.runUntilCompleteSync(main());
    loop.callSoon(print);
    loop.callLater(1, print);
    log.push(loop.close(), loop.close(), loop.isClosed());
    const timers = loop.core.objects.filter((object) => object instanceof TimerHandle);
    const handles = loop.core.objects.filter((object) => object instanceof Handle);
    log.push(handles.length - timers.length, timers.length);
    return log;
  },

  "LOOP-16": () => {
    const loop = newLoop();
    loop.close();
    const coroutine = giving(null);
    return [
      attempt(() => loop.callSoon(print)),
      attempt(() => loop.callLater(1, print)),
      attempt(() => loop.callAt(1, print)),
      attempt(() => loop.callSoonThreadsafe(print)),
      attempt(() => loop.createTask(coroutine)),
      attempt(() => loop.runForeverSync()),
      attempt(() => loop.runUntilCompleteSync(coroutine)),
      attempt(() => currently(loop, () => runInExecutor(null, print))),
      loop.createFuture().constructor.name,
      loop.stop(),
      loop.time(),
      loop.getDebug(),
    ];
  },

  "LOOP-17": differs(
    "a loop is woken only while it runs and waits: one that does not run yet needs no wake-up",
    ["1", "2", "3", 0],
    async () => {
      const log: unknown[] = [];
      const host = new ManualHost();
      const loop = new EventLoop(host);
      loop.callSoon(() => log.push("1"));
      loop.callSoonThreadsafe(() => log.push("2"));
      loop.callSoon(() => log.push("3"));
      loop.callSoon(() => loop.stop());
      const wakes = host.requests.length;
      const run = loop.runForever();
      host.turn();
      await run;
      log.push(wakes);
      loop.close();
      return log;
    },
  ),

  "LOOP-18": differs(
    "JavaScript has no keyword arguments: an object behind the others is an argument unless it is { context }",
    [false, [1, 2]],
    () => {
      const loop = newLoop();
      const error = attempt(() => loop.callSoon<unknown[]>(print, { x: 1 }));
      const out: unknown[] = [typeof error === "string" && error.includes("unexpected keyword")];
      loop.callSoon((...args) => out.push(args), 1, 2);
      loop.callSoon(() => loop.stop());
      loop.runForeverSync();
      dispose(loop);
      return out;
    },
  ),

  "LOOP-19": differs(
    "the host is asked once a turn, not once an iteration, and cuts long waits itself",
    [0, 1.5, 0, 1e6, "DeadlockError"],
    async () => {
      const host = new ManualHost();
      const loop = new EventLoop(host);
      const run = loop.runUntilComplete(sleep(1.5));
      host.turn();
      host.time = 1.5;
      host.turn();
      await run;
      const host2 = new ManualHost();
      const loop2 = new EventLoop(host2);
      loop2.callLater(1e6, print);
      loop2.callSoon(() => {});
      const run2 = loop2.runForever();
      host2.turn();
      const out: unknown[] = [...timeouts(host), ...timeouts(host2)];
      loop2.stop();
      host2.turn();
      await run2;
      const loop3 = newLoop();
      out.push(String(attempt(() => loop3.runForeverSync())).split("(")[0]);
      for (const each of [loop, loop2, loop3]) each.close();
      return out;
    },
  ),

  "LOOP-20": () => {
    const loop = new VLoop();
    const out: unknown[] = [String(loop)];
    function* main(): Coroutine<boolean> {
      out.push(String(loop));
      return getRunningLoop() === loop;
    }
    const result = loop.runUntilCompleteSync(main());
    out.push(attempt(() => getRunningLoop()));
    out.push(result);
    dispose(loop);
    return out;
  },

  "LOOP-21": () => {
    const log: unknown[] = [];
    const loop = newLoop(log);
    const out = [attempt(() => loop.runUntilCompleteSync(throwing(new KeyboardInterrupt("z"))))];
    dispose(loop);
    return [...out, log];
  },

  "LOOP-22": reworded(
    "the message says what was found",
    [
      "TypeError('A Future, a coroutine or an awaitable is required, got 42')",
      "RangeError('The future belongs to a different loop than the one specified as the loop argument')",
    ],
    () => {
      const [loop, other] = [newLoop(), newLoop()];
      const future = other.createFuture();
      const out = [
        attempt(() => loop.runUntilCompleteSync(42 as never)),
        attempt(() => loop.runUntilCompleteSync(future)),
      ];
      dispose(loop);
      dispose(other);
      return out;
    },
  ),

  "LOOP-23": () => {
    const loop = newLoop();
    loop.stop();
    loop.stop();
    loop.runForeverSync();
    const out = [iteration(loop)];
    loop.callSoon(() => loop.callSoon(() => loop.stop()));
    loop.runForeverSync();
    out.push(iteration(loop));
    dispose(loop);
    return out;
  },

  "LOOP-24": reworded(NO_PLACE, [["ERROR", "Exception in callback f()"]], () => {
    const log: unknown[] = [];
    const loop = new VirtualEventLoop();
    loop.host.report = (level, text) => log.push([level.toUpperCase(), text.split("\n", 1)[0]]);
    function f(): void {
      throw new RangeError("x");
    }
    loop.callSoon(f);
    loop.callSoon(() => loop.stop());
    loop.runForeverSync();
    dispose(loop);
    return log;
  }),

  "LOOP-25": excused(
    "JavaScript has no finalizers to rely on: a loop that is dropped without close is collected silently",
  ),

  "LOOP-26": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture();
      future.addDoneCallback(() => log.push("done-cb"));
      function* worker(): Coroutine<void> {
        log.push("task-step");
      }
      loop.callSoon(() => log.push("cb0"));
      loop.createTask(worker());
      future.setResult();
      loop.callSoon(() => log.push("cb1"));
      yield* spin(2);
    }),

  "LOOP-27": () => {
    const log: unknown[] = [];
    const loop = newLoop(log);
    function* background(): Coroutine<void> {
      yield* sleep(1);
      log.push(`bg ${loop.time()}`);
    }
    function* first(): Coroutine<void> {
      loop.createTask(background());
      yield* sleep(0);
      log.push("first");
    }
    function* second(): Coroutine<void> {
      yield* sleep(2);
      log.push("second");
    }
    loop.runUntilCompleteSync(first());
    loop.runUntilCompleteSync(second());
    dispose(loop);
    return log;
  },
};
