// What comes from outside the loop: promises, async iterables, aborted work, errors that nobody looks at.

import {
  type Coroutine,
  type CoroutineIterator,
  Future,
  abortable,
  createTask,
  forEach,
  getRunningLoop,
  sleep,
  withAsync,
  wrapFuture,
} from "wasyncio";
import { spin } from "../support/coroutines.ts";
import { Failure, type Scenario, batches, crowds, failing } from "./scenario.ts";

/** A thenable that answers in the next iteration. */
function thenable(index: number): PromiseLike<number> {
  const loop = getRunningLoop();
  const then = (succeed: (value: number) => void, fail: (error: unknown) => void): void => {
    loop.callSoon(() => (index % 4 === 0 ? fail(new Failure()) : succeed(index)));
  };
  return { then } as unknown as PromiseLike<number>;
}

/** A thenable that never answers. */
const silent = { then() {} } as unknown as PromiseLike<number>;

/** Counts to four. */
class Counter implements CoroutineIterator<number> {
  #count = 0;

  *anext(): Coroutine<IteratorResult<number, unknown>> {
    yield* sleep(0);
    return { done: this.#count === 4, value: this.#count++ };
  }

  *aclose(): Coroutine<void> {
    yield* sleep(0);
  }
}

/** Something to enter and leave. */
class Manager {
  *aenter(): Coroutine<this> {
    yield* sleep(0);
    return this;
  }

  *aexit(): Coroutine<void> {
    yield* sleep(0);
  }
}

/** Those that run in virtual time, too. */
export const inside: Record<string, Scenario> = {
  "wrapFuture, thenables": crowds(2, function* (index) {
    const future = wrapFuture(index % 4 === 1 ? silent : thenable(index));
    if (index % 4 === 1) getRunningLoop().callSoon(() => future.cancel());
    return yield* future;
  }),
  "abortable, thenables": crowds(2, (index) => abortable(() => thenable(index))),
  "forEach, anext": crowds(1, (index) => forEach(new Counter(), (value) => index % 3 !== 0 || value < 2)),
  withAsync: crowds(1, (index) => withAsync(new Manager(), () => (index % 4 === 0 ? failing(0) : spin(1)))),
};

async function* counting(fails: boolean): AsyncGenerator<number> {
  for (let i = 0; i < 4; i++) {
    await turn();
    yield i;
  }
  if (fails) throw new Failure();
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Those that need the turns of a real host. */
export const outside: Record<string, Scenario> = {
  "wrapFuture, promises": crowds(1, function* (index) {
    yield* wrapFuture(index % 4 === 0 ? Promise.reject(new Failure()) : turn());
  }),
  abortable: crowds(1, (index, pause) =>
    abortable(
      (signal) =>
        new Promise<void>((resolve, reject) => {
          const timer = setTimeout(index % 4 === 0 ? reject : resolve, pause * 1000, new Failure());
          signal.addEventListener("abort", () => clearTimeout(timer));
        }),
    ),
  ),
  "forEach, async generators": crowds(4, (index) =>
    forEach(counting(index % 4 === 0), (value) => index % 3 !== 0 || value < 2),
  ),
  "future, awaited outside": crowds(2, function* (index, pause) {
    const inner = createTask(index % 4 === 0 ? failing(pause) : sleep(pause));
    const outside = (async () => {
      try {
        await inner;
      } catch {
        await turn();
      }
    })();
    yield* wrapFuture(outside);
  }),
  "callSoonThreadsafe, promises": crowds(2, function* (index) {
    const loop = getRunningLoop();
    const future = new Future<number>();
    void turn().then(() => loop.callSoonThreadsafe(() => future.done() || future.setResult(index)));
    return yield* future;
  }),
  "future, error never retrieved": batches(100, function* () {
    for (let i = 0; i < 100; i++) new Future().setException(new Failure());
    yield* sleep(0);
  }),
  "task, error never retrieved": batches(100, function* () {
    for (let i = 0; i < 100; i++) createTask(failing(0));
    yield* spin(3);
  }),
};
