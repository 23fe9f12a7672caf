// The interpreter of random programs, as async functions. It is one function that needs nothing around it, because its
// text is run: in a context of its own, with that one's promises, and lowered.

import type { Expression, Program, Statement } from "./programs.ts";

/** What a program may do. */
export interface World {
  log(...what: unknown[]): void;
  /** Calls a function in so many milliseconds. */
  after(ms: number, call: () => void): void;
}

/** Plays a program; the promise settles when it is over. */
export function play(program: Program, { log, after }: World): Promise<unknown> {
  const delay = (ms: number): Promise<number> => new Promise((resolve) => after(ms, () => resolve(ms)));

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
        return Promise.any([give(expression.a), give(expression.b)]).catch((error: Error) => error.message);
      case "allSettled":
        return Promise.allSettled([give(expression.a), give(expression.b)]);
      case "arrow":
        return (async () => {
          await give(expression.a);
          return give(expression.b);
        })();
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

  async function call(fn: number, x: number): Promise<unknown> {
    const { body, result } = program.functions[fn];
    for (const statement of body) await execute(statement, x);
    return give(result);
  }

  async function* generate(n: number): AsyncGenerator<unknown> {
    try {
      for (let i = 0; i < n; i++) {
        await give(program.generator.a);
        yield i % 2 === 0 ? i : give(program.generator.gives);
      }
    } finally {
      log("closed");
      await Promise.resolve();
    }
  }

  async function* delegate(n: number): AsyncGenerator<unknown> {
    yield* generate(n);
    yield "end";
  }

  async function execute(statement: Statement, x: number): Promise<void> {
    const { label } = statement;
    switch (statement.kind) {
      case "await":
        log(label, await give(statement.a));
        return;
      case "hold": {
        const promise = give(statement.a);
        log(label);
        log(label, await promise);
        return;
      }
      case "later":
        void (async () => {
          try {
            await give(statement.a);
          } catch (error) {
            log(label, String(error));
          }
          log("later", label);
        })();
        return;
      case "loop":
        for (let i = 0; i < 2; i++) {
          await give(statement.a);
          log(label, i);
        }
        return;
      case "map":
        log(
          label,
          await Promise.all(
            [1, 2, 3].map(async (n) => {
              await give(statement.a);
              return n;
            }),
          ),
        );
        return;
      case "microtask":
        queueMicrotask(() => log("microtask", label));
        return;
      case "each":
        for await (const value of label % 2 === 0 ? generate(statement.n) : delegate(statement.n)) {
          log(label, value);
          if (value === statement.leavesAt) break;
        }
        return;
      case "over": {
        const list = statement.list.map(give);
        for (const each of list) Promise.resolve(each).catch(() => {}); // the first that rejects ends the loop
        for await (const value of list as Iterable<unknown> | AsyncIterable<unknown>) log(label, value);
        return;
      }
      case "try":
        try {
          await execute(statement.first, x);
          if (statement.throws) throw new Error(`thrown ${label}`);
          log(label, x);
        } catch (error) {
          log(label, String(error));
          await execute(statement.handler, x);
        } finally {
          await give(statement.last);
          log("left", label);
        }
    }
  }

  return (async () => {
    const outcome = async (promise: Promise<unknown>): Promise<unknown> => {
      try {
        return await promise;
      } catch (error) {
        return String(error);
      }
    };
    const first = outcome(call(0, 1));
    const second = outcome(call(1, 2));
    log("started");
    log(await second);
    log(await first);
    await delay(1000); // what is left behind ends
  })();
}
