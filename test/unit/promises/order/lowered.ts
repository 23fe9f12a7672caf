// The interpreter of random programs, lowered by hand: `native.ts` line by line.

import type { Coroutine } from "wasyncio";
import {
  Promise,
  agen,
  aiter,
  await_,
  d,
  queueMicrotask,
  run,
  runAs,
  setTimeout,
  yieldStar,
  yield_,
} from "wasyncio/lowered";
import type { World } from "./native.ts";
import type { Expression, Program, Statement } from "./programs.ts";

/** Plays a program in the running loop. `inPlace`: calls that are awaited at once run in the task that awaits them. */
export function playLowered(program: Program, { log }: Pick<World, "log">, inPlace: boolean): unknown {
  const delay = (ms: number): Promise<number> => new Promise((resolve) => setTimeout(() => resolve(ms), ms));

  const give = (expression: Expression): unknown => {
    switch (expression.kind) {
      case "null":
        return null;
      case "value":
        return expression.n;
      case "resolved":
        return Promise.resolve(expression.n);
      case "rejected": {
        const rejected = Promise.reject(new Error(`rejected ${expression.n}`));
        rejected.catch(() => {});
        return rejected;
      }
      case "thenable":
        return {
          then: (resolve: (value: number) => void) => {
            log("then");
            resolve(expression.n);
          },
        };
      case "delay":
        return delay(expression.n);
      case "call":
        return call(expression.fn, expression.n);
      case "all":
        return Promise.all([give(expression.a), give(expression.b)]);
      case "race":
        return Promise.race([give(expression.a), give(expression.b)]);
      case "any":
        return Promise.any([give(expression.a), give(expression.b)]).catch((error) => (error as Error).message);
      case "allSettled":
        return Promise.allSettled([give(expression.a), give(expression.b)]);
      case "arrow":
        return run(
          (function* () {
            yield* await_(give(expression.a));
            return give(expression.b);
          })(),
        );
      case "chain":
        return Promise.resolve(give(expression.a))
          .then(() => give(expression.b))
          .finally(() => log("finally"));
      case "new":
        return new Promise((resolve, reject) => {
          Promise.resolve(give(expression.a)).then(() => resolve(give(expression.b)), reject);
        });
    }
  };

  function call(fn: number, x: number): unknown {
    return run(callBody(fn, x), "call");
  }
  function* callBody(fn: number, x: number): Coroutine<unknown> {
    const { body, result } = program.functions[fn];
    for (const statement of body) yield* await_((called(execute), execute(statement, x)));
    return give(result);
  }

  function generate(n: number): AsyncGenerator<unknown> {
    return agen(generateBody(n), "generate");
  }
  function* generateBody(n: number): Coroutine<unknown> {
    try {
      for (let i = 0; i < n; i++) {
        yield* await_(give(program.generator.a));
        yield* yield_(i % 2 === 0 ? i : give(program.generator.gives));
      }
    } finally {
      log("closed");
      yield* await_(Promise.resolve());
    }
    return undefined;
  }

  function delegate(n: number): AsyncGenerator<unknown> {
    return agen(delegateBody(n), "delegate");
  }
  function* delegateBody(n: number): Coroutine<unknown> {
    yield* yieldStar(generate(n));
    yield* yield_("end");
    return undefined;
  }

  function execute(statement: Statement, x: number): unknown {
    return runAs(executeBody(statement, x), "execute", execute);
  }
  function* executeBody(statement: Statement, x: number): Coroutine<void> {
    const { label } = statement;
    switch (statement.kind) {
      case "await":
        log(label, yield* await_(give(statement.a)));
        return;
      case "hold": {
        const promise = give(statement.a);
        log(label);
        log(label, yield* await_(promise));
        return;
      }
      case "later":
        void run(
          (function* () {
            try {
              yield* await_(give(statement.a));
            } catch (error) {
              log(label, String(error));
            }
            log("later", label);
          })(),
        );
        return;
      case "loop":
        for (let i = 0; i < 2; i++) {
          yield* await_(give(statement.a));
          log(label, i);
        }
        return;
      case "map":
        log(
          label,
          yield* await_(
            Promise.all(
              [1, 2, 3].map((n) =>
                run(
                  (function* () {
                    yield* await_(give(statement.a));
                    return n;
                  })(),
                ),
              ),
            ),
          ),
        );
        return;
      case "microtask":
        queueMicrotask(() => log("microtask", label));
        return;
      case "each":
        yield* forAwait(label % 2 === 0 ? generate(statement.n) : delegate(statement.n), (value) => {
          log(label, value);
          return value === statement.leavesAt;
        });
        return;
      case "over": {
        const list = statement.list.map(give);
        for (const each of list) Promise.resolve(each).catch(() => {}); // the first that rejects ends the loop
        yield* forAwait(list, (value) => {
          log(label, value);
          return false;
        });
        return;
      }
      case "try":
        try {
          yield* await_((called(execute), execute(statement.first, x)));
          if (statement.throws) throw new Error(`thrown ${label}`);
          log(label, x);
        } catch (error) {
          log(label, String(error));
          yield* await_((called(execute), execute(statement.handler, x)));
        } finally {
          yield* await_(give(statement.last));
          log("left", label);
        }
    }
  }

  /** What a `for await` is lowered to; `body` returns whether it breaks. */
  function* forAwait(iterable: unknown, body: (value: unknown) => boolean): Coroutine<void> {
    const it = aiter();
    try {
      while (it.going) for (const value of yield* it.step(it.begun ? undefined : iterable)) if (body(value)) break;
    } catch (error) {
      throw it.failed(error);
    } finally {
      yield* it.close();
    }
  }

  /** Notes the call that is awaited at once. */
  function called(fn: Function): void {
    if (inPlace) d.f = fn;
  }

  return run(
    (function* () {
      const outcome = (promise: unknown): unknown =>
        run(
          (function* () {
            try {
              return yield* await_(promise);
            } catch (error) {
              return String(error);
            }
          })(),
        );
      const first = outcome(call(0, 1));
      const second = outcome(call(1, 2));
      log("started");
      log(yield* await_(second));
      log(yield* await_(first));
      yield* await_(delay(1000)); // what is left behind ends
    })(),
    "main",
  );
}
