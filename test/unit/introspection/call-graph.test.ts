import { describe, expect, test } from "vitest";
import {
  type Coroutine,
  FrameCallGraphEntry,
  type Future,
  FutureCallGraph,
  type Task,
  TaskGroup,
  asCompleted,
  captureCallGraph,
  createTask,
  currentTask,
  formatCallGraph,
  futureAddToAwaitedBy,
  futureDiscardFromAwaitedBy,
  gather,
  printCallGraph,
  shield,
  sleep,
  wait,
  waitFor,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { spin } from "../../support/coroutines.ts";
import { attempt } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";

const names = (graph: FutureCallGraph | null): string[] => (graph?.callStack ?? []).map((entry) => entry.frame.name);

describe("captureCallGraph", () => {
  test("gives the stack of the current task from the innermost frame on", () => {
    const log = fullTrace(function* (log) {
      function* inner() {
        const graph = captureCallGraph() as FutureCallGraph;
        log.push(graph instanceof FutureCallGraph, names(graph));
        log.push(graph.callStack[0] instanceof FrameCallGraphEntry);
      }
      function* outer() {
        yield* inner();
      }
      yield* createTask(outer());
    });
    expect(log).toEqual([true, ["inner", "outer"], true]);
  });

  test("of a task in its eager first step has nobody who awaits it, not its group either; from its first wait on it has", () => {
    const log = fullTrace(function* (log, loop) {
      const future = loop.createFuture();
      const awaitedBy = (graph: FutureCallGraph | null): string[] =>
        (graph?.awaitedBy ?? []).map(({ future }) => (future as Task<unknown>).getName());
      function* member() {
        log.push(awaitedBy(captureCallGraph()));
        yield* future;
      }
      function* parent() {
        yield* new TaskGroup().with(function* (group) {
          group.createTask(member(), { name: "member", eagerStart: true });
        });
      }
      createTask(parent(), { name: "parent" });
      yield* sleep(0);
      const graph = captureCallGraph(future);
      log.push(awaitedBy(graph), awaitedBy(graph?.awaitedBy[0] ?? null));
      future.setResult();
      yield* spin(3);
    });
    expect(log).toEqual([[], ["member"], ["parent"]]);
  });

  test("tells where the frames are", () => {
    fullTrace(function* () {
      const { frame } = (captureCallGraph() as FutureCallGraph).callStack[0];
      expect(frame.file).toMatch(/call-graph\.test\.ts$/);
      expect([frame.line > 0, frame.column > 0]).toEqual([true, true]);
      yield* sleep(0);
    });
  });

  test("needs a loop or a future, and nothing but a future", () => {
    const message =
      "captureCallGraph() is called outside of a running event loop and no *future* to introspect was provided";
    expect(attempt(() => captureCallGraph(null))).toBe(`RuntimeError('${message}')`);
    for (const call of [
      (value: Future<void>) => formatCallGraph(value),
      (value: Future<void>) => printCallGraph(value),
      (value: Future<void>) => futureAddToAwaitedBy(value, value),
      (value: Future<void>) => futureDiscardFromAwaitedBy(value, value),
    ]) {
      expect(attempt(() => call(5 as unknown as Future<void>))).toBe(
        "TypeError('5 object does not appear to be compatible with Future')",
      );
    }
  });

  test("takes a future outside of any loop", () => {
    const loop = new VirtualEventLoop();
    expect(captureCallGraph(loop.createFuture())).toMatchObject({ callStack: [], awaitedBy: [] });
    loop.close();
  });

  test("is limited to frames from either end; with 0 only says who waits", () => {
    const log = fullTrace(function* (log, loop) {
      const captured = (limit?: number) => names(captureCallGraph(null, limit === undefined ? {} : { limit }));
      function* a() {
        for (const limit of [undefined, 1, 2, 9, -1, -2, 0])
          log.push(captured(limit).filter((name) => /^[abc]$/.test(name)));
      }
      function* b() {
        yield* a();
      }
      function* c() {
        yield* b();
      }
      yield* createTask(c());
      const [future, waiter] = [loop.createFuture(), loop.createFuture()];
      futureAddToAwaitedBy(future, waiter);
      const graph = captureCallGraph(future, { limit: 0 }) as FutureCallGraph;
      log.push(
        graph.callStack.length,
        graph.awaitedBy.map((parent) => parent.future === waiter),
      );
      futureDiscardFromAwaitedBy(future, waiter);
      futureDiscardFromAwaitedBy(future, waiter);
      log.push(captureCallGraph(future)?.awaitedBy.length);
      for (const bad of [1.5, NaN, "1"]) log.push(attempt(() => captureCallGraph(future, { limit: bad as number })));
    });
    expect(log).toEqual([
      ["a", "b", "c"],
      [],
      ["a"],
      ["a", "b", "c"],
      ["c"],
      ["b", "c"],
      [],
      0,
      [true],
      0,
      "TypeError('Invalid limit: expected an integer, got 1.5')",
      "TypeError('Invalid limit: expected an integer, got NaN')",
      "TypeError('Invalid limit: expected an integer, got '1'')",
    ]);
  });

  test("knows which task waits, and forgets it when the wait is over", () => {
    const kinds: Record<string, (child: Task<void>) => Coroutine<unknown>> = {
      *await(child) {
        yield* child;
      },
      *gather(child) {
        yield* gather(child);
      },
      wait: (child) => wait([child]),
      *shield(child) {
        yield* shield(child);
      },
      waitFor: (child) => waitFor(child, 9),
      *asCompleted(child) {
        for (const next of asCompleted([child])) yield* next;
      },
    };
    const log = fullTrace(function* (log) {
      const waiting = (child: Task<unknown>) => captureCallGraph(child)?.awaitedBy.map(({ future }) => future);
      for (const [name, wait] of Object.entries(kinds)) {
        const child = createTask(spin(9));
        const parent = createTask(wait(child));
        yield* spin(3);
        log.push([name, waiting(child)?.length, waiting(child)?.[0] === parent]);
        yield* child;
        yield* parent;
        log.push(waiting(child)?.length);
      }
      let child: Task<void> | undefined;
      const parent = createTask(
        new TaskGroup().with(function* (group) {
          child = group.createTask(spin(9));
        }),
      );
      yield* spin(3);
      log.push(["TaskGroup", waiting(child as Task<void>)?.[0] === parent]);
      yield* parent;
      log.push(waiting(child as Task<void>)?.length);
    });
    expect(log).toEqual([
      ["await", 1, true],
      0,
      ["gather", 1, true],
      0,
      ["wait", 1, true],
      0,
      ["shield", 1, true],
      0,
      ["waitFor", 1, true],
      0,
      ["asCompleted", 1, true],
      0,
      ["TaskGroup", true],
      0,
    ]);
  });

  test("forgets who waited when the wait is cancelled", () => {
    fullTrace(function* () {
      const child = createTask(spin(9));
      const makers: (() => Coroutine<unknown>)[] = [
        () => wait([child]),
        () => waitFor(shield(child), 9),
        () => wait([shield(child)]),
      ];
      for (const make of makers) {
        const parent = createTask(make());
        yield* spin(2);
        parent.cancel();
        yield* spin(3);
        expect(parent.cancelled()).toBe(true);
      }
      expect(captureCallGraph(child)?.awaitedBy).toEqual([]);
      child.cancel();
    });
  });

  test("shows a task under each of those through which it waits", () => {
    fullTrace(function* () {
      const child = createTask(spin(9));
      function* waitForChild() {
        yield* shield(child);
      }
      const [a, b] = [createTask(waitForChild(), { name: "a" }), createTask(waitForChild(), { name: "b" })];
      const parent = createTask(wait([a, b]), { name: "parent" });
      yield* spin(3);
      expect(formatCallGraph(child).split("\n").slice(1)).toEqual([
        "  + Awaited by:",
        "    * Task(name='a')",
        "      + Awaited by:",
        "        * Task(name='parent')",
        "    * Task(name='b')",
        "      + Awaited by:",
        "        * Task(name='parent')",
      ]);
      yield* parent;
    });
  });

  test("ends where tasks wait in a circle", () => {
    const loop = new VirtualEventLoop();
    const tasks: Task<void>[] = [];
    function* waitForOther(index: number): Coroutine<void> {
      yield* tasks[1 - index];
    }
    tasks.push(loop.createTask(waitForOther(0), { name: "a" }), loop.createTask(waitForOther(1), { name: "b" }));
    loop.runUntilCompleteSync(spin(2));
    expect(formatCallGraph(tasks[0])).toBe("* Task(name='a')\n  + Awaited by:\n    * Task(name='b')");
    loop.close();
  });
});

describe("formatCallGraph", () => {
  test("shows the stack, and below it those who wait, indented by four spaces", () => {
    let text = "";
    fullTrace(function* () {
      function* inner() {
        text = formatCallGraph(currentTask());
      }
      currentTask()?.setName("m");
      yield* createTask(inner(), { name: "n" });
    });
    const lines = text.split("\n");
    expect(lines[0]).toBe("* Task(name='n')");
    expect(lines[1]).toBe("  + Call stack:");
    expect(lines[2]).toMatch(/^ {2}\| {3}File '.*call-graph\.test\.ts', line \d+, in inner\(\)$/);
    expect(lines.slice(3)).toEqual(["  + Awaited by:", "    * Task(name='m')"]);
  });

  test("in debug mode shows where other tasks wait", () => {
    let text = "";
    fullTrace(
      function* (_, loop) {
        loop.host.report = () => {};
        function* sleeper() {
          yield* sleep(5);
        }
        function* outer() {
          yield* sleeper();
        }
        const task = createTask(outer(), { name: "asleep" });
        yield* sleep(1);
        text = formatCallGraph(task);
        yield* task;
      },
      { debug: true },
    );
    expect(text.split("\n").map((line) => line.replace(/File .*, in/, "in"))).toEqual([
      "* Task(name='asleep')",
      "  + Call stack:",
      "  |   in sleeper()",
      "  |   in outer()",
    ]);
  });

  test("shows a future that is no task, in a tree", () => {
    fullTrace(function* (_, loop) {
      const future = loop.createFuture();
      const task = createTask(wait([future]), { name: "waiter" });
      yield* spin(2);
      expect(formatCallGraph(future)).toBe("* Future()\n  + Awaited by:\n    * Task(name='waiter')");
      future.setResult();
      yield* task;
    });
  });
});

describe("printCallGraph", () => {
  test("writes the text where it is told to, the console by default", () => {
    const loop = new VirtualEventLoop();
    const written: string[] = [];
    printCallGraph(loop.createFuture(), { write: (text) => written.push(text) });
    const { log } = console;
    console.log = (text: string) => void written.push(`console: ${text}`);
    try {
      printCallGraph(loop.createFuture());
    } finally {
      console.log = log;
    }
    expect(written).toEqual(["* Future()", "console: * Future()"]);
    loop.close();
  });
});

test("what is met by several ways is told once: the text grows with the tasks, not with the ways", () => {
  const sizes = [10, 20, 40].map((levels) => {
    let size = 0;
    fullTrace(function* (_, loop) {
      const future = loop.createFuture();
      let layer: Future<unknown>[] = [future];
      function* waitsFor(below: Future<unknown>[]): Coroutine<void> {
        yield* gather(below);
      }
      for (let i = 0; i < levels; i++) {
        const below = layer;
        layer = [
          createTask(waitsFor(below), { name: `left ${i}` }),
          createTask(waitsFor(below), { name: `right ${i}` }),
        ];
        yield* sleep(0);
      }
      yield* sleep(0);
      const text = formatCallGraph(future);
      size = text.split("\n").length;
      expect(text).toContain("* Task(name='left 1') (shown above)");
      const [left, right] = (captureCallGraph(future) as FutureCallGraph).awaitedBy;
      expect(left.awaitedBy[0]).toBe(right.awaitedBy[0]);
      future.setResult();
      yield* spin(2 * levels);
    });
    return size;
  });
  expect(sizes[2] / sizes[1]).toBeLessThan(2.2);
  expect(sizes[1] / sizes[0]).toBeLessThan(2.2);
});
