// `for await` and `yield*` of lowered modules: over async iterators, and over others, whose values are awaited.

import { CancelledError } from "../errors/asyncio.ts";
import type { Coroutine, Suspension } from "../runtime/suspension.ts";
import { format } from "../support/format.ts";
import { Closing, InPlace, LoopAsyncGenerator, type Sent, give } from "./async-generator.ts";
import { await_, settled } from "./await.ts";
import { isObject } from "./promise.ts";

type Method = (...args: unknown[]) => unknown;
type Result = { readonly value?: unknown; readonly done?: unknown };

function checkObject(value: unknown): object {
  if (isObject(value)) return value;
  throw new TypeError(`Iterator result ${format(value)} is not an object`);
}

/** An iterator as the language knows it: its `next` is looked up once. */
abstract class Source {
  protected readonly iterator: object;
  readonly #next: Method;

  constructor(iterator: object) {
    this.iterator = iterator;
    this.#next = (iterator as { next: Method }).next;
  }

  /** Awaits its next result. */
  next(value?: unknown): Coroutine<Result> {
    return this.ask(this.#next, value);
  }

  /** The generator whose next value can be made in place, or null. */
  get stepped(): LoopAsyncGenerator | null {
    const { iterator } = this;
    return iterator instanceof LoopAsyncGenerator && iterator.canStep(this.#next) ? iterator : null;
  }

  /** Its method `throw` or `return`, or null. */
  method(name: "throw" | "return"): Method | null {
    return (this.iterator as Partial<Record<string, Method>>)[name] ?? null;
  }

  /** Awaits what a method gives. */
  abstract ask(method: Method, value?: unknown): Coroutine<Result>;
}

class AsyncSource extends Source {
  *ask(method: Method, value?: unknown): Coroutine<Result> {
    const { iterator } = this;
    if (value === undefined && iterator instanceof LoopAsyncGenerator && iterator.canStep(method))
      return yield* new InPlace(iterator, (outcome) => outcome);
    return checkObject(yield* await_(method.call(iterator, value)));
  }
}

/** The language's AsyncFromSyncIterator. */
class SyncSource extends Source {
  *ask(method: Method, value?: unknown): Coroutine<Result> {
    try {
      const { done, value: promised } = checkObject(method.call(this.iterator, value)) as Result;
      return { value: yield* this.#await(promised, method, done === true), done };
    } finally {
      yield* await_(); // its promise
    }
  }

  *#await(value: unknown, method: Method, done: boolean): Coroutine<unknown> {
    try {
      return yield* settled(value);
    } catch (error) {
      const close = this.method("return");
      if (!done && close !== null && close !== method) {
        try {
          close.call(this.iterator);
        } catch {
          // the value's error counts for more
        }
      }
      throw error;
    }
  }
}

/** Asks an iterable for an iterator, an async one if it has any. */
function sourceOf(iterable: unknown): Source {
  const methods = iterable as Partial<Record<symbol, Method | null>>;
  const async = methods[Symbol.asyncIterator] ?? null;
  const method = async ?? methods[Symbol.iterator];
  if (typeof method !== "function") throw new TypeError(`${format(iterable)} is not async iterable`);
  const iterator = checkObject(method.call(iterable));
  return async === null ? new SyncSource(iterator) : new AsyncSource(iterator);
}

/** The state of a `for await`, which is lowered to a loop around one of at most one value. */
export function aiter(): ForAwait {
  return new ForAwait();
}

class ForAwait {
  /** Whether there may be more values, and the loop was not left. */
  going = true;
  /** Whether the iterable was asked for its iterator. */
  begun = false;
  #source: Source | null = null;
  #inPlace: InPlace<this> | null = null;
  /** Whether the iterator is left open: it has to be closed when the loop is left. */
  #isOpen = false;
  #hasThrown = false;
  #hasValue = false;
  #value: unknown = undefined;

  /** Awaits the next value: `iterable` is asked the first time. Returns what gives that one value, or none. */
  step(iterable: unknown): Iterable<Suspension> {
    this.begun = true;
    this.#isOpen = false;
    const source = (this.#source ??= sourceOf(iterable));
    const { stepped } = source;
    if (stepped === null) return this.#ask(source);
    return (this.#inPlace ??= new InPlace(stepped, (result) => this.#take(result))) as Iterable<never>;
  }

  *#ask(source: Source): Coroutine<this> {
    return this.#take(yield* source.next());
  }

  #take(result: Result): this {
    this.going = this.#isOpen = this.#hasValue = !result.done;
    if (this.going) this.#value = result.value;
    return this;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<unknown, undefined> {
    if (!this.#hasValue) return { done: true, value: undefined };
    this.#hasValue = false;
    return { done: false, value: this.#value };
  }

  /** The loop is left. */
  return(): IteratorResult<unknown, undefined> {
    this.going = false;
    return { done: true, value: undefined };
  }

  /** The loop has thrown an error. Returns it. */
  failed(error: unknown): unknown {
    this.#hasThrown = true;
    return error;
  }

  /** Closes the iterator, if it was left open. */
  *close(): Coroutine<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const source = this.#source as Source;
    try {
      const method = source.method("return");
      if (method !== null) yield* source.ask(method);
    } catch (error) {
      if (this.#hasThrown && !(error instanceof CancelledError)) return; // the loop's error counts for more
      throw error;
    }
  }
}

/** `yield* iterable` of an async generator: `yield* yieldStar(iterable)`. */
export function* yieldStar(iterable: unknown): Coroutine<unknown> {
  const source = sourceOf(iterable);
  let sent: Sent = { kind: "next", value: undefined };
  for (;;) {
    const { kind, value } = sent;
    const method = kind === "next" ? null : source.method(kind);
    let result: Result;
    if (kind === "next") {
      result = yield* source.next(value);
    } else if (method !== null) {
      result = yield* source.ask(method, value);
    } else if (kind === "throw") {
      const close = source.method("return");
      if (close !== null) yield* source.ask(close);
      throw new TypeError("The iterator does not provide a 'throw' method");
    } else {
      result = { done: true, value: yield* settled(value) };
    }
    if (!result.done) {
      const given = result.value;
      try {
        sent = yield* give(given);
      } catch (errorOrCancellation) {
        sent = { kind: "throw", value: errorOrCancellation }; // what was to be returned has rejected
      }
    } else if (kind === "return") {
      yield new Closing(result.value) as unknown as Suspension;
    } else {
      return result.value;
    }
  }
}
