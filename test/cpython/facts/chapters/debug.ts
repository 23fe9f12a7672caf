// DEBUG: debug mode.

import { type Coroutine, EventLoop, type Task } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { type Facts, differs, reworded } from "../fact.ts";
import { ManualHost } from "../../../support/manual-host.ts";
import { giving } from "../../../support/coroutines.ts";
import { attempt, withoutPlaces } from "../../../support/outcomes.ts";
import { dispose, newLoop, passTime, trace } from "../../../support/stage.ts";

class VLoop extends VirtualEventLoop {}

/** A loop in debug mode, and what it tells the developer. */
function newDebugLoop(): [loop: VirtualEventLoop, records: [level: string, text: string][]] {
  const loop = new VLoop();
  loop.setDebug(true);
  const records: [string, string][] = [];
  loop.host.report = (level, text) => records.push([level.toUpperCase(), withFixedPlaces(text)]);
  return [loop, records];
}

function withFixedPlaces(text: string): string {
  return withoutPlaces(text).replace("PLACE", "FILE:LINE");
}

function print(): void {}

export const facts: Facts = {
  "DEBUG-01": reworded(
    "a function does not know its file and line: messages give its name alone",
    [["WARNING", "Executing <Handle slow() created at FILE:LINE> took 0.200 seconds"], 0.1, true],
    () => {
      const [loop, records] = newDebugLoop();
      function slow(): void {
        passTime(loop, 0.2);
      }
      function* step(): Coroutine<void> {
        passTime(loop, 0.5);
      }
      loop.callSoon(slow);
      loop.callSoon(() => loop.stop());
      loop.runForeverSync();
      const task: Task<void> = loop.createTask(step(), { name: "T" });
      loop.runUntilCompleteSync(task);
      const out = [
        records[0],
        loop.slowCallbackDuration,
        records.some(
          ([, text]) => text.includes("Executing <Task finished name='T'") && text.includes("took 0.500 seconds"),
        ),
      ];
      dispose(loop);
      return out;
    },
  ),

  "DEBUG-02": reworded(
    "the message says what to call instead",
    [
      "RuntimeError('Non-thread-safe operation invoked on an event loop other than the current one: use callSoonThreadsafe outside its turns')",
    ],
    async () => {
      const host = new ManualHost();
      const loop = new EventLoop(host);
      loop.setDebug(true);
      const run = loop.runForever();
      const out = [attempt(() => loop.callSoon(print))]; // outside the loop's turns
      loop.stop();
      host.turn();
      await run;
      loop.close();
      return out;
    },
  ),

  "DEBUG-03": differs(
    "a refusal names the method that was called, and an executor runs coroutine functions, too",
    [
      "TypeError('coroutines cannot be used with callSoon()')",
      "TypeError('a callable object was expected by callSoon(), got 5')",
      "TypeError('coroutines cannot be used with callLater()')",
    ],
    () => {
      const [loop] = newDebugLoop();
      const out = [
        attempt(() => loop.callSoon(giving as never)),
        attempt(() => loop.callSoon(5 as never)),
        attempt(() => loop.callLater(1, giving as never)),
      ];
      dispose(loop);
      return out;
    },
  ),

  "DEBUG-04": reworded(
    "the message shows the value",
    [["EH", "Exception in callback 5()", "TypeError('Cannot call 5')"]],
    () => {
      const log: unknown[] = [];
      const loop = newLoop(log);
      loop.callSoon(5 as never);
      loop.callSoon(() => loop.stop());
      loop.runForeverSync();
      dispose(loop);
      return log;
    },
  ),

  "DEBUG-05": differs(
    "JavaScript does not say when a generator is made: debug mode reports the library's own operations only",
    [],
    () =>
      trace(
        function* () {
          function* f(): Coroutine<void> {}
          void f();
        },
        { debug: true },
      ),
  ),

  "DEBUG-06": () => {
    const [loop] = newDebugLoop();
    const out: unknown[] = [withFixedPlaces(String(loop.createFuture()))];
    loop.setExceptionHandler((_, context) => out.push(Object.keys(context).sort()));
    loop.callSoon(() => {
      throw new RangeError("x");
    });
    loop.callSoon(() => loop.stop());
    loop.runForeverSync();
    dispose(loop);
    return out;
  },

  "DEBUG-07": () => {
    const loop = newLoop();
    const before = loop.getDebug();
    loop.setDebug(true);
    const behind = loop.getDebug();
    dispose(loop);
    return [before, behind];
  },

  "DEBUG-08": () => {
    const [loop] = newDebugLoop();
    const handle = loop.callSoon<unknown[]>(print, 1);
    handle.cancel();
    const out = [withFixedPlaces(String(handle))];
    dispose(loop);
    return out;
  },

  "DEBUG-09": () => {
    const [loop, records] = newDebugLoop();
    loop.close();
    return records;
  },
};
