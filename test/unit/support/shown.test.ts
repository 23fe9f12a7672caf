// What the console shows of the library's objects, and what JSON makes of those that are full of circles.

import { inspect } from "node:util";
import { expect, test } from "vitest";
import {
  AsyncExitStack,
  Barrier,
  BoundedSemaphore,
  Condition,
  ContextVar,
  Event,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  Semaphore,
  TaskGroup,
  captureCallGraph,
  createTask,
  dumpTasks,
  gather,
  moveOnAfter,
  race,
  sleep,
  timeout,
  waitFor,
} from "wasyncio";
import { StreamReader } from "wasyncio/streams";
import { simulate } from "wasyncio/testing";
import { nothing, throwing } from "../../support/coroutines.ts";
import { dispose, newLoop, trace } from "../../support/stage.ts";

test("the console shows objects by their text", () => {
  const loop = newLoop();
  const task = loop.createTask(
    (function* () {
      yield* sleep(0);
      return timeout(1);
    })(),
  );
  const objects = [
    loop,
    task,
    loop.createFuture(),
    loop.callSoon(() => {}),
    loop.callLater(1, () => {}),
    captureCallGraph(task),
    dumpTasks(loop),
    ...[Lock, Event, Condition, Semaphore, BoundedSemaphore, Queue, LifoQueue, PriorityQueue].map((Each) => new Each()),
    new Barrier(2),
    new TaskGroup(),
    new ContextVar("name"),
    new StreamReader(1000, loop),
    loop.runUntilCompleteSync(task),
  ];
  for (const object of objects) {
    expect(String(object)).toMatch(/^[<*]|^Task /);
    expect(inspect(object)).toBe(String(object));
  }
  expect(inspect({ lock: new Lock() })).toBe("{ lock: <Lock [unlocked]> }");
  dispose(loop, 1); // the timer
});

test("the console shows coroutines of the library by their text", () => {
  const shown = [
    sleep(1),
    new Lock().acquire(),
    new Queue().put(1),
    new Lock().with(() => nothing()),
    new AsyncExitStack(),
  ].map((object) => [inspect(object), String(object)]);
  const texts = ["<coroutine sleep>", "<coroutine Lock.acquire>", "<coroutine Queue.put>", "<coroutine with>"];
  expect(shown).toEqual([...texts, "<AsyncExitStack exits=0>"].map((text) => [text, text]));
  trace(
    function* () {
      const watched = [race(sleep(0)), waitFor(sleep(0), 1)];
      expect(watched.map((each) => inspect(each))).toEqual(["<coroutine race>", "<coroutine waitFor>"]);
      for (const each of watched) yield* each;
      const stack = new AsyncExitStack();
      stack.callback(() => {});
      expect([inspect(stack), inspect(moveOnAfter(1))]).toEqual(["<AsyncExitStack exits=1>", "<MoveOn [created]>"]);
    },
    { debug: true },
  );
});

test("the console shows a simulation in a few lines, which are none of its data", () => {
  const passing = simulate(function* () {
    createTask(sleep(9), { name: "left" });
    yield* sleep(1);
    return { answer: 42 };
  });
  expect(inspect(passing).split("\n")).toEqual([
    `<Simulation ok value={"answer":42} time=1 steps=5 token=${passing.token}>`,
    expect.stringMatching(/^ {2}left: task Task-2 'left' /),
  ]);
  const failing = simulate(() => gather(throwing(new RangeError("wrong"))));
  expect(String(failing)).toBe(
    `<Simulation error time=0 steps=${failing.steps} token=${failing.token}>\n  RangeError: wrong (in Task-2)`,
  );
  expect(Object.keys(passing)).not.toContain("toString");
  expect({ ...passing }).toEqual(passing);
});

test("JSON has the text of what is full of circles", () => {
  const loop = newLoop();
  const objects = [loop, loop.createTask(sleep(1)), loop.createFuture(), loop.callSoon(() => {})];
  expect(JSON.parse(JSON.stringify(objects))).toEqual(objects.map(String));
  dispose(loop);
});
