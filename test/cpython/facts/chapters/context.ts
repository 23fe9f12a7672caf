// CTX: context variables.

import { Context, ContextVar, type Coroutine, copyContext, gather, run, sleep, wrapFuture } from "wasyncio";
import type { Facts } from "../fact.ts";
import { giving, spin } from "../../../support/coroutines.ts";
import { dispose, newLoop, runOnce, trace } from "../../../support/stage.ts";

const variable = new ContextVar("cv", { default: "-" });

export const facts: Facts = {
  "CTX-01": () =>
    trace(function* (log, loop) {
      variable.set("A");
      const callback = (): void => {
        log.push(variable.get());
        variable.set("B");
      };
      loop.callSoon(callback);
      loop.callSoon(callback);
      variable.set("A");
      yield* spin(2);
      log.push(variable.get());
    }),

  "CTX-02": () =>
    trace(function* (log, loop) {
      const context = new Context();
      const callback = (): void => {
        log.push(variable.get());
        variable.set("B");
      };
      loop.callSoon(callback, { context });
      loop.callSoon(callback, { context });
      yield* spin(2);
      log.push(context.get(variable));
    }),

  "CTX-03": () =>
    trace(function* (log, loop) {
      variable.set("at-create");
      function* child(): Coroutine<void> {
        log.push(variable.get());
        variable.set("child");
      }
      const task = loop.createTask(child());
      variable.set("parent-later");
      yield* task;
      log.push(variable.get());
    }),

  "CTX-04": () =>
    trace(function* (log, loop) {
      const context = copyContext();
      function* child(): Coroutine<void> {
        variable.set("child");
      }
      yield* loop.createTask(child(), { context });
      log.push(context.get(variable));
    }),

  "CTX-05": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture<number>();
      variable.set("reg");
      future.addDoneCallback(() => log.push(variable.get()));
      variable.set("done");
      future.setResult(1);
      yield* sleep(0);
    }),

  "CTX-06": () =>
    trace(function* (log) {
      function* inner(): Coroutine<void> {
        variable.set("inner");
      }
      function* task(): Coroutine<void> {
        variable.set("task");
      }
      yield* inner();
      log.push(variable.get());
      yield* gather(task());
      log.push(variable.get());
    }),

  "CTX-07": () =>
    trace(function* (log, loop) {
      const future = loop.createFuture<number>();
      function* worker(): Coroutine<void> {
        variable.set("mine");
        log.push(variable.get());
        yield* future;
        log.push(variable.get());
      }
      const task = loop.createTask(worker());
      yield* sleep(0);
      new Context().run(() => {
        variable.set("other");
        future.setResult(1);
      });
      yield* task;
    }),

  "CTX-08": () => {
    const loop = newLoop();
    const handle = loop.callSoon(() => {});
    const task = loop.createTask(giving(null));
    const out = [handle.getContext() instanceof Context, task.getContext() instanceof Context];
    task.cancel();
    runOnce(loop);
    dispose(loop);
    return out;
  },

  "CTX-09": async () => {
    const log: unknown[] = [];
    async function* values(): AsyncGenerator<string, void> {
      for (;;) yield variable.get();
    }
    await run(function* () {
      const generator = values();
      variable.set("x");
      log.push((yield* wrapFuture(generator.next())).value);
      variable.set("y");
      log.push((yield* wrapFuture(generator.next())).value);
      yield* wrapFuture(generator.return());
    });
    return log;
  },
};
