import {
  type Coroutine,
  Event,
  Lock,
  Queue,
  Semaphore,
  type Task,
  TaskGroup,
  createTask,
  gather,
  getRunningLoop,
  shield,
  sleep,
  timeout,
  wait,
} from "wasyncio";
import { type Leak, VirtualEventLoop } from "wasyncio/testing";
import { expect, test } from "vitest";
import { Ledger, switchLedger } from "../../../src/waiting/ledger.ts";
import { leaksOf } from "../../../src/introspection/leaks.ts";

/** Runs a program to its end. Returns what it leaves. */
function leaks(program: () => Coroutine<unknown>, { debug = false } = {}): readonly Leak[] {
  const loop = new VirtualEventLoop();
  loop.setDebug(debug);
  const outer = switchLedger(new Ledger(debug));
  try {
    loop.runUntilCompleteSync(program());
    return leaksOf(loop);
  } finally {
    switchLedger(outer);
  }
}

/** What a program leaves: "kind: description". */
function texts(program: () => Coroutine<unknown>): string[] {
  return leaks(program).map(({ kind, description }) => `${kind}: ${description}`);
}

test("a program that cleans up leaves nothing", () => {
  expect(
    texts(function* () {
      const [lock, semaphore, queue] = [new Lock(), new Semaphore(2), new Queue<number>()];
      const worker = createTask(queue.get());
      yield* lock.with(() => semaphore.with(() => queue.put(1)));
      yield* worker; // and it never calls taskDone: nobody joins
      getRunningLoop()
        .callLater(1, () => {})
        .cancel();
      yield* timeout(5).with(() => sleep(1));
      yield* new TaskGroup().with(function* (group) {
        group.createTask(sleep(1));
        yield* shield(sleep(1));
      });
      yield* wait([createTask(sleep(1))], { timeout: 60 });
    }),
  ).toEqual([]);
});

test("futures of a gather are left one by one when nobody waits for it any more", () => {
  expect(
    texts(function* () {
      const loop = getRunningLoop();
      const [one, other, settled] = [loop.createFuture(), loop.createFuture(), loop.createFuture()];
      function* ask(): Coroutine<void> {
        gather([one, settled, other]);
      }
      yield* createTask(ask());
      one.addDoneCallback(function first() {});
      settled.setResult();
      yield* sleep(1);
    }),
  ).toEqual([
    "waiter: onDone(), first() for a Future that is not done",
    "waiter: onDone() for a Future that is not done",
  ]);
});

test("futures of a gather are not left as long as a task waits for it", () => {
  expect(
    texts(function* () {
      const loop = getRunningLoop();
      function* ask(): Coroutine<void> {
        yield* gather([loop.createFuture(), loop.createFuture()]);
      }
      createTask(ask());
      yield* sleep(1);
    }),
  ).toEqual(["task: Task-2 waits for a Future and a Future in gather"]);
});

test("tasks are left in order of creation, with what they wait for, and without the main task", () => {
  expect(
    texts(function* () {
      const event = new Event();
      createTask(sleep(100), { name: "sleeper" });
      const waiter = createTask(event.wait(), { name: "waiter" });
      createTask(
        (function* () {
          yield* gather(waiter);
        })(),
      );
      yield* sleep(1);
      createTask(sleep(0), { name: "fresh" });
    }),
  ).toEqual([
    "task: Task-2 'sleeper' sleeps until 100 s",
    "task: Task-3 'waiter' waits for <Event [unset, waiters:1]> in Event.wait",
    "task: Task-4 waits for Task-3 'waiter' in gather",
    "task: Task-5 'fresh' is ready to run",
  ]);
});

test("timers are left in order of their deadlines", () => {
  expect(
    texts(function* () {
      const loop = getRunningLoop();
      loop.callLater(7, function late() {});
      loop.callAt(5, function early() {});
      loop.callAt(5, function second() {});
    }),
  ).toEqual(["timer: early() at 5 s", "timer: second() at 5 s", "timer: late() at 7 s"]);
});

test("locks and permits are left in order of acquisition, with their holders", () => {
  expect(
    texts(function* () {
      const [semaphore, lock] = [new Semaphore(3), new Lock()];
      function* forget(): Coroutine<void> {
        yield* semaphore.acquire();
        yield* lock.acquire();
      }
      yield* createTask(forget(), { name: "forgetful" });
      const holder = createTask(
        (function* () {
          yield* semaphore.acquire();
          yield* sleep(100);
        })(),
        { name: "busy" },
      );
      yield* sleep(1);
      getRunningLoop().callSoon(() => void new Lock().acquire().next());
      yield* sleep(1);
      holder.cancel();
      yield* wait([holder]);
    }),
  ).toEqual([
    "permit: <Semaphore [unlocked, value:1]> held by Task-2 'forgetful', which has ended",
    "permit: <Semaphore [unlocked, value:1]> held by Task-3 'busy', which has ended",
    "permit: <Lock [locked]> held by Task-2 'forgetful', which has ended",
    "permit: <Lock [locked]> held from outside any task",
  ]);
});

test("a semaphore leaks only what it has fewer than at its creation, the latest acquired", () => {
  const program = (initial: number, released: number, acquired: number) =>
    texts(function* () {
      const semaphore = new Semaphore(initial);
      for (let count = 0; count < released; count++) semaphore.release();
      for (let count = 0; count < acquired; count++) {
        yield* createTask(
          (function* () {
            yield* semaphore.acquire();
          })(),
          { name: `t${count}` },
        );
      }
    }).map((text) => /'(t\d)'/.exec(text)?.[1]);
  expect(program(0, 2, 2)).toEqual([]);
  expect(program(0, 2, 1)).toEqual([]);
  expect(program(2, 0, 2)).toEqual(["t0", "t1"]);
  expect(program(2, 1, 3)).toEqual(["t1", "t2"]);
  expect(program(Infinity, 0, 3)).toEqual([]);
});

test("callbacks of a future that nobody settles are left, when no task waits by them", () => {
  expect(
    texts(function* () {
      const loop = getRunningLoop();
      const future = loop.createFuture();
      future.addDoneCallback(function first() {});
      future.addDoneCallback(function second() {});
      const child: Task<void> = createTask(sleep(100));
      child.addDoneCallback(() => {});
      void shield(child);
      void gather(child);
      const waiting = loop.createFuture();
      createTask(
        (function* () {
          yield* wait([waiting]);
        })(),
      );
      const settled = loop.createFuture();
      yield* sleep(1);
      settled.addDoneCallback(() => {});
      settled.setResult();
    }),
  ).toEqual([
    "task: Task-2 sleeps until 100 s",
    "task: Task-3 waits for a Future in wait",
    "waiter: first(), second() for a Future that is not done",
  ]);
});

test("where things were made and acquired is told in debug mode, without the frames of the loop", () => {
  const found = leaks(
    function* main() {
      const loop = getRunningLoop();
      yield* new Lock().acquire();
      createTask(sleep(100));
      loop.callLater(100, () => {});
      loop.createFuture().addDoneCallback(() => {});
    },
    { debug: true },
  );
  expect(found.map(({ kind, origin }) => [kind, origin.length])).toEqual([
    ["task", 1],
    ["timer", 1],
    ["permit", 1],
    ["waiter", 1],
  ]);
  for (const { origin } of found) expect(origin[0]).toMatch(/leaks\.test\.ts:\d+:\d+/);
});

test("without a ledger, tasks and timers are known", () => {
  const loop = new VirtualEventLoop();
  loop.runUntilCompleteSync(
    (function* () {
      yield* new Lock().acquire();
      createTask(sleep(100));
    })(),
  );
  expect(leaksOf(loop, null).map(({ kind }) => kind)).toEqual(["task"]);
});
