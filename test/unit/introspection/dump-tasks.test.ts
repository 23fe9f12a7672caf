// dumpTasks: what all tasks of a loop do.

import { expect, test } from "vitest";
import {
  type Coroutine,
  DeadlockError,
  Event,
  EventLoop,
  Lock,
  Queue,
  TaskGroup,
  createTask,
  dumpTasks,
  gather,
  race,
  run,
  shield,
  sleep,
  wait,
} from "wasyncio";
import { ManualHost } from "../../support/manual-host.ts";
import { exhaust, newLoop } from "../../support/stage.ts";

/** The lines of a dump that is made a second after the start of a program. */
function linesOf(program: () => Coroutine<unknown>, debug = false): string[] {
  const loop = newLoop();
  loop.setDebug(debug);
  const lines: string[] = [];
  loop.callLater(1, () => lines.push(...dumpTasks(loop).toString().split("\n")));
  loop.createTask(program(), { name: "main" });
  exhaust(loop);
  return lines;
}

function* waitForEver(): Coroutine<void> {
  yield* new Event().wait();
}

test("says what each task waits for, and who holds it", () => {
  const lock = new Lock();
  function* hold(): Coroutine<void> {
    yield* lock.acquire();
    yield* waitForEver();
  }
  const lines = linesOf(function* () {
    createTask(hold(), { name: "holder" });
    createTask(new Queue().get(), { name: "getter" });
    createTask(sleep(5), { name: "sleeper" });
    yield* sleep(0.5);
    yield* lock.acquire();
  });
  expect(lines).toEqual([
    "Task 'main' is waiting for <Lock [locked, waiters:1]> in Lock.acquire, held by task 'holder'",
    "Task 'holder' is waiting for <Event [unset, waiters:1]> in Event.wait",
    "Task 'getter' is waiting for <Queue maxsize=0 getters[1]> in Queue.get",
    "Task 'sleeper' is sleeping until 5 s",
  ]);
});

test("says what stands behind gather, wait, shield and a task group", () => {
  const child = (name: string) => createTask(waitForEver(), { name });
  const behind = (wait: () => Coroutine<unknown>): string => linesOf(wait)[0];
  expect([
    behind(function* () {
      yield* gather(child("a"), sleep(0), child("b"));
    }),
    behind(function* () {
      yield* gather(...Array.from({ length: 7 }, (_, index) => child(`${index}`)));
    }),
    behind(function* () {
      yield* wait([child("a"), child("b")]);
    }),
    behind(function* () {
      yield* shield(child("a"));
    }),
    behind(function* () {
      yield* race(child("a"), child("b"), sleep(9));
    }),
    behind(function* () {
      yield* new TaskGroup().with(function* (group) {
        group.createTask(waitForEver(), { name: "a" });
      });
    }),
    behind(function* () {
      yield* child("a");
    }),
  ]).toEqual([
    "Task 'main' is waiting for task 'a', task 'b' in gather",
    "Task 'main' is waiting for task '0', task '1', task '2', task '3', task '4', 2 more in gather",
    "Task 'main' is waiting for task 'a', task 'b' in wait",
    "Task 'main' is waiting for task 'a' in shield",
    expect.stringMatching(/^Task 'main' is waiting for task 'a', task 'b', task 'Task-\d+' in race$/),
    "Task 'main' is waiting for task 'a' in TaskGroup",
    "Task 'main' is waiting for task 'a'",
  ]);
});

test("says where, in debug mode", () => {
  const [line] = linesOf(function* main() {
    yield* waitForEver();
  }, true);
  expect(line).toMatch(
    /^Task 'main' \(made at \S*linesOf \(.*\) is waiting for .* at (?:Object\.)?waitForEver\S* \(.*dump-tasks.test.ts:\d+:\d+\)$/,
  );
});

test("tells no place in debug mode that is only the library's", () => {
  const lines = linesOf(function* main() {
    createTask(new Event().wait(), { name: "event" });
    createTask(race(new Event().wait()), { name: "race" });
    yield* waitForEver();
  }, true);
  expect(lines[1]).toMatch(
    /^Task 'event' \(made at .*dump-tasks\.test\.ts:\d+:\d+\)\) is waiting for .* in Event\.wait$/,
  );
  expect(lines[2]).toMatch(/^Task 'race' \(made at .*\) is waiting for task 'Task-\d+' in race$/);
  expect(lines[3]).toMatch(/^Task 'Task-\d+' is waiting for <Event \[unset, waiters:1\]> in Event\.wait$/);
});

test("as data it says who awaits whom, in debug mode", () => {
  const loop = newLoop();
  loop.setDebug(true);
  const stacks: (readonly string[])[] = [];
  function* work(): Coroutine<void> {
    yield* sleep(2);
  }
  function* main(): Coroutine<void> {
    yield* gather(createTask(work(), { name: "work" }));
  }
  loop.callLater(1, () => stacks.push(...dumpTasks(loop).tasks.map(({ stack }) => stack)));
  loop.createTask(main());
  exhaust(loop);
  const atMain = expect.stringMatching(/^main \(.*dump-tasks\.test\.ts:\d+:\d+\)$/);
  expect(stacks).toEqual([[atMain], [expect.stringMatching(/^work \(/), atMain]]);
});

test("is data, and tells of what runs and what is ready", async () => {
  await run(function* () {
    createTask(sleep(0), { name: "child" });
    const [main, child] = dumpTasks().tasks;
    expect([main.state, child]).toEqual([
      "running",
      {
        name: "child",
        state: "ready",
        cancelling: false,
        operation: "",
        waitsFor: "",
        heldBy: null,
        until: null,
        madeAt: null,
        suspendedAt: null,
        stack: [],
      },
    ]);
  });
});

test("has no lines without tasks, and of a closed loop", () => {
  const loop = newLoop();
  expect(String(dumpTasks(loop))).toBe("");
  loop.close();
  expect(dumpTasks(loop).tasks).toEqual([]);
});

test("tells of a real deadlock", async () => {
  const host = new ManualHost();
  const loop = new EventLoop(host);
  const [left, right] = [new Lock(), new Lock()];
  function* take(first: Lock, second: Lock): Coroutine<void> {
    yield* first.acquire();
    yield* sleep(0);
    yield* second.acquire();
  }
  const done = loop.runUntilComplete(loop.createTask(take(left, right), { name: "a" }));
  loop.createTask(take(right, left), { name: "b" });
  host.turn();
  host.exhaust();
  await expect(done).rejects.toThrow(
    new DeadlockError(`Cannot go on: nothing is scheduled, and these tasks wait:
  Task 'a' is waiting for <Lock [locked, waiters:1]> in Lock.acquire, held by task 'b'
  Task 'b' is waiting for <Lock [locked, waiters:1]> in Lock.acquire, held by task 'a'
If something outside is to wake one, let it settle loop.createExternalFuture()`),
  );
});
