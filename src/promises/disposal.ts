// `using` and `await using` of lowered modules: what a block has to leave, last in, first out. What has asyncio's
// `aenter` and `aexit` is left by these, as by `async with`; all else as the language says.

import { CancelledError } from "../errors/asyncio.ts";
import { RuntimeError } from "../errors/base.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { format } from "../support/format.ts";
import type { AsyncContextManager } from "../waiting/async-with.ts";
import { await_ } from "./await.ts";
import { isObject } from "./promise.ts";

/** What a block has to leave: `dispose` gives what has to be awaited for that. */
interface Resource {
  readonly isAsync: boolean;
  dispose: (() => unknown) | null;
}

/** The resources of a block. */
export function stack(): ResourceStack {
  return new ResourceStack();
}

type Failure = { readonly error: unknown };

class ResourceStack {
  readonly #resources: (Resource | AsyncContextManager<unknown>)[] = [];
  #failure: Failure | null = null;

  /** Takes the value of `using`. Returns it. */
  use<T>(value: T): T {
    if (value !== null && value !== undefined) this.#add(value, false, methodOf(value, Symbol.dispose));
    return value;
  }

  /** Takes the value of `await using`. Returns it. */
  useAsync<T>(value: T): T {
    if (value === null || value === undefined) this.#resources.push({ isAsync: true, dispose: null });
    else if (isManager(value)) this.#enter(value);
    else this.#addAsync(value);
    return value;
  }

  /** The block has thrown an error. */
  fail(error: unknown): void {
    this.#failure = { error };
  }

  /** Leaves all. Throws what the block has thrown, or what this throws. */
  *dispose(): Coroutine<void> {
    let owesTick = false; // nothing is awaited for null, but a tick in all
    let hasAwaited = false;
    for (let resource = this.#resources.pop(); resource !== undefined; resource = this.#resources.pop()) {
      if (isManager(resource)) {
        hasAwaited = true;
        yield* this.#leave(resource);
        continue;
      }
      try {
        const { isAsync, dispose } = resource;
        if (!isAsync && owesTick && !hasAwaited) {
          owesTick = false;
          yield* await_();
        }
        if (dispose === null) {
          owesTick = true;
          continue;
        }
        const given = dispose();
        if (!isAsync) continue;
        hasAwaited = true;
        yield* await_(given);
      } catch (error) {
        this.#noteThrown(error);
      }
    }
    if (owesTick && !hasAwaited) yield* await_();
    if (this.#failure !== null) throw this.#failure.error;
  }

  *#leave(manager: AsyncContextManager<unknown>): Coroutine<void> {
    const failure = this.#failure;
    try {
      const isSwallowed = yield* await_(manager.aexit(failure?.error, failure !== null));
      if (failure !== null && isSwallowed === true) this.#failure = null;
    } catch (thrown) {
      this.#replaceThrown(thrown);
    }
  }

  /** As in Python, what `aexit` throws takes the place of what the block has thrown. */
  #replaceThrown(error: unknown): void {
    this.#failure = { error };
  }

  /** An error of disposal suppresses the one before, as the language says; a cancellation stays what it is. */
  #noteThrown(error: unknown): void {
    const isAlone = this.#failure === null || error instanceof CancelledError;
    this.#failure = { error: isAlone ? error : suppressing(error, (this.#failure as Failure).error) };
  }

  /** Enters what need not wait for that. */
  #enter(manager: AsyncContextManager<unknown>): void {
    const entering = manager.aenter();
    if (entering.next().done !== true) {
      entering.return(undefined);
      throw new RuntimeError(
        `Cannot enter ${format(manager)} by \`await using\`, which does not wait for that: acquire it, or use with()`,
      );
    }
    this.#resources.push(manager);
  }

  #addAsync(value: object): void {
    const method = methodOf(value, Symbol.asyncDispose);
    if (method !== null) return this.#add(value, true, method);
    const dispose = methodOf(value, Symbol.dispose);
    this.#add(value, true, dispose && (() => void dispose.call(value)));
  }

  #add(value: object, isAsync: boolean, method: (() => unknown) | null): void {
    if (typeof method !== "function") throw new TypeError(`Cannot use ${format(value)}: it is not disposable`);
    this.#resources.push({ isAsync, dispose: () => method.call(value) });
  }
}

function isManager(value: object): value is AsyncContextManager<unknown> {
  const { aenter, aexit } = value as Partial<AsyncContextManager<unknown>>;
  return typeof aenter === "function" && typeof aexit === "function";
}

function methodOf(value: unknown, key: symbol): (() => unknown) | null {
  if (!isObject(value)) throw new TypeError(`Cannot use ${format(value)}: it is not an object`);
  return (value as Partial<Record<symbol, () => unknown>>)[key] ?? null;
}

/** The language's SuppressedError, or what stands in for it where there is none. */
function suppressing(error: unknown, suppressed: unknown): Error {
  const { SuppressedError: Suppressed } = globalThis as { SuppressedError?: new (...args: unknown[]) => Error };
  if (Suppressed !== undefined) return new Suppressed(error, suppressed);
  return Object.assign(new Error("An error was suppressed during disposal"), {
    name: "SuppressedError",
    error,
    suppressed,
  });
}
