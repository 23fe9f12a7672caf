// no-swallowed-cancellation, on programs as people write them.

import { describe } from "vitest";
import { type Invalid, tryRule, tryTyped } from "./eslint.ts";

/** A coroutine that waits in a `try`, with what follows it. */
const tries = (rest: string): string => `function* main() { try { yield* work(); } ${rest} }`;
const caught = (code: string): Invalid => ({ code, errors: [{ messageId: "caught" }] });
const lost = (code: string): Invalid => ({ code, errors: [{ messageId: "lost" }] });

const VALID = [
  // it is thrown
  tries(`catch (error) { throw error; }`),
  tries(`catch (error) { log(error); throw error; }`),
  tries(`catch (error) { throw new AppError("failed", { cause: error }); }`),
  tries(`catch { throw new AppError("failed"); }`),
  tries(`catch (error) { yield* rollback(); throw error; }`),
  tries(`catch (error) { try { yield* rollback(); } finally { throw error; } }`),
  tries(
    `catch (error) { try { yield* rollback(); } catch (second) { throw new AggregateError([error, second]); } throw error; }`,
  ),
  tries(`catch (error) { if (verbose) log(error); throw error; }`),
  tries(`catch (error) { if (last) { throw error; } else { throw new Retry(error); } }`),
  tries(`catch (error) { switch (kind) { case 1: throw error; default: throw new AppError(); } }`),
  tries(`catch (error) { { throw error; } }`),
  tries(`catch (error) { rethrow(error); }`),
  tries(`catch (error) { this.throwUnlessExpected(error); }`),
  tries(`catch (error) { return yield* raise(error); }`),
  // only what is expected is kept
  tries(`catch (error) { if (!(error instanceof TimeoutError)) throw error; }`),
  tries(`catch (error) { if (error instanceof TimeoutError) return null; throw error; }`),
  tries(`catch (error) { if (error instanceof TimeoutError) { log("late"); } else { throw error; } }`),
  tries(`catch (error) { if (error.code !== "ENOENT") throw error; return null; }`),
  tries(`catch (error) { if (error?.code === "ENOENT") return null; throw error; }`),
  tries(`catch (error) { if (error.name !== "TimeoutError") throw error; }`),
  tries(`catch (error) { if (error instanceof QueueEmpty || error instanceof QueueFull) return; throw error; }`),
  tries(`catch (error) { if (!(error instanceof QueueEmpty) && !(error instanceof QueueFull)) throw error; }`),
  tries(`catch (error) { if (!isRetryable(error) || attempt > 3) throw error; }`),
  tries(`catch (error) { if (isRetryable(error)) return; throw error; }`),
  tries(`catch (error) { switch (error.constructor) { case TimeoutError: return; default: throw error; } }`),
  tries(`catch ({ name }) { if (name !== "TimeoutError") throw new AppError(name); }`),
  `function* main() { for (let i = 0; ; i++) { try { return yield* get(); } catch (error) { if (!(error instanceof TimeoutError)) throw error; yield* sleep(i); } } }`,
  // a block in place throws it in its exit
  tries(`catch (error) { group.fail(error); } finally { yield* group.exit(); }`),
  tries(`catch (error) { if (verbose) log(error); return scope.fail(error); } finally { log("end"); scope.exit(); }`),
  // somebody has thought of it
  tries(`catch (error) { if (error instanceof CancelledError) throw error; log(error); }`),
  tries(`catch (error) { if (error instanceof asyncio.CancelledError) throw error; log(error); }`),
  tries(`catch (error) { if (!(error instanceof CancelledError)) throw error; }`),
  tries(`catch (error) { if (error.name === "CancelledError") return; log(error); }`),
  tries(`catch (error) { if (isCancelled(error)) throw error; return null; }`),
  tries(`catch (error) { if (currentTask().cancelling() > 0) throw error; }`),
  tries(`catch (error) { const cancelled = error instanceof CancelledError; if (cancelled) throw error; }`),
  tries(`catch (error) { return error instanceof CancelledError ? "cancelled" : "failed"; }`),
  tries(`catch (error) { expect(error).toBeInstanceOf(CancelledError); }`),
  tries(`catch (errorOrCancellation) { results.push(errorOrCancellation); }`),
  // no cancellation can come here
  `function* main() { try { parse(text); } catch { return null; } yield* work(); }`,
  `function* main() { try { later(function* () { yield* work(); }); } catch {} yield* work(); }`,
  `function* numbers() { try { yield 1; } catch { log("thrown in"); } }`,
  `async function main() { try { await work(); } catch {} }`,
  `async function* main() { try { yield* pages(); } catch {} }`,
  `function main() { try { work(); } catch {} }`,
  `function* main() { try { try { yield* work(); } catch (error) { if (!(error instanceof CancelledError)) throw error; } } catch (error) { log(error); } }`,
  // what ends in order
  tries(`finally { close(); }`),
  tries(`finally { yield* close(); }`),
  tries(`finally { for (const file of files) { if (file.closed) continue; file.close(); break; } }`),
  tries(`finally { switch (state) { case 1: close(); break; } }`),
  tries(`finally { files.forEach((file) => { return file.close(); }); }`),
  tries(`finally { all: for (const a of b) for (const c of a) { if (c) continue all; break all; } }`),
  tries(`finally { throw new AppError(); }`),
  `function* main() { try { parse(); } finally { return 1; } yield* work(); }`,
];

const INVALID: Invalid[] = [
  caught(tries(`catch {}`)),
  caught(tries(`catch (error) {}`)),
  caught(tries(`catch (error) { log(error); }`)),
  caught(tries(`catch (error) { return null; }`)),
  caught(tries(`catch { return null; }`)),
  caught(tries(`catch (error) { return { ok: false, error }; }`)),
  caught(tries(`catch (error) { results.push(error); }`)),
  caught(tries(`catch (error) { other.cancel(); }`)),
  caught(tries(`catch (error) { yield* rollback(); }`)),
  caught(tries(`catch (error) { group.fail(error); }`)),
  caught(tries(`catch (error) { group.fail(error); } finally { other.exit(); group.exit; }`)),
  caught(tries(`catch (error) { group.fail(); } finally { yield* group.exit(); }`)),
  caught(tries(`catch (error) { if (verbose) throw error; }`)),
  caught(tries(`catch (error) { if (attempt === 3) throw error; yield* sleep(1); }`)),
  caught(tries(`catch (error) { if (attempt < 3) return retry(); throw error; }`)),
  caught(tries(`catch (error) { if (error instanceof TimeoutError) log("late"); else log("failed"); }`)),
  caught(tries(`catch (error) { if (error instanceof TimeoutError) throw error; log(error); }`)),
  caught(tries(`catch (error) { if (error instanceof TimeoutError) return null; return undefined; }`)),
  caught(tries(`catch (error) { if (error instanceof Error) log(error.message); else throw error; }`)),
  caught(tries(`catch (error) { if (!(error instanceof Error)) throw error; log(error.message); }`)),
  caught(tries(`catch (error) { if (error.code === "ENOENT") throw new Missing(); }`)),
  caught(tries(`catch (error) { if (error) return; throw error; }`)),
  caught(tries(`catch ({ message }) { log(message); }`)),
  caught(tries(`catch (error) { callbacks.forEach(() => { throw error; }); }`)),
  caught(tries(`catch (error) { try { throw error; } catch { log(error); } }`)),
  caught(tries(`catch (error) { for (const each of handlers) { return each(error); } }`)),
  caught(tries(`catch (error) { switch (kind) { case 1: throw error; } }`)),
  caught(tries(`catch (error) { log(error); } finally { close(); }`)),
  caught(`function* main() { while (true) { try { yield* work(); } catch (error) { log(error); continue; } } }`),
  caught(`function* main() { while (true) { try { yield* work(); } catch (error) { break; } } }`),
  caught(
    `function* main() { while (true) { try { handle(yield* queue.get()); } catch (error) { console.error(error); } } }`,
  ),
  caught(`function* main() { try { if (ready) { for (const a of b) { const c = yield* a; } } } catch {} }`),
  caught(`function* main() { try { try { yield* work(); } catch (error) { throw new AppError(error); } } catch {} }`),
  caught(`function* main() { try { try { yield* work(); } finally { close(); } } catch {} }`),
  caught(`function* main() { try { try { parse(); } catch {} yield* work(); } catch {} }`),
  caught(`class Worker { *run() { try { yield* this.step(); } catch (error) { this.failed = error; } } }`),
  caught(`const worker = { *run() { try { yield* step(); } catch {} } };`),
  caught(`run(function* () { try { yield* work(); } catch { process.exitCode = 1; } });`),
  {
    name: "what the suggestion makes of it",
    code: `import { CancelledError } from "wasyncio"; ${tries(`catch (error) { log(error); }`)}`,
    errors: [
      {
        messageId: "caught",
        suggestions: [
          {
            messageId: "rethrow",
            output: `import { CancelledError } from "wasyncio"; ${tries(`catch (error) { if (error instanceof CancelledError) throw error;\nlog(error); }`)}`,
          },
        ],
      },
    ],
  },
  {
    name: "each of two",
    code: `${tries(`catch {}`)} function* other() { try { yield* a(); } catch {} }`,
    errors: [{ messageId: "caught" }, { messageId: "caught" }],
  },
  lost(tries(`finally { return 1; }`)),
  lost(tries(`finally { if (done) return; }`)),
  lost(tries(`catch (error) { throw error; } finally { return null; }`)),
  lost(
    `function* main() { try { parse(); } catch (error) { yield* report(error); throw error; } finally { return null; } }`,
  ),
  lost(`function* main() { while (true) { try { yield* work(); } finally { break; } } }`),
  lost(`function* main() { while (true) { try { yield* work(); } finally { continue; } } }`),
  lost(`function* main() { all: for (;;) { try { yield* work(); } finally { for (;;) { break all; } } } }`),
  lost(`function* main() { while (true) { try { yield* work(); } finally { switch (state) { case 1: continue; } } } }`),
];

describe("without types", () => tryRule("no-swallowed-cancellation", VALID, INVALID));

const TYPED = `import type { Coroutine, Task } from "wasyncio";
declare const task: Task<void>, anything: any;
declare function work(): Coroutine<void>;
declare function numbers(): Generator<number>;
declare function log(error: unknown): void;
`;

describe("with types", () => {
  tryTyped(
    "no-swallowed-cancellation",
    TYPED,
    [
      `export function* all() { try { yield* numbers(); } catch (error) { log(error); } }`,
      `export function* all() { try { yield* [1, 2]; } finally { return; } }`,
    ],
    [
      caught(`export function* main() { try { yield* work(); } catch (error) { log(error); } }`),
      caught(`export function* main() { try { yield* task; } catch (error) { log(error); } }`),
      caught(`export function* main() { try { yield* anything; } catch (error) { log(error); } }`),
      lost(`export function* main() { try { yield* work(); } finally { return; } }`),
    ],
  );
});
