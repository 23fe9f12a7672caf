// Async generators, with the queue of requests that the language gives them. The body is a generator; its requests are
// served by a task, which runs from the first one at an idle generator to the last one in the queue.

import { runningLoop, runningTask } from "../runtime/loop.ts";
import { type Coroutine, GIVE_WAY, type Suspension } from "../runtime/suspension.ts";
import { run, settled } from "./await.ts";
import { LoopPromise, pendingPromise } from "./promise.ts";
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

/** Yielded by a body to whoever serves its requests: a value for the one that is served. */
export class Yielded {
  readonly value: unknown;

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

  /**
   * As `next()`, which is awaited: the body runs in the task that awaits. Gives way once at the end, where the promise
   * of a request would have settled.
   */
  *step(): Coroutine<{ value: unknown; done: boolean }> {
    const request: Sent = { kind: "next", value: undefined };
    let failure: { readonly error: unknown } | null = null;
    let outcome = { value: undefined as unknown, done: true };
    this.#isServed = true;
    try {
      outcome = yield* this.#state === "ended" ? answer(request) : this.#resume(request);
    } catch (errorOrCancellation) {
      this.#state = "ended";
      failure = { error: errorOrCancellation };
    } finally {
      this.#isServed = false;
    }
    if (this.#requests.length > 0) this.#startServing();
    yield GIVE_WAY;
    if (failure !== null) throw failure.error;
    return outcome;
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
  *#resume({ kind, value }: Sent): Coroutine<{ value: unknown; done: boolean }> {
    const body = this.#body;
    this.#state = "suspended";
    let how: Kind = "next";
    let sent: unknown = { kind, value };
    for (;;) {
      const step: IteratorResult<unknown, unknown> = body[how](sent);
      if (step.done === true) {
        this.#state = "ended";
        return { value: step.value, done: true };
      }
      if (step.value instanceof Yielded) return { value: step.value.value, done: false };
      if (step.value instanceof Closing) {
        how = "return";
        sent = step.value.value;
        continue;
      }
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

/** Answers a request at a generator that has ended. */
function* answer({ kind, value }: Sent): Coroutine<{ value: unknown; done: boolean }> {
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
export function* yield_(value?: unknown): Coroutine<unknown> {
  const sent = yield* give(yield* settled(value));
  if (sent.kind === "throw") throw sent.value;
  if (sent.kind === "return") yield new Closing(sent.value) as unknown as Suspension;
  return sent.value;
}

/** Gives a value to who asks. Returns the next request; the value of a `return` is awaited. */
export function* give(value: unknown): Coroutine<Sent> {
  const sent = (yield new Yielded(value) as unknown as Suspension) as Sent;
  return sent.kind === "return" ? { kind: "return", value: yield* settled(sent.value) } : sent;
}
