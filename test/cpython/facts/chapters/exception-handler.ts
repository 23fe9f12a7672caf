// EXCH: the exception handler.

import { ContextVar, type Coroutine, KeyboardInterrupt } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { type Facts, differs, excused } from "../fact.ts";
import { attempt } from "../../../support/outcomes.ts";
import { dispose, runOnce } from "../../../support/stage.ts";

/** A loop without exception handler, and what it writes to the log: level and first line. */
function newReportingLoop(): [loop: VirtualEventLoop, records: unknown[]] {
  const loop = new VirtualEventLoop();
  const records: unknown[] = [];
  loop.host.report = (level, text) => records.push([level.toUpperCase(), text.split("\n", 1)[0]]);
  return [loop, records];
}

export const facts: Facts = {
  "EXCH-01": () => {
    const loop = new VirtualEventLoop();
    const records: unknown[] = [];
    loop.host.report = (level, text, error) => records.push([level.toUpperCase(), text], error !== undefined);
    loop.callExceptionHandler({ message: "hello", z: "two", a: 1, exception: new RangeError() });
    dispose(loop);
    return records;
  },

  "EXCH-02": () => {
    const [loop, records] = newReportingLoop();
    loop.callExceptionHandler({});
    dispose(loop);
    return records;
  },

  "EXCH-03": () => {
    const loop = new VirtualEventLoop();
    const out = [attempt(() => loop.setExceptionHandler(5 as never)), loop.getExceptionHandler()];
    dispose(loop);
    return out;
  },

  "EXCH-04": differs(
    "whatever a handler throws is reported: JavaScript has one kind of exception",
    [["ERROR", "Unhandled error in exception handler"], null],
    () => {
      const [loop, records] = newReportingLoop();
      loop.setExceptionHandler(() => {
        throw new RangeError("x");
      });
      loop.callExceptionHandler({ message: "orig" });
      loop.host.report = () => {};
      loop.setExceptionHandler(() => {
        throw new KeyboardInterrupt();
      });
      records.push(attempt(() => loop.callExceptionHandler({ message: "x" })));
      dispose(loop);
      return records;
    },
  ),

  "EXCH-05": () => {
    const variable = new ContextVar("cv", { default: "none" });
    const out: unknown[] = [];
    const loop = new VirtualEventLoop();
    loop.setExceptionHandler((caller) => out.push(caller === loop, variable.get()));
    function* worker(): Coroutine<void> {
      variable.set("task-value");
      throw new RangeError();
    }
    loop.createTask(worker());
    runOnce(loop);
    dispose(loop); // reports it at the latest
    return out;
  },

  "EXCH-06": excused(
    "JavaScript has no finalizers: lost errors are reported on collection where the host tells of it, and when the loop closes",
  ),
};
