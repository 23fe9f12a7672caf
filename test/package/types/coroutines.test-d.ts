// What the compiler makes of programs: types come through exactly, and a forgotten star does not compile.

import { describe, expectTypeOf, test } from "vitest";
import {
  type AsyncContextManager,
  AsyncExitStack,
  type Awaitable,
  type Coroutine,
  type CoroutineFunction,
  type EventLoop,
  type Future,
  type Lock,
  type Result,
  Runner,
  type Task,
  TaskGroup,
  type Timeout,
  abortable,
  aclosing,
  allTasks,
  asCompleted,
  createTask,
  currentTask,
  ensureFuture,
  forEach,
  gather,
  isCoroutine,
  isCoroutineFunction,
  isFuture,
  moveOnAfter,
  moveOnAt,
  nullContext,
  race,
  run,
  shield,
  shielded,
  sleep,
  timeout,
  timeoutAt,
  wait,
  waitFor,
  withAsync,
  wrapFuture,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";

declare const numberTask: Task<number>;
declare const stringFuture: Future<string>;
declare const datePromise: Promise<Date>;
declare function numberCoroutine(): Coroutine<number>;
declare const numberCoroutines: Coroutine<number>[];
declare const mixed: (Task<number> | Future<string>)[];

describe("yield* gives what is awaited", () => {
  test("of futures, tasks and coroutines", () => {
    function* program(): Coroutine<void> {
      expectTypeOf(yield* numberTask).toEqualTypeOf<number>();
      expectTypeOf(yield* stringFuture).toEqualTypeOf<string>();
      expectTypeOf(yield* numberCoroutine()).toEqualTypeOf<number>();
    }
    void program;
  });

  test("of sleep", () => {
    function* program(): Coroutine<void> {
      expectTypeOf(yield* sleep(1)).toEqualTypeOf<void>();
      expectTypeOf(yield* sleep(1, "x")).toEqualTypeOf<string>();
      expectTypeOf(yield* sleep({ milliseconds: 5 }, numberTask)).toEqualTypeOf<Task<number>>();
    }
    void program;
  });

  test("of waitFor, shield, createTask and ensureFuture", () => {
    function* program(): Coroutine<void> {
      expectTypeOf(yield* waitFor(numberCoroutine(), 1)).toEqualTypeOf<number>();
      expectTypeOf(yield* waitFor(stringFuture, null)).toEqualTypeOf<string>();
      expectTypeOf(yield* waitFor(datePromise, { seconds: 1 })).toEqualTypeOf<Date>();
      expectTypeOf(yield* shield(numberCoroutine())).toEqualTypeOf<number>();
      expectTypeOf(shield(datePromise)).toEqualTypeOf<Future<Date>>();
      expectTypeOf(createTask(numberCoroutine())).toEqualTypeOf<Task<number>>();
      expectTypeOf(yield* ensureFuture(numberCoroutine())).toEqualTypeOf<number>();
      expectTypeOf(yield* ensureFuture(datePromise)).toEqualTypeOf<Date>();
    }
    void program;
  });

  test("of promises from outside", () => {
    function* program(): Coroutine<void> {
      expectTypeOf(yield* wrapFuture(datePromise)).toEqualTypeOf<Date>();
      expectTypeOf(yield* abortable((signal) => fetch("data:,", { signal }))).toEqualTypeOf<Response>();
    }
    void program;
  });

  test("to async functions too", () => {
    async function program() {
      expectTypeOf(await numberTask).toEqualTypeOf<number>();
    }
    void program;
  });
});

describe("gather", () => {
  test("gives a tuple of what its arguments give", () => {
    function* program(): Coroutine<void> {
      expectTypeOf(yield* gather(numberTask, stringFuture, datePromise)).toEqualTypeOf<[number, string, Date]>();
      expectTypeOf(yield* gather([numberCoroutine(), sleep(1, "x")])).toEqualTypeOf<[number, string]>();
      expectTypeOf(yield* gather()).toEqualTypeOf<[]>();
      const [, second] = yield* gather(numberTask, sleep(1, "x"));
      expectTypeOf(second).toEqualTypeOf<string>();
    }
    void program;
  });

  test("gives an array for an array", () => {
    function* program(): Coroutine<void> {
      expectTypeOf(yield* gather(numberCoroutines)).toEqualTypeOf<number[]>();
      expectTypeOf(yield* gather(...numberCoroutines)).toEqualTypeOf<number[]>();
      expectTypeOf(yield* gather(mixed)).toEqualTypeOf<(number | string)[]>();
    }
    void program;
  });

  test("with returnExceptions gives results or errors", () => {
    function* program(returnExceptions: boolean): Coroutine<void> {
      const both = yield* gather([numberTask, stringFuture], { returnExceptions: true });
      expectTypeOf(both).toEqualTypeOf<[number | Error, string | Error]>();
      expectTypeOf(yield* gather(numberCoroutines, { returnExceptions: true })).toEqualTypeOf<(number | Error)[]>();
      expectTypeOf(yield* gather(numberCoroutines, { returnExceptions: false })).toEqualTypeOf<number[]>();
      expectTypeOf(yield* gather(numberCoroutines, { returnExceptions })).toEqualTypeOf<(number | Error)[]>();
    }
    void program;
  });

  test("is a future of those", () => {
    expectTypeOf(gather(numberTask, stringFuture)).toEqualTypeOf<Future<[number, string]>>();
  });

  test("takes nothing that cannot be awaited", () => {
    // @ts-expect-error a number
    gather(5);
    // @ts-expect-error a coroutine function that was not called
    gather(numberCoroutine);
    // @ts-expect-error an unknown option
    gather([numberTask], { returnErrors: true });
  });
});

describe("wait and asCompleted", () => {
  test("keep the type of the futures", () => {
    function* program(): Coroutine<void> {
      const [done, pending] = yield* wait([numberTask]);
      expectTypeOf(done).toEqualTypeOf<Set<Task<number>>>();
      expectTypeOf(pending).toEqualTypeOf<Set<Task<number>>>();
      expectTypeOf(yield* wait(new Set(mixed))).toEqualTypeOf<
        [done: Set<Task<number> | Future<string>>, pending: Set<Task<number> | Future<string>>]
      >();
      for (const next of asCompleted(numberCoroutines)) expectTypeOf(yield* next).toEqualTypeOf<number>();
      for (const next of asCompleted([sleep(1, 2), sleep(1, "x")]))
        expectTypeOf(yield* next).toEqualTypeOf<number | string>();
      yield* forEach(asCompleted([numberTask]), (future) => expectTypeOf(future).toEqualTypeOf<Future<number>>());
    }
    void program;
  });

  test("except in `for await`, where TypeScript takes a future for its result", () => {
    async function program() {
      for await (const future of asCompleted([numberTask])) expectTypeOf(future).toEqualTypeOf<number>();
    }
    void program;
  });

  test("give a generic function what its arguments give", () => {
    function* first<A extends readonly Awaitable<unknown>[]>(...awaitables: A): Coroutine<Result<A[number]>> {
      for (const next of asCompleted(awaitables)) return yield* next;
      throw new RangeError("nothing");
    }
    function* program(): Coroutine<void> {
      expectTypeOf(yield* first(numberTask, stringFuture)).toEqualTypeOf<number | string>();
      expectTypeOf(yield* race(numberTask, stringFuture, datePromise)).toEqualTypeOf<number | string | Date>();
      expectTypeOf(yield* race(...numberCoroutines)).toEqualTypeOf<number>();
      for (const next of asCompleted(new Set(mixed))) expectTypeOf(yield* next).toEqualTypeOf<number | string>();
    }
    void program;
    // @ts-expect-error a number
    race(5);
  });

  test("take only what they can wait for", () => {
    // @ts-expect-error coroutines must be made tasks first
    wait(numberCoroutines);
    // @ts-expect-error one future is no list
    wait(numberTask);
    // @ts-expect-error there is no such mode
    wait([numberTask], { returnWhen: "FIRST" });
    // @ts-expect-error a timeout is an option
    wait([numberTask], 5);
    // @ts-expect-error one future is no list
    asCompleted(numberTask);
    // @ts-expect-error numbers cannot be awaited
    asCompleted([1, 2]);
  });
});

describe("blocks give what their body returns", () => {
  test("of deadlines and groups", () => {
    function* program(): Coroutine<void> {
      const timed = yield* timeout(1).with(function* (scope) {
        expectTypeOf(scope).toExtend<Timeout>();
        return yield* numberTask;
      });
      expectTypeOf(timed).toEqualTypeOf<number>();
      expectTypeOf(yield* timeoutAt(null).with(() => sleep(1, "x"))).toEqualTypeOf<string>();
      const results = yield* new TaskGroup().with(function* (group) {
        const task = group.createTask(numberCoroutine());
        expectTypeOf(task).toEqualTypeOf<Task<number>>();
        return [yield* task, yield* stringFuture] as const;
      });
      expectTypeOf(results).toEqualTypeOf<readonly [number, string]>();
    }
    void program;
  });

  test("or undefined where a deadline or an exit may cut it short", () => {
    function* program(): Coroutine<void> {
      expectTypeOf(yield* moveOnAfter(1).with(() => numberTask)).toEqualTypeOf<number | undefined>();
      expectTypeOf(yield* moveOnAt(null).with(numberCoroutine)).toEqualTypeOf<number | undefined>();
      const stacked = yield* new AsyncExitStack().with(function* (stack) {
        expectTypeOf(yield* stack.enterAsyncContext(timeout(1))).toExtend<Timeout>();
        expectTypeOf(yield* stack.enterAsyncContext(nullContext("x"))).toEqualTypeOf<string>();
        return 1;
      });
      expectTypeOf(stacked).toEqualTypeOf<number | undefined>();
    }
    void program;
  });

  test("of shields, of what does nothing, and of what is closed", () => {
    function* program(generator: AsyncGenerator<Date>): Coroutine<void> {
      expectTypeOf(yield* shielded(numberCoroutine)).toEqualTypeOf<number>();
      expectTypeOf(yield* shielded(() => datePromise)).toEqualTypeOf<Date>();
      expectTypeOf(yield* nullContext().with((value) => sleep(1, value))).toEqualTypeOf<undefined>();
      expectTypeOf(yield* nullContext(5).with((value) => sleep(1, value))).toEqualTypeOf<number>();
      const closed = aclosing(generator).with((given) => given.next());
      expectTypeOf(yield* closed).toEqualTypeOf<IteratorResult<Date>>();
      // @ts-expect-error a list cannot be closed
      aclosing([1, 2]);
    }
    void program;
  });

  test("of any manager, or undefined where that may swallow an error", () => {
    function* program(manager: AsyncContextManager<Date>): Coroutine<void> {
      expectTypeOf(yield* withAsync(new TaskGroup(), () => sleep(1, 2))).toEqualTypeOf<number>();
      const result = yield* withAsync(manager, function* (value) {
        expectTypeOf(value).toEqualTypeOf<Date>();
        return 1;
      });
      expectTypeOf(result).toEqualTypeOf<number | undefined>();
    }
    void program;
  });

  test("of forEach the values", () => {
    forEach([] as unknown as AsyncIterable<Date>, (value) => expectTypeOf(value).toEqualTypeOf<Date>());
    async function* numbers() {
      yield 1;
    }
    forEach(numbers(), function* (value) {
      expectTypeOf(value).toEqualTypeOf<number>();
      yield* sleep(value);
    });
    // @ts-expect-error a list is no async iterable
    forEach([1, 2], () => {});
  });

  test("and bodies are functions that give anything to await", () => {
    function* program(lock: Lock): Coroutine<void> {
      expectTypeOf(yield* timeout(1).with(() => numberTask)).toEqualTypeOf<number>();
      expectTypeOf(yield* timeout(1).with(async () => "x")).toEqualTypeOf<string>();
      expectTypeOf(yield* lock.with(() => stringFuture)).toEqualTypeOf<string>();
      expectTypeOf(yield* new TaskGroup().with((group) => group.createTask(sleep(1, 2)))).toEqualTypeOf<number>();
      expectTypeOf(yield* withAsync(timeout(1), () => datePromise)).toEqualTypeOf<Date>();
    }
    void program;
    // @ts-expect-error a coroutine is no function
    timeout(1).with(numberCoroutine());
    // @ts-expect-error nothing is awaited
    new TaskGroup().with(() => {});
  });
});

describe("a program without its star does not compile", () => {
  test("yield in place of yield*", () => {
    function* program(): Coroutine<void> {
      // @ts-expect-error a coroutine cannot be yielded
      yield sleep(1);
      // @ts-expect-error nor a future
      yield stringFuture;
      // @ts-expect-error nor nothing
      yield;
    }
    void program;
  });

  test("a coroutine in place of its result", () => {
    function* program(): Coroutine<number> {
      // @ts-expect-error
      const value: number = sleep(1, 5);
      // @ts-expect-error
      const text: string = numberCoroutine();
      // @ts-expect-error
      return numberCoroutine() + value + text.length;
    }
    void program;
  });

  test("in a program whose type is inferred, where it is used", () => {
    function* program() {
      yield sleep(1);
    }
    // @ts-expect-error
    void run(program);
    // @ts-expect-error
    void run(program());
    // @ts-expect-error
    createTask(program());
    // @ts-expect-error
    gather(program());
    function* caller(): Coroutine<void> {
      // @ts-expect-error
      yield* program();
    }
    void caller;
  });

  test("a coroutine function in place of a coroutine", () => {
    // @ts-expect-error
    createTask(() => sleep(1));
    // @ts-expect-error
    createTask(numberCoroutine);
    // @ts-expect-error
    waitFor(() => sleep(1), 1);
    // @ts-expect-error
    shield(numberCoroutine);
    function* program(): Coroutine<void> {
      // @ts-expect-error
      yield* numberCoroutine;
    }
    void program;
  });

  test("a promise in place of a future", () => {
    function* program(): Coroutine<void> {
      // @ts-expect-error
      yield* datePromise;
    }
    void program;
  });
});

describe("programs are inferred", () => {
  test("by run", () => {
    expectTypeOf(run(numberCoroutine())).toEqualTypeOf<Promise<number>>();
    expectTypeOf(run(numberCoroutine)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(run(() => sleep(1, "x"))).toEqualTypeOf<Promise<string>>();
    expectTypeOf(run(async () => 5)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(run(datePromise)).toEqualTypeOf<Promise<Date>>();
    const inferred = run(function* () {
      const [a, b] = yield* gather(numberTask, stringFuture);
      yield* sleep(1);
      return { a, b };
    });
    expectTypeOf(inferred).toEqualTypeOf<Promise<{ a: number; b: string }>>();
    // @ts-expect-error a number is no program
    void run(5);
    // @ts-expect-error it takes no arguments
    void run((name: string) => sleep(1, name));
  });

  test("by Runner", () => {
    async function program() {
      await using runner = new Runner({ debug: true, loopFactory: () => new VirtualEventLoop() });
      expectTypeOf(await runner.run(numberCoroutine)).toEqualTypeOf<number>();
      expectTypeOf(runner.getLoop()).toEqualTypeOf<EventLoop>();
    }
    void program;
    // @ts-expect-error a loop is not a factory
    new Runner({ loopFactory: new VirtualEventLoop() });
  });

  test("by VirtualEventLoop", () => {
    const loop = undefined as unknown as VirtualEventLoop;
    expectTypeOf(loop.runUntilCompleteSync<number>).returns.toEqualTypeOf<number>();
    expectTypeOf(loop).toExtend<EventLoop>();
  });
});

describe("small things", () => {
  test("delays are numbers or durations", () => {
    // @ts-expect-error
    sleep("1");
    // @ts-expect-error
    sleep({ second: 1 });
    // @ts-expect-error
    sleep(null);
    // @ts-expect-error
    timeoutAt({ seconds: 1 });
    // @ts-expect-error
    waitFor(numberTask);
  });

  test("tasks", () => {
    expectTypeOf(currentTask()).toEqualTypeOf<Task<unknown> | null>();
    expectTypeOf(allTasks()).toEqualTypeOf<Set<Task<unknown>>>();
    // @ts-expect-error
    createTask(numberCoroutine(), { name: 5 });
    // @ts-expect-error
    createTask(numberCoroutine(), "name");
    expectTypeOf<Task<number>>().toExtend<Future<number>>();
    expectTypeOf<Task<number>>().toExtend<PromiseLike<number>>();
    expectTypeOf<Task<number>>().toExtend<Awaitable<number>>();
    expectTypeOf<Coroutine<number>>().toExtend<Awaitable<number>>();
    expectTypeOf<Promise<number>>().toExtend<Awaitable<number>>();
  });

  test("guards", () => {
    const value = undefined as unknown;
    if (isCoroutine(value)) expectTypeOf(value).toEqualTypeOf<Coroutine<unknown>>();
    if (isFuture(value)) expectTypeOf(value).toEqualTypeOf<Future<unknown>>();
    if (isCoroutineFunction(value)) expectTypeOf(value).toEqualTypeOf<CoroutineFunction<unknown[], unknown>>();
  });
});
