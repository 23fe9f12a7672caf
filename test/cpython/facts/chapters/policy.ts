// POLICY: running loops, and policies.

import { EventLoop, getEventLoop, isCoroutine, newEventLoop, setEventLoop } from "wasyncio";
import { type Facts, differs, excused, reworded } from "../fact.ts";
import { giving } from "../../../support/coroutines.ts";
import { attempt } from "../../../support/outcomes.ts";
import { dispose, newLoop, trace } from "../../../support/stage.ts";

const NO_THREAD = "the message names no thread, for those of JavaScript have no names";

function* plainGenerator(): Generator<void, void> {
  yield;
}

export const facts: Facts = {
  "POLICY-01": reworded(NO_THREAD, [true, "RuntimeError('There is no current event loop')", true], () => {
    const out = trace(function* (log, loop) {
      log.push(getEventLoop() === loop);
    });
    setEventLoop(null);
    out.push(attempt(() => getEventLoop()));
    const loop = newLoop();
    setEventLoop(loop);
    out.push(getEventLoop() === loop);
    setEventLoop(null);
    dispose(loop);
    return out;
  }),

  "POLICY-02": reworded(
    "the message shows the value, and there is no abstract class of loops",
    ["TypeError('loop must be an instance of EventLoop or null, not 5')"],
    () => [attempt(() => setEventLoop(5 as never))],
  ),

  "POLICY-03": excused("what CPython 3.14 has deprecated is not here: no policies and no child watchers"),

  "POLICY-04": () => {
    const loop = newEventLoop();
    const out = [loop.constructor === EventLoop];
    loop.close();
    return out;
  },

  "POLICY-05": differs(
    "a coroutine is a generator object, so every generator is one",
    [true, false, true, false],
    () => {
      async function* asyncGenerator(): AsyncGenerator<void> {}
      const loop = newLoop();
      const out = [giving(null), asyncGenerator(), plainGenerator(), loop.createFuture()].map(isCoroutine);
      dispose(loop);
      return out;
    },
  ),

  "POLICY-06": differs("a coroutine is a generator object, so every generator is one", [true, false], () => {
    const generator = plainGenerator();
    const loop = newLoop();
    const task = attempt(() => loop.createTask(generator as never));
    const out = [isCoroutine(generator), String(task).startsWith("TypeError")];
    dispose(loop);
    return out;
  }),

  "POLICY-07": reworded(NO_THREAD, ["RuntimeError('There is no current event loop')"], () => {
    setEventLoop(null);
    const loop = newEventLoop();
    const out = [attempt(() => getEventLoop())];
    loop.close();
    return out;
  }),
};
