// What coroutines are made of. A coroutine is a generator object: `function*` is `async def`, `yield*` is `await`.
//
// What passes through `yield` is between the library's own awaitables and the task that steps them, so its type is
// opaque: a program that forgets the star of `yield*` yields something else, and does not compile. The compiler then
// says which property is missing: so that one's name says what to write.

declare const yieldNeedsItsStar: unique symbol;

/** What a coroutine yields to its task: opaque. */
export interface Suspension {
  readonly [yieldNeedsItsStar]: never;
}

/**
 * A coroutine that returns a `T`; calling a coroutine function runs nothing yet. Mirrors asyncio's coroutine objects.
 */
export type Coroutine<T> = Generator<Suspension, T, unknown>;

/** A function whose calls give coroutines. */
export type CoroutineFunction<A extends unknown[], T> = (...args: A) => Coroutine<T>;

/** Yielded when the running task is parked already, in the core. */
export const PARK = { toString: () => "<parked>" } as unknown as Suspension;

/** Yielded to give way for one iteration: Python's bare `yield`. */
export const GIVE_WAY = undefined as unknown as Suspension;

// What hand-written iterators return again and again: nobody changes them.
export const PARKS: IteratorResult<Suspension, never> = Object.freeze({ done: false, value: PARK });
export const RETURNS: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });
export const GIVES_WAY: IteratorResult<Suspension, never> = Object.freeze({ done: false, value: GIVE_WAY });

/** The class of all generators, for `instanceof`: the language has none by name. */
const Generator = function () {} as unknown as { new (): Coroutine<unknown>; prototype: unknown };
const GENERATOR = Object.getPrototypeOf(function* () {}).prototype as Coroutine<unknown>;
Generator.prototype = GENERATOR;

/** The `next` of all generators: see `nextOf`. */
export const GENERATOR_NEXT = GENERATOR.next;

/** Whether `value` was made by a `function*`: quicker to tell than whether it is a coroutine. */
export function isGenerator(value: unknown): value is Coroutine<unknown> {
  return value instanceof Generator;
}

/**
 * The `next` of a coroutine, to be looked up once. A generator's is always the one of its class, whatever `next` it was
 * given: to an engine, those of each generator function, and so of each closure, are another shape, and to look a
 * method up in a new one takes half a microsecond.
 */
export function nextOf<T>(coro: Coroutine<T>): Coroutine<T>["next"] {
  const value: unknown = coro;
  return isGenerator(value) ? (GENERATOR_NEXT as Coroutine<T>["next"]) : coro.next;
}

/**
 * Whether `value` is a coroutine object: a generator, or an object with `next`, `throw` and `return` that iterates over
 * itself. Mirrors asyncio.iscoroutine.
 */
export function isCoroutine(value: unknown): value is Coroutine<unknown> {
  if (isGenerator(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  const candidate = value as Partial<Coroutine<unknown>>;
  return (
    typeof candidate.next === "function" &&
    typeof candidate.throw === "function" &&
    typeof candidate.return === "function" &&
    typeof candidate[Symbol.iterator] === "function"
  );
}

const GeneratorFunction = Object.getPrototypeOf(function* () {}).constructor as Function;

/** Whether `value` is a coroutine function: a `function*`. Mirrors asyncio.iscoroutinefunction. */
export function isCoroutineFunction(value: unknown): value is CoroutineFunction<unknown[], unknown> {
  return value instanceof GeneratorFunction;
}

const AsyncFunction = (async () => {}).constructor;

/** Whether `value` is an async function, as far as that shows: one that was compiled to something older does not. */
export function isAsyncFunction(value: unknown): boolean {
  return value instanceof AsyncFunction;
}

/** Whether `value` is a promise, or anything else with a `then` method. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === "object" || typeof value === "function") &&
    value !== null &&
    typeof (value as Partial<PromiseLike<unknown>>).then === "function"
  );
}
