// AGEN: async generators, JavaScript's and those made of coroutines.

import {
  type Coroutine,
  type CoroutineIterator,
  EventLoop,
  createTask,
  forEach,
  getRunningLoop,
  run,
  sleep,
  wrapFuture,
} from "wasyncio";
import { type Facts, differs, excused } from "../fact.ts";
import { attemptAwait, describeError } from "../../../support/outcomes.ts";

export const facts: Facts = {
  // The loop does not tell which iterators it knows, but closes them when it shuts down.
  "AGEN-01": async () => {
    const log: unknown[] = [];
    let closed = 0;
    const iterator: AsyncIterableIterator<number> = {
      [Symbol.asyncIterator]: () => iterator,
      next: () => Promise.resolve({ done: false, value: 1 }),
      return: () => {
        closed++;
        return Promise.resolve({ done: true, value: undefined });
      },
    };
    await run(function* () {
      const loop = getRunningLoop();
      loop.host.report = () => {}; // it tells the developer of an iteration behind the shutdown
      const [begun, end] = [loop.createFuture(), loop.createFuture()];
      const iteration = forEach(iterator, function* () {
        begun.setResult();
        yield* end;
        return false;
      });
      yield* loop.shutdownAsyncgens();
      log.push(closed);
      const task = createTask(iteration);
      yield* begun;
      yield* loop.shutdownAsyncgens();
      log.push(closed);
      end.setResult();
      yield* task;
    });
    return log;
  },

  "AGEN-02": excused(
    "JavaScript does not tell of a generator that is dropped: those that forEach iterates are closed when the loop shuts down",
  ),

  "AGEN-03": differs(
    "forEach closes the iterator when it is left early, as for await does",
    ["closed", "after loop"],
    async () => {
      const log: unknown[] = [];
      async function* numbers(): AsyncGenerator<number, void> {
        try {
          yield 1;
          yield 2;
        } finally {
          log.push("closed");
        }
      }
      await run(function* () {
        const generator = numbers();
        yield* forEach(generator, () => false);
        log.push("after loop");
        yield* wrapFuture(generator.return());
      });
      return log;
    },
  ),

  "AGEN-04": async () => {
    const log: unknown[] = [];
    const loop = new EventLoop();
    loop.setExceptionHandler((_, context) =>
      log.push([
        context.message?.startsWith("an error occurred during closing of asynchronous generator "),
        describeError(context.exception),
        Object.keys(context).sort(),
      ]),
    );
    async function* numbers(): AsyncGenerator<number, void> {
      try {
        yield 1;
      } finally {
        throw new RangeError("c"); // oxlint-disable-line no-unsafe-finally
      }
    }
    const generator = numbers();
    function* main(): Coroutine<void> {
      const begun = loop.createFuture();
      createTask(
        forEach(generator, function* () {
          begun.setResult();
          yield* loop.createFuture();
        }),
      );
      yield* begun;
    }
    await loop.runUntilComplete(main());
    await loop.runUntilComplete(loop.shutdownAsyncgens());
    loop.close();
    return log;
  },

  "AGEN-05": async () => {
    const warnings: string[] = [];
    async function* numbers(): AsyncGenerator<number, void> {
      yield 1;
    }
    await run(function* () {
      const loop = getRunningLoop();
      loop.host.report = (_, text) => warnings.push(text);
      yield* loop.shutdownAsyncgens();
      yield* forEach(numbers(), () => false);
    });
    return [warnings.some((text) => text.includes("was scheduled after loop.shutdownAsyncgens() call"))];
  },

  "AGEN-06": differs(
    "return() ends a JavaScript generator without throwing into it",
    ["CancelledError()"],
    async () => {
      const log: unknown[] = [];
      async function* numbers(): AsyncGenerator<number, void> {
        try {
          yield 1;
        } catch (error) {
          log.push(describeError(error));
          throw error;
        }
      }
      function waiting(awaitable: Coroutine<void>): CoroutineIterator<number> {
        return {
          *anext() {
            try {
              yield* awaitable;
              return { done: false, value: 1 };
            } catch (error) {
              log.push(describeError(error));
              throw error;
            }
          },
        };
      }
      await run(function* () {
        const a = numbers();
        yield* wrapFuture(a.next());
        yield* wrapFuture(a.return());
        const b = waiting(sleep(60));
        const task = createTask(forEach(b, () => {}));
        yield* sleep(0);
        task.cancel();
        yield* attemptAwait(task);
      });
      return log;
    },
  ),

  "AGEN-07": differs(
    "an async generator of JavaScript keeps further calls of next waiting, and may yield while it is closed",
    [null, { done: false, value: 2 }],
    async () => {
      const log: unknown[] = [];
      async function* slow(): AsyncGenerator<number, void> {
        await Promise.resolve();
        yield 1;
      }
      async function* stubborn(): AsyncGenerator<number, void> {
        try {
          yield 1;
        } finally {
          yield 2;
        }
      }
      await run(function* () {
        const a = slow();
        function* next(): Coroutine<unknown> {
          return (yield* wrapFuture(a.next())).value;
        }
        const task = createTask(next());
        yield* sleep(0);
        log.push(yield* attemptAwait(next()));
        yield* task;
        yield* wrapFuture(a.return());
        const b = stubborn();
        yield* wrapFuture(b.next());
        log.push(yield* attemptAwait(wrapFuture(b.return())));
      });
      return log;
    },
  ),
};
