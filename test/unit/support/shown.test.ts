// What the console shows of the library's objects, and what JSON makes of those that are full of circles.

import { inspect } from "node:util";
import { expect, test } from "vitest";
import {
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
  dumpTasks,
  sleep,
  timeout,
} from "wasyncio";
import { StreamReader } from "wasyncio/streams";
import { dispose, newLoop } from "../../support/stage.ts";

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

test("JSON has the text of what is full of circles", () => {
  const loop = newLoop();
  const objects = [loop, loop.createTask(sleep(1)), loop.createFuture(), loop.callSoon(() => {})];
  expect(JSON.parse(JSON.stringify(objects))).toEqual(objects.map(String));
  dispose(loop);
});
