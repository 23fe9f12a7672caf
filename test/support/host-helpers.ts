// What lowered files import, over the host's own promises: with these helpers a lowered program has to do what its
// source does, in the same ticks. So the lowering is tried by itself, with nothing of a loop in it.

type Step = IteratorResult<unknown, unknown>;
type Body = Generator<unknown, unknown, unknown>;
type How = "next" | "throw" | "return";

/** What an async generator gives out, apart from what it awaits: a value, or all that another one gives. */
class Given {
  readonly value: unknown;
  readonly isAll: boolean;

  constructor(value: unknown, isAll = false) {
    this.value = value;
    this.isAll = isAll;
  }
}

export function* await_(value: unknown): Body {
  return yield value;
}

export async function run(body: Body, _name?: string): Promise<unknown> {
  let [how, sent]: [How, unknown] = ["next", undefined];
  for (;;) {
    const { done, value } = body[how](sent);
    if (done) return value;
    try {
      [how, sent] = ["next", await value];
    } catch (error) {
      [how, sent] = ["throw", error];
    }
  }
}

export function call(make: (...args: unknown[]) => Body, self: unknown, args: ArrayLike<unknown>): Promise<unknown> {
  let body: Body;
  try {
    body = Reflect.apply(make, self, args);
  } catch (error) {
    return Promise.reject(error);
  }
  return run(body);
}

export const d: { f: unknown; coro: unknown } = { f: null, coro: null };
export const runAs = (body: Body, name: string, _self: unknown): Promise<unknown> => run(body, name);
export const calling = (argument: unknown): unknown => argument;
export const named = (generator: Function, value: string): unknown =>
  Object.defineProperty(generator, "name", { value, configurable: true });

export function* yield_(value: unknown): Body {
  return yield new Given(value);
}

export function* yieldStar(iterable: unknown): Body {
  return yield new Given(iterable, true);
}

export async function* agen(body: Body): AsyncGenerator {
  let [how, sent]: [How, unknown] = ["next", undefined];
  for (;;) {
    const step: Step = body[how](sent);
    if (step.done && step.value === undefined) return; // without an await
    if (step.done) return step.value;
    let isLeft = false;
    try {
      if (!(step.value instanceof Given)) sent = await step.value;
      else {
        isLeft = true;
        sent = step.value.isAll ? yield* step.value.value as AsyncIterable<unknown> : yield step.value.value;
        isLeft = false;
      }
      how = "next";
    } catch (error) {
      isLeft = false;
      [how, sent] = ["throw", error];
    } finally {
      // What is left of it: its own `finally` blocks.
      for (let end = isLeft ? body.return(undefined) : null; end !== null && !end.done;)
        end = body.next(end.value instanceof Given ? yield end.value.value : await end.value);
    }
  }
}

type Either = AsyncIterable<unknown> & Iterable<unknown>;

const asyncOf = (iterable: Either): AsyncIterator<unknown> =>
  iterable[Symbol.asyncIterator]?.() ?? new FromSync(iterable[Symbol.iterator]());

/** An iterator as an asynchronous one: what it gives is awaited. */
class FromSync {
  readonly #source: Iterator<unknown>;

  constructor(source: Iterator<unknown>) {
    this.#source = source;
  }

  next(): Promise<Step> {
    const { done = false, value } = this.#source.next();
    const close = (error: unknown): never => {
      if (!done) this.#source.return?.();
      throw error;
    };
    return Promise.resolve(value).then((settled) => ({ done, value: settled }), close);
  }

  async return(): Promise<Step> {
    return this.#source.return?.() ?? { done: true, value: undefined };
  }
}

export function pass(_error: unknown): void {}

export const aiter = (): Loop => new Loop();

class Loop {
  going = true;
  begun = false;
  #source: AsyncIterator<unknown> | null = null;
  #value: [unknown] | null = null;
  #threw = false;

  *step(iterable: Either): Body {
    const source = this.#source ?? asyncOf(iterable);
    this.begun = true;
    this.#source = null; // where the source itself fails there is nothing to close
    const step = (yield source.next()) as Step;
    this.going = !step.done;
    if (step.done) return this;
    this.#value = [step.value];
    this.#source = source;
    return this;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): Step {
    const value = this.#value;
    this.#value = null;
    return value === null ? { done: true, value: undefined } : { done: false, value: value[0] };
  }

  return(): Step {
    this.going = false;
    return { done: true, value: undefined };
  }

  failed(error: unknown): unknown {
    this.#threw = true;
    return error;
  }

  *close(): Body {
    const source = this.#source;
    if (source === null) return undefined;
    try {
      yield source.return?.();
    } catch (error) {
      if (!this.#threw) throw error; // else the error that the loop was left with goes first
    }
    return undefined;
  }
}

export const stack = (): Stack => new Stack();

class Stack {
  readonly #left: [value: unknown, dispose: (() => unknown) | null, isAsync: boolean][] = [];
  #error: [unknown] | null = null;

  use<T>(value: T): T {
    if (value !== null && value !== undefined) this.#left.push([value, methodOf(value, [Symbol.dispose]), false]);
    return value;
  }

  useAsync<T>(value: T): T {
    const dispose =
      value === null || value === undefined ? null : methodOf(value, [Symbol.asyncDispose, Symbol.dispose]);
    this.#left.push([value, dispose, true]);
    return value;
  }

  fail(error: unknown): void {
    this.#error = [error];
  }

  *dispose(): Body {
    for (const [value, dispose, isAsync] of this.#left.reverse()) {
      try {
        const result = dispose?.call(value);
        if (isAsync) yield result;
      } catch (error) {
        this.#error = [this.#error === null ? error : new SuppressedError(error, this.#error[0])];
      }
    }
    if (this.#error !== null) throw this.#error[0];
    return undefined;
  }
}

/** The first of these methods that an object has. */
function methodOf(value: unknown, names: readonly symbol[]): () => unknown {
  for (const name of Object(value) === value ? names : []) {
    const method = (value as Record<symbol, unknown>)[name];
    if (typeof method === "function") return method as () => unknown;
    if (method !== undefined && method !== null) break;
  }
  throw new TypeError("There is no method that disposes of it");
}

type Key = string | symbol;

export const superOf = (get: (key: Key) => unknown, set: (key: Key, value: unknown) => void) => (key: Key) => ({
  get v() {
    return get(key);
  },
  set v(value) {
    set(key, value);
  },
});

// The host's own, under the names that files import.
const host = globalThis;
const { Promise: HostPromise, queueMicrotask, setTimeout, clearTimeout, setInterval, clearInterval } = host;
const { setImmediate, clearImmediate, fetch } = host;
export { HostPromise as Promise, queueMicrotask, setTimeout, clearTimeout, setInterval, clearInterval };
export { setImmediate, clearImmediate, fetch };
export const nextTick = host.process?.nextTick.bind(host.process);
