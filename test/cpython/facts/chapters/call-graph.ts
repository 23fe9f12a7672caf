// GRAPH: call graphs.

import {
  type Coroutine,
  type FutureCallGraph,
  type Task,
  TaskGroup,
  asCompleted,
  captureCallGraph,
  currentTask,
  formatCallGraph,
  futureAddToAwaitedBy,
  futureDiscardFromAwaitedBy,
  gather,
  shield,
  wait,
  waitFor,
} from "wasyncio";
import { type Facts, reworded } from "../fact.ts";
import { spin } from "../../../support/coroutines.ts";
import { attempt } from "../../../support/outcomes.ts";
import { dispose, newLoop, runOnce, trace } from "../../../support/stage.ts";

export const facts: Facts = {
  "GRAPH-01": () =>
    trace(function* (log, loop) {
      function* child(): Coroutine<void> {
        const graph = captureCallGraph() as FutureCallGraph;
        log.push(graph.constructor.name, graph.future === currentTask(), graph.awaitedBy.length);
        log.push((graph.awaitedBy[0].future as Task<unknown>).getName());
      }
      function* parent(): Coroutine<void> {
        yield* loop.createTask(child());
      }
      yield* loop.createTask(parent(), { name: "parent" });
    }),

  "GRAPH-02": () => {
    const log = [attempt(() => captureCallGraph())];
    const loop = newLoop();
    loop.callSoon(() => log.push(captureCallGraph(), formatCallGraph()));
    runOnce(loop);
    log.push(attempt(() => captureCallGraph(5 as never)));
    dispose(loop);
    return log;
  },

  "GRAPH-03": reworded(
    "a task is shown by its name alone, for objects of JavaScript have no address",
    ["* Task(name='n')", "  + Call stack:", true, "  + Awaited by:", "    * Task(name='m')"],
    () => {
      const [text] = trace(function* (log, loop) {
        function* child(): Coroutine<void> {
          log.push(formatCallGraph(currentTask()));
        }
        currentTask()?.setName("m");
        yield* loop.createTask(child(), { name: "n" });
      });
      const lines = String(text).split("\n");
      return [
        lines[0],
        lines[1],
        lines[2].startsWith("  |   File "),
        lines.find((line) => line.startsWith("  + A")),
        lines.find((line) => line.startsWith("    * ")),
      ];
    },
  ),

  "GRAPH-04": () =>
    trace(function* (log, loop) {
      const [a, b] = [loop.createFuture(), loop.createFuture()];
      futureAddToAwaitedBy(a, b);
      const graph = captureCallGraph(a, { limit: 0 }) as FutureCallGraph;
      log.push(graph.callStack.length, graph.awaitedBy.length);
      futureDiscardFromAwaitedBy(a, b);
    }),

  "GRAPH-05": () =>
    trace(function* (log, loop) {
      let box: Task<void>[] = [];
      const waits: [string, (child: Task<void>) => Coroutine<unknown>][] = [
        [
          "await",
          function* (child) {
            yield* child;
          },
        ],
        [
          "gather",
          function* (child) {
            yield* gather(child);
          },
        ],
        ["wait", (child) => wait([child])],
        [
          "shield",
          function* (child) {
            yield* shield(child);
          },
        ],
        [
          "taskgroup",
          () =>
            new TaskGroup().with(function* (group) {
              box.push(group.createTask(spin(9)));
            }),
        ],
        ["waitFor", (child) => waitFor(child, 9)],
        [
          "asCompleted",
          function* (child) {
            for (const next of asCompleted([child])) yield* next;
          },
        ],
      ];
      const awaitedBy = (task: Task<void>): number | undefined => captureCallGraph(task)?.awaitedBy.length;
      let child = loop.createTask(spin(0));
      for (const [name, make] of waits) {
        box = [];
        child = loop.createTask(spin(9));
        const parent = loop.createTask(make(child));
        yield* spin(3);
        log.push([name, awaitedBy(box[0] ?? child)]);
        yield* child;
        yield* parent;
      }
      log.push(["after", awaitedBy(child)]);
    }),
};
