// AsyncLocalStorage: whatever was made in a context runs in it, through every wait, and nothing ever sees another one's
// store.

import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Coroutine,
  Event,
  Queue,
  Runner,
  TaskGroup,
  asCompleted,
  createTask,
  forEach,
  gather,
  getRunningLoop,
  run,
  shield,
  sleep,
  wait,
  waitFor,
  wrapFuture,
} from "wasyncio";
import { VirtualEventLoop, simulate } from "wasyncio/testing";
import { ProgramFolder } from "../../support/program-folder.ts";

const als = new AsyncLocalStorage<string>();
const other = new AsyncLocalStorage<string>();
const store = (): string | undefined => als.getStore();

/** What the current task reads behind each wait. */
type Waits = (read: () => void) => Coroutine<unknown>;

const WAITS: Record<string, Waits> = {
  "sleep(0)": () => sleep(0),
  sleep: () => sleep(0.001),
  waitFor: () => waitFor(sleep(0), 1),
  shield: function* () {
    yield* shield(sleep(0));
  },
  gather: function* () {
    yield* gather([sleep(0), sleep(0)]);
  },
  wait: function* () {
    yield* wait([createTask(sleep(0))]);
  },
  asCompleted: function* (read) {
    for (const next of asCompleted([sleep(0), sleep(0)])) {
      yield* next;
      read();
    }
  },
  "a group": function* (read) {
    yield* new TaskGroup().with(function* (group) {
      group.createTask(reading(read));
      yield* sleep(0);
      read();
    });
  },
  "a child": function* (read) {
    yield* createTask(reading(read));
  },
  "an eager child": function* (read) {
    yield* createTask(reading(read), { eagerStart: true });
  },
  "a promise": function* () {
    yield* wrapFuture(Promise.resolve());
  },
  "an async function": function* (read) {
    const asked = async (): Promise<void> => {
      await Promise.resolve();
      read();
    };
    yield* wrapFuture(asked());
  },
  "an async generator": (read) =>
    forEach(
      (async function* () {
        read();
        yield 1;
        await Promise.resolve();
        read();
        yield 2;
      })(),
      function* () {
        read();
        yield* sleep(0);
        read();
      },
    ),
  "a cancelled task": function* (read) {
    const task = createTask(
      (function* () {
        try {
          yield* sleep(100);
        } finally {
          read();
          yield* sleep(0);
          read();
        }
      })(),
    );
    yield* sleep(0);
    als.run("who cancels", () => task.cancel());
    yield* wait([task]);
  },
  callSoon: function* (read) {
    getRunningLoop().callSoon(read);
    yield* sleep(0);
  },
  callLater: function* (read) {
    getRunningLoop().callLater(0, read);
    yield* sleep(0.001);
  },
  "a future that another context settles": function* (read) {
    const future = getRunningLoop().createFuture();
    future.addDoneCallback(read);
    als.run("who settles", () => void getRunningLoop().callSoon(() => future.setResult()));
    yield* future;
  },
  "a function that AsyncResource has bound": function* (read) {
    const bound = AsyncResource.bind(read);
    yield* sleep(0);
    als.run("who calls", bound);
  },
};

function* reading(read: () => void): Coroutine<void> {
  read();
  yield* sleep(0);
  read();
}

describe("tasks in three contexts at once each keep theirs", () => {
  test.each(Object.entries(WAITS))("through %s", async (_, waits) => {
    const seen: (string | undefined)[][] = [];
    const main = function* (): Coroutine<void> {
      const tasks = ["A", "B", undefined].map((name) => {
        const reads: (string | undefined)[] = [];
        const read = (): void => void reads.push(store());
        const task = function* (): Coroutine<void> {
          for (let time = 0; time < 2; time++) {
            read();
            yield* waits(read);
            read();
          }
          seen.push([name, ...new Set(reads)]);
        };
        return als.run(name as string, () => createTask(task()));
      });
      yield* gather(tasks);
    };
    await als.run("who runs", () => run(main));
    expect(new Set(seen)).toEqual(
      new Set([
        ["A", "A"],
        ["B", "B"],
        [undefined, undefined],
      ]),
    );
  });
});

test("what wakes them all has a context of its own", async () => {
  const reads = await run(function* () {
    const event = new Event();
    const queue = new Queue<number>();
    const task = function* (): Coroutine<string> {
      yield* event.wait();
      const woken = store();
      yield* queue.get();
      return `${woken} ${store()}`;
    };
    const tasks = ["A", "B"].map((name) => als.run(name, () => createTask(task())));
    yield* sleep(0);
    als.run("waker", () => {
      event.set();
      queue.putNowait(1);
      queue.putNowait(2);
    });
    return yield* gather(tasks);
  });
  expect(reads).toEqual(["A A", "B B"]);
});

describe("enterWith", () => {
  function* entering(name: string): Coroutine<string[]> {
    const before = String(store());
    als.enterWith(name);
    yield* sleep(0);
    const behind = String(store());
    const child = createTask(gone());
    return [before, behind, yield* child, String(store())];
  }
  function* gone(): Coroutine<string> {
    yield* sleep(0);
    return String(store());
  }

  test("in a task lasts through its waits, reaches its children, and nobody else", async () => {
    const outcome = await run(function* () {
      const tasks = [createTask(entering("A")), createTask(entering("B")), createTask(gone())];
      return [yield* gather(tasks), store()];
    });
    const own = (name: string): string[] => ["undefined", name, name, name];
    expect(outcome).toEqual([[own("A"), own("B"), "undefined"], undefined]);
  });

  test("in an eager task stays in it", async () => {
    const outcome = await run(function* () {
      const task = createTask(entering("A"), { eagerStart: true });
      const reads = [store()];
      yield* sleep(0);
      return [...reads, store(), yield* task];
    });
    expect(outcome).toEqual([undefined, undefined, ["undefined", "A", "A", "A"]]);
  });

  test("in eager tasks inside each other stays in each", async () => {
    const reads: unknown[] = [];
    await run(function* () {
      const inner = function* (): Coroutine<void> {
        als.enterWith("inner");
        yield* sleep(0);
        reads.push(store());
      };
      const outer = function* (): Coroutine<void> {
        als.enterWith("outer");
        const task = createTask(inner(), { eagerStart: true });
        reads.push(store());
        yield* task;
        reads.push(store());
      };
      yield* createTask(outer(), { eagerStart: true });
      reads.push(store());
    });
    expect(reads).toEqual(["outer", "inner", "outer", undefined]);
  });

  test("in a callback, or inside als.run, ends with it", async () => {
    const reads: unknown[] = [];
    await run(function* () {
      const loop = getRunningLoop();
      const future = loop.createFuture();
      for (let time = 0; time < 2; time++) {
        const enter = (): void => {
          reads.push(store());
          als.enterWith("callback");
        };
        loop.callSoon(enter);
        loop.callLater(0, enter);
        future.addDoneCallback(enter);
      }
      future.setResult();
      yield* sleep(0.001);
      als.run("run", () => als.enterWith("inside"));
      reads.push(store());
      yield* sleep(0);
      reads.push(store());
    });
    expect(reads).toEqual(Array.from({ length: 8 }, () => undefined));
  });

  test("of one storage leaves the others alone", async () => {
    const outcome = await als.run("1", () =>
      other.run("2", () =>
        run(function* () {
          other.enterWith("3");
          yield* sleep(0);
          const inside = `${store()}${other.getStore()}`;
          const outside = yield* als.exit(() => createTask(both()));
          return [inside, outside, store()];
        }),
      ),
    );
    expect(outcome).toEqual(["13", "undefined3", "1"]);
  });
  function* both(): Coroutine<string> {
    yield* sleep(0);
    return `${store()}${other.getStore()}`;
  }
});

test("a snapshot has what it was made with, and hands it on to tasks", async () => {
  const snapshot = als.run("then", () => AsyncLocalStorage.snapshot());
  const read = await run(function* () {
    const task = snapshot(() =>
      createTask(
        (function* () {
          yield* sleep(0);
          return store();
        })(),
      ),
    );
    return yield* task;
  });
  expect(read).toBe("then");
});

test("disable empties a storage, which can be entered again", async () => {
  const own = new AsyncLocalStorage<string>();
  const reads = await own.run("A", () =>
    run(function* () {
      own.disable();
      yield* sleep(0);
      const disabled = own.getStore();
      own.enterWith("B");
      yield* sleep(0);
      return [disabled, own.getStore()];
    }),
  );
  expect(reads).toEqual([undefined, "B"]);
});

describe("an exception handler has the context of whose error it is", () => {
  test.each(["in production", "in debug mode"])("%s", async (mode) => {
    const seen: string[] = [];
    await run(
      function* () {
        const loop = getRunningLoop();
        loop.setExceptionHandler((_, context) => {
          seen.push(`${String((context.exception as Error | undefined)?.message ?? context.message)}: ${store()}`);
          als.enterWith("the handler's");
        });
        const fail = (name: string) => (): never => {
          throw new Error(name);
        };
        const future = loop.createFuture();
        als.run("A", () => loop.callSoon(fail("callback")));
        loop.callSoon(() => {
          als.enterWith("B");
          fail("callback that entered")();
        });
        als.run("C", () => future.addDoneCallback(fail("done-callback")));
        als.run("nobody", () => future.setResult());
        const failing = function* (name: string): Coroutine<void> {
          yield* sleep(0);
          als.enterWith(name);
          fail("task that entered")();
        };
        const tasks = [createTask(failing("D")), createTask(failing("E"))];
        yield* sleep(0.001);
        loop.callExceptionHandler({ message: "by hand" });
        als.run("F", () => loop.callExceptionHandler({ message: "by hand" }));
        loop.callExceptionHandler({ message: "of a task", task: tasks[0] });
        expect(store()).toBe(undefined);
        yield* sleep(0);
        expect(store()).toBe(undefined);
        loop.setDebug(false); // or it would say that it is closed
      },
      { debug: mode === "in debug mode" },
    );
    const behind = ["task that entered: D", "task that entered: E"]; // reported when the loop is closed
    expect(seen).toEqual([
      "callback: A",
      "callback that entered: B",
      "done-callback: C",
      "by hand: undefined",
      "by hand: F",
      "of a task: D",
      ...behind,
    ]);
  });
});

describe("a run", () => {
  test("has the context in which it was called, each of a runner's", async () => {
    const runner = new Runner();
    const reads: unknown[] = [];
    for (const name of ["A", "B"]) {
      await als.run(name, () =>
        runner.run(function* () {
          reads.push(store());
          yield* sleep(0);
          reads.push(store());
          als.enterWith("inside");
        }),
      );
    }
    await runner.close();
    expect([...reads, store()]).toEqual(["A", "A", "B", "B", undefined]);
  });

  test("in virtual time, too, and a simulation", async () => {
    const reads: unknown[] = [];
    const program = function* (): Coroutine<void> {
      reads.push(store());
      yield* sleep(60);
      als.enterWith("inside");
      yield* sleep(60);
      reads.push(store());
    };
    await als.run("virtual", () => new VirtualEventLoop().runUntilComplete(program()));
    als.run("simulated", () => {
      simulate(program);
      reads.push(store());
    });
    expect(reads).toEqual(["virtual", "inside", "simulated", "inside", "simulated"]);
  });

  test("in debug mode has logical stacks", async () => {
    const names = await run(
      function* () {
        const task = als.run("A", () =>
          createTask(
            (function* waiting() {
              yield* sleep(100);
            })(),
          ),
        );
        yield* sleep(0);
        getRunningLoop().setDebug(false); // or it would say that it is closed
        return task.getStack().map(({ name }) => name);
      },
      { debug: true },
    );
    expect(names.at(0)).toBe("waiting");
  });
});

describe("the first use of all, in a process of its own,", () => {
  let folder: ProgramFolder;
  beforeAll(async () => {
    folder = await ProgramFolder.create();
  });
  afterAll(() => folder.remove());

  /** A program that prints its reads; `library` is ours, `als` a storage. */
  const printed = async (...lines: string[]): Promise<unknown> => {
    const source = `
      import { AsyncLocalStorage } from "node:async_hooks";
      const als = new AsyncLocalStorage();
      const reads = [];
      const read = () => reads.push(als.getStore() ?? "none");
      ${lines.join("\n")}
      console.log(JSON.stringify(reads));`;
    const { end, stdout, stderr } = await folder.start(source).ended;
    expect([end, stderr]).toEqual([0, ""]);
    return JSON.parse(stdout);
  };
  const LOAD = `const { createTask, gather, run, sleep } = await import("./wasyncio.mjs");`;
  const ENTERING = `function* entering() { als.enterWith("A"); yield* sleep(0); read(); }`;

  test("before the first loop: what is under way in a store keeps it, whoever wakes the loop", async () => {
    const reads = await printed(
      `const { getRunningLoop, run, sleep } = await import("./wasyncio.mjs");
       let woken;
       const later = (store, main) => als.run(store, () => new Promise((resolve) => setTimeout(() => resolve(run(main)), 1)));
       const first = later("first", function* () {
         read();
         woken = getRunningLoop().createExternalFuture();
         yield* woken;
         read();
         yield* sleep(0.005);
         read();
       });
       const second = later("second", function* () {
         yield* sleep(0.02);
         woken.setResult();
         read();
       });
       await Promise.all([first, second]);`,
    );
    expect(reads).toEqual(["first", "second", "first", "first"]);
  });

  test("a signal handler runs in the store that it was set in, whoever has set another one", async () => {
    const reads = await printed(
      `const { getRunningLoop, run, sleep } = await import("./wasyncio.mjs");
       await run(function* () {
         const loop = getRunningLoop();
         als.run("before", () => loop.addSignalHandler("SIGUSR2", read));
         als.run("now", () => loop.addSignalHandler("SIGUSR2", read));
         process.kill(process.pid, "SIGUSR2");
         while (reads.length === 0) yield* sleep(0.01);
       });`,
    );
    expect(reads).toEqual(["now"]);
  });

  test("by enterWith, in a task, lasts in it, and in no task that was made before", async () => {
    const reads = await printed(
      LOAD,
      ENTERING,
      `function* waiting() { yield* sleep(0); yield* sleep(0); yield* sleep(0); read(); }
       await run(function* () { yield* gather([waiting(), entering(), waiting()]); read(); });`,
    );
    expect(reads).toEqual(["A", "none", "none", "none"]);
  });

  test("by enterWith, in an eager task, does not reach the one that started it", async () => {
    const reads = await printed(
      LOAD,
      ENTERING,
      `await run(function* () {
         const task = createTask(entering(), { eagerStart: true });
         read();
         yield* sleep(0);
         read();
         yield* task;
       });`,
    );
    expect(reads).toEqual(["none", "A", "none"]);
  });

  test("by several tasks that were made before: none sees another's", async () => {
    const reads = await printed(
      LOAD,
      `function* entering(name) { yield* sleep(0); read(); als.enterWith(name); yield* sleep(0); read(); }
       await run(() => gather([entering("A"), entering("B"), entering("C")]));`,
    );
    expect(reads).toEqual(["none", "none", "none", "A", "B", "C"]);
  });

  test("before the library was loaded, and around its import", async () => {
    const WAITING = `function* waiting() { read(); yield* sleep(0.001); read(); }`;
    const PROGRAM = `await run(() => gather([waiting(), waiting()]));`;
    expect(await printed(`als.enterWith("A");`, LOAD, WAITING, PROGRAM)).toEqual(["A", "A", "A", "A"]);
    const reads = await printed(
      `await als.run("A", async () => { ${LOAD} ${WAITING} ${PROGRAM} });`,
      LOAD,
      `await run(function* () { read(); });`,
    );
    expect(reads).toEqual(["A", "A", "A", "A", "none"]);
  });

  test("leaves what others have put in the place of run", async () => {
    const reads = await printed(
      LOAD,
      `await run(() => sleep(0));
       const { run: inner } = AsyncLocalStorage.prototype;
       AsyncLocalStorage.prototype.run = function (...args) { reads.push("traced"); return inner.apply(this, args); };
       als.run("A", read);
       als.run("B", read);`,
    );
    expect(reads).toEqual(["traced", "A", "traced", "B"]);
  });

  test("is not needed where nothing can be replaced: then contexts are kept from the start", async () => {
    const reads = await printed(
      `Object.freeze(AsyncLocalStorage.prototype);`,
      LOAD,
      `function* waiting() { read(); yield* sleep(0); read(); }
       await run(function* () { yield* als.run("A", () => createTask(waiting())); read(); });`,
    );
    expect(reads).toEqual(["A", "A", "none"]);
  });
});

test("in a browser tasks keep the variables of AsyncContext: no engine has it yet, this is a polyfill of a few lines", async () => {
  const folder = await ProgramFolder.create("browser");
  try {
    const { end, stdout, stderr } = await folder.start(`
      let current = new Map();
      const within = (values, fn, args) => {
        const outer = current;
        current = values;
        try { return fn(...args); } finally { current = outer; }
      };
      class Variable {
        run(value, fn, ...args) { return within(new Map(current).set(this, value), fn, args); }
        get() { return current.get(this); }
      }
      class Snapshot {
        #values = current;
        run(fn, ...args) { return within(this.#values, fn, args); }
      }
      globalThis.AsyncContext = { Variable, Snapshot };
      const { createTask, gather, getRunningLoop, run, sleep } = await import("./wasyncio.mjs");
      const variable = new Variable();
      const reads = await run(function* () {
        function* task() {
          const first = variable.get();
          yield* sleep(0.001);
          return [first, variable.get()];
        }
        const [a, b] = ["A", "B"].map((name) => variable.run(name, () => createTask(task())));
        return [yield* gather([a, b]), yield* createTask(task())];
      });
      console.log(JSON.stringify(reads));
      process.exit(); // a port of messages keeps Node alive
    `).ended;
    expect([end, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toEqual([
      [
        ["A", "A"],
        ["B", "B"],
      ],
      [null, null],
    ]);
  } finally {
    folder.remove();
  }
});
