import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  asCompleted,
  Barrier,
  Condition,
  type Coroutine,
  createTask,
  DeadlockError,
  Event,
  type Future,
  futureAddToAwaitedBy,
  gather,
  getRunningLoop,
  Lock,
  Queue,
  Semaphore,
  shield,
  sleep,
  type Task,
  TaskGroup,
  wait,
  waitFor,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { describe, expect, test } from "vitest";
import { Ledger, switchLedger } from "../../../src/waiting/ledger.ts";
import { type Deadlock, deadlockOf, findCycle } from "../../../src/introspection/deadlock.ts";
import { type Wait, describeWait, waitsOf } from "../../../src/introspection/waits.ts";

const source = readFileSync(fileURLToPath(import.meta.url), "utf8").split("\n");

/** Puts what stands behind "// at:" on a line of this file in the place of the line. */
function withMarks(text: string): string {
  return text.replace(/diagnosis\.test\.ts:(\d+)/g, (place, line: string) => {
    return /\/\/ at: (.+)$/.exec(source[Number(line) - 1] ?? "")?.[1] ?? place;
  });
}

/** Runs a program that ends in a deadlock, and tells why, while its loop still stands there. */
function deadlock(program: () => Coroutine<unknown>, { debug = true } = {}): Deadlock {
  const loop = new VirtualEventLoop();
  loop.setDebug(debug);
  loop.host.report = () => {};
  const outer = switchLedger(new Ledger(debug));
  try {
    const main = program();
    const run = () => loop.runUntilCompleteSync(main); // at: run
    expect(run).toThrow(DeadlockError);
    return deadlockOf(loop);
  } finally {
    switchLedger(outer);
  }
}

/** The lines behind the headline, which is left out, with marks for places. */
function sentences(program: () => Coroutine<unknown>): string[] {
  return withMarks(deadlock(program).message).split("\n").slice(1);
}

function* acquireBoth(first: Lock, second: Lock): Coroutine<void> {
  yield* first.acquire(); // at: first
  yield* sleep(1);
  yield* second.acquire(); // at: second
}

function* hold(lock: Lock): Coroutine<void> {
  yield* lock.acquire(); // at: hold
}

describe("locks", () => {
  test("taken in different orders by two tasks are a circle", () => {
    const { message, cycle } = deadlock(function* () {
      const [a, b] = [
        new Lock(), // at: lock a
        new Lock(), // at: lock b
      ];
      yield* gather(
        createTask(acquireBoth(a, b), { name: "ab" }), // at: make ab
        createTask(acquireBoth(b, a), { name: "ba" }), // at: make ba
      ); // at: gather
    });
    expect(withMarks(message).replace(/ at diagnosis\.test\.ts:\d+$/m, " at HERE")).toBe(
      [
        "Cannot go on: nothing is scheduled, and these 2 tasks wait for each other in a circle:",
        "  Task-2 'ab' (made at make ab) waits for <Lock [locked, waiters:1]> (made at lock b) in Lock.acquire at second, held by Task-3 'ba' since first",
        "  Task-3 'ba' (made at make ba) waits for <Lock [locked, waiters:1]> (made at lock a) in Lock.acquire at second, held by Task-2 'ab' since first",
        "These wait besides:",
        "  Task-1 (made at run) waits for Task-2 'ab' and Task-3 'ba' in gather at HERE",
      ].join("\n"),
    );
    expect(cycle.map(({ task }) => task.text)).toEqual(["Task-2 'ab'", "Task-3 'ba'"]);
  });

  test("taken in a ring by three tasks are a circle of three", () => {
    const found = sentences(function* () {
      const locks = [new Lock(), new Lock(), new Lock()]; // at: locks
      const tasks: Task<void>[] = [];
      for (let index = 0; index < 3; index++) {
        const pair = [locks[index], locks[(index + 1) % 3]] as const;
        tasks.push(createTask(acquireBoth(...pair), { name: "abc"[index] })); // at: make
      }
      for (const task of tasks) yield* task; // at: await
    });
    const step = (waiter: string, holder: string) =>
      `  ${waiter} (made at make) waits for <Lock [locked, waiters:1]> (made at locks) in Lock.acquire at second, held by ${holder} since first`;
    expect(found).toEqual([
      step("Task-2 'a'", "Task-3 'b'"),
      step("Task-3 'b'", "Task-4 'c'"),
      step("Task-4 'c'", "Task-2 'a'"),
      "These wait besides:",
      "  Task-1 (made at run) waits for Task-2 'a' at await",
    ]);
  });

  test("taken twice by one task are a circle of one", () => {
    const { message, cycle } = deadlock(function* () {
      const lock = new Lock(); // at: lock
      yield* lock.acquire(); // at: once
      yield* lock.acquire(); // at: twice
    });
    expect(withMarks(message)).toBe(
      "Cannot go on: nothing is scheduled, and this task waits for itself:\n" +
        "  Task-1 (made at run) waits for <Lock [locked, waiters:1]> (made at lock) in Lock.acquire at twice, held by itself since once",
    );
    expect(cycle).toHaveLength(1);
  });

  test("of a task that has ended are no circle", () => {
    const { message, cycle } = deadlock(function* () {
      const lock = new Lock(); // at: lock
      yield* createTask(hold(lock), { name: "forgetful" });
      yield* lock.acquire(); // at: wait
    });
    expect(withMarks(message)).toBe(
      "Cannot go on: nothing is scheduled, and these tasks wait:\n" +
        "  Task-1 (made at run) waits for <Lock [locked, waiters:1]> (made at lock) in Lock.acquire at wait, " +
        "held by Task-2 'forgetful', which has ended, since hold",
    );
    expect(cycle).toEqual([]);
  });

  test("can be taken outside any task, and before the simulation", () => {
    const before = new Lock();
    before.acquire().next();
    expect(
      sentences(function* () {
        const lock = new Lock(); // at: lock
        getRunningLoop().callSoon(() => void lock.acquire().next()); // at: callback
        yield* sleep(1);
        createTask(before.acquire()); // at: make
        yield* lock.acquire(); // at: wait
      }),
    ).toEqual([
      "  Task-1 (made at run) waits for <Lock [locked, waiters:1]> (made at lock) in Lock.acquire at wait, held from outside any task since callback",
      "  Task-2 (made at make) waits for <Lock [locked, waiters:1]> in Lock.acquire, held from outside any task",
    ]);
  });

  test("are held by who had them handed over last", () => {
    expect(
      sentences(function* () {
        const lock = new Lock(); // at: lock
        yield* lock.acquire();
        const next = createTask(hold(lock), { name: "next" });
        yield* sleep(1);
        lock.release();
        yield* next;
        yield* lock.acquire(); // at: wait
      }),
    ).toEqual([
      "  Task-1 (made at run) waits for <Lock [locked, waiters:1]> (made at lock) in Lock.acquire at wait, held by Task-2 'next', which has ended, since hold",
    ]);
  });
});

describe("semaphores", () => {
  test("whose permits are lost tell who has them", () => {
    expect(
      sentences(function* () {
        const semaphore = new Semaphore(2); // at: semaphore
        function* forget(): Coroutine<void> {
          yield* semaphore.acquire(); // at: forget
        }
        yield* createTask(forget(), { name: "one" });
        yield* createTask(forget(), { name: "two" });
        yield* semaphore.acquire(); // at: wait
      }),
    ).toEqual([
      "  Task-1 (made at run) waits for <Semaphore [locked, waiters:1]> (made at semaphore) in Semaphore.acquire at wait, " +
        "held by Task-2 'one', which has ended, since forget and by Task-3 'two', which has ended, since forget",
    ]);
  });

  test("that are signals are held by nobody", () => {
    const { cycle, waits } = deadlock(function* () {
      const signal = new Semaphore(0);
      signal.release();
      yield* signal.acquire();
      yield* signal.acquire();
    });
    expect(cycle).toEqual([]);
    expect(waits.map(({ holders }) => holders)).toEqual([[]]);
  });

  test("name five holders and count the others", () => {
    const [sentence = ""] = sentences(function* () {
      const semaphore = new Semaphore(7); // at: semaphore
      for (let index = 0; index < 7; index++) yield* semaphore.acquire(); // at: take
      yield* semaphore.acquire(); // at: wait
    });
    expect(sentence.slice(sentence.indexOf(", held"))).toBe(
      `, held${" by itself since take,".repeat(5).slice(0, -1)} and 2 more`,
    );
  });
});

describe("events, conditions, barriers and queues", () => {
  test("that nobody sets, notifies, fills or puts to are no circles", () => {
    expect(
      sentences(function* () {
        const event = new Event(); // at: event
        const condition = new Condition(); // at: condition
        const barrier = new Barrier(3); // at: barrier
        const queue = new Queue<string>(1); // at: queue
        function* notified(): Coroutine<void> {
          using _ = yield* condition.acquire();
          yield* condition.wait(); // at: wait
        }
        function* arrives(): Coroutine<void> {
          yield* barrier.wait(); // at: arrive
        }
        function* gets(): Coroutine<void> {
          yield* new Queue<void>().get(); // at: get
        }
        function* puts(): Coroutine<void> {
          yield* queue.put("a");
          yield* queue.put("b"); // at: put
        }
        const group = new TaskGroup();
        yield* group.with(function* () {
          for (const [name, work] of Object.entries({ notified, arrives, gets, puts })) {
            group.createTask(work(), { name }); // at: make
          }
          yield* event.wait(); // at: event wait
        });
      }),
    ).toEqual([
      "  Task-1 (made at run) waits for <Event [unset, waiters:1]> (made at event) in Event.wait at event wait",
      "  Task-2 'notified' (made at make) waits for <Condition [unlocked, waiters:1]> (made at condition) in Condition.wait at wait",
      "  Task-3 'arrives' (made at make) waits for <Barrier [filling, waiters:1/3]> (made at barrier) in Barrier.wait at arrive",
      "  Task-4 'gets' (made at make) waits for <Queue maxsize=0 getters[1]> (made at get) in Queue.get at get",
      "  Task-5 'puts' (made at make) waits for <Queue maxsize=1 queue=['a'] putters[1] tasks=1> (made at queue) in Queue.put at put",
    ]);
  });

  test("a queue is joined in vain behind a consumer that forgot taskDone", () => {
    expect(
      sentences(function* () {
        const queue = new Queue<string>(); // at: queue
        function* consume(): Coroutine<void> {
          yield* queue.get(); // at: take
        }
        const consumer = createTask(consume(), { name: "consumer" });
        yield* queue.put("work");
        yield* consumer;
        yield* queue.join(); // at: join
      }),
    ).toEqual([
      "  Task-1 (made at run) waits for <Queue maxsize=0 tasks=1> (made at queue) in Queue.join at join, " +
        "with items taken by Task-2 'consumer', which has ended, at take",
    ]);
  });

  test("a lock, a queue and a task can make one circle", () => {
    const { message, cycle } = deadlock(function* () {
      const lock = new Lock(); // at: lock
      const queue = new Queue<string>(); // at: queue
      function* consume(): Coroutine<void> {
        yield* queue.get(); // at: take
        yield* sleep(1);
        yield* lock.with(function* () {}); // at: consume
        queue.taskDone();
      }
      function* produce(): Coroutine<void> {
        yield* lock.with(function* () {
          yield* queue.put("work");
          yield* queue.join(); // at: join
        }); // at: produce
      }
      function* boss(): Coroutine<void> {
        yield* createTask(produce(), { name: "producer" }); // at: boss
      }
      createTask(consume(), { name: "consumer" }); // at: make consumer
      yield* createTask(boss(), { name: "boss" }); // at: main
    });
    expect(cycle.map(({ task }) => task.text)).toEqual(["Task-2 'consumer'", "Task-4 'producer'"]);
    expect(withMarks(message).split("\n").slice(1)).toEqual([
      expect.stringMatching(
        /^ {2}Task-2 'consumer' \(made at make consumer\) waits for <Lock \[locked, waiters:1\]> \(made at lock\) in Lock\.acquire at consume, held by Task-4 'producer' since /,
      ),
      "  Task-4 'producer' (made at boss) waits for <Queue maxsize=0 tasks=1> (made at queue) in Queue.join at join, with items taken by Task-2 'consumer' at take",
      "These wait besides:",
      "  Task-1 (made at run) waits for Task-3 'boss' at main",
      "  Task-3 'boss' (made at main) waits for Task-4 'producer' at boss",
    ]);
  });
});

/** Two programs' tasks that await each other, in a way. */
function* awaiting(other: () => Future<unknown>, how: (other: Future<unknown>) => Coroutine<unknown>): Coroutine<void> {
  yield* sleep(1);
  yield* how(other()); // at: how
}

/** The circle of two tasks, the first of which awaits the second one `how`: its first sentence. */
function circle(how: (other: Future<unknown>) => Coroutine<unknown>): { names: string[]; operation: string } {
  const { cycle } = deadlock(function* () {
    const a: Task<void> = createTask(
      awaiting(() => b, how),
      { name: "a" },
    );
    const b: Task<void> = createTask(
      awaiting(
        () => a,
        function* (other) {
          yield* other;
        },
      ),
      { name: "b" },
    );
    yield* new Event().wait();
  });
  return { names: cycle.map(({ task }) => task.text), operation: cycle[0]?.operation ?? "" };
}

describe("tasks that await each other are a circle", () => {
  const ways: Record<string, (other: Future<unknown>) => Coroutine<unknown>> = {
    *await(other) {
      yield* other;
    },
    *gather(other) {
      yield* gather(sleep(0), other);
    },
    *wait(other) {
      yield* wait([other]);
    },
    *shield(other) {
      yield* shield(other);
    },
    *asCompleted(other) {
      for (const next of asCompleted([other])) yield* next;
    },
  };
  test.each(Object.keys(ways))("by %s", (operation) => {
    expect(circle(ways[operation])).toEqual({
      names: ["Task-2 'a'", "Task-3 'b'"],
      operation,
    });
  });

  test("by a gather of a shield of a gather", () => {
    const { names, operation } = circle(function* (other) {
      yield* gather(shield(gather(other)));
    });
    expect({ names, operation }).toEqual({ names: ["Task-2 'a'", "Task-3 'b'"], operation: "gather" });
  });

  test("by waitFor without a deadline", () => {
    const { operation } = circle(function* (other) {
      yield* waitFor(shield(other), null);
    });
    expect(operation).toBe("shield");
  });

  test("by a primitive of the program's own that says whom it waits for", () => {
    const { names } = circle(function* (other) {
      const mine = getRunningLoop().createFuture();
      futureAddToAwaitedBy(other, mine);
      yield* mine;
    });
    expect(names).toEqual(["Task-2 'a'", "Task-3 'b'"]);
  });

  test("behind the end of a task group, not inside its block", () => {
    const program = (inside: boolean) =>
      deadlock(function* () {
        const main = getRunningLoop().currentTask as Task<unknown>;
        yield* new TaskGroup().with(function* (group) {
          group.createTask(
            (function* () {
              yield* main;
            })(),
            { name: "child" },
          );
          if (inside) yield* getRunningLoop().createFuture();
        });
      }).cycle.map(({ task, operation }) => `${task.text} ${operation}`);
    expect(program(false)).toEqual(["Task-1 TaskGroup", "Task-2 'child' await"]);
    expect(program(true)).toEqual([]);
  });
});

test("a gather inside a group, with a child that is stuck, tells of that child", () => {
  expect(
    sentences(function* () {
      const event = new Event(); // at: event
      function* stuck(): Coroutine<void> {
        yield* event.wait(); // at: stuck
      }
      function* parent(): Coroutine<void> {
        const stuckTask = createTask(stuck(), { name: "stuck" }); // at: make stuck
        const all = gather(sleep(1), stuckTask, getRunningLoop().createFuture()); // at: make all
        yield* all; // at: gather
      }
      yield* new TaskGroup().with(function* (group) {
        group.createTask(parent(), { name: "parent" }); // at: make parent
      }); // at: group
    }).map((line) => line.replace(/ in TaskGroup at .*$/, " in TaskGroup")),
  ).toEqual([
    "  Task-1 (made at run) waits for Task-2 'parent' in TaskGroup",
    "  Task-2 'parent' (made at make parent) waits for Task-3 'stuck' and a Future (made at make all) in gather at gather",
    "  Task-3 'stuck' (made at make stuck) waits for <Event [unset, waiters:1]> (made at event) in Event.wait at stuck",
  ]);
});

test("a future that nobody settles is told with where it was made", () => {
  expect(
    sentences(function* () {
      const future = getRunningLoop().createFuture(); // at: future
      yield* future; // at: await
    }),
  ).toEqual(["  Task-1 (made at run) waits for a Future (made at future) at await"]);
});

test("without debug mode there are no places", () => {
  const program = function* () {
    const [a, b] = [new Lock(), new Lock()];
    yield* gather(createTask(acquireBoth(a, b), { name: "ab" }), createTask(acquireBoth(b, a), { name: "ba" }));
  };
  expect(deadlock(program, { debug: false }).message).toBe(
    [
      "Cannot go on: nothing is scheduled, and these 2 tasks wait for each other in a circle:",
      "  Task-2 'ab' waits for <Lock [locked, waiters:1]> in Lock.acquire, held by Task-3 'ba'",
      "  Task-3 'ba' waits for <Lock [locked, waiters:1]> in Lock.acquire, held by Task-2 'ab'",
      "These wait besides:",
      "  Task-1 waits for Task-2 'ab' and Task-3 'ba' in gather",
    ].join("\n"),
  );
});

test("twenty tasks are named, and the others counted", () => {
  const { message } = deadlock(function* () {
    const event = new Event();
    yield* gather(Array.from({ length: 30 }, () => event.wait()));
  });
  const lines = message.split("\n");
  expect(lines).toHaveLength(22);
  expect(lines[1]).toMatch(/^ {2}Task-1 .* waits for Task-2, Task-3, Task-4, Task-5, Task-6 and 25 more in gather/);
  expect(lines.at(-1)).toBe("  and 11 more");
});

test("a deadlock without tasks says so", () => {
  const loop = new VirtualEventLoop();
  expect(() => loop.runForeverSync()).toThrow(DeadlockError);
  expect(deadlockOf(loop, null)).toEqual({
    cycle: [],
    waits: [],
    message: "Cannot go on: nothing is scheduled, and these tasks wait: none",
  });
});

test("what is told is plain data", () => {
  const { cycle, waits } = deadlock(function* () {
    const lock = new Lock();
    yield* lock.acquire();
    yield* lock.acquire();
  });
  expect(JSON.parse(JSON.stringify(waits))).toEqual(waits);
  expect(cycle[0]).toMatchObject({
    task: { id: 0, text: "Task-1", done: false },
    operation: "Lock.acquire",
    targets: [{ kind: "primitive", text: "<Lock [locked, waiters:1]>", task: null }],
    holders: [{ task: { id: 0, text: "Task-1", done: false } }],
    deadline: null,
  });
  expect(cycle[0]?.stack[0]?.file).toContain("diagnosis.test.ts");
  expect(cycle[0]?.holders[0]?.origin[0]).toContain("diagnosis.test.ts");
});

test("waits can be read while the loop still runs", () => {
  const loop = new VirtualEventLoop();
  const read: Pick<Wait, "operation" | "deadline">[] = [];
  const words: string[] = [];
  const lock = new Lock();
  const outer = switchLedger(new Ledger());
  try {
    loop.runUntilCompleteSync(
      (function* () {
        yield* lock.acquire();
        const sleeper = createTask(sleep(2.5), { name: "sleeper" });
        const locker = createTask(hold(lock), { name: "locker" });
        const waiter = createTask(
          (function* () {
            yield* sleeper;
          })(),
        );
        const gatherer = createTask(
          (function* () {
            yield* gather(sleeper);
          })(),
        );
        yield* sleep(0);
        words.push(...[sleeper, locker, waiter, gatherer].map(describeWait));
        read.push(...waitsOf(loop).map(({ operation, deadline }) => ({ operation, deadline })));
        lock.release();
        read.push(...waitsOf(loop).map(({ operation, deadline }) => ({ operation, deadline })));
      })(),
    );
  } finally {
    switchLedger(outer);
  }
  expect(words).toEqual(["until 2.5 s", "Lock", "Task-2 'sleeper'", "gather"]);
  const common = [
    { operation: "await", deadline: null },
    { operation: "gather", deadline: null },
  ];
  const [ready, asleep] = [
    { operation: "", deadline: null },
    { operation: "sleep", deadline: 2.5 },
  ];
  expect(read).toEqual([
    ready,
    asleep,
    { operation: "Lock.acquire", deadline: null },
    ...common,
    ready,
    asleep,
    ready,
    ...common,
  ]);
});

test("without a ledger all is known but who holds what", () => {
  const loop = new VirtualEventLoop();
  const program = function* () {
    const child = createTask(new Event().wait(), { name: "child" });
    yield* child;
  };
  expect(() => loop.runUntilCompleteSync(program())).toThrow(DeadlockError);
  expect(deadlockOf(loop).message).toBe(
    "Cannot go on: nothing is scheduled, and these tasks wait:\n  Task-1 waits for Task-2 'child'\n  Task-2 'child' waits for <Event [unset, waiters:1]> in Event.wait",
  );
});

describe("findCycle", () => {
  /** Waits by the ids of the tasks that each waits for. */
  function graph(edges: readonly (readonly number[])[]): Wait[] {
    const label = (id: number) => ({ id, text: `Task-${id + 1}`, done: id >= edges.length });
    return edges.map((blockers, id) => ({
      task: label(id),
      origin: [],
      stack: [],
      operation: "gather",
      targets: blockers.map((each) => ({ kind: "task", text: label(each).text, task: label(each), origin: [] })),
      holders: [],
      deadline: null,
    }));
  }
  const cycleOf = (...edges: number[][]) => findCycle(graph(edges)).map(({ task }) => task.id);

  test("finds the one with the task that was made first", () => {
    expect(cycleOf([3], [2], [1], [4], [3])).toEqual([1, 2]);
    expect(cycleOf([1], [2], [0])).toEqual([0, 1, 2]);
    expect(cycleOf([0])).toEqual([0]);
  });

  test("finds the shortest one through that task", () => {
    expect(cycleOf([1, 3], [2], [3], [0])).toEqual([0, 3]);
    expect(cycleOf([1], [2, 4], [3], [0], [0])).toEqual([0, 1, 4]);
  });

  test("passes over what only leads to a circle, or from one, and tasks that have ended", () => {
    expect(cycleOf([1], [2], [1, 3], [])).toEqual([1, 2]);
    expect(cycleOf([1], [9])).toEqual([]);
    expect(cycleOf()).toEqual([]);
  });

  test("sees to many tasks in little time", () => {
    const count = 20_000;
    const chain = Array.from({ length: count }, (_, id) => [Math.min(id + 1, count - 1)]);
    expect(findCycle(graph(chain)).map(({ task }) => task.id)).toEqual([count - 1]);
  });
});
