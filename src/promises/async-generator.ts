// Async generators, with the queue of requests that the language gives them. The body is a generator; its requests are
// served by a task, which runs from the first one at an idle generator to the last one in the queue.

import { runningLoop, runningTask } from "../runtime/loop.ts";
import { type Coroutine, GIVES_WAY, type Suspension } from "../runtime/suspension.ts";
import { run, settled } from "./await.ts";
import { LoopPromise, isObject, pendingPromise } from "./promise.ts";
import type { Target } from "./reaction.ts";

type Kind = "next" | "throw" | "return";

/** What the body of an async generator is resumed with. */
export interface Sent {
  readonly kind: Kind;
  readonly value: unknown;
}

interface Request extends Sent {
  readonly promise: object;
  readonly target: Target;
}

type Body = Generator<unknown, unknown, unknown>;

/** What is given for a request. */
export interface Outcome {
  readonly value: unknown;
  readonly done: boolean;
}

const NEXT: Sent = { kind: "next", value: undefined };
const ENDED: Outcome = { value: undefined, done: true };

/** Yielded by a body to whoever serves its requests: a value for the one that is served. */
export class Yielded {
  value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/**
 * Yielded by a body: it is to be closed where it stands. What it delegates to cannot do that by itself: a `return` that
 * waits is lost behind `yield*`.
 */
export class Closing {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/** What a lowered async generator function gives. */
export function agen(body: Body, name?: string): AsyncGenerator {
  return new LoopAsyncGenerator(body, name) as unknown as AsyncGenerator;
}

export class LoopAsyncGenerator {
  readonly #body: Body;
  readonly #name: string | undefined;
  readonly #requests: Request[] = [];
  #state: "fresh" | "suspended" | "ended" = "fresh";
  #isServed = false;

  constructor(body: Body, name: string | undefined) {
    this.#body = body;
    this.#name = name;
  }

  next(value?: unknown): object {
    return this.#ask("next", value);
  }

  throw(error?: unknown): object {
    return this.#ask("throw", error);
  }

  return(value?: unknown): object {
    return this.#ask("return", value);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): object {
    return (this.return() as LoopPromise<unknown>).then(() => {});
  }

  get [Symbol.toStringTag](): string {
    return "AsyncGenerator";
  }

  #ask(kind: Kind, value: unknown): object {
    const request = { kind, value, ...promiseAndTarget() };
    this.#requests.push(request);
    if (this.#isServed) return request.promise;
    if (this.#state === "fresh" && kind !== "next") this.#state = "ended";
    this.#startServing();
    return request.promise;
  }

  /** Whether what `next` would do now can be done in place: nobody is served, and it is the class's own. */
  canStep(next: unknown): boolean {
    return next === LoopAsyncGenerator.prototype.next && !this.#isServed && runningLoop() !== null;
  }

  /** Begins what is done in place. Returns the first step, or null where it has ended before. */
  beginInPlace(): IteratorResult<unknown, unknown> | null {
    this.#isServed = true;
    if (this.#state === "ended") return null;
    this.#state = "suspended";
    return this.resume("next", NEXT);
  }

  /** What is done in place is over. */
  endInPlace(hasFailed: boolean): void {
    if (hasFailed) this.#state = "ended";
    this.#isServed = false;
    if (this.#requests.length > 0) this.#startServing();
  }

  /** Resumes the body, up to where it waits, gives a value, or ends. */
  resume(how: Kind, sent: unknown): IteratorResult<unknown, unknown> {
    let step: IteratorResult<unknown, unknown> = this.#body[how](sent);
    while (step.done !== true && step.value instanceof Closing) step = this.#body.return(step.value.value);
    if (step.done === true) this.#state = "ended";
    return step;
  }

  #startServing(): void {
    this.#isServed = true;
    void run(this.#serve(), this.#name);
  }

  *#serve(): Coroutine<void> {
    const task = runningTask();
    for (let request = this.#requests[0]; request !== undefined; request = this.#requests[0]) {
      const { promise, target, kind } = request;
      if (promise instanceof LoopPromise && task !== null) {
        if (promise.isCancelled && kind === "next") {
          this.#requests.shift(); // nobody wants it
          continue;
        }
        promise.worker = task;
      }
      try {
        const outcome = yield* this.#state === "ended" ? answer(request) : this.#resume(request);
        this.#requests.shift();
        target.resolveWith(outcome);
      } catch (error) {
        this.#throwTo(target, error);
      }
    }
    this.#isServed = false;
  }

  /** The body has ended by an error, which the request gets. */
  #throwTo(target: Target, error: unknown): void {
    this.#state = "ended";
    this.#requests.shift();
    target.rejectWith(error);
  }

  /** Runs the body until it gives a value, or ends. */
  *#resume(request: Sent): Coroutine<Outcome> {
    this.#state = "suspended";
    let how: Kind = "next";
    let sent: unknown = request;
    for (;;) {
      const step = this.resume(how, sent);
      const outcome = outcomeOf(step);
      if (outcome !== null) return outcome;
      try {
        sent = yield step.value as Suspension;
        how = "next";
      } catch (error) {
        how = "throw";
        sent = error;
      }
    }
  }
}

/** What a step of a body gives to who asks; null where it waits. */
function outcomeOf(step: IteratorResult<unknown, unknown>): Outcome | null {
  if (step.done === true) return step;
  return step.value instanceof Yielded ? { value: step.value.value, done: false } : null;
}

/**
 * As `next()`, which is awaited, for each value anew: what `yield*` is given to run the body in the task that awaits.
 * Gives way once at the end, where the promise of a request would have settled.
 */
export class InPlace<R> implements Iterator<Suspension, R> {
  readonly #generator: LoopAsyncGenerator;
  readonly #resultOf: (outcome: Outcome) => R;
  #state: "idle" | "running" | "over" = "idle";
  #outcome: Outcome = ENDED;
  #failure: { readonly error: unknown } | null = null;

  /** @param resultOf makes what `yield*` gives */
  constructor(generator: LoopAsyncGenerator, resultOf: (outcome: Outcome) => R) {
    this.#generator = generator;
    this.#resultOf = resultOf;
  }

  next(): IteratorResult<Suspension, R> {
    if (this.#state !== "over") return this.#run("next", undefined);
    this.#state = "idle";
    const failure = this.#failure;
    if (failure === null) return { done: true, value: this.#resultOf(this.#outcome) };
    this.#failure = null;
    throw failure.error;
  }

  throw(error: unknown): IteratorResult<Suspension, R> {
    if (this.#state === "running") return this.#run("throw", error);
    this.#state = "idle";
    throw error;
  }

  /** Who awaits it is closed by hand: others may ask the generator from now on. */
  return(value: R): IteratorResult<Suspension, R> {
    if (this.#state === "running") this.#generator.endInPlace(false);
    this.#state = "idle";
    this.#failure = null;
    return { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }

  #run(how: Kind, sent: unknown): IteratorResult<Suspension, R> {
    const generator = this.#generator;
    try {
      const step = this.#state === "idle" ? generator.beginInPlace() : generator.resume(how, sent);
      this.#state = "running";
      const outcome = step === null ? ENDED : outcomeOf(step);
      if (outcome === null) return step as IteratorResult<Suspension, R>;
      this.#outcome = outcome;
    } catch (error) {
      this.#failure = { error };
    }
    this.#state = "over";
    generator.endInPlace(this.#failure !== null);
    return GIVES_WAY;
  }
}

/** Answers a request at a generator that has ended. */
function* answer({ kind, value }: Sent): Coroutine<Outcome> {
  if (kind === "throw") throw value;
  return { value: kind === "return" ? yield* settled(value) : undefined, done: true };
}

/** A promise for a request: outside of a loop one of the host's. */
function promiseAndTarget(): { promise: object; target: Target } {
  if (runningLoop() !== null) {
    const promise = pendingPromise();
    return { promise, target: promise };
  }
  const { promise, resolve, reject } = LoopPromise.withResolvers<unknown>();
  return { promise, target: { resolveWith: resolve, rejectWith: reject } };
}

/** `yield value` of an async generator: `yield* yield_(value)`. */
export function yield_(value?: unknown): Iterable<Suspension> {
  return new Yielding(value) as Iterable<never>;
}

const FRESH = 0;
const SETTLING = 1;
const SETTLED = 2;
const GIVEN = 3;
const RETURNING = 4;

/** Awaits the value, gives it, and does what the next request says. */
class Yielding extends Yielded implements Iterator<Suspension, unknown> {
  #state = FRESH;
  /** What is awaited: the value, or that of a `return`. */
  #awaited: Iterator<Suspension, unknown, unknown> | null = null;

  next(sent?: unknown): IteratorResult<Suspension, unknown> {
    switch (this.#state) {
      case FRESH: {
        const loop = isObject(this.value) ? null : runningLoop();
        if (loop === null) return this.#await(this.value, SETTLING);
        loop.noteSuspension();
        this.#state = SETTLED;
        return GIVES_WAY;
      }
      case SETTLED:
        return this.#give();
      case GIVEN:
        return this.#answer(sent as Sent);
      default: {
        const step = this.#awaited?.next(sent) as IteratorResult<Suspension, unknown>;
        if (step.done !== true) return step;
        this.value = step.value;
        return this.#state === SETTLING ? this.#give() : { done: false, value: closing(step.value) };
      }
    }
  }

  throw(error: unknown): never {
    throw error;
  }

  return(value: unknown): IteratorResult<Suspension, unknown> {
    return { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }

  #await(value: unknown, state: number): IteratorResult<Suspension, unknown> {
    this.#state = state;
    this.#awaited = settled(value)[Symbol.iterator]();
    return this.#awaited.next(undefined);
  }

  #give(): IteratorResult<Suspension, unknown> {
    this.#state = GIVEN;
    return { done: false, value: this as unknown as Suspension };
  }

  #answer({ kind, value }: Sent): IteratorResult<Suspension, unknown> {
    if (kind === "throw") throw value;
    return kind === "return" ? this.#await(value, RETURNING) : { done: true, value };
  }
}

const closing = (value: unknown): Suspension => new Closing(value) as unknown as Suspension;

/** Gives a value to who asks. Returns the next request; the value of a `return` is awaited. */
export function* give(value: unknown): Coroutine<Sent> {
  const sent = (yield new Yielded(value) as unknown as Suspension) as Sent;
  return sent.kind === "return" ? { kind: "return", value: yield* settled(sent.value) } : sent;
}
