// An exchange: a request, its handler, and its answer.

import { CancelledError } from "../errors/asyncio.ts";
import { RuntimeError } from "../errors/base.ts";
import { type Context, ContextVar, copyContext } from "../runtime/context.ts";
import { ensureFuture } from "../runtime/ensure-future.ts";
import { EventLoop } from "../runtime/event-loop.ts";
import type { ExceptionContext } from "../runtime/loop.ts";
import { format } from "../support/format.ts";
import { isA } from "../support/is-a.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import { type Coroutine, isCoroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { newEventLoop } from "../runners/event-loops.ts";
import { checkResponse, discard, plainResponse } from "./answers.ts";
import { RequestLoop } from "./request-loop.ts";

/** Status of an answer that nobody waits for: nginx's number for a client that has closed its connection. */
const CLIENT_CLOSED_REQUEST = 499;

type OnError = (error: unknown, request: Request) => Response | void;
type WaitUntil = (promise: Promise<unknown>) => void;

/** Options of `handler`, checked. */
export interface ExchangeOptions {
  /** Seconds; Infinity for none. */
  readonly deadline: number;
  readonly onDeadline?: (request: Request) => Response;
  readonly onError?: OnError;
  readonly waitUntil?: WaitUntil;
  readonly debug?: boolean;
  readonly loopFactory?: () => EventLoop;
}

/** A body that is made as it is read. */
export interface Body {
  /** Cancels what writes it, and ends it with an error when that has cleaned up. */
  abort(reason: unknown): void;
  /** Ends it with an error at once. */
  break(error: unknown): void;
  /** Ends it, unless somebody has begun to read it. */
  drop(): void;
}

/** What a task belongs to. It stands in the task's context, so that the tasks which that one makes belong there too. */
interface Membership {
  readonly exchange: Exchange;
  /** Whether it outlives the response. */
  readonly isLasting: boolean;
}

const membership = new ContextVar<Membership | null>("wasyncio/edge", { default: null });

/** The exchange that the current task belongs to. Throws RuntimeError when there is none; `user` names who asks. */
export function currentExchange(user: string): Exchange {
  const exchange = membership.get()?.exchange;
  if (exchange !== undefined) return exchange;
  throw new RuntimeError(`Cannot use ${user}: no request is being handled`);
}

export class Exchange {
  /** The answer. */
  readonly response: Promise<Response>;
  readonly #bodies = new Set<Body>();
  readonly #request: Request;
  readonly #options: ExchangeOptions;
  readonly #loop: RequestLoop;
  readonly #handler: Task<Response>;
  #isAnswered = false;
  #resolve!: (response: Response) => void;
  /** What `onError` has answered with. */
  #errorResponse: Response | null = null;

  /** Begins to handle a request. `args` are all arguments of the handler. */
  constructor(call: () => Awaitable<Response>, args: readonly [Request, ...unknown[]], options: ExchangeOptions) {
    this.#request = args[0];
    this.#options = options;
    this.response = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const { signal } = this.#request;
    const waitUntil = options.waitUntil ?? waitUntilOf(args);
    this.#loop = new RequestLoop(this.#makeLoop(), {
      running: (ended) => this.#notifyHost(waitUntil, ended),
      crashed: (error) => this.#crash(error),
    });
    const context = this.#newContext({ isLasting: false });
    this.#handler = this.#loop.keep(awaitCall(call), { context, name: "handler" }, (task) => this.#handled(task));
    this.#armDeadline();
    signal?.addEventListener("abort", this.#abort);
    if (signal?.aborted) this.#abort();
  }

  /**
   * Runs a coroutine as a task that outlives the response, in a context of `lastingContext`, and calls `ended` when it
   * is done.
   */
  keep<T>(coro: Coroutine<T>, options: { context: Context; name?: string }, ended?: (task: Task<T>) => void): Task<T> {
    return this.#loop.keep(coro, options, ended);
  }

  /** Something came from the host: `apply` is what it does to the request. */
  deliver(source: string, apply: () => void): void {
    this.#loop.deliver(source, apply);
  }

  /** A copy of the current context, for a task that outlives the response. */
  lastingContext(): Context {
    return this.#newContext({ isLasting: true });
  }

  /** Keeps the loop from being closed until the returned function is called. */
  stayOpen(): () => void {
    return this.#loop.stayOpen();
  }

  /** Takes in a body, to be ended when the client goes away. */
  addBody(body: Body): void {
    this.#bodies.add(body);
  }

  /** A body has ended. */
  deleteBody(body: Body): void {
    this.#bodies.delete(body);
    this.#ignoreClient();
  }

  /** Reports an error that belongs to the request, and that nobody else takes. */
  report(message: string, exception: unknown): void {
    this.#errorResponse = null;
    this.#loop.loop.callExceptionHandler({ message, exception });
  }

  #makeLoop(): EventLoop {
    const { loopFactory, debug, onError } = this.#options;
    const loop: unknown = loopFactory === undefined ? newEventLoop() : loopFactory();
    if (!(loop instanceof EventLoop))
      throw new TypeError(`Cannot handle request: an EventLoop was expected of loopFactory, got ${format(loop)}`);
    if (debug !== undefined) loop.setDebug(debug);
    if (onError !== undefined) loop.setExceptionHandler((_, context) => this.#handleException(onError, context));
    return loop;
  }

  /** The loop's exception handler, where there is an `onError`. */
  #handleException(onError: OnError, context: ExceptionContext): void {
    const { loop } = this.#loop;
    if (!("exception" in context)) {
      loop.defaultExceptionHandler(context);
      return;
    }
    try {
      const response: unknown = onError(context.exception, this.#request);
      if (response !== undefined) this.#errorResponse = checkResponse(response, "onError");
    } catch (exception) {
      loop.defaultExceptionHandler(context);
      loop.defaultExceptionHandler({ message: "Unhandled error in onError", exception });
    }
  }

  #newContext(member: { isLasting: boolean }): Context {
    const context = copyContext();
    context.run(() => membership.set({ exchange: this, ...member }));
    return context;
  }

  #notifyHost(waitUntil: WaitUntil | null, ended: Promise<void>): void {
    try {
      waitUntil?.(ended);
    } catch (error) {
      this.report("Unhandled error in waitUntil", error);
    }
  }

  /** The handler has ended. */
  #handled(handler: Task<Response>): void {
    let response: Response | null = null;
    try {
      response = checkResponse(handler.result(), "the handler");
    } catch (error) {
      const wasStopped = this.#isAnswered && isA(error, CancelledError);
      if (!wasStopped) response = this.#fail("Unhandled error in request handler", error);
    }
    if (response !== null) this.#answer(response);
    // The host need not say that it sends no body.
    if (this.#request.method === "HEAD") for (const body of this.#bodies) body.drop();
    this.#loop.cancelLeft((task) => task.getContext().get(membership)?.isLasting ?? false);
  }

  /** Answers; the first answer counts. */
  #answer(response: Response): void {
    if (this.#isAnswered) discard(response);
    this.#isAnswered = true;
    this.#resolve(response);
    this.#ignoreClient();
  }

  /**
   * Stops listening for a client that goes away when there is nothing that this would end: some hosts abort every
   * signal at last.
   */
  #ignoreClient(): void {
    if (this.#isAnswered && this.#bodies.size === 0) this.#request.signal?.removeEventListener("abort", this.#abort);
  }

  /** Reports what the handler has failed with. Returns the answer for that. */
  #fail(message: string, error: unknown): Response {
    this.report(message, error);
    return this.#errorResponse ?? plainResponse(500, "Internal Server Error");
  }

  #armDeadline(): void {
    const { deadline } = this.#options;
    if (deadline === Infinity) return;
    const timer = this.#loop.loop.callLater(deadline, () => this.#expire());
    this.#handler.addDoneCallback(() => timer.cancel());
  }

  #expire(): void {
    if (this.#isAnswered || this.#handler.done()) return;
    this.#answer(this.#deadlineResponse());
    this.#handler.cancel("the deadline passed");
  }

  #deadlineResponse(): Response {
    const { onDeadline } = this.#options;
    try {
      if (onDeadline !== undefined) return checkResponse(onDeadline(this.#request), "onDeadline");
    } catch (error) {
      this.report("Unhandled error in onDeadline", error);
    }
    return plainResponse(504, "Gateway Timeout");
  }

  /** The client has gone away. */
  readonly #abort = (): void => this.deliver("abort", () => this.#aborted());

  #aborted(): void {
    if (!this.#isAnswered) {
      this.#answer(new Response(null, { status: CLIENT_CLOSED_REQUEST }));
      this.#handler.cancel("the request was aborted");
    }
    for (const body of this.#bodies) body.abort(this.#request.signal.reason);
  }

  /** The loop cannot go on. */
  #crash(error: unknown): void {
    this.#answer(this.#fail("Cannot go on with a request", error));
    for (const body of this.#bodies) body.break(error);
  }
}

/** A function is called inside the loop. */
function* awaitCall(call: () => Awaitable<Response>): Coroutine<Response> {
  const returned = call();
  return yield* isCoroutine(returned) ? returned : ensureFuture(returned);
}

/** The `waitUntil` that the host has passed with the request, or null. */
function waitUntilOf(args: readonly unknown[]): WaitUntil | null {
  for (const arg of args.slice(1).reverse()) {
    const host = arg as { waitUntil?: WaitUntil } | null | undefined;
    if (typeof host === "object" && typeof host?.waitUntil === "function")
      return (promise) => host.waitUntil?.(promise);
  }
  return null;
}
