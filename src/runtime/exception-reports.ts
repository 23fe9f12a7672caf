// Errors that nobody else can get: from callbacks, from handlers, from futures that nobody looked at.

import { enterContext } from "./context.ts";
import type { EventLoop } from "./event-loop.ts";
import { format } from "./format.ts";
import type { Future } from "./future.ts";
import type { Handle } from "./handle.ts";
import type { Task } from "./task.ts";

/** What is known of an error: the context of asyncio's exception handlers, with its keys in camelCase. */
export interface ExceptionContext {
  message?: string;
  exception?: unknown;
  future?: Future<unknown> | undefined;
  task?: Task<unknown>;
  handle?: Handle;
  /** Where the handle, future or task was made, in debug mode. */
  sourceTraceback?: string;
  [key: string]: unknown;
}

/** Called with the loop and what is known of the error. */
export type ExceptionHandler = (loop: EventLoop, context: ExceptionContext) => void;

/** A failed future that nobody has looked at. */
interface Failure {
  readonly context: ExceptionContext;
  forget(): void;
}

/** A loop's way of reporting errors. */
export class ExceptionReports {
  handler: ExceptionHandler | null = null;
  readonly #loop: EventLoop;
  readonly #unseen = new Set<Failure>();

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  setHandler(handler: ExceptionHandler | null): void {
    if (handler !== null && typeof handler !== "function") {
      throw new TypeError(`A callable object or null is expected, got ${format(handler)}`);
    }
    this.handler = handler;
  }

  /** Calls the handler, in the context of what the error belongs to. */
  report(context: ExceptionContext): void {
    try {
      if (this.handler === null) this.reportByDefault(context);
      else this.#callHandler(this.handler, context);
    } catch (error) {
      // The handler's own error: the last resort is the default report.
      this.reportByDefault({ message: "Unhandled error in exception handler", exception: error, context });
    }
  }

  #callHandler(handler: ExceptionHandler, context: ExceptionContext): void {
    const owner = context.task ?? context.future ?? context.handle;
    const own = owner !== undefined && "getContext" in owner ? owner.getContext() : undefined;
    if (own === undefined) {
      handler(this.#loop, context);
      return;
    }
    const outer = enterContext(own);
    try {
      handler(this.#loop, context);
    } finally {
      enterContext(outer);
    }
  }

  /** Writes to the host's log: the message, a line for each further key in order, and the error. */
  reportByDefault(context: ExceptionContext): void {
    const lines = [context.message || "Unhandled exception in event loop"];
    for (const key of Object.keys(context).sort()) {
      if (key === "message" || key === "exception" || context[key] === undefined) continue;
      lines.push(`${key}: ${key.endsWith("raceback") ? `\n${String(context[key])}` : format(context[key])}`);
    }
    this.#loop.host.report("error", lines.join("\n"), context.exception);
  }

  /**
   * Reports the error of a future that nobody looks at: when the future is collected, where the host can tell, and else when
   * the loop is closed. Returns what withdraws the report.
   */
  watch(future: Future<unknown>, error: unknown): () => void {
    const onCollected = this.#loop.host.onCollected?.bind(this.#loop.host);
    const failure: Failure = {
      context: {
        message: `${future.constructor.name} exception was never retrieved`,
        exception: error,
        // Where the host tells of collections, the report must not keep the future from being collected.
        ...(onCollected === undefined ? { future } : {}),
        ...(future.origin === undefined ? {} : { sourceTraceback: future.origin }),
      },
      forget: () => {
        this.#unseen.delete(failure);
        forgetTarget?.();
      },
    };
    const forgetTarget = onCollected?.(future, () => {
      this.#unseen.delete(failure);
      this.report(failure.context);
    });
    this.#unseen.add(failure);
    return failure.forget;
  }

  /** Reports what nobody looked at until now. */
  close(): void {
    const failures = [...this.#unseen];
    this.#unseen.clear();
    for (const failure of failures) {
      failure.forget();
      this.report(failure.context);
    }
  }
}
