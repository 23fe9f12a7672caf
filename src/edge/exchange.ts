// An exchange: a request, its handler, and its answer.

import { CancelledError } from "../errors/asyncio.ts";
import type { Context } from "../runtime/context.ts";
import type { TimerHandle } from "../runtime/handle.ts";
import type { ExceptionContext } from "../runtime/loop.ts";
import { currentHostContext, runInCaptured } from "../runtime/host-context.ts";
import { isA } from "../support/is-a.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { mainCoroutine } from "../runners/main-coroutine.ts";
import { checkResponse, discard, plainResponse } from "./answers.ts";
import { contextOfMember, membership } from "./membership.ts";
import { nameOfRequest } from "./request-name.ts";
import { RequestTasks } from "./request-tasks.ts";
import type { ServedRequest, ServingLoop } from "./serving.ts";

/** Status of an answer that nobody waits for: nginx's number for a client that has closed its connection. */
const CLIENT_CLOSED_REQUEST = 499;

type OnError = (error: unknown, request: Request) => Response | void;
type WaitUntil = (promise: Promise<unknown>) => void;

/** Options of `handler`, checked. */
export interface ExchangeOptions {
  /** Seconds; Infinity for none. */
  readonly deadline: number;
  readonly onDeadline: ((request: Request) => Response) | undefined;
  readonly onError: OnError | undefined;
  readonly waitUntil: WaitUntil | undefined;
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

const NO_BODIES: ReadonlySet<Body> = new Set();

export class Exchange implements ServedRequest {
  /** The answer. */
  readonly response: Promise<Response>;
  place = -1;
  readonly #request: Request;
  readonly #options: ExchangeOptions;
  readonly #serving: ServingLoop;
  readonly #tasks: RequestTasks;
  /** What the handler runs in. */
  readonly #context: Context;
  /** The bodies that have not ended. */
  #bodies: Set<Body> | null = null;
  /** The handler, once it has begun. */
  #handler: Task<Response> | null = null;
  /** Whether it has been made: its first step may be over before we get it. */
  #hasHandler = false;
  /** The host's context of who has sent the request. */
  readonly #hostContext = currentHostContext();
  #deadline: TimerHandle | null = null;
  #isAnswered = false;
  #isListening = false;
  #isEnded = false;
  #resolve!: (response: Response) => void;
  /** What `onError` has answered with. */
  #errorResponse: Response | null = null;

  /** Begins to handle a request. `args` are all arguments of the handler. */
  constructor(
    call: () => Awaitable<Response>,
    args: readonly [Request, ...unknown[]],
    options: ExchangeOptions,
    serving: ServingLoop,
  ) {
    this.#request = args[0];
    this.#options = options;
    this.#serving = serving;
    this.response = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#context = contextOfMember({ exchange: this, isLasting: false });
    const waitUntil = options.waitUntil ?? waitUntilOf(args);
    const tellHost = waitUntil === null ? null : (ended: Promise<void>) => this.#notifyHost(waitUntil, ended);
    this.#tasks = new RequestTasks(this, serving, tellHost);
    this.#tasks.hold();
    serving.loop.arrivals.deliver("request", () => this.#begin(call));
  }

  /**
   * Runs a coroutine as a task that outlives the response, in a context of `lastingContext`, and calls `ended` when it
   * is done.
   */
  keep<T>(coro: Coroutine<T>, options: { context: Context; name?: string }, ended?: (task: Task<T>) => void): Task<T> {
    return this.#tasks.keep(coro, options, ended);
  }

  /** Something came from the host: `apply` is what it does to the request. */
  deliver(source: string, apply: () => void): void {
    this.#serving.loop.arrivals.deliver(source, apply);
  }

  /** A copy of the current context, for a task that outlives the response. */
  lastingContext(): Context {
    return contextOfMember({ exchange: this, isLasting: true });
  }

  /** Keeps the request from being over until the returned function is called. */
  stayOpen(): () => void {
    return this.#tasks.stayOpen();
  }

  /** Takes in a body, to be ended when the client goes away. */
  addBody(body: Body): void {
    this.#bodies = (this.#bodies ?? new Set()).add(body);
  }

  /** A body has ended. */
  deleteBody(body: Body): void {
    this.#bodies?.delete(body);
    this.#attend();
  }

  /** Reports an error that belongs to the request, and that nobody else takes. */
  report(message: string, exception: unknown): void {
    this.#errorResponse = null;
    const context = { message, exception };
    if (!this.takeReport(context)) this.#serving.loop.callExceptionHandler(context);
  }

  // ── For its loop ───────────────────────────────────────────────────────────────────────────────────────────────

  adopt(task: Task<unknown>): void {
    if (!this.#hasHandler) this.#hasHandler = true;
    else if (task.getLoop() === this.#serving.loop) this.#tasks.add(task);
  }

  takeReport(context: ExceptionContext): boolean {
    const { onError } = this.#options;
    if (onError === undefined || !("exception" in context)) return false;
    try {
      const response: unknown = onError(context.exception, this.#request);
      if (response !== undefined) this.#errorResponse = checkResponse(response, "onError");
    } catch (exception) {
      const { loop } = this.#serving;
      loop.defaultExceptionHandler(context);
      loop.defaultExceptionHandler({ message: "Unhandled error in onError", exception });
    }
    return true;
  }

  listen(): void {
    if (this.#isListening || !this.#mindsClient) return;
    if (this.#request.signal?.aborted) {
      this.#aborted();
      return;
    }
    this.#isListening = true;
    this.#request.signal?.addEventListener("abort", this.#abort);
  }

  end(error: unknown, why: string): void {
    if (this.#isEnded) {
      this.#tasks.abandon();
      return;
    }
    this.#isEnded = true;
    this.#breakOff(error);
    this.#handler?.cancel(why);
    this.#tasks.cancelLeft(() => false);
  }

  crash(error: unknown): void {
    this.#breakOff(error);
    this.#tasks.abandon();
  }

  /** Nothing comes of it any more. */
  #breakOff(error: unknown): void {
    this.#answer(runInCaptured(this.#hostContext, () => this.#fail("Cannot go on with a request", error)));
    for (const body of this.#bodies ?? NO_BODIES) body.break(error);
  }

  // ── The handler and its answer ─────────────────────────────────────────────────────────────────────────────────

  #begin(call: () => Awaitable<Response>): void {
    // A body fails when its client goes away: then that has to be known first.
    const listensLater = this.#serving.listensLater && ["GET", "HEAD"].includes(this.#request.method);
    if (!listensLater && this.#request.signal?.aborted) {
      this.#answer(new Response(null, { status: CLIENT_CLOSED_REQUEST }));
      this.#tasks.drop();
      return;
    }
    try {
      const options = { context: this.#context, name: nameOfRequest(this.#request) };
      this.#handler = this.#tasks.keep(mainCoroutine(call), options, (task) => this.#handled(task));
      const { deadline } = this.#options;
      if (deadline !== Infinity) this.#deadline = this.#serving.loop.callLater(deadline, () => this.#expire());
      if (listensLater) this.#serving.listenLater();
      else this.listen();
    } catch (error) {
      this.crash(error); // there is no memory, or no loop
      return;
    }
    this.#tasks.drop(); // the handler is what it goes on for
  }

  #notifyHost(waitUntil: WaitUntil, ended: Promise<void>): void {
    try {
      waitUntil(ended);
    } catch (error) {
      this.report("Unhandled error in waitUntil", error);
    }
  }

  /** The handler has ended. */
  #handled(handler: Task<Response>): void {
    this.#deadline?.cancel();
    let response: Response | null = null;
    try {
      response = checkResponse(handler.result(), "the handler");
    } catch (error) {
      const wasStopped = this.#isAnswered && isA(error, CancelledError);
      if (this.#hasLostClient()) this.#aborted();
      else if (!wasStopped) response = this.#fail("Unhandled error in request handler", error);
    }
    if (response !== null) this.#answer(response);
    // The host need not say that it sends no body.
    if (this.#bodies !== null && this.#request.method === "HEAD") for (const body of this.#bodies) body.drop();
    this.#tasks.cancelLeft((task) => task.getContext().get(membership)?.isLasting ?? false);
  }

  /** Answers; the first answer counts. */
  #answer(response: Response): void {
    if (this.#isAnswered) discard(response);
    this.#isAnswered = true;
    this.#resolve(response);
    this.#attend();
  }

  /** Whether the client has gone away before it was listened for: then errors are of that. */
  #hasLostClient(): boolean {
    return !this.#isAnswered && !this.#isListening && this.#request.signal?.aborted === true;
  }

  /** Whether there is something that a client who goes away would end. */
  get #mindsClient(): boolean {
    return !this.#isAnswered || (this.#bodies?.size ?? 0) > 0;
  }

  /** Listens while there is something that a client who goes away would end: some hosts abort every signal at last. */
  #attend(): void {
    if (this.#mindsClient) {
      if (this.#isAnswered) this.listen(); // it does not yet, where that is left for later
      return;
    }
    if (!this.#isListening) return;
    this.#isListening = false;
    this.#request.signal?.removeEventListener("abort", this.#abort);
  }

  /** Reports what the handler has failed with. Returns the answer for that. */
  #fail(message: string, error: unknown): Response {
    this.report(message, error);
    return this.#errorResponse ?? plainResponse(500, "Internal Server Error");
  }

  #expire(): void {
    if (this.#isAnswered || this.#handler?.done() === true) return;
    this.#answer(this.#deadlineResponse());
    this.#handler?.cancel("the deadline passed");
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
      this.#handler?.cancel("the request was aborted");
    }
    for (const body of this.#bodies ?? NO_BODIES) body.abort(this.#request.signal.reason);
  }
}

/** The `waitUntil` that the host has passed with the request, or null. */
function waitUntilOf(args: readonly unknown[]): WaitUntil | null {
  for (let i = args.length - 1; i > 0; i--) {
    const host = args[i] as { waitUntil?: WaitUntil } | null | undefined;
    if (typeof host === "object" && typeof host?.waitUntil === "function")
      return (promise) => host.waitUntil?.(promise);
  }
  return null;
}
